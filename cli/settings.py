"""`lyceum settings`: what is in force, and where it came from."""

import typer

from cli.context import JSON_OPTION, loaded_settings, print_json, print_table
from core.settings import LoadedSettings, Setting, all_settings, settings_page


def show_settings(
    as_json: bool = JSON_OPTION,
    page: bool = typer.Option(False, "--page", help="Print docs/settings.md, which is made this way."),
) -> None:
    """Show every setting with its value and where the value came from. Secrets are never shown.

    Example: `lyceum settings` · `lyceum settings --json | jq '."kafka.bootstrap"'`
    """
    if page:
        typer.echo(settings_page(), nl=False)
        return
    loaded = loaded_settings()
    shown = {
        setting.path: (_shown(loaded, setting), loaded.origins.get(setting.path, "default"))
        for setting in all_settings()
    }
    if as_json:
        print_json({path: {"value": value, "origin": origin} for path, (value, origin) in shown.items()})
        return
    print_table(["setting", "value", "from"], [[path, *row] for path, row in shown.items()], "")


def _shown(loaded: LoadedSettings, setting: Setting) -> str | None:
    value = loaded.value(setting.path)
    if value is None:
        return None
    return "(secret)" if setting.is_secret else str(value)
