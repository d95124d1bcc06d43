"""The builds that are measured side by side: this checkout, and an old commit in a clone of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from native.build import library_folder

ROOT = Path(__file__).resolve().parents[1]
OLD_COMMIT = "d46c1bb"  # the last before the second edition of the house
# With them the old build asks the console as often for a card read as this one does by default: to look anew
# which card lies there, and of which kind it is.
AS_CAREFUL = {"reader": {"logout_before_read": True, "shared": True}}


@dataclass(frozen=True)
class Build:
    """A checkout with its own Python and its native libraries. ``settings``: with which its bridge runs,
    beside those that say where everything is.
    """

    name: str
    root: Path
    python: Path
    settings: Mapping[str, Any] = field(default_factory=dict)

    def library(self, name: str) -> Path:
        """A native library of this build."""
        return library_folder(self.root / "build" / "native") / name


def this_build() -> Build:
    """The checkout that is measured."""
    return Build("new", ROOT, Path(sys.executable))


def old_build(ready_made: Path | None = None) -> Build:
    """The old commit. In: a checkout of it that is built already; else it is cloned and built below build/,
    which takes minutes the first time. Raises CalledProcessError where that fails.
    """
    root = (ready_made or ROOT / "build" / f"bench-{OLD_COMMIT}").absolute()
    if not (root / ".git").exists():
        _run("git", "clone", "--quiet", "--no-checkout", str(ROOT), str(root), cwd=ROOT)
    if ready_made is None:
        _run("git", "checkout", "--quiet", OLD_COMMIT, cwd=root)  # also where it was broken off before
        _run("make", "--silent", f"PYTHON={sys.executable}", "native", cwd=root)
    return Build("old", root, root / ".venv" / "bin" / "python", AS_CAREFUL)


def _run(*command: str, cwd: Path) -> None:
    print(f"old build: {' '.join(command)}", file=sys.stderr)
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS")}
    subprocess.run(command, cwd=cwd, env=kept, stdout=sys.stderr, check=True)
