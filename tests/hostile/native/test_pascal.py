"""A program of Free Pascal, which ends at floating-point exceptions, uses the embedded library."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from native.build import EMBEDDED, build, library_folder
from tests.native.embedded_stage import Stage
from tests.support.small_table import small_table

SOURCE = Path(__file__).with_name("pascal_host.pas")


@pytest.fixture(scope="session")
def pascal_host(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pascal")
    program = folder / "pascal_host"
    subprocess.run(["fpc", "-v0", f"-FU{folder}", f"-o{program}", SOURCE], check=True, timeout=60)
    return program


def test_calls_from_its_threads(pascal_host: Path, tmp_path: Path) -> None:
    build("embedded", tmp_path, small_table())
    stage = Stage(tmp_path, pascal_host)
    assert stage.run(library_folder(tmp_path) / EMBEDDED) == ["0 72 R"] * 3 + ["traps: TRUE"]
