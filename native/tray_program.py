"""Compiles ``cshis-tray.exe``, the icon in Windows' notification area (64 bits)."""

from pathlib import Path
from string import Template

import bridge
from native.compiler import compile_program, find_mingw, run_compiler
from native.icons import LOOKS, icon
from native.targets import PROGRAM_FLAGS, WINDOWS

NAME = "cshis-tray.exe"
SOURCES = Path(__file__).parent / "tray"
TEMPLATE = Path(__file__).parent / "templates" / "tray.rc.in"
MAIN = "tray.c"
LIBRARIES = ("-lshell32", "-lole32", "-lgdi32")


def build_tray(output: Path, numbers: str) -> Path:
    """In: the folder as of native/build.py; the four numbers of its version. Out: the program.

    Raises CompilerMissing and CompileFailed.
    """
    kind = WINDOWS[64]
    generated = output / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    others = [str(source) for source in sorted(SOURCES.glob("*.c")) if source.name != MAIN]
    flags = (*others, str(_resource(generated, numbers)), *PROGRAM_FLAGS, "-mwindows", *LIBRARIES)
    target = output / kind.folder / NAME
    return compile_program(SOURCES / MAIN, target, *flags, compiler=find_mingw(kind))


def _resource(generated: Path, numbers: str) -> Path:
    """Icons, manifest and version as an object file."""
    places = {}
    for look in LOOKS:
        file = generated / f"tray-{look}.ico"
        file.write_bytes(icon(look))
        places[look] = _quoted(file)
    source, compiled = generated / "tray.rc", generated / "tray-resource.o"
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        places, manifest=_quoted(SOURCES / "tray.manifest"), version=bridge.__version__, numbers=numbers
    )
    source.write_text(text, encoding="utf-8")
    run_compiler([WINDOWS[64].windres, "--output-format=coff", str(source), str(compiled)])
    return compiled


def _quoted(file: Path) -> str:
    return file.absolute().as_posix().replace('"', "")
