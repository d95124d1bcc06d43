"""Builds the native library: ``python -m native.build [--what client|embedded|all] [--output DIR]``.

Out, under DIR (build/native): ``linux-ARCH/libcshis.so`` (client: talks to a running bridge),
``linux-ARCH/libcshis-embedded.so`` (the bridge inside the program), ``include/cshis.h``, ``generated/``.
"""

import argparse
import contextlib
import io
import json
import platform
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from string import Template

import cffi

from bridge.errors import TableError
from bridge.table.codegen.sources import CDEF, EXPORTS, HEADER, SYMBOLS, generate
from bridge.table.loader import load_table
from bridge.table.model.rows import Table
from native.compiler import CompileFailed, CompilerMissing, compile_program

NATIVE = Path(__file__).parent
TEMPLATES = NATIVE / "templates"
SHIM = NATIVE / "shim"
EMBED = NATIVE / "embed"
OUTPUT = Path("build/native")
CLIENT = "libcshis.so"
EMBEDDED = "libcshis-embedded.so"

COMMON = ("bytes.c", "file.c", "frame.c", "marshal.c", "call.c", "place.c", "platform_posix.c")
CLIENT_SOURCES = (*COMMON, "stream.c", "channel.c")
# nodelete: a thread's end calls into the library even if the program has unloaded it meanwhile.
FLAGS = ("-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread", "-Wl,-z,nodelete", "-Wl,-z,defs")
STRIP = "-s"
DEBUG = "-g"
# What cffi generates does not use every parameter it is given.
CFFI_FLAGS = ("-Wno-unused-parameter", "-Wno-unused-function", "-Wno-missing-field-initializers")


class EmbeddedImpossible(Exception):
    """This interpreter cannot be embedded; the message says what to install."""


def build(
    what: str, output: Path = OUTPUT, table: Table | None = None, *, extra: Sequence[str] = ()
) -> list[Path]:
    """Generate and compile.

    In: "client", "embedded" or "all"; the folder to write to; the table (None: the project's own); further
    compiler flags, such as "-fsanitize=address" (with "-g" among them the symbols stay). Out: the libraries.
    With "all", a Python that cannot be embedded costs a warning only.
    Raises TableError, CompilerMissing, CompileFailed and, for "embedded", EmbeddedImpossible.
    """
    table = table or load_table()
    generate_sources(table, output)
    built = []
    if what in ("client", "all"):
        built.append(_client(output, extra))
    if what in ("embedded", "all"):
        try:
            built.append(_embedded(output, extra))
        except EmbeddedImpossible as error:
            if what == "embedded":
                raise
            print(f"warning: {EMBEDDED} is not built: {error}", file=sys.stderr)
    return built


def library_folder(output: Path = OUTPUT) -> Path:
    """Where the libraries of this machine lie."""
    return output / f"{platform.system().lower()}-{platform.machine()}"


def generate_sources(table: Table, output: Path) -> None:
    """Write ``output``/generated and, for programs in C, ``output``/include/cshis.h. Raises TableError."""
    generated = output / "generated"
    generate(table, TEMPLATES, generated)
    cffi.FFI().cdef((generated / CDEF).read_text(encoding="utf-8"))  # cffi is the judge of the declarations
    include = output / "include"
    include.mkdir(parents=True, exist_ok=True)
    (include / HEADER).write_bytes((generated / HEADER).read_bytes())


def _client(output: Path, extra: Sequence[str]) -> Path:
    sources = [SHIM / name for name in CLIENT_SOURCES]
    return _library(output, CLIENT, sources, ("-ldl", *extra))


def _embedded(output: Path, extra: Sequence[str]) -> Path:
    include, libraries = _python_headers(), _python_libraries()
    places = _python_places()
    generated = output / "generated"
    _fill("templates/paths.h.in", generated / "paths.h", ", ".join(_c_string(place) for place in places))
    callback = generated / "callback.c"
    _emit_callback(callback, places)
    sources = [*(SHIM / name for name in COMMON), EMBED / "transport.c", EMBED / "start.c", callback]
    version = sysconfig.get_config_var("LDVERSION")
    flags = [
        f"-I{EMBED}",
        f"-isystem{include}",
        f"-L{libraries}",
        f"-lpython{version}",
        f"-Wl,-rpath,{libraries}",
    ]
    return _library(output, EMBEDDED, sources, (*flags, *CFFI_FLAGS, "-ldl", *extra))


def _python_places() -> list[str]:
    """Absolute folders in which this interpreter finds its modules; a program's own may hold anything."""
    absolute = (str(Path(place).absolute()) for place in [*sys.path, NATIVE.parent.resolve()] if place)
    return [place for place in dict.fromkeys(absolute) if Path(place).is_dir()]


def _library(output: Path, name: str, sources: Sequence[Path], flags: Sequence[str]) -> Path:
    generated = output / "generated"
    script = f"-Wl,--version-script={generated / SYMBOLS}"
    folders = (f"-I{SHIM}", f"-I{generated}")
    further = (str(source) for source in sources)
    target = library_folder(output) / name
    strip = () if DEBUG in flags else (STRIP,)
    return compile_program(generated / EXPORTS, target, *folders, *further, *FLAGS, *strip, script, *flags)


def _emit_callback(target: Path, places: Sequence[str]) -> None:
    """The C file in which cffi ties the callback to the Python start-up code."""
    ffi = cffi.FFI()
    ffi.cdef((EMBED / "answer.cdef.h").read_text(encoding="utf-8"))
    ffi.embedding_api("")
    ffi.embedding_init_code(_filled("embed/startup.py.in", json.dumps(list(places))))
    ffi.set_source("_cshis_embedded", (EMBED / "answer.c").read_text(encoding="utf-8"))
    with contextlib.redirect_stdout(io.StringIO()):  # it announces the file
        ffi.emit_c_code(str(target))


def _python_headers() -> str:
    include = sysconfig.get_path("include")
    if not Path(include, "Python.h").is_file():
        raise EmbeddedImpossible(
            f"{include}/Python.h is missing; install python3-dev (Debian, Ubuntu) or python3-devel"
        )
    return include


def _python_libraries() -> str:
    """The folder of libpython as a shared library."""
    name = sysconfig.get_config_var("LDLIBRARY") or ""
    folders = [sysconfig.get_config_var(key) for key in ("LIBDIR", "LIBPL")]
    multiarch = sysconfig.get_config_var("MULTIARCH")
    if folders[0] and multiarch:
        folders.append(str(Path(folders[0], multiarch)))
    for folder in folders:
        if folder and ".so" in name and Path(folder, name).is_file():
            return str(folder)
    raise EmbeddedImpossible(
        "this Python has no shared library; install libpython3-dev (Debian, Ubuntu), "
        "or a Python built with --enable-shared (pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared)"
    )


def _filled(template: str, paths: str) -> str:
    return Template((NATIVE / template).read_text(encoding="utf-8")).substitute(paths=paths)


def _fill(template: str, target: Path, paths: str) -> None:
    target.write_text(_filled(template, paths), encoding="utf-8")


def _c_string(text: str) -> str:
    """A C string literal; bytes outside plain ASCII are octal escapes, which end after three digits."""
    plain = (chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in text.encode())
    return f'"{"".join(plain)}"'


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Out: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m native.build", description="build the native library")
    parser.add_argument("--what", choices=("client", "embedded", "all"), default="all")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args(arguments)
    try:
        built = build(chosen.what, chosen.output)
    except (TableError, CompilerMissing, CompileFailed, EmbeddedImpossible) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for library in built:
        print(library)
    return 0


if __name__ == "__main__":
    sys.exit(main())
