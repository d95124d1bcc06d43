"""A program with a Python of another version inside gets a failure code, before anything of it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.native.embedded_stage import HERE, Stage
from tests.support.small_table import UNREACHABLE

FAILED = f"{UNREACHABLE} 72 ."


@pytest.mark.parametrize("load", ["load", "deep"])
def test_it_is_part_of_the_program(load: str, embedded_library: Path, tmp_path: Path) -> None:
    flags = (str(HERE / "other_python.c"), "-rdynamic", "-ldl", "-pthread")
    stage = Stage(tmp_path, compile_program(HERE / "loading_host.c", tmp_path / "python", *flags))
    assert stage.run(load, str(embedded_library), "call", "call") == [FAILED] * 2
    assert stage.log.endswith("has another one inside: 3.99.1\n")


@pytest.mark.parametrize(
    "name", ["libpython3.99.so.1.0", "libpython3.99.so", "libpython2.7.so.1.0", "libpython3.1.so"]
)
def test_it_is_a_library_that_the_program_loaded_for_itself(
    name: str, embedded_library: Path, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, compile_program(HERE / "loading_host.c", tmp_path / "host", "-ldl", "-pthread"))
    library = compile_program(HERE / "other_python.c", tmp_path / name, "-shared", "-fPIC")
    assert stage.run("hidden", str(library), "load", str(embedded_library), "call") == [FAILED]
    assert stage.log.endswith(f"has another one inside: {library}\n")


@pytest.mark.parametrize("name", ["libpython3.so", "libpythonesque.so"])
def test_libraries_that_are_no_other_python(name: str, embedded_library: Path, tmp_path: Path) -> None:
    stage = Stage(tmp_path, compile_program(HERE / "loading_host.c", tmp_path / "host", "-ldl", "-pthread"))
    (tmp_path / "empty.c").write_text("extern int nothing; int nothing;\n")
    library = compile_program(tmp_path / "empty.c", tmp_path / name, "-shared", "-fPIC")
    assert stage.run("hidden", str(library), "load", str(embedded_library), "call") == ["0 72 R"]
