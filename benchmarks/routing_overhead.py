"""What a routed call adds to one of the official library: ``python -m benchmarks.routing_overhead``.

Compared are an original whose functions do next to nothing (recorder_original.c) called straight, and the
same through our library, whose routing file sends everything there; on this machine and under Wine, for
which it needs what the Windows tests need (tests/windows/setup.sh).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.figures import Figure, as_table
from benchmarks.recorder_overhead import WORK, enter
from native.build import CLIENT, build, library_folder
from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.support.wine import windows_path, wine

HERE = Path(__file__).parent
PROGRAM, ORIGINAL = HERE / "recorder_overhead.c", HERE / "recorder_original.c"
GOAL_US = 15.0
TURNS = 5  # the two sides in turn, so that a slow moment of the machine meets both
CALLS = "20000"
SUBJECTS = ("hisGetBasicData", "hisReadPrescription")
GROUPS = ("card", "icd", "sam", "clock", "version", "upload", "vpn")
ROUTES = "\n".join(("[routes]", *(f"{group}=original" for group in GROUPS), ""))
Run = Callable[[Path, str, Mapping[str, str]], str]


def measure(name: str, place: Path, bare: Path, library: Path, run: Run) -> list[Figure]:
    """In: what it is called; a new folder; both libraries; how the program is run with one of them."""
    place.mkdir()
    routed = place / library.name
    shutil.copy(library, routed)
    shutil.copy(bare, place / ("libcshis_original.so" if library.suffix == ".so" else "cshis_original.dll"))
    (place / "cshis-bridge.ini").write_text(ROUTES, encoding="ascii")
    figures = []
    for subject in SUBJECTS:
        times: dict[Path, list[float]] = {bare: [], routed: []}
        for _ in range(TURNS):
            for each, found in times.items():
                env = {"CSHIS_BRIDGE_CUTOVER_DIR": str(place / "kept"), "CSHIS_BRIDGE": "127.0.0.1:1"}
                found.append(float(json.loads(run(each, subject, env))["p50_us"]))
        alone, through = (statistics.median(found) for found in times.values())
        figures += [
            Figure(f"{name}: {subject}, original alone, p50", alone, "µs"),
            Figure("… added by the routing", through - alone, "µs", GOAL_US),
        ]
    return figures


def measure_here(folder: Path) -> list[Figure]:
    """On this machine."""
    program = compile_program(PROGRAM, folder / "program", "-O2", "-ldl")
    bare = compile_program(ORIGINAL, folder / "bare.so", "-O2", "-shared", "-fPIC")
    build("client", folder / "built")
    library = library_folder(folder / "built") / CLIENT

    def run(each: Path, subject: str, env: Mapping[str, str]) -> str:
        command = [str(program), str(each), subject, CALLS]
        done = subprocess.run(
            command, env={**os.environ, **env}, check=True, capture_output=True, text=True, timeout=300
        )
        return done.stdout

    return measure("Linux", folder / "HIS", bare, library, run)


def measure_windows(bits: int, folder: Path) -> list[Figure]:
    """Under Wine."""
    compiler = find_mingw(WINDOWS[bits])
    program = compile_program(PROGRAM, folder / "p.exe", "-O2", compiler=compiler)
    linked = ("-O2", "-shared", "-Wl,--kill-at")
    bare = compile_program(ORIGINAL, folder / "bare.dll", *linked, compiler=compiler)
    library = build("cshis", folder / "built", bits=[bits])[0]
    windows = wine(bits, folder / "home")
    windows.start()

    def run(each: Path, subject: str, env: Mapping[str, str]) -> str:
        kept = {**env, "CSHIS_BRIDGE_CUTOVER_DIR": windows_path(Path(env["CSHIS_BRIDGE_CUTOVER_DIR"]))}
        done = windows.run(program, windows_path(each), subject, CALLS, env=kept, seconds=300)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout

    try:
        return measure(windows.name, folder / "HIS", bare, library, run)
    finally:
        windows.stop()


def main() -> int:
    """Measure. Out: 0 if every goal was met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing_overhead")
    parser.add_argument("--here", action="store_true", help="this machine alone, without Wine")
    here = parser.parse_args().here
    figures: list[Figure] = []
    if not here and WORK not in os.environ:
        enter("benchmarks.routing_overhead", needs_32=True)
    with tempfile.TemporaryDirectory() as folder:
        figures += measure_here(Path(folder))
    for bits in () if here else tuple(WINDOWS):
        with tempfile.TemporaryDirectory(dir=os.environ[WORK]) as folder:
            figures += measure_windows(bits, Path(folder))
    print(as_table(figures))
    return 0 if all(figure.met is not False for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
