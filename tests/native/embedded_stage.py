"""Where the embedded library runs: in a host program of its own, with an engine that a test chooses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import bridge
from tests.support.small_table import UNREACHABLE

HERE = Path(__file__).parent
LOG = "cshis-bridge-embedded.log"
FAILED = f"host {UNREACHABLE} 72 ."


class Stage:
    """A data directory, a host program, and files that take the place of the bridge's own modules."""

    def __init__(self, folder: Path, host: Path) -> None:
        self.folder = folder
        self.host = host
        self.environment = {
            "CSHIS_BRIDGE_DATA_DIR": str(folder / "data"),
            "CSHIS_BRIDGE_TIMEOUT": "10",
            "CSHIS_BRIDGE_PYTHONPATH": f"{folder / 'overlay'}:{HERE}",
            "FAKE_ENGINE": "good",
        }
        (folder / "data").mkdir()
        self.replace("engine/compose.py", (HERE / "fake_engine.py").read_text())

    def replace(self, module: str, source: str) -> None:
        """Put ``source`` in the place of a module of the package ``bridge``; the others stay."""
        real, overlay = Path(bridge.__file__).parent, self.folder / "overlay" / "bridge"
        target = overlay / module
        for package in [*target.relative_to(overlay).parents]:
            (overlay / package).mkdir(parents=True, exist_ok=True)
            (overlay / package / "__init__.py").write_text(f"__path__.append({str(real / package)!r})\n")
        target.write_text(source)

    def run(self, *arguments: str | Path) -> list[str]:
        """Run the host. Out: its lines; it must end well and nothing else may have been printed."""
        command = [self.host, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    @property
    def log(self) -> str:
        return (self.folder / "data" / LOG).read_text(encoding="utf-8")
