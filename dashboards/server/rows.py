"""What the row filters of dashboards/rules.py call."""

from flask import g

from dashboards.server.people import find_person


def taught_by() -> str:
    """The signed-in person's id in the LMS, as a literal of SQL; null, which nothing equals, where there is none."""
    person = find_person(getattr(getattr(g, "user", None), "username", None))
    if person is None or person.user_id is None:
        return "null"
    # standard_conforming_strings is on, and a backslash is nothing special: readers cannot be without.
    return "'" + person.user_id.replace("'", "''") + "'"
