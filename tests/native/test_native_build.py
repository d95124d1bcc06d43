"""The build command: what it makes, leaves alone and says when something is missing."""

import subprocess
import sys
from pathlib import Path

import cffi
import pytest

from bridge.table.default import default_directory
from bridge.table.loader import load_table
from bridge.table.prepared import prepared_file, read_prepared
from native import build as native_build
from native import embedding
from native.build import CLIENT, EMBEDDED, EmbeddedImpossible, build, library_folder
from native.compiler import WARNINGS, CompilerMissing, find_compiler
from tests.support.small_table import small_table

INCLUDE_ONLY = """
#include "cshis.h"
int (CSHIS_CALL *pointer)(void) = csCloseCom;
int main(void) { return pointer == 0; }
"""


def test_header_compiles_alone(small_build: Path, client_library: Path, tmp_path: Path) -> None:
    (tmp_path / "user.c").write_text(INCLUDE_ONLY)
    include, output = f"-I{small_build / 'include'}", str(tmp_path / "user")
    command = [
        *find_compiler(),
        *WARNINGS,
        "-pedantic",
        include,
        str(tmp_path / "user.c"),
        str(client_library),
        "-o",
        output,
    ]
    subprocess.run(command, check=True)


def test_exports_are_found_by_cffi_as_declared(small_build: Path, client_library: Path) -> None:
    ffi = cffi.FFI()
    ffi.cdef((small_build / "generated" / "cshis.cdef.h").read_text(encoding="utf-8"))
    library = ffi.dlopen(str(client_library))
    for row in small_table().exported():
        assert len(ffi.typeof(getattr(library, row.name)).args) == len(row.arguments)


def test_without_an_embeddable_python_all_still_builds_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(embedding.sysconfig, "get_path", lambda name: str(tmp_path / "nowhere"))
    assert build("all", tmp_path, small_table()) == [library_folder(tmp_path) / CLIENT]
    assert "install python3-dev" in capsys.readouterr().err
    assert not (library_folder(tmp_path) / EMBEDDED).exists()
    with pytest.raises(EmbeddedImpossible, match="python3-dev"):
        build("embedded", tmp_path, small_table())


def test_without_a_shared_libpython_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        embedding.sysconfig, "get_config_var", lambda name: {"LDLIBRARY": "libpython3.a"}.get(name)
    )
    with pytest.raises(EmbeddedImpossible, match="libpython3-dev"):
        build("embedded", tmp_path, small_table())


def test_command_without_a_compiler_fails_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*given: object, **named: object) -> Path:
        raise CompilerMissing("no C compiler: install gcc")

    monkeypatch.setattr(native_build, "compile_program", missing)
    monkeypatch.setattr(native_build, "load_table", small_table)
    assert native_build.main(["--what", "client", "--output", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "error: no C compiler: install gcc\n"


def test_command_prints_what_it_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(native_build, "load_table", small_table)
    assert native_build.main(["--what", "client", "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split() == [str(library_folder(tmp_path) / CLIENT)]
    assert (tmp_path / "include" / "cshis.h").is_file()
    kept = read_prepared(default_directory(), prepared_file(default_directory()))
    assert (
        kept == load_table()
    )  # whatever was compiled, what the bridge starts with is the project's own table


def test_paths_survive_the_way_into_c() -> None:
    compiled = embedding.c_string('/a "b"\\中??/1')
    assert compiled.isascii()
    assert "?" not in compiled
    assert compiled == '"/a \\042b\\042\\134\\344\\270\\255\\077\\077/1"'


def test_no_folder_of_the_calling_program_is_a_place_of_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["", "tests", "/no/such/folder"])
    assert embedding.python_places() == [str(Path("tests").absolute()), str(native_build.NATIVE.parent)]


def test_build_is_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "native.build", "--help"], capture_output=True, text=True, check=True
    )
    assert "--what" in done.stdout
