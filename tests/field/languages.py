"""The languages, how a caller of each is made and started, and what a caller does (its habits).

A caller is started as ``COMMAND [LIBRARY] FILE HABIT...`` and prints ``HABIT WORD...``, as all others do.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from native.build import CLIENT, library_folder

HERE = Path(__file__).parent / "callers"
ROOT = Path(__file__).parents[2]
MODULES = ROOT / "build" / "field" / "node_modules"
JNA = Path("/usr/share/java/jna.jar")
GO_PACKAGES = Path("/usr/share/gocode")

BASIC = "0 72 000073898381 測試十 Z299999929 0920315"


@dataclass(frozen=True)
class Habit:
    """``what`` programs do, for the page. ``said``: the lines that a caller prints for it, in order."""

    what: str
    said: tuple[str, ...]


UNENDED = (32, 40, 48)  # bytes in the names of files that end without a NUL

# W001 and so on: a habit takes the visit number after those that the habits before it took.
HABITS = {
    "visit": Habit(
        "buffers of exactly the record's size; the name as text; a number, two prescriptions, giving back",
        (
            "open 0", "sam 0", f"basic {BASIC}", "status 2",
            "number 0 296 W001", "write 0 80", "back 0", "close 0",
        ),
    ),
    "large": Habit(
        "a buffer of 4,096 bytes with old contents; nothing behind the record is written",
        (f"basic {BASIC} kept",),
    ),
    "unterminated": Habit(
        "texts that end at their documented width without a NUL, other bytes behind them",
        ("number 0 296 W002", "write 0 40", "back 0"),
    ),
    "blanks": Habit("texts with blanks up to 200 bytes", ("number 0 296 W003", "write 0 40", "back 0")),
    "wide": Habit(
        "lengths in 32-bit variables; a 16-bit number with other bits above it",
        ("status 2", f"basic {BASIC}"),
    ),
    "marks": Habit(
        "a mark as the byte 0, 1 or 2 in place of its character",
        ("0 0 W004 0", "1 0 W005 0", "2 0 W006 0"),
    ),
    "threads": Habit("eight threads at once, 80 reads", ("80 of 80",)),
    "reopen": Habit("the port opened and closed around each of 20 reads", ("20 of 20",)),
    "version": Habit("csGetVersionEx with 16 bytes; not one more is written", ("6000 libcshis.so kept",)),
    "order": Habit(
        "closed before it was opened, read without opening, a byte too few, null pointers, no such visit",
        ("close 0", f"basic {BASIC}", "small 6018 71 kept", "null 6018", "back 5150"),
    ),
    "upload": Habit(
        "a file below a folder with a Chinese name; its size and count without a NUL",
        ("0 50 0010000001033501200000",),
    ),
    "names": Habit(
        "names of files of 32, 40 and 48 bytes without a NUL, other bytes behind them",
        tuple(f"{length} 0" for length in UNENDED),
    ),
    "chinese": Habit("a text in Chinese of its full width to write, encoded by the language", ("0",)),
    "offline": Habit(
        "no bridge, or a bridge without a console: -1 and 4000 arrive as signed numbers",
        ("open -1", "basic 4000 72"),
    ),
}  # fmt: skip

# The marks that the cloud has afterwards, newest visit first: of `marks`, then of the three visits before.
AFTER_CHECKS = ["2", "1", "", "1", "1", "1"]
WRITTEN = "流感疫"  # what `chinese` writes as the kind of a vaccine


def expected(habit: str) -> list[str]:
    """The lines that every caller prints for a habit."""
    return [f"{habit} {line}" for line in HABITS[habit].said]


def make_unended(folder: Path, path: Callable[[Path], str] = str) -> str:
    """Make the files of ``names``, each as long as its path as a program names it. Out: UPLOAD_NAMES."""
    made = []
    for length in UNENDED:
        name = f"{'x' * (length - len(path(folder / '.xml')))}.xml"
        (folder / name).write_bytes(b"u" * length)
        made.append(path(folder / name))
    assert [len(each) for each in made] == list(UNENDED)
    return "|".join(made)


Command = list[str | Path]


@dataclass(frozen=True)
class Language:
    """``make`` takes a folder for what is compiled and gives the command that starts the caller.

    ``declaration``: the file that programs may copy. ``by_name``: the caller names no path, the system finds
    the library. ``lacks``: habits that the language has nothing for.
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


def _run(*command: str | Path, **environment: str) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
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
    (folder / CLIENT).symlink_to(library_folder(ROOT / "build" / "native") / CLIENT)  # for the linker alone
    program = folder / "Caller"
    _run("fpc", "-v0", f"-FU{folder}", f"-Fl{folder}", f"-o{program}", HERE / "pascal" / "Caller.pas")
    return [program]


def build_go(program: Path, declaration: str, **target: str) -> Path:
    """Compile the caller in Go. ``target``: for which machine, as Go's environment says it."""
    sources = [HERE / "go" / name for name in (declaration, "caller.go")]
    _run("go", "build", "-o", program, *sources, GO111MODULE="off", GOPATH=str(GO_PACKAGES), **target)
    return program


def _go(folder: Path) -> Command:
    return [build_go(folder / "caller", LANGUAGES["go"].declaration, CGO_ENABLED="1")]


def _script(*words: str) -> Callable[[Path], Command]:
    *interpreter, file = words
    return lambda folder: [*interpreter, HERE / file]


LANGUAGES = {
    "java": Language("Java 17, JNA 5.13", "Cshis.java", _java),
    "csharp": Language("C#, Mono 6.8", "Cshis.cs", _csharp, by_name=True),
    "pascal": Language("Free Pascal 3.2", "Cshis.pas", _pascal, by_name=True),
    "python": Language("Python 3.11, ctypes", "cshis.py", _script("python3", "python/caller.py")),
    "node": Language("Node 20, koffi 3.3", "cshis.js", _script("node", "node/caller.js")),
    "go": Language("Go 1.19, cgo", "cshis.go", _go),
    "php": Language(
        "PHP 8.2, FFI",
        "Cshis.php",
        _script("php", "-d", "ffi.enable=true", "php/caller.php"),
        lacks=("threads",),
    ),
    "ruby": Language("Ruby 3.1, Fiddle", "cshis.rb", _script("ruby", "-w", "ruby/caller.rb")),
}

GO_ON_WINDOWS = "cshis_windows.go"  # runs in tests/windows

# Declarations for compilers that are not here, compared with the official prototypes; nobody ran them.
NOT_RUN = {"vb6": "Cshis.bas", "powerbuilder": "cshis.txt"}
