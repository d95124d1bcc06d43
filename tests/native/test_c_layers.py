"""The files of the C code: none needs another that needs it, and no line is wider than 110 columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NATIVE = ROOT / "native"
FOLDERS = ("shim", "embed", "com", "recorder", "tray", "cutover")
ALONE = ("launcher",)  # of one file
MOST_COLUMNS = 110

Sources = Mapping[str, str]  # the text of each .c and .h by its file name

_QUIET = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.DOTALL | re.VERBOSE
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?!define\b)[^\n]*", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*")
# A function begins in the first column, and so does its opening brace; a variable ends with = or ;
_FUNCTION = re.compile(r"^(?!static\b)[A-Za-z_][\w\s*]*?\b(\w+)\((?:[^;{}]*)\)\n\{", re.MULTILINE)
_VARIABLE = re.compile(
    r"^(?!static\b|extern\b|typedef\b)[A-Za-z_][\w *]*?\b(\w+)(?:\[[^\]]*\])* = ", re.MULTILINE
)


def code_of(text: str) -> str:
    """The source without comments, texts and #include. Macros stay: they may hide calls."""
    return _DIRECTIVE.sub("", _QUIET.sub(" ", text))


def unit_of(file: str) -> str:
    """a.c and a.h are one unit, a."""
    return file.rpartition(".")[0]


def definitions(sources: Sources) -> dict[str, set[str]]:
    """Which units define a function or variable that other files can see: several, of which one is linked."""
    found: dict[str, set[str]] = {}
    for file, text in sources.items():
        if file.endswith(".c"):
            for pattern in (_FUNCTION, _VARIABLE):
                for name in pattern.findall(code_of(text)):
                    found.setdefault(name, set()).add(unit_of(file))
    return found


def needs(sources: Sources) -> dict[str, set[str]]:
    """The units that each unit needs: whose headers it includes, whose functions and variables it names."""
    units = {unit_of(file) for file in sources}
    defined = definitions(sources)
    graph: dict[str, set[str]] = {unit: set() for unit in units}
    for file, text in sources.items():
        unit = unit_of(file)
        included = {unit_of(header) for header in _INCLUDE.findall(text)} & units
        others = (defined[name] for name in _used(file, text) if unit not in defined.get(name, {unit}))
        called = {other for several in others for other in several}
        graph[unit] |= (included | called) - {unit}
    return graph


def _used(file: str, text: str) -> Iterator[str]:
    """The names in a .c; of a header only those in its macros, the others are declared there."""
    code = code_of(text)
    parts = [code] if file.endswith(".c") else re.findall(r"^[ \t]*#[ \t]*define[^\n]*", code, re.MULTILINE)
    for part in parts:
        yield from _NAME.findall(part)


def circle(sources: Sources) -> list[str]:
    """The units of one circle, the first of them also at the end; empty where there is none."""
    try:
        TopologicalSorter(needs(sources)).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def folder_sources(folder: str) -> dict[str, str]:
    files = (file for file in (NATIVE / folder).iterdir() if file.suffix in (".c", ".h"))
    return {file.name: file.read_text(encoding="utf-8") for file in files}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_files_need_one_another(folder: str) -> None:
    sources = folder_sources(folder)
    assert sum(map(len, needs(sources).values())) >= 3, "files are found, and what they need"
    assert circle(sources) == []


def test_every_folder_is_looked_at() -> None:
    assert {file.parent.name for file in NATIVE.rglob("*.c")} == {*FOLDERS, *ALONE}


def test_what_files_define_is_found() -> None:
    """As the compiler would tell: every function that a header declares and that is called has its unit."""
    shim, recorder = definitions(folder_sources("shim")), definitions(folder_sources("recorder"))
    assert shim["cshis_call"] == recorder["recorder_begin"] == {"call"}
    assert shim["cshis_poll"] == {"platform_posix", "platform_win32"}
    assert (shim["cshis_take_u8"], recorder["recorder_put_key"]) == ({"bytes"}, {"line"})
    assert definitions(folder_sources("com"))["cshisx_class"] == {"component"}
    assert "put_pointed" not in recorder  # it is static


def lines_too_wide(text: str) -> Iterator[int]:
    """The numbers of lines beyond the limit; a Chinese character takes two columns."""
    for number, line in enumerate(text.splitlines(), start=1):
        if sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line) > MOST_COLUMNS:
            yield number


def test_no_line_is_too_wide() -> None:
    kinds = ("*.c", "*.h", "*.c.in", "*.h.in", "*.rc.in")
    folders = ("native", "tests", "benchmarks")
    files = [file for folder in folders for kind in kinds for file in (ROOT / folder).rglob(kind)]
    assert len(files) > 80
    wide = {
        str(file.relative_to(ROOT)): found
        for file in files
        if (found := list(lines_too_wide(file.read_text(encoding="utf-8"))))
    }
    assert wide == {}


# --- this test itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "file", "planted", "needed"),
    [
        ("recorder", "said.c", '#include "settings.h"', "settings"),
        ("recorder", "paths.h", '#include "said.h"', "said"),
        ("recorder", "underway.c", '#include "thread.h"', "thread"),
        ("recorder", "ending.c", "void f(void)\n{\n    recorder_note(0, 0, 0);\n}\n", "note"),
        ("recorder", "paths.h", '#define TELL() recorder_say(L"lost")\n', "said"),
        ("com", "lifetime.c", '#include "object.h"', "object"),
        ("com", "object.c", "const void *class = &cshisx_class;\n", "component"),
        ("shim", "bytes.c", "int f(void) { return (int)cshis_call(0, 0); }", "call"),
        ("embed", "start.c", "static void *f = cshis_exchange;", "transport"),
    ],
)
def test_a_planted_circle_is_found(folder: str, file: str, planted: str, needed: str) -> None:
    sources = folder_sources(folder)
    sources[file] += f"\n{planted}\n"
    assert needed in needs(sources)[unit_of(file)]
    assert unit_of(file) in circle(sources)


@pytest.mark.parametrize(
    "harmless",
    [
        "/* recorder_say(text) */",
        'static const char *name = "recorder_say";',
        '#include "bytes.h"',
        "static void recorder_say_nothing(void)\n{\n}\n",
    ],
)
def test_what_is_no_call_is_no_circle(harmless: str) -> None:
    sources = folder_sources("recorder")
    sources["paths.c"] += f"\n{harmless}\n"
    assert circle(sources) == []


@pytest.mark.parametrize(("line", "found"), [("x" * 110, []), ("x" * 111, [2]), ("字" * 56, [2])])
def test_a_wide_line_is_found(line: str, found: list[int]) -> None:
    assert list(lines_too_wide(f"short\n{line}\n")) == found
