"""Resolves each dependency group of pyproject.toml into its lock: versions and hashes, no download addresses."""

import subprocess
import sys

from install import ROOT, InstallError, find_uv

# In this order: dev takes the versions that platform settled on.
GROUPS = {"platform": [], "dev": ["--constraints", "platform.lock"], "superset": []}
OPTIONS = ["--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
PLAIN = ["--no-annotate", "--no-header"]


def main() -> None:
    for group, extra in GROUPS.items():
        source = ["--group", f"../pyproject.toml:{group}", "--output-file", f"{group}.lock"]
        command = [str(find_uv()), "pip", "compile", *OPTIONS, *PLAIN, *extra, *source, *sys.argv[1:]]
        subprocess.run(command, cwd=ROOT / "requirements", check=True)


if __name__ == "__main__":
    try:
        main()
    except InstallError as error:
        sys.exit(f"Error: {error}")
