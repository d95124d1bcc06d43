"""What the embedded library takes from the interpreter that builds it: headers, library, modules."""

import contextlib
import io
import json
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from string import Template

import cffi

NATIVE = Path(__file__).parent
EMBED = NATIVE / "embed"
# What cffi generates does not use every parameter it is given.
CFFI_FLAGS = ("-Wno-unused-parameter", "-Wno-unused-function", "-Wno-missing-field-initializers")


class EmbeddedImpossible(Exception):
    """This interpreter cannot be embedded; the message says what to install."""


def interpreter(generated: Path) -> tuple[str, ...]:
    """Write paths.h and callback.c into ``generated``. Out: flags and sources for the compiler.

    Raises EmbeddedImpossible.
    """
    include, libraries = _headers(), _libraries()
    places = python_places()
    paths = (NATIVE / "templates/paths.h.in").read_text(encoding="utf-8")
    paths = Template(paths).substitute(paths=", ".join(c_string(place) for place in places))
    (generated / "paths.h").write_text(paths, encoding="utf-8")
    callback = generated / "callback.c"
    _emit_callback(callback, places)
    linked = (f"-L{libraries}", f"-lpython{sysconfig.get_config_var('LDVERSION')}", f"-Wl,-rpath,{libraries}")
    return (str(callback), f"-isystem{include}", *linked, *CFFI_FLAGS)


def python_places() -> list[str]:
    """Absolute folders in which this interpreter finds its modules; a program's own may hold anything."""
    absolute = [str(Path(place).absolute()) for place in sys.path if place]
    return [
        place for place in dict.fromkeys([*absolute, str(NATIVE.parent.resolve())]) if Path(place).is_dir()
    ]


def c_string(text: str) -> str:
    """A C string literal; bytes outside plain ASCII are octal escapes, which end after three digits."""
    plain = (chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in text.encode())
    return f'"{"".join(plain)}"'


def _emit_callback(target: Path, places: Sequence[str]) -> None:
    """The C file in which cffi ties the callback to the Python start-up code."""
    startup = Template((EMBED / "startup.py.in").read_text(encoding="utf-8"))
    ffi = cffi.FFI()
    ffi.cdef((EMBED / "answer.cdef.h").read_text(encoding="utf-8"))
    ffi.embedding_api("")
    ffi.embedding_init_code(startup.substitute(paths=json.dumps(list(places))))
    ffi.set_source("_cshis_embedded", (EMBED / "answer.c").read_text(encoding="utf-8"))
    with contextlib.redirect_stdout(io.StringIO()):  # it announces the file
        ffi.emit_c_code(str(target))


def _headers() -> str:
    include = sysconfig.get_path("include")
    if not Path(include, "Python.h").is_file():
        raise EmbeddedImpossible(
            f"{include}/Python.h is missing; install python3-dev (Debian, Ubuntu) or python3-devel"
        )
    return include


def _libraries() -> str:
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
