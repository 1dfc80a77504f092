"""Where somebody lands who has signed in: at the dashboard of their role, not at Superset's tour of itself."""

from flask import Flask, g, redirect, request
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from superset.extensions import db

from dashboards.server.look import TEMPLATES
from dashboards.server.people import Person, find_person

# By slug.
FIRST = {"instructor": "course-overview", "admin": "tenant-overview", "operator": "pipeline-health"}
LANDINGS = {"/", "/superset/welcome/"}
SQL_LAB = "/sqllab/"
LIST = "/dashboard/list/"


def begin_at_a_dashboard(app: Flask) -> None:
    app.before_request(_go_on)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), *filter(None, [app.jinja_loader])])


def _go_on() -> ResponseReturnValue | None:
    if request.path not in LANDINGS or not getattr(g, "user", None) or not g.user.is_authenticated:
        return None
    person = find_person(g.user.username)
    return redirect(_landing(person)) if person else None


def _landing(person: Person) -> str:
    from superset.models.dashboard import Dashboard  # noqa: PLC0415 - it asks for an application that is there

    if person.role == "analyst":
        return SQL_LAB
    first = db.session.query(Dashboard).filter_by(slug=FIRST[person.role], published=True).one_or_none()
    return f"/superset/dashboard/{first.slug}/" if first else LIST
