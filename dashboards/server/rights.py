"""What each role may do in Superset: named one by one, so that a new version of Superset adds nothing by itself.

Nobody is given a dataset. What one may look at follows from the dashboards that are open to one's role.
"""

from collections.abc import Mapping
from typing import Any

VIEWER: Mapping[str, str] = {
    "AdvancedDataType": "can_read",
    "Api": "can_time_range",
    "Chart": "can_read",
    "CurrentUserRestApi": "can_read",
    "Dashboard": "can_read can_view_chart_as_table",
    "DashboardFilterStateRestApi": "can_read can_write",
    "DashboardPermalinkRestApi": "can_read can_write",
    "Dashboards": "menu_access",
    "Home": "menu_access",
    "Log": "can_recent_activity",
    "MenuApi": "can_get",
    "SecurityRestApi": "can_read",
    "Superset": "can_csv can_dashboard can_dashboard_permalink can_language_pack can_log can_share_dashboard",
    "Theme": "can_read",
}
SQL_LAB: Mapping[str, str] = {
    "Database": "can_read",
    "Query": "can_read",
    "Query Search": "menu_access",
    "SQL Editor": "menu_access",
    "SQL Lab": "menu_access",
    "SQLLab": "can_execute_sql_query can_export_csv can_format_sql can_get_results can_read",
    "Saved Queries": "menu_access",
    "SavedQuery": "can_list can_read can_write",
    "SqlLabPermalinkRestApi": "can_read can_write",
    "TabStateView": "can_activate can_delete can_delete_query can_get can_migrate_query can_post can_put",
    "TableSchemaView": "can_delete can_expanded can_post",
}
SQL_LAB_PAGES = "can_sqllab can_sqllab_history"

RIGHTS: Mapping[str, frozenset[tuple[str, str]]]


def pairs(*tables: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """(permission, view), as Superset has them."""
    return frozenset(
        (permission, view) for table in tables for view, all_of in table.items() for permission in all_of.split()
    )


RIGHTS = {
    "Instructor": pairs(VIEWER),
    "Tenant admin": pairs(VIEWER),
    "Analyst": pairs(VIEWER, SQL_LAB, {"Superset": SQL_LAB_PAGES}),
    "Operator": pairs(VIEWER),
}


def write_roles(manager: Any) -> None:
    """Each role has these rights and no others, whatever somebody changed by hand; analysts, the database as well."""
    known = {
        (found.permission.name, found.view_menu.name): found
        for found in manager.session.query(manager.permissionview_model)
        if found.permission and found.view_menu
    }
    databases = {pair for pair in known if pair[0] == "database_access"}
    for name, named in RIGHTS.items():
        wanted = named | databases if name == "Analyst" else named
        if missing := wanted - known.keys():
            raise RuntimeError(f"Superset does not know the rights {sorted(missing)} of the role {name}")
        role = manager.find_role(name) or manager.add_role(name)
        if set(role.permissions) != {known[pair] for pair in wanted}:
            role.permissions = [known[pair] for pair in sorted(wanted)]
    manager.session.commit()
