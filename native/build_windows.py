"""Builds cshis.dll on another system: ``python -m native.build_windows [--output DIR] [--bits 32|64]``.

Out, under DIR (build/native): ``win32/cshis.dll`` and ``win64/cshis.dll``, from the same generated stubs and
the same runtime as the Linux client build; ``win32/recorder/cshis.dll`` and ``win64/recorder/cshis.dll``, the
recorder (docs/recorder.md). Needs mingw-w64 (Debian: gcc-mingw-w64-i686-win32 and
gcc-mingw-w64-x86-64-win32); CSHIS_MINGW32 and CSHIS_MINGW64 name other compilers. Without it:
native/windows.md.
"""

import argparse
import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import bridge
from bridge.errors import TableError
from bridge.table.codegen.sources import DEFINITION, EXPORTS, RECORDER_CALLS, generate_recorder
from bridge.table.loader import load_table
from bridge.table.model.rows import Table
from native.build import CLIENT_SOURCES, NATIVE, OUTPUT, SHIM, TEMPLATES, generate_sources
from native.compiler import CompileFailed, CompilerMissing, compile_program, run_compiler

LIBRARY = "cshis.dll"
RESOURCE = "cshis.rc"
RECORDER = NATIVE / "recorder"
RECORDER_FOLDER = "recorder"
RECORDER_RESOURCE = "recorder.rc"
CLIENT = tuple(name.replace("_posix.", "_win32.") for name in CLIENT_SOURCES)
SOURCES = (*CLIENT, "library_win32.c")
WINDOWS_7 = "-D_WIN32_WINNT=0x0601"
# The name without decoration goes into the export table, whatever the calling convention; nothing of the
# compiler's own may be needed at run time; neither time nor place of the build shows, so that the same
# sources give the same bytes.
LINKING = (
    "-shared",
    "-s",
    "-static-libgcc",
    "-Wl,--enable-stdcall-fixup",
    "-Wl,--no-insert-timestamp",
    "-Wl,--disable-auto-image-base",
    "-Wl,--dynamicbase",
    "-Wl,--nxcompat",
)


@dataclass(frozen=True)
class Target:
    """One kind of Windows. ``commands``: compilers to look for; ``linking``: what only this kind needs."""

    name: str
    setting: str
    commands: tuple[str, ...]
    windres: str
    package: str
    linking: tuple[str, ...] = ()


# The win32 thread model first: the posix one would need a library of its own at run time.
TARGETS = {
    32: Target(
        "win32",
        "CSHIS_MINGW32",
        ("i686-w64-mingw32-gcc-win32", "i686-w64-mingw32-gcc"),
        "i686-w64-mingw32-windres",
        "gcc-mingw-w64-i686-win32",
    ),
    64: Target(
        "win64",
        "CSHIS_MINGW64",
        ("x86_64-w64-mingw32-gcc-win32", "x86_64-w64-mingw32-gcc"),
        "x86_64-w64-mingw32-windres",
        "gcc-mingw-w64-x86-64-win32",
        ("-Wl,--high-entropy-va",),
    ),
}


def build(bits: int, output: Path = OUTPUT, table: Table | None = None) -> Path:
    """Generate, compile and link one library.

    In: 32 or 64; the folder to write to; the table (None: the project's own). Out: the library's path.
    Raises TableError, CompilerMissing and CompileFailed.
    """
    table = table or load_table()
    target = TARGETS[bits]
    generated = output / "generated"
    generate_sources(table, output)
    resource = version_resource(target, table, generated, RESOURCE)
    sources = (str(SHIM / name) for name in SOURCES)
    return compile_program(
        generated / EXPORTS,
        output / target.name / LIBRARY,
        f"-I{SHIM}",
        f"-I{generated}",
        "-O2",
        WINDOWS_7,
        *sources,
        str(resource),
        str(generated / DEFINITION),
        *LINKING,
        *target.linking,
        "-lws2_32",
        compiler=find_compiler(bits),
    )


def build_recorder(bits: int, output: Path = OUTPUT, table: Table | None = None) -> Path:
    """Generate, compile and link one recorder (native/recorder); all as build() does."""
    table = table or load_table()
    target = TARGETS[bits]
    generated = output / "generated"
    generate_sources(table, output)
    generate_recorder(table, TEMPLATES, generated, bridge.__version__)
    resource = version_resource(target, table, generated, RECORDER_RESOURCE)
    return compile_program(
        generated / RECORDER_CALLS,
        output / target.name / RECORDER_FOLDER / LIBRARY,
        f"-I{RECORDER}",
        f"-I{SHIM}",
        f"-I{generated}",
        "-O2",
        WINDOWS_7,
        *(str(path) for path in sorted(RECORDER.glob("*.c"))),
        *(str(SHIM / name) for name in CLIENT),
        str(resource),
        str(generated / DEFINITION),
        *LINKING,
        *target.linking,
        "-lws2_32",
        "-ladvapi32",
        compiler=find_compiler(bits),
    )


def find_compiler(bits: int) -> list[str]:
    """Return the words of the command that compiles for this kind of Windows. Raises CompilerMissing."""
    target = TARGETS[bits]
    chosen = shlex.split(os.environ.get(target.setting, ""))
    for command in [chosen] if chosen else [[name] for name in target.commands]:
        found = shutil.which(command[0])
        if found is not None:
            return [found, *command[1:]]
    wanted = f"{target.setting}={chosen[0]}: there is no such program" if chosen else target.commands[0]
    raise CompilerMissing(
        f"no compiler for {bits}-bit Windows ({wanted}); on Debian: apt-get install {target.package}"
    )


def version_resource(target: Target, table: Table, generated: Path, name: str) -> Path:
    """Compile the version resource of the template ``name``.in. Out: the object file.

    Raises CompilerMissing and CompileFailed.
    """
    source = _resource_source(table, generated, name)
    compiled = generated / f"{source.stem}-{target.name}.o"
    run_compiler([target.windres, "--output-format=coff", str(source), str(compiled)])
    return compiled


def _resource_source(table: Table, generated: Path, name: str) -> Path:
    """Fill the template of a version resource; the version's numbers, and zeros, take its four places."""
    numbers = [*re.findall(r"\d+", bridge.__version__), "0", "0", "0", "0"][:4]
    text = Template((TEMPLATES / f"{name}.in").read_text(encoding="utf-8")).substitute(
        digest=table.digest, version=bridge.__version__, numbers=",".join(numbers)
    )
    source = generated / name
    source.write_text(text, encoding="utf-8")
    return source


def generate_only(output: Path = OUTPUT, table: Table | None = None) -> Path:
    """Write the sources of cshis.dll for a compiler that this module does not drive (native/windows.md).

    Out: their folder. Raises TableError.
    """
    table = table or load_table()
    generated = output / "generated"
    generate_sources(table, output)
    generate_recorder(table, TEMPLATES, generated, bridge.__version__)
    _resource_source(table, generated, RECORDER_RESOURCE)
    return _resource_source(table, generated, RESOURCE).parent


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Out: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m native.build_windows", description="build cshis.dll")
    parser.add_argument("--bits", type=int, choices=sorted(TARGETS), action="append", help="default: both")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--sources-only", action="store_true", help="generate, compile nothing")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.sources_only:
            print(generate_only(chosen.output))
            return 0
        for bits in chosen.bits or sorted(TARGETS):
            print(build(bits, chosen.output))
            print(build_recorder(bits, chosen.output))
    except (TableError, CompilerMissing, CompileFailed) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
