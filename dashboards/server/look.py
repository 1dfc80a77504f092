"""Name, logo, colours: assets/theme.yaml as Superset wants to be told."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import msgspec

ASSETS = Path(__file__).parent.parent / "assets"
TEMPLATES = Path(__file__).parent / "templates"


def theme(*, is_dark: bool) -> dict[str, Any]:
    said = _said()
    tokens = {
        "brandAppName": "Lyceum",
        "brandLogoAlt": "Lyceum",
        "brandLogoUrl": _logo("#FFFFFF" if is_dark else "#0B4474"),
        "brandLogoMargin": "14px 0",
        "brandLogoHref": "/",
        "brandLogoHeight": "28px",
        "brandIconMaxWidth": 120,
        "brandSpinnerUrl": None,
        "brandSpinnerSvg": None,
        "fontUrls": [],
        "fontFamilyCode": "'IBM Plex Mono', 'Courier New', monospace",
        "transitionTiming": 0.2,
        "fontSizeXXL": "28",
        "fontWeightNormal": "400",
        "fontWeightLight": "300",
        "fontWeightStrong": "500",
        "fontWeightBold": "700",
        # What is drawn is there at once.
        "echartsOptionsOverrides": {"animation": False},
        "colorEditorSelection": "#5c4d1a" if is_dark else "#fff5cf",
        **said["tokens"],
        **(said["dark_tokens"] if is_dark else {}),
    }
    return {"token": tokens, "algorithm": "dark" if is_dark else "default"}


def palettes() -> list[dict[str, Any]]:
    return [_scheme(name, colours, isDefault=name == "lyceum") for name, colours in _said()["palettes"].items()]


def shades() -> list[dict[str, Any]]:
    return [_scheme(name, colours, isDefault=True, isDiverging=False) for name, colours in _said()["shades"].items()]


def favicon() -> str:
    return _picture((ASSETS / "icon.svg").read_text(encoding="utf-8"))


def _scheme(name: str, colours: list[str], **more: bool) -> dict[str, Any]:
    return {"id": name, "label": name.replace("_", " ").capitalize(), "description": "", "colors": colours, **more}


def _logo(ink: str) -> str:
    return _picture((ASSETS / "logo.svg").read_text(encoding="utf-8").replace("currentColor", ink))


def _picture(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _said() -> Any:
    return msgspec.yaml.decode((ASSETS / "theme.yaml").read_bytes())
