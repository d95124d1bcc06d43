"""The finder of the C compiler."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from native.compiler import CompileFailed, CompilerMissing, compile_program, find_compiler


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave a PATH with this one empty directory, and no CC."""
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    return tmp_path


def program(directory: Path, name: str) -> Path:
    path = directory / name
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    return path


def test_cc_wins_and_may_have_arguments(bare_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare_path, "gcc")
    program(bare_path, "ccache")
    monkeypatch.setenv("CC", "ccache tcc -m64")
    assert find_compiler() == ["ccache", "tcc", "-m64"]


def test_a_wrong_cc_is_not_passed_over(bare_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare_path, "gcc")
    monkeypatch.setenv("CC", "nonesuch")
    with pytest.raises(CompilerMissing, match="CC=nonesuch"):
        find_compiler()


def test_the_order_on_the_path(bare_path: Path) -> None:
    for name in ("clang", "gcc", "cc"):
        expected = program(bare_path, name)
        assert find_compiler() == [str(expected)]


def test_ziglang_is_the_last_resort(bare_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "ziglang" else None)
    assert find_compiler() == [sys.executable, "-m", "ziglang", "cc"]


def test_without_any_it_says_what_to_install(bare_path: Path) -> None:
    with pytest.raises(CompilerMissing, match="pip install ziglang"):
        find_compiler()


def test_a_program_is_compiled_with_flags(tmp_path: Path) -> None:
    source = tmp_path / "seven.c"
    source.write_text("int main(void) { return ANSWER; }\n")
    made = compile_program(source, tmp_path / "new" / "seven", "-DANSWER=7")
    assert subprocess.run([made]).returncode == 7
    assert os.listdir(made.parent) == ["seven"]


def test_a_warning_is_an_error_and_leaves_the_old_output(tmp_path: Path) -> None:
    source = tmp_path / "bad.c"
    source.write_text("int main(void) { int unused; return 0; }\n")
    output = tmp_path / "bad"
    output.write_text("old")
    with pytest.raises(CompileFailed, match="unused"):
        compile_program(source, output)
    assert output.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["bad", "bad.c"]


def test_a_compiler_that_cannot_start(tmp_path: Path) -> None:
    with pytest.raises(CompilerMissing, match="nonesuch"):
        compile_program(tmp_path / "a.c", tmp_path / "a", compiler=["nonesuch"])
