"""cshis-bridge trace show."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.trace.format import Note
from bridge.trace.writing import write_trace
from tests.unit.trace.masking.masked_world import MAN, WOMAN, planted_trace


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    write_trace(tmp_path / "recorded.jsonl", planted_trace())
    return tmp_path / "recorded.jsonl"


def show(*arguments: str) -> tuple[int, list[str], str]:
    result = CliRunner().invoke(main, ["trace", "show", *arguments])
    return result.exit_code, result.stdout.splitlines(), result.stderr


def test_a_call_is_a_line_with_time_milliseconds_code_and_function(planted: Path) -> None:
    code, lines, _ = show(str(planted))
    assert code == 0
    assert lines[0].startswith("# dll 0.1.0, C:\\Users\\wangfolder\\HIS.EXE, part 1, ")
    assert lines[0].endswith(": NOT MASKED")
    assert lines[1].split() == ["2026-03-02", "08:31:00.000000", "1.2", "ms", "0", "hisGetBasicData"]
    assert WOMAN.id_no not in "\n".join(lines[:9])


def test_fields_come_with_offset_width_and_term(planted: Path) -> None:
    _, lines, _ = show(str(planted), "--fields")
    assert f"           32 +10  id_no 身分證號: '{WOMAN.id_no}'" in lines
    assert "          152 +7   visits[0].main_code 主要診斷碼: 'J029   '" in lines
    assert any(f"in  pPatientID = '{MAN.id_no}'" in line for line in lines)
    assert any("the bridge on call 1: 0.1 ms 0" in line for line in lines)


def test_what_cannot_be_read_is_a_warning_and_the_rest_is_shown(planted: Path) -> None:
    with planted.open("a", encoding="utf-8") as stream:
        stream.write("nothing of the kind\n")
    code, lines, warnings = show(str(planted))
    assert code == 0
    assert len(lines) > 30
    assert "no JSON" in warnings


def test_a_terminal_is_not_led_astray(tmp_path: Path) -> None:
    write_trace(tmp_path / "t.jsonl", [*planted_trace()[:2], Note("lost", "\x1b[2J\nx")])
    _, lines, _ = show(str(tmp_path / "t.jsonl"))
    assert lines[-1].startswith("# lost: ?[2J?x")


def test_what_is_no_trace_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"trace":2}\n')
    code, _, error = show(str(tmp_path / "t.jsonl"))
    assert code == 1
    assert "update it" in error
