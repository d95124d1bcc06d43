"""Another user of the machine, for tests that run as root."""

from __future__ import annotations

import subprocess
from pathlib import Path

NOBODY = 65534


class Stranger:
    """Another user of the machine, who may run programs and see the same files."""

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program as that user."""
        return subprocess.run(
            command,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd="/",
            timeout=30,
            env={"PATH": "/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
        )

    def can_read(self, path: Path) -> bool:
        """Whether that user gets at a file's content or a directory's names."""
        return self.run("ls" if path.is_dir() else "cat", str(path)).returncode == 0

    def can_write(self, path: Path) -> bool:
        """Whether that user can write to a file or into a directory."""
        return self.run("test", "-w", str(path)).returncode == 0
