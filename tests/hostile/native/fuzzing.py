"""Compiles the fuzzers of this folder with clang (libFuzzer, AddressSanitizer, UBSan) and runs them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.table.loader import default_table
from native.build import SHIM
from native.compiler import compile_program
from tests.hostile.native.shapes import pack_seeds, place_seeds, reply_seeds, stream_seeds, write_seeds

HERE = Path(__file__).parent
CLANG = ("clang",)
FLAGS = (
    "-g",
    "-O1",
    "-fno-omit-frame-pointer",
    "-fsanitize=fuzzer,address,undefined",
    "-fno-sanitize-recover=all",
    "-pthread",
    "-ldl",
)
CALL = ("bytes.c", "file.c", "frame.c", "marshal.c", "call.c", "platform_posix.c")
LONGEST_INPUT = 2048  # bytes
LONGEST_RUN = 240  # seconds; a fuzzer that needs more runs fewer inputs, which the tests report
SOCKET_CALLS = (
    "socket", "close", "setsockopt", "getsockopt", "getpeername", "connect", "poll", "send", "recv",
)  # fmt: skip


@dataclass(frozen=True)
class Fuzzer:
    """A harness: sources under it, functions it takes the place of, how many inputs, the first ones."""

    name: str
    sources: tuple[str, ...]
    replaced: tuple[str, ...]
    runs: int
    seeds: Callable[[], Iterator[bytes]]

    def compile(self, folder: Path, shim: Path = SHIM) -> Path:
        """The program in ``folder``, which holds shapes.h; ``shim``: another copy of the sources.

        Raises CompileFailed and CompilerMissing.
        """
        wraps = [f"-Wl,--wrap={function}" for function in self.replaced]
        sources = [str(shim / source) for source in self.sources]
        flags = (*FLAGS, f"-I{shim}", f"-I{folder}", f"-I{HERE}", *sources, *wraps)
        program = folder / f"fuzz_{self.name}"
        return compile_program(HERE / f"{program.name}.c", program, *flags, compiler=CLANG)

    def write_corpus(self, folder: Path) -> Path:
        """A new folder with the first inputs."""
        corpus = folder / f"corpus_{self.name}"
        write_seeds(self.seeds(), corpus)
        return corpus


FUZZERS = (
    Fuzzer("reply", CALL, (), 400_000, lambda: reply_seeds(default_table())),
    Fuzzer("pack", CALL, ("realloc", "cshis_regular_file"), 250_000, lambda: pack_seeds(default_table())),
    Fuzzer(
        "stream",
        (
            *CALL,
            "place.c",
            "session_posix.c",
            "stream.c",
            "wire.c",
            "channel.c",
            "greeting.c",
            "sha256.c",
            "identity_posix.c",
        ),
        SOCKET_CALLS,
        250_000,
        lambda: stream_seeds(default_table()),
    ),
    Fuzzer(
        "place",
        ("place.c", "session_posix.c", "platform_posix.c"),
        ("getenv", "fopen", "fclose"),
        200_000,
        place_seeds,
    ),
)


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``crash``: the input that broke it, in hexadecimal digits; empty where none did."""

    code: int
    runs: int
    crash: str
    said: str


def fuzz(program: Path, corpus: Path, runs: int, seed: int = 1) -> Outcome:
    """Run a fuzzer over ``corpus`` (it adds what it learns) for about ``runs`` inputs, the same each time."""
    artifacts = program.with_name(program.name + "-artifacts")
    artifacts.mkdir(exist_ok=True)
    command = [
        str(program),
        str(corpus),
        f"-runs={runs}",
        f"-seed={seed}",
        f"-max_len={LONGEST_INPUT}",
        f"-max_total_time={LONGEST_RUN}",
        "-timeout=10",
        "-print_final_stats=1",
        f"-artifact_prefix={artifacts}/",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=LONGEST_RUN + 60, cwd=artifacts
    )
    counted = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    crashes = [f"{file.name}: {file.read_bytes().hex()}" for file in sorted(artifacts.iterdir())]
    return Outcome(done.returncode, int(counted[1]) if counted else 0, "\n".join(crashes), done.stderr)
