"""Settings: what can be set, where values come from, and the page that lists them."""

from core.settings.layers import LoadedSettings, home_files, load_settings
from core.settings.model import (
    DEFAULT_DAGSTER_PORT,
    DEFAULT_LRS_PORT,
    DEFAULT_SUPERSET_PORT,
    DatabaseSettings,
    IngestSettings,
    KafkaSettings,
    LakeSettings,
    LogSettings,
    LrsSettings,
    Setting,
    Settings,
    SupersetSettings,
    all_settings,
)
from core.settings.page import settings_page

__all__ = [
    "DEFAULT_DAGSTER_PORT",
    "DEFAULT_LRS_PORT",
    "DEFAULT_SUPERSET_PORT",
    "DatabaseSettings",
    "IngestSettings",
    "KafkaSettings",
    "LakeSettings",
    "LoadedSettings",
    "LogSettings",
    "LrsSettings",
    "Setting",
    "Settings",
    "SupersetSettings",
    "all_settings",
    "home_files",
    "load_settings",
    "settings_page",
]
