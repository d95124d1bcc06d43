"""The folder of finished parts belongs to one run at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.hospital import write_hospital
from bridge.cli.in_parts import held
from bridge.cli.main import main
from bridge.errors import PartsError


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["trace", "mask", "{traces}", "{out}"], "mask"),
        (["trace", "export", "{traces}", "--parquet", "{out}"], "export"),
        (["readiness", "{traces}"], "readiness"),
        (["replay", "{traces}", "--simulate"], "replay"),
    ],
)
def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path, arguments: list[str], name: str) -> None:
    write_hospital(tmp_path / "traces", calls=40, places=2)
    state = tmp_path / "state"
    texts = [each.format(traces=tmp_path / "traces", out=tmp_path / "out") for each in arguments]
    with held(state / name):
        told = CliRunner().invoke(main, [*texts, "--state", str(state)])
        assert told.exit_code in (1, 2)
        assert "another run works there (process " in told.stderr
        assert sorted(each.name for each in tmp_path.iterdir()) == ["state", "traces"]
    assert not state.exists()
    told = CliRunner().invoke(main, [*texts, "--state", str(state)])
    assert "another run" not in told.stderr
    assert not (state / f"{name}.lock").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(PartsError, match="file/mask: cannot be written"), held(tmp_path / "file" / "mask"):
        pass


def test_it_and_what_is_above_it_is_for_its_user_alone(tmp_path: Path) -> None:
    with held(tmp_path / "x.parts" / "mask"):
        assert (tmp_path / "x.parts").stat().st_mode & 0o777 == 0o700
