"""Builds CsHisX.dll on another system: ``python -m native.build_com [--output DIR] [--bits 32|64]``.

Out, under DIR (build/native): ``win32/CsHisX.dll`` and ``win64/CsHisX.dll``, the COM component (native/com)
over the runtime of cshis.dll. The compilers are those of native/build_windows.py.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bridge.errors import TableError
from bridge.table.codegen.sources import COMPONENT_CALLS, generate_component
from bridge.table.loader import load_table
from bridge.table.model.rows import Table
from native.build import NATIVE, OUTPUT, SHIM, TEMPLATES, generate_sources
from native.build_windows import LINKING, SOURCES, TARGETS, WINDOWS_7, find_compiler, version_resource
from native.compiler import CompileFailed, CompilerMissing, compile_program

COMPONENT = "CsHisX.dll"
RESOURCE = "cshisx.rc"
COM = NATIVE / "com"
COM_SOURCES = ("component.c", "members.c", "object.c", "registration.c", "values.c")
EXPORTED = "cshisx.def"
LIBRARIES = ("-lws2_32", "-lole32", "-loleaut32", "-ladvapi32", "-luuid")


def build(bits: int, output: Path = OUTPUT, table: Table | None = None) -> Path:
    """Generate, compile and link one component.

    In: 32 or 64; the folder to write to; the table (None: the project's own). Out: the component's path.
    Raises TableError, CompilerMissing and CompileFailed.
    """
    table = table or load_table()
    target = TARGETS[bits]
    generated = output / "generated"
    generate_sources(table, output)
    generate_component(table, TEMPLATES, generated)
    resource = version_resource(target, table, generated, RESOURCE)
    return compile_program(
        generated / COMPONENT_CALLS,
        output / target.name / COMPONENT,
        f"-I{COM}",
        f"-I{SHIM}",
        f"-I{generated}",
        "-O2",
        WINDOWS_7,
        *(str(SHIM / name) for name in SOURCES),
        *(str(COM / name) for name in COM_SOURCES),
        str(resource),
        str(COM / EXPORTED),
        *LINKING,
        *target.linking,
        *LIBRARIES,
        compiler=find_compiler(bits),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Out: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m native.build_com", description="build CsHisX.dll")
    parser.add_argument("--bits", type=int, choices=sorted(TARGETS), action="append", help="default: both")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args(arguments)
    try:
        for bits in chosen.bits or sorted(TARGETS):
            print(build(bits, chosen.output))
    except (TableError, CompilerMissing, CompileFailed) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
