"""docs/settings.md, made from the settings themselves."""

from core.settings.model import REQUIRED_IN_PRODUCTION, all_settings

INTRODUCTION = f"""# Settings

<!-- Made by `lyceum settings --page > docs/settings.md`; edit core/settings/model.py instead. -->

Each setting is an environment variable, or a line of `lyceum.toml` in the working directory (`kafka.bootstrap` stands
there as `bootstrap` under `[kafka]`). The environment wins. A secret can also be given as the path of a file, in the
variable's name with `_FILE` at its end. An unknown name or a bad value stops the start, and says what is allowed.
`lyceum settings` shows what is in force, and from where.

Outside production mode, generated secrets and the addresses of the embedded servers come from the home folder. In
production these must be set: {", ".join(f"`{path}`" for path in REQUIRED_IN_PRODUCTION)}.
"""
HEADER = "| Variable | Meaning | Allowed | Default |\n|---|---|---|---|"


def settings_page() -> str:
    """The page, whole. A test compares it with the file."""
    lines = [INTRODUCTION.rstrip()]
    section = None
    for setting in all_settings():
        group = setting.path.rpartition(".")[0] or "general"
        if group != section:
            lines += ["", f"## {group}", "", HEADER]
            section = group
        default = "" if setting.field.default is None else f"`{setting.field.default}`"
        lines.append(f"| `{setting.variable}` | {setting.field.description} | {_cell(setting.allowed)} | {default} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
