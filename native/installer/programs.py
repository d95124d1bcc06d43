"""Compiles ``cshis-bridge.exe``; without a console window ``cshis-bridgew.exe``; and the same as a file of
its own, which Windows knows the service by.
"""

from collections.abc import Iterator
from pathlib import Path
from string import Template

import bridge
from native.build import NATIVE, TEMPLATES, version_numbers
from native.compiler import compile_program, find_mingw, run_compiler
from native.targets import PROGRAM_FLAGS, WINDOWS

SOURCE = NATIVE / "launcher" / "launcher.c"
WATCHES = str(NATIVE / "launcher" / "supervise.c")
PROGRAMS = {
    "cshis-bridge": (),
    "cshis-bridgew": ("-mwindows", "-DWINDOWED", WATCHES),
    "cshis-bridge-service": (),
}


def compile_programs(output: Path, python_library: str) -> Iterator[Path]:
    """In: the folder to write to; Python's DLL, such as "python313.dll". Out: the programs.

    Raises CompilerMissing and CompileFailed.
    """
    kind = WINDOWS[64]
    output.mkdir(parents=True, exist_ok=True)
    for name, further in PROGRAMS.items():
        flags = (*PROGRAM_FLAGS, *further, f'-DPYTHON_DLL=L"{python_library}"', str(_resource(output, name)))
        yield compile_program(SOURCE, output / f"{name}.exe", *flags, compiler=find_mingw(kind))


def _resource(output: Path, name: str) -> Path:
    source, resource = output / f"{name}.rc", output / f"{name}.o"
    text = Template((TEMPLATES / "launcher.rc.in").read_text(encoding="utf-8")).substitute(
        name=name, version=bridge.__version__, numbers=version_numbers()
    )
    source.write_text(text, encoding="utf-8")
    run_compiler([WINDOWS[64].windres, "--output-format=coff", str(source), str(resource)])
    return resource
