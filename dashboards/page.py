"""docs/dashboards.md: what there is to see, made from the files."""

from collections.abc import Iterator

from dashboards.asset import Assets, Dashboard
from dashboards.reading import read_assets

HEAD = """# Dashboards

Made by `lyceum dashboards page` from the files under `dashboards/assets`: do not edit it here. What the words mean
exactly is in [the data dictionary](data-dictionary.md); who sees which rows, in [People](people.md).

`lyceum up` sets Superset up and publishes everything; `lyceum dashboards publish` does it again after an edit, and
changes nothing else. `lyceum dashboards check` says, without Superset or a database, whether all that the files name is
there. `lyceum dashboards pull` brings edits made in Superset into the files: charts, the rows of a dashboard, metrics
and calculated columns. Filters and roles are edited in the files only.

Every dashboard begins with its filters set to something useful and says as of when its data is. A click on a name in a
table narrows the other charts to it; a second click takes that back. What is chosen goes along with a link to another
dashboard: from a tenant to a course, from a course to its learners, and to one of them. Each chart's menu exports its
rows as CSV. A big number's change is against the week before, and in points where it is a rate. On a phone, charts
stand one below the other.
"""


def page() -> str:
    assets = read_assets()
    parts = [part for name, dashboard in assets.dashboards.items() for part in _dashboard(assets, name, dashboard)]
    return "\n".join([HEAD, *parts]).rstrip() + "\n"


def _dashboard(assets: Assets, name: str, dashboard: Dashboard) -> Iterator[str]:
    slug = name.replace("_", "-")
    yield f"## {dashboard.title}\n"
    yield f"For {', '.join(role.lower() for role in dashboard.roles)}: {_line(dashboard.about)}\n"
    yield f"Filters: {', '.join(one.label.lower() for one in dashboard.filters) or 'none'}.\n"
    yield f"![{dashboard.title}](pictures/{slug}.png)\n"
    yield "| Chart | What it says |\n|---|---|"
    for row in dashboard.rows:
        for key in row.charts:
            chart = assets.charts[f"{name}/{key}"]
            yield f"| {_line(chart.title)} | {_line(chart.about)} |"
    yield ""


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
