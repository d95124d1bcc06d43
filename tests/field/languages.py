"""The languages, how a caller of each is made and started, and what a caller does (its habits).

A caller is started as ``COMMAND [LIBRARY] FILE HABIT...`` and prints lines ``HABIT WORD...``; what it must print
is the same for all.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "callers"
ROOT = Path(__file__).parents[2]
MODULES = ROOT / "build" / "field" / "node_modules"
JNA = Path("/usr/share/java/jna.jar")
GO_PACKAGES = Path("/usr/share/gocode")

BASIC = "0 72 000073898381 測試十 Z299999929 0920315"

# What a habit is, and what is printed. W001 and so on: the habits before it took the numbers before it.
HABITS = {
    "visit": (
        "buffers of exactly the record's size; a whole visit with number, two prescriptions and giving back",
        "open 0|sam 0|basic " + BASIC + "|status 2|number 0 296 W001|write 0 80|back 0|close 0",
    ),
    "large": ("a buffer of 4,096 bytes with old contents; nothing behind the record is written", f"basic {BASIC} kept"),
    "unterminated": (
        "texts that end at their documented width without a NUL, with other bytes behind them",
        "number 0 296 W002|write 0 40|back 0",
    ),
    "blanks": ("texts with blanks up to 200 bytes", "number 0 296 W003|write 0 40|back 0"),
    "wide": ("lengths in 32-bit variables, other bits above a 16-bit number", f"status 2|basic {BASIC}"),
    "marks": ("a mark as the byte 0, 1, 2 in place of a character", "0 0 W004 0|1 0 W005 0|2 0 W006 0"),
    "threads": ("eight threads at once (80 calls)", "80 of 80"),
    "reopen": ("the port opened and closed around each call", "20 of 20"),
    "version": ("csGetVersionEx with 16 bytes; not one more is written", "6000 libcshis.so kept"),
    "order": (
        "closed before opened, read without opening, one byte too few, null pointers, an unknown visit given back",
        f"close 0|basic {BASIC}|small 6018 71 kept|null 6018|back 5150",
    ),
    "upload": (
        "a file below a folder with a Chinese name; size and count without a NUL",
        "0 50 0010000001033501200000",
    ),
    "offline": ("no bridge, or none of its consoles: -1 and 4000, as signed numbers", "open -1|basic 4000 72"),
}  # fmt: skip

AFTER_CHECKS = [
    "2",
    "1",
    "",
    *["1"] * 3,
]  # marks in the cloud, newest first: what `marks` and the visits gave


def expected(habit: str) -> list[str]:
    """The lines that every caller prints for a habit."""
    return [f"{habit} {line}" for line in HABITS[habit][1].split("|")]


Command = list[str | Path]


@dataclass(frozen=True)
class Language:
    """``make``: takes a folder for what is compiled, gives the command that starts the caller. ``declaration``:
    the file that programs may copy. ``by_name``: its library is found by its name, on the library path. ``lacks``: habits that
    the language has nothing for.
    """

    title: str
    declaration: str
    make: Callable[[Path], Command]
    by_name: bool = False
    lacks: tuple[str, ...] = ()

    @property
    def habits(self) -> list[str]:
        """What its caller does, in order; ``offline`` in a process of its own."""
        return [habit for habit in HABITS if habit not in self.lacks]


def _run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def _java(folder: Path) -> Command:
    _run("javac", "-Xlint:all", "-Werror", "-d", folder, "-cp", JNA, *sorted((HERE / "java").glob("*.java")))
    return ["java", "-Xcheck:jni", "-cp", f"{folder}:{JNA}", "Caller"]


def _csharp(folder: Path) -> Command:
    program = folder / "Caller.exe"
    _run("mcs", "-warnaserror", f"-out:{program}", *sorted((HERE / "csharp").glob("*.cs")))
    return ["mono", program]


def _pascal(folder: Path) -> Command:
    (folder / "libcshis.so").symlink_to(
        ROOT / "build" / "native" / f"linux-{os.uname().machine}" / "libcshis.so"
    )
    program = folder / "Caller"
    _run("fpc", "-v0", f"-FU{folder}", f"-Fl{folder}", f"-o{program}", HERE / "pascal" / "Caller.pas")
    return [program]


def _go(folder: Path) -> Command:
    program = folder / "caller"
    sources = [HERE / "go" / name for name in ("cshis.go", "caller.go")]
    _run("go", "build", "-o", program, *sources, GO111MODULE="off", GOPATH=str(GO_PACKAGES), CGO_ENABLED="1")
    return [program]


LANGUAGES = {
    "java": Language("Java 17, JNA 5.13 (`-Xcheck:jni`)", "Cshis.java", _java),
    "csharp": Language("C#, Mono 6.8", "Cshis.cs", _csharp, by_name=True),
    "pascal": Language("Free Pascal 3.2 (floating-point traps on)", "Cshis.pas", _pascal, by_name=True),
    "python": Language("Python 3.11, ctypes", "cshis.py", lambda _: ["python3", HERE / "python" / "caller.py"]),
    "node": Language("Node 20, koffi 3.3.4", "cshis.js", lambda _: ["node", HERE / "node" / "caller.js"]),
    "go": Language("Go 1.19, cgo", "cshis.go", _go),
    "php": Language(
        "PHP 8.2, FFI", "Cshis.php",
        lambda _: ["php", "-d", "ffi.enable=true", HERE / "php" / "caller.php"], lacks=("threads",),
    ),
    "ruby": Language("Ruby 3.1, Fiddle", "cshis.rb", lambda _: ["ruby", "-w", HERE / "ruby" / "caller.rb"]),
}  # fmt: skip

# Declarations for compilers that are not here, compared with the official prototypes; nobody ran them.
NOT_RUN = {"vb6": "Cshis.bas", "powerbuilder": "cshis.txt"}
