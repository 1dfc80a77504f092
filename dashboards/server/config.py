"""Superset's configuration. Its upper-case names are read by Superset; it runs in Superset's environment."""

import os
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_appbuilder.security.manager import AUTH_DB, AUTH_OAUTH

from dashboards.server.beginning import begin_empty
from dashboards.server.connection import log_in_as_the_person
from dashboards.server.headers import content_security_policy
from dashboards.server.home import begin_at_a_dashboard
from dashboards.server.login import People
from dashboards.server.look import favicon, palettes, shades, theme
from dashboards.server.oidc import providers
from dashboards.server.people import nothing, only_oneself
from dashboards.server.rows import taught_by
from dashboards.service import VARIABLE, decode_service


def _prepare(app: Flask) -> None:
    begin_at_a_dashboard(app)
    begin_empty(app)


SERVICE = decode_service(os.environ[VARIABLE])
IS_HTTPS = SERVICE.url.startswith("https://")

SECRET_KEY = SERVICE.session_key
SQLALCHEMY_DATABASE_URI = SERVICE.metadata_url
SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True, "pool_recycle": 1800}
# There are none: without this, a file of SQLite would be made for them.
SQLALCHEMY_EXAMPLES_URI = SERVICE.metadata_url

DB_CONNECTION_MUTATOR = log_in_as_the_person
CUSTOM_SECURITY_MANAGER = People
EXTRA_RELATED_QUERY_FILTERS = {"user": only_oneself, "role": nothing}
JINJA_CONTEXT_ADDONS = {"taught_by": taught_by}
FEATURE_FLAGS = {
    "CACHE_QUERY_BY_USER": True,
    "DASHBOARD_RBAC": True,
    "DRILL_BY": False,
    "DRILL_TO_DETAIL": False,
    "EMBEDDABLE_CHARTS": False,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_TEMPLATE_PROCESSING": True,
    "ESCAPE_MARKDOWN_HTML": False,
}

OAUTH_PROVIDERS = providers(SERVICE.oidc)
AUTH_TYPE = AUTH_OAUTH if OAUTH_PROVIDERS else AUTH_DB
AUTH_USER_REGISTRATION = False
FAB_API_SWAGGER_UI = False
FAB_ADD_SECURITY_API = False
FAB_ADD_SECURITY_VIEWS = True
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "200 per second"
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "60 per minute"

SESSION_COOKIE_NAME = "lyceum_dashboards"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_PROTECTION = "strong"
PERMANENT_SESSION_LIFETIME = timedelta(hours=SERVICE.session_hours)
ENABLE_PROXY_FIX = IS_HTTPS
ENABLE_CORS = False
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": content_security_policy(),
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "frame_options": "DENY",
    "referrer_policy": "same-origin",
    "session_cookie_secure": IS_HTTPS,
    "strict_transport_security": IS_HTTPS,
}

_CACHE: dict[str, object] = (
    {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": SERVICE.cache}
    if SERVICE.cache
    else {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(Path(SERVICE.home) / "cache"), "CACHE_THRESHOLD": 5000}
)
CACHE_CONFIG = {**_CACHE, "CACHE_DEFAULT_TIMEOUT": 86_400, "CACHE_KEY_PREFIX": "lyceum_superset_"}
DATA_CACHE_CONFIG = (
    {**_CACHE, "CACHE_DEFAULT_TIMEOUT": SERVICE.cache_seconds, "CACHE_KEY_PREFIX": "lyceum_data_"}
    if SERVICE.cache_seconds
    else {"CACHE_TYPE": "NullCache"}
)
CACHE_DEFAULT_TIMEOUT = SERVICE.cache_seconds

APP_NAME = "Lyceum"
THEME_DEFAULT, THEME_DARK = theme(is_dark=False), theme(is_dark=True)
EXTRA_CATEGORICAL_COLOR_SCHEMES, EXTRA_SEQUENTIAL_COLOR_SCHEMES = palettes(), shades()
FAVICONS = [{"href": favicon()}]
LOGO_TARGET_PATH = "/"
FLASK_APP_MUTATOR = _prepare
ENABLE_UI_THEME_ADMINISTRATION = False
SLACK_API_TOKEN = None
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
SUPERSET_WEBSERVER_TIMEOUT = 65
SQLLAB_TIMEOUT = 60
SQLLAB_BACKEND_PERSISTENCE = True
PREVENT_UNSAFE_DB_CONNECTIONS = True
HTML_SANITIZATION = True
