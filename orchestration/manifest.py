"""What dbt knows of its project, as a file, so that definitions load without dbt, a database or a secret.

    python -m orchestration.manifest

makes it; an image or a package has it made once, `lyceum dagster code` makes it where it is missing or old.
"""

import hashlib
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from dbt.cli.main import dbtRunner

from core.errors import UserError

PROJECT = Path(str(files("dbt_project")))
MANIFEST = PROJECT / "target" / "manifest.json"
STAMP = PROJECT / "target" / "made_from"
PARTS = ("dbt_project.yml", "models/**/*", "macros/**/*", "seeds/**/*", "tests/**/*")


def ensure_manifest() -> None:
    digest = _digest()
    if MANIFEST.exists() and STAMP.exists() and STAMP.read_text(encoding="ascii") == digest:
        return
    MANIFEST.parent.mkdir(exist_ok=True)
    # Another process may be reading the old one, or be making it too.
    with TemporaryDirectory(dir=MANIFEST.parent) as folder:
        result = dbtRunner().invoke([
            "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", folder,
            "--log-path", folder, "--log-level-file", "none", "--quiet", "--no-version-check",
        ])  # fmt: skip
        if not result.success:
            raise UserError(f"dbt cannot read its project: {result.exception}", f"See {PROJECT}.")
        stamp = Path(folder, STAMP.name)
        stamp.write_text(digest, encoding="ascii")
        Path(folder, MANIFEST.name).replace(MANIFEST)
        stamp.replace(STAMP)


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for part in PARTS for path in PROJECT.glob(part) if path.is_file()):
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    ensure_manifest()
