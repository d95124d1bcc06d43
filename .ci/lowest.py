"""Prints the lowest versions that pyproject.toml allows, as constraints for pip.

pip takes the highest versions by itself. With these constraints it takes the lowest of every package that we
name, and whatever those need.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def lowest(requirement: Requirement) -> str | None:
    """``name==X; marker`` for ``name>=X``; None where no lowest version is named (our own extras)."""
    versions = [part.version for part in requirement.specifier if part.operator == ">="]
    if not versions or requirement.name.startswith(
        "types-"
    ):  # stubs are never imported; dates are their versions
        return None
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}=={versions[0]}{marker}"


def main() -> None:
    """Prints the constraints of the dependencies and of all extras."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    for text in [*project["dependencies"], *(text for extra in extras for text in extra)]:
        if line := lowest(Requirement(text)):
            print(line)


if __name__ == "__main__":
    main()
