"""What the recorder DLL adds to a call, under Wine: ``python -m benchmarks.recorder_overhead``.

Compared are an original whose functions do next to nothing (recorder_original.c) called straight, and the
same through the recorder, which writes each call to its trace. Needs what the Windows tests need
(tests/windows/setup.sh), and root where the 32-bit Wine lives in a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, as_table
from native.build import build
from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.support.wine import windows_path, wine

HERE = Path(__file__).parent
MOUNTED = HERE.parent / "tests" / "windows" / "mounted.sh"
GOAL_US = 50.0
TURNS = 5  # the two sides in turn, so that a slow moment of the machine meets both
# What is called, with how much room in each buffer (0: as much as its record needs), in which mode.
SUBJECTS = {
    "csCloseCom (no arguments)": ("csCloseCom", 4000, 0, "record"),
    "hisGetBasicData (72 bytes)": ("hisGetBasicData", 4000, 0, "record"),
    "hisGetBasicData (72 bytes), live comparison": ("hisGetBasicData", 4000, 0, "compare"),
    "hisReadPrescription (5,460 bytes in four buffers)": ("hisReadPrescription", 1500, 0, "record"),
    "hisReadPrescription (into four buffers of 4,000 bytes)": ("hisReadPrescription", 1500, 4000, "record"),
}
NO_BRIDGE = "127.0.0.1:1"
INSIDE = "CSHIS_TEST_ROOT32"  # set where the 32-bit Wine's root is mounted already
WORK = "CSHIS_TEST_WORK"


def measure(bits: int, folder: Path) -> list[Figure]:
    """The figures of one kind of Windows. ``folder``: for all that it is to see."""
    compiler = find_mingw(WINDOWS[bits])
    program = compile_program(HERE / "recorder_overhead.c", folder / "p.exe", "-O2", compiler=compiler)
    linked = ("-O2", "-shared", "-Wl,--kill-at")
    bare = compile_program(HERE / "recorder_original.c", folder / "bare.dll", *linked, compiler=compiler)
    recorder = folder / "HIS" / "cshis.dll"
    recorder.parent.mkdir()
    shutil.copy(build("recorder", folder / "built", bits=[bits])[0], recorder)
    shutil.copy(bare, recorder.with_name("cshis_original.dll"))
    env = {"CSHIS_RECORDER_FOLDER": windows_path(folder / "traces"), "CSHIS_RECORDER_PART_MEGABYTES": "1000"}
    windows = wine(bits, folder / "home")
    windows.start()
    try:
        figures = []
        for subject, (name, calls, room, mode) in SUBJECTS.items():
            p50: dict[Path, list[float]] = {bare: [], recorder: []}
            env |= {"CSHIS_RECORDER_MODE": mode, "CSHIS_BRIDGE": NO_BRIDGE}
            given = (name, str(calls), *([str(room)] if room else []))
            for _ in range(TURNS):
                for library, times in p50.items():
                    done = windows.run(program, windows_path(library), *given, env=env, seconds=300)
                    if done.returncode != 0:
                        raise RuntimeError(done.stdout + done.stderr)
                    times.append(json.loads(done.stdout)["p50_us"])
                _check_and_clear(folder / "traces", calls)
            alone, recorded = (statistics.median(times) for times in p50.values())
            label = f"{windows.name}: {subject}"
            figures += [
                Figure(f"{label}, original alone, p50", alone, "µs"),
                Figure("… added by the recorder", recorded - alone, "µs", None if room else GOAL_US),
            ]
        return figures
    finally:
        windows.stop()


def _check_and_clear(traces: Path, calls: int) -> None:
    """Each call has its line, and so has the first one, which is not measured."""
    lines = sum(file.read_bytes().count(b'{"call":') for file in traces.glob("*.jsonl"))
    if lines != calls + 1:
        raise RuntimeError(f"{lines} lines for {calls} calls")
    shutil.rmtree(traces)


def main() -> int:
    """Measure. Out: 0 if every goal was met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recorder_overhead")
    parser.add_argument("--bits", type=int, choices=(32, 64), action="append", help="default: both")
    bits = parser.parse_args().bits or [32, 64]
    if WORK not in os.environ:
        enter("benchmarks.recorder_overhead", 32 in bits)
    figures: list[Figure] = []
    for each in bits:
        with tempfile.TemporaryDirectory(dir=os.environ[WORK]) as folder:
            figures += measure(each, Path(folder))
    print(as_table(figures))
    return 0 if all(figure.met is not False for figure in figures) else 1


def enter(module: str, needs_32: bool) -> None:
    """Take a folder for the programs; start the module anew where the 32-bit Wine's root must be mounted
    (run.sh).
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    root = cache / "cshis-bridge" / "wine32"
    os.environ[WORK] = tempfile.mkdtemp(prefix="cshis-bench-")
    if not needs_32 or Path("/usr/lib/wine/wine").exists() or INSIDE in os.environ:
        return
    os.environ[INSIDE] = str(root)
    again = [sys.executable, "-m", module, *sys.argv[1:]]
    os.execvp(  # this program again, in a mount namespace of its own
        "unshare",
        ["unshare", "--mount", "--propagation", "private", str(MOUNTED), *again],
    )


if __name__ == "__main__":
    raise SystemExit(main())
