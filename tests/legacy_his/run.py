"""Runs the clinic program against the real library, the bridge and the simulators (``make run``).

Starts ``cshis-bridge serve --simulate`` on free ports with a data directory of its own, compiles clinic.c,
runs it with the library that ``make native`` built, and ends everything. Exit code: that of the clinic.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from native.compiler import CompilerMissing, compile_program

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "build" / "native" / f"linux-{platform.machine()}" / "libcshis.so"
FREE_PORTS = [f"--{name}-port=0" for name in ("facade", "legacy-http", "channel", "console", "cloud")]


@contextmanager
def bridge(data_dir: Path) -> Iterator[dict[str, Any]]:
    """The bridge with its simulators; yields its ready line."""
    serve = [sys.executable, "-m", "bridge", "serve", "--simulate"]
    command = [*serve, "--data-dir", str(data_dir), *FREE_PORTS]
    with (data_dir / "bridge.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"the bridge did not start:\n{(data_dir / 'bridge.log').read_text()}")
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def main() -> int:
    """Compile, start, run, stop."""
    with tempfile.TemporaryDirectory(prefix="cshis-clinic-") as name:
        folder = Path(name)
        try:
            program = compile_program(
                ROOT / "tests" / "legacy_his" / "clinic.c",
                folder / "clinic",
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-ldl",
            )
        except CompilerMissing as error:
            print(error, file=sys.stderr)
            return 1
        with bridge(folder) as ready:
            print(f"bridge and simulators are up: {ready['channel']}")
            environment = {**os.environ, "CSHIS_BRIDGE": ready["channel"]}
            return subprocess.run([program, LIBRARY], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
