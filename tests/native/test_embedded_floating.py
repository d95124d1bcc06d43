"""Programs that unmask floating-point exceptions, as those of Delphi and Free Pascal do, live on; in C."""

from __future__ import annotations

from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.native.embedded_stage import HERE, Stage

KINDS = 5
ALL = 2**KINDS - 1
CALLS = 1 + 2 * 2**KINDS


@pytest.fixture(scope="session")
def trapping_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("host") / "trapping_host"
    return compile_program(HERE / "trapping_host.c", program, "-ldl", "-lm", "-pthread")


@pytest.mark.parametrize("first", [0, *(1 << kind for kind in range(KINDS)), ALL])
def test_every_mask(first: int, trapping_host: Path, embedded_library: Path, tmp_path: Path) -> None:
    stage = Stage(tmp_path, trapping_host)
    assert stage.run(embedded_library, str(first)) == [f"0 72 R kept {CALLS}"]


def test_every_mask_where_the_bridge_does_not_start(
    trapping_host: Path, embedded_library: Path, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, trapping_host)
    stage.replace("channel/embedded.py", "1 / 0")
    (line,) = stage.run(embedded_library, str(ALL))
    assert line.endswith(f"72 . kept {CALLS}")
