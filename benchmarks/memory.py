"""Memory of the bridge: at rest beside the smallest program of the same framework, and of a long upload."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from benchmarks.builds import ROOT, Build
from benchmarks.figures import Figure
from benchmarks.processes import forget_highest, highest_mib, pss_mib, resident_mib
from benchmarks.under_test import UnderTest

FILE_BYTES = 10_000_000
UPLOADS = 5
BEYOND_BARE_MIB, UPLOAD_MIB = 12.0, 25.0
RECEIPT_BYTES = 50
# The bridge's framework with nothing in it.
BARE = """
import sys, uvicorn
from fastapi import FastAPI
uvicorn.run(FastAPI(), port=int(sys.argv[1]), log_level="warning")
"""


def memory(old: UnderTest, new: UnderTest) -> list[Figure]:
    """At rest, then of uploads of 10 MB."""
    with _bare(new.build) as bare:
        rest = [pss_mib(bridge.pid) - bare for bridge in (old, new)]
    return [
        _figure("at rest, PSS beyond bare FastAPI and uvicorn", rest, BEYOND_BARE_MIB),
        _figure(
            f"{UPLOADS} csUploadData of {FILE_BYTES // 1_000_000} MB: memory added",
            [_added_by_uploads(old), _added_by_uploads(new)],
            UPLOAD_MIB,
        ),
    ]


def _figure(name: str, sides: list[float], goal: float) -> Figure:
    return Figure(name, sides[1], "MiB", goal, old=sides[0], new=sides[1])


@contextlib.contextmanager
def _bare(build: Build) -> Iterator[float]:
    """The PSS in MiB of a bare program that has answered a request; it runs on inside."""
    port = _free_port()
    with subprocess.Popen([str(build.python), "-c", BARE, str(port)], cwd=ROOT) as process:
        try:
            _ask_until_there(f"http://127.0.0.1:{port}/docs")
            yield pss_mib(process.pid)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _ask_until_there(url: str) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), urlopen(url, timeout=5) as reply:
            reply.read()
            return
        time.sleep(0.05)
    raise RuntimeError("the bare program does not answer")


def _added_by_uploads(bridge: UnderTest) -> float:
    """MiB that the bridge grew by at most, over several uploads one after the other."""
    before = resident_mib(bridge.pid)
    forget_highest(bridge.pid)
    with tempfile.TemporaryDirectory(prefix="cshis-bench-") as folder:
        file = Path(folder) / "upload.zip"
        file.write_bytes(bytes(range(256)) * (FILE_BYTES // 256))
        for _ in range(UPLOADS):
            _upload(bridge, file)
    return highest_mib(bridge.pid) - before


def _upload(bridge: UnderTest, file: Path) -> None:
    """One upload by a program of its own. Raises CalledProcessError where it does not succeed."""
    command = [sys.executable, "-m", "benchmarks.memory", str(bridge.library), str(file)]
    subprocess.run(command, cwd=ROOT, env={**bridge.native, "PATH": ""}, check=True)


def main() -> int:
    """``python -m benchmarks.memory LIBRARY FILE``: the program that uploads. Out: the code of the call."""
    library, file = ctypes.CDLL(sys.argv[1]), Path(sys.argv[2])
    size, count = (
        ctypes.create_string_buffer(text, 11) for text in (str(file.stat().st_size).encode(), b"1")
    )
    receipt, length = ctypes.create_string_buffer(RECEIPT_BYTES), ctypes.c_short(RECEIPT_BYTES)
    code = library.csUploadData(str(file).encode(), size, count, receipt, ctypes.byref(length))
    if code != 0:
        print(f"csUploadData gave {code}", file=sys.stderr)
    return int(code != 0)


if __name__ == "__main__":
    raise SystemExit(main())
