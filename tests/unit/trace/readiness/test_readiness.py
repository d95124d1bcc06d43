"""What a trace says of a program's readiness for 6.0."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.errors import TableError
from bridge.table.loader import default_table
from bridge.trace.format import Answer, BadPointer, Given, Header, Number, TracedCall
from bridge.trace.readiness.advice import Change, check_readiness, readiness_data
from bridge.trace.readiness.habits import habits
from bridge.trace.readiness.report import Readiness
from bridge.trace.writing import write_trace
from tests.unit.trace.readiness.by_lines import assess

TABLE = default_table()
START = datetime(2026, 11, 25, 8, tzinfo=UTC)
ROOM = {"pBuffer": b" " * 72, "iBufferLen": Number(72, 72)}
PERSON = b"000000000001" + b"A".ljust(20) + b"Z299999929" + b"0920315" + b"F" + b"1050217" + b"1" + b" " * 14
OTHER = PERSON.replace(b"Z299999929", b"Z199999016")
TELEPHONE = {"pPatientID": b"Z299999929", "pPatientBirthDate": b"0920315", "pInputTel": b"0912345678"}


class Day:
    """Calls one after the other, a second apart."""

    def __init__(self) -> None:
        self.calls: list[TracedCall] = []

    def call(
        self,
        name: str,
        given: Mapping[str, Given] | None = None,
        code: int = 0,
        after: Mapping[str, Given] | None = None,
        *,
        thread: int = 1,
        seconds: float = 1.0,
    ) -> Day:
        number = len(self.calls) + 1
        at = (self.calls[-1].at if self.calls else START) + timedelta(seconds=seconds)
        answer = Answer(code, 1000.0, after or {})
        self.calls.append(
            TracedCall(number=number, at=at, thread=thread, function=name, given=given or {}, answer=answer)
        )
        return self

    def seen(self) -> list[tuple[str, str]]:
        return [(seen.habit, seen.detail) for seen in habits(TABLE, self.calls)]

    def report(self) -> Readiness:
        return assess([Header(program="HIS.EXE"), *self.calls], TABLE)


def opened() -> Day:
    return Day().call("csOpenCom", {"pComNum": Number(0)})


def test_a_well_behaved_program_has_no_habits() -> None:
    after = {"pBuffer": PERSON, "iBufferLen": Number(72, 72)}
    day = opened().call("hisGetBasicData", ROOM, 0, after).call("hisWriteEmergentTel", TELEPHONE)
    assert day.call("csCloseCom").seen() == []


def test_a_buffer_smaller_than_its_record() -> None:
    small = {"pBuffer": b" " * 71, "iBufferLen": Number(71, 71)}
    assert opened().call("hisGetBasicData", small, 6018).seen() == [("short_buffer", "pBuffer: 71 of 72")]


@pytest.mark.parametrize(("start", "end", "needed"), [(1, 1, 61), (2, 4, 183)])
def test_the_size_of_a_range_is_that_of_its_positions(start: int, end: int, needed: int) -> None:
    function = TABLE.functions["hisReadPrescriptMain"]
    buffer, length = function.arguments[0].name, function.arguments[1].name
    given = {buffer: b"", length: Number(needed), "iStartPos": Number(start), "iEndPos": Number(end)}
    assert opened().call(function.name, given).seen() == []
    given = {**given, length: Number(needed - 1)}
    assert opened().call(function.name, given).seen() == [
        ("short_buffer", f"{buffer}: {needed - 1} of {needed}")
    ]


def test_the_bracket_pattern_asks_for_the_longer_record() -> None:
    pattern = {"pBuffer": b"[XXXXXXX]" * 8, "iBufferLen": Number(372)}
    assert opened().call("hisGetTreatmentNeedHPC", pattern, 6018).seen() == [
        ("short_buffer", "pBuffer: 372 of 540")
    ]


@pytest.mark.parametrize(("null", "word"), [(True, "null"), (False, "unreadable")])
def test_pointers_that_lead_nowhere(null: bool, word: str) -> None:
    given = {"pBuffer": BadPointer(null=null), "iBufferLen": Number(72, 72)}
    assert opened().call("hisGetBasicData", given, 6018).seen() == [("bad_pointer", f"pBuffer: {word}")]


def test_a_text_with_more_behind_its_width() -> None:
    padded, long = TELEPHONE["pPatientID"].ljust(20), b"Z299999929x"
    day = opened().call("hisWriteEmergentTel", {**TELEPHONE, "pPatientID": padded})
    assert day.seen() == []
    day = opened().call("hisWriteEmergentTel", {**TELEPHONE, "pPatientID": long}, 6018)
    assert ("overlong_text", "pPatientID: 11 of 10") in day.seen()


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (Number(72, 72), Number(72, 72), []),
        (Number(72), Number(72), []),
        (Number(72, 0x4FFB0048), Number(72, 0x4FFB0048), ["dirty_length"]),
        (Number(72, 0x4FFB0048), Number(72, 72), ["wide_length_written"]),
        (Number(-1, -1), Number(-1, -1), ["short_buffer"]),
    ],
)
def test_the_upper_half_of_a_length(before: Number, after: Number, found: list[str]) -> None:
    given = {"pBuffer": b"", "iBufferLen": before}
    day = opened().call("hisGetBasicData", given, 6018, {"iBufferLen": after})
    assert [habit for habit, _ in day.seen()] == found


def test_garbage_beside_a_number() -> None:
    day = Day().call("csOpenCom", {"pComNum": Number(0, 0x4FFB0000)})
    day.call("csOpenCom", {"pComNum": Number(-1, -1)}).call("csOpenCom", {"pComNum": Number(1, 1)})
    assert day.seen() == [("dirty_scalar", "pComNum")]


def test_an_open_that_failed_and_was_not_looked_at() -> None:
    day = Day().call("csOpenCom", code=-1).call("hisGetBasicData", ROOM, 4000)
    assert day.seen() == [("open_ignored", "")]
    assert day.call("csOpenCom").call("hisGetBasicData", ROOM).seen() == [("open_ignored", "")]


def test_a_card_call_without_an_open_port() -> None:
    assert Day().call("hisGetBasicData", ROOM).seen() == [("port_not_open", "")]
    assert Day().call("csGetVersion").seen() == []


def test_a_write_after_a_failure() -> None:
    day = opened().call("hisGetSeqNumber256", {}, 5003).call("hisWriteEmergentTel", TELEPHONE)
    assert day.seen() == [("failure_ignored", "hisGetSeqNumber256 -> 5003")]
    noticed = opened().call("hisGetSeqNumber256", {}, 5010).call("hisWriteEmergentTel", TELEPHONE)
    assert noticed.seen() == []
    later = opened().call("hisGetSeqNumber256", {}, 5003)
    assert later.call("hisWriteEmergentTel", TELEPHONE, seconds=60).seen() == []
    elsewhere = opened().call("hisGetSeqNumber256", {}, 5003)
    assert elsewhere.call("hisWriteEmergentTel", TELEPHONE, thread=2).seen() == []


def test_a_write_for_another_person_than_the_card_read() -> None:
    day = opened().call("hisGetBasicData", ROOM, 0, {"pBuffer": OTHER, "iBufferLen": Number(72, 72)})
    assert day.call("hisWriteEmergentTel", TELEPHONE, 5020).seen() == [("another_person", "pPatientID")]


def test_ports_opened_for_single_calls() -> None:
    day = opened().call("hisGetBasicData", ROOM).call("csCloseCom")
    assert day.seen() == [("reopened", "")]


# --- the report ---------------------------------------------------------------------------------------------


def test_what_becomes_of_functions() -> None:
    day = opened().call("hisGetSeqNumber").call("hisWriteOrganDonate", {}, -2).call("hisQuickInsurance")
    report = day.call("csGetSam5", {}, 0).report()
    levels = {use.function: [advice.level for advice in use.advice] for use in report.uses}
    assert levels["csOpenCom"] == []
    assert levels["hisGetSeqNumber"] == ["check", "check", "check"]
    assert levels["hisWriteOrganDonate"] == ["stop"]
    assert levels["hisQuickInsurance"] == ["check"]
    assert [use.function for use in report.uses][-1] == "csGetSam5"
    assert [use.known for use in report.uses].count(False) == 1
    assert report.worst == "stop"
    assert "hisWriteOrganDonate" not in report.unused
    assert "openqrcodepage" in report.unused


def test_the_worst_of_harmless_calls() -> None:
    assert opened().call("csGetVersion").report().worst == "note"
    assert opened().report().worst is None


def test_counts_and_codes() -> None:
    day = opened().call("hisGetBasicData", ROOM, 0).call("hisGetBasicData", ROOM, 65536 + 4013)
    use = next(use for use in day.report().uses if use.function == "hisGetBasicData")
    assert (use.calls, use.failures, use.codes) == (2, 1, {0: 1, 4013: 1})


def test_a_program_that_takes_numbers_is_asked_for_the_way_without_a_card() -> None:
    day = opened().call("hisGetSeqNumber256N1")
    (found,) = [habit for habit in day.report().habits if habit.name == "exceptional_visits"]
    assert found.advice.level == "check"
    assert found.functions == {"hisGetSeqNumber256N1": 1}
    day.call("hisGetTreatNumNoICCard")
    (found,) = [habit for habit in day.report().habits if habit.name == "exceptional_visits"]
    assert found.advice.level == "note"
    assert found.functions == {"hisGetSeqNumber256N1": 1, "hisGetTreatNumNoICCard": 1}
    assert opened().call("hisGetBasicData", ROOM).report().habits == ()


@pytest.mark.parametrize(
    "word",
    [
        "指定不同讀卡機",
        "雲端資料庫",
        "中斷裝置",
        "taskkill",
        "Windows 11",
        "醫事機構卡",
        "cier6902s01.dll",
        "cier6601.aar",
    ],
)
def test_what_holds_at_every_site_is_said_and_counts_for_nothing(word: str) -> None:
    report = opened().report()
    assert report.worst is None
    assert any(word in advice.zh for advice in report.site)


def test_visits_numbered_w_are_uploaded_without_the_virtual_order() -> None:
    report = opened().call("hisGetSeqNumber256N1").report()
    (use,) = [use for use in report.uses if use.function == "hisGetSeqNumber256N1"]
    assert any("V000" in advice.zh and "V000" in advice.en for advice in use.advice)


def test_every_row_that_is_not_simply_mapped_has_something_said_of_it() -> None:
    data = readiness_data()
    check_readiness(data, TABLE)
    silent = [
        row.name for row in TABLE.functions.values() if row.status != "mapped" and not [*data.about(row)]
    ]
    assert silent == []
    ways = [advice for way in data.ways.values() for advice in (way.known, way.unknown)]
    for advice in [*data.changes, *data.habits.values(), *data.statuses.values(), *ways, *data.site]:
        assert re.search(r"[\u4e00-\u9fff]", advice.zh), advice
        assert re.search(r"[a-z]{3}", advice.en), advice


def test_every_source_is_one_that_a_reader_can_open() -> None:
    data = readiness_data()
    ways = [advice for way in data.ways.values() for advice in (way.known, way.unknown)]
    everything = [*data.changes, *data.habits.values(), *data.statuses.values(), *ways, *data.site]
    for advice in everything:
        assert not re.search(r"\bseed\b|\bfacts\b", advice.provenance), advice
        for page in re.findall(r"docs/[\w/.-]+\.md", advice.provenance):
            assert (Path(__file__).parents[4] / page).is_file(), advice


def test_a_change_about_no_function_is_a_fault() -> None:
    wrong = Change(
        functions=("hisNoSuch",), level="note", en="nothing at all", zh="沒有這個函式", provenance="assumed"
    )
    with pytest.raises(TableError, match="hisNoSuch"):
        check_readiness(readiness_data().model_copy(update={"changes": (wrong,)}), TABLE)
    way = readiness_data().ways["exceptional_visits"].model_copy(update={"wanted_by": ("hisNoSuch",)})
    with pytest.raises(TableError, match="ways: there is no function hisNoSuch"):
        check_readiness(readiness_data().model_copy(update={"ways": {"a": way}}), TABLE)


# --- the command --------------------------------------------------------------------------------------------


def test_the_command(tmp_path: Path) -> None:
    file, page = tmp_path / "t.jsonl", tmp_path / "ready.html"
    day = opened().call("hisWriteOrganDonate", {}, -2).call("his<b>", {})
    write_trace(file, [Header(program="HIS.EXE"), *day.calls])
    done = CliRunner().invoke(main, ["readiness", str(file), "--html", str(page)])
    assert done.exit_code == 1
    assert "HIS.EXE: 3 calls" in done.output
    assert "1.21 is not offered any more" in done.output
    assert "1.21 不再支援" in done.output
    text = page.read_text(encoding="utf-8")
    assert "his&lt;b&gt;" in text
    assert "his<b>" not in text
    assert "1.21 不再支援" in text
    assert page.stat().st_mode & 0o777 == 0o600
    report = json.loads(CliRunner().invoke(main, ["readiness", str(file), "--json"]).output)
    assert (report["readiness"], report["worst"], report["calls"]) == (1, "stop", 3)
    assert report["uses"][1]["advice"][0]["level"] == "stop"


def test_a_trace_that_cannot_be_used(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["readiness", str(tmp_path)])
    assert done.exit_code == 2
    assert "no *.jsonl" in done.output
