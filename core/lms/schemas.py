"""The events' JSON Schemas as files: `python -m core.lms.schemas docs/events` writes them anew."""

import json
import sys
from pathlib import Path

from core.lms.events import EVENT_TYPES, event_schema


def schema_files() -> dict[str, str]:
    return {
        f"{name}.schema.json": json.dumps(event_schema(name), indent=2, ensure_ascii=False) + "\n"
        for name in EVENT_TYPES
    }


def write_schemas(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
