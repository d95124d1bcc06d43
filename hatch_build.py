"""Puts the native libraries into the wheel and tags it for the platform on which they run.

Without a C compiler the wheel is made all the same, without the Linux library: ``install-library`` then says
so. For ``make dist``, CSHIS_BRIDGE_WHEEL is "linux" or "windows": then nothing may be missing.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPLETE = "CSHIS_BRIDGE_WHEEL"


class NativeLibraries(BuildHookInterface[Any]):
    """Run by hatchling for each wheel."""

    _work: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add files and tag. An editable installation takes the libraries from build/ instead."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from native.packaging import cargo

        wanted = os.environ.get(COMPLETE, "")
        self._work = Path(tempfile.mkdtemp(prefix="cshis-bridge-"))
        found = cargo(Path(self.root), self._work, for_windows=wanted == "windows")
        if wanted and found.missing:
            self.app.abort("the wheel would lack:\n" + "\n".join(found.missing))
        for reason in found.missing:
            self.app.display_warning(f"not in the wheel: {reason}")
        build_data["force_include"].update(found.files)
        build_data["pure_python"] = found.platform == "any"
        build_data["tag"] = f"py3-none-{found.platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled."""
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)
