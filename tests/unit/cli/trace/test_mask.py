"""cshis-bridge trace mask: nobody of a trace is in what it writes, and everything else still is."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.hospital import write_hospital
from bridge.cli.main import main
from bridge.codec.fixed import unpack
from bridge.table.model.layout import kept_layout
from bridge.trace.format import Given, NamedFile, Note, Number, TracedCall
from bridge.trace.masking import files
from bridge.trace.reading import Trace, read_trace
from bridge.trace.records import records_in, records_out
from bridge.trace.writing import write_trace
from tests.unit.trace.masking.masked_world import (
    CHILD,
    HOSPITAL,
    MAN,
    PLANTED,
    SIGNATURE,
    TABLE,
    WOMAN,
    Tracing,
    basic,
    found_in,
    planted_trace,
)


def mask(source: Path, target: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["trace", "mask", str(source), str(target), *options])


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    file = tmp_path / "recorded.jsonl"
    write_trace(file, planted_trace())
    return file


@pytest.fixture
def masked(planted: Path) -> Path:
    target = planted.with_name("masked.jsonl")
    result = mask(planted, target)
    assert result.exit_code == 0, result.output
    return target


def test_the_search_finds_what_is_planted(planted: Path) -> None:
    assert found_in(planted) == set(PLANTED)


def test_nothing_planted_remains(masked: Path) -> None:
    assert found_in(masked) == set()


def test_what_a_run_prints_names_nobody(planted: Path) -> None:
    result = mask(planted, planted.with_name("m.jsonl"))
    assert [value for value in PLANTED if value in result.output] == []
    assert f"{len(read_trace(planted).calls)} calls" in result.output
    assert "0 lines left out" in result.output


def pairs(planted: Path, masked: Path) -> list[tuple[TracedCall, TracedCall]]:
    before, after = read_trace(planted), read_trace(masked)
    assert after.problems == []
    assert after.masked
    return list(zip(before.calls, after.calls, strict=True))


def test_codes_lengths_and_numbers_stay(planted: Path, masked: Path) -> None:
    for before, after in pairs(planted, masked):
        assert (after.number, after.thread, after.door) == (before.number, before.thread, before.door)
        assert (after.answer.code, after.answer.microseconds) == (
            before.answer.code,
            before.answer.microseconds,
        )
        for left, right in ((before.given, after.given), (before.answer.after, after.answer.after)):
            assert [shape(value) for value in left.values()] == [shape(value) for value in right.values()]


def shape(value: Given) -> object:
    match value:
        case bytes():
            return len(value)
        case NamedFile():
            return len(value.name), value.size
    return value


def test_every_record_still_unpacks(planted: Path, masked: Path) -> None:
    seen = 0
    for before, after in pairs(planted, masked):
        function = TABLE.functions.get(before.function)
        if function is None:
            continue
        left = records_in(TABLE, function, before) + records_out(TABLE, function, before.given, before.answer)
        right = records_in(TABLE, function, after) + records_out(TABLE, function, after.given, after.answer)
        assert [(view.argument, view.record) for view in left] == [
            (view.argument, view.record) for view in right
        ]
        for view in right:
            if not view.record:
                continue
            records = TABLE.records_in if view.direction == "in" else TABLE.records_out
            width = sum(span.width for span in view.spans)
            values = unpack(kept_layout(records, view.record), view.data[:width])
            assert values
            seen += 1
    assert seen > 12


def calls_of(trace: Trace, function: str) -> list[TracedCall]:
    return [call for call in trace.calls if call.function == function]


def fields(call: TracedCall) -> dict[str, bytes]:
    (view,) = records_out(TABLE, TABLE.functions[call.function], call.given, call.answer)
    return {span.path: span.of(view.data) for span in view.spans}


def test_a_person_is_one_person_in_all_calls_and_values(masked: Path) -> None:
    trace = read_trace(masked)
    woman = fields(calls_of(trace, "hisGetBasicData")[0])
    (signed,) = calls_of(trace, "hisWritePrescriptionSign")
    assert signed.given["pPatientID"][:10] == woman["id_no"]  # type: ignore[index]
    assert signed.given["pPatientBirthDate"][:7] == woman["birthday"]  # type: ignore[index]
    phone = calls_of(trace, "hisWriteEmergentTel")[0].given["pEmergentTel"]
    assert isinstance(phone, bytes)
    assert phone.partition(b"\0")[0].rstrip() == woman["emergency_tel"].rstrip()
    people = [fields(call)["id_no"] for call in calls_of(trace, "hisGetBasicData")[:4]]
    assert len(set(people)) == 4
    assert [number[1:2] for number in people] == [b"2", b"1", b"C", b"1"]


def test_the_bridges_answer_is_masked_as_the_originals(masked: Path) -> None:
    first = calls_of(read_trace(masked), "hisGetBasicData")[0]
    assert first.bridge is not None
    data = first.answer.after["pBuffer"]
    assert isinstance(data, bytes)
    assert first.bridge.after["pBuffer"] == data[:72]


def test_what_links_calls_links_them_still(masked: Path) -> None:
    trace = read_trace(masked)
    number = fields(calls_of(trace, "hisGetSeqNumber256N1")[0])
    raw = fields(calls_of(trace, "hisGetSeqNumber")[0])
    (signed,) = calls_of(trace, "hisWritePrescriptionSign")
    assert signed.given["pDateTime"][:13] == number["visit_datetime"] == raw["visit_datetime"]  # type: ignore[index]
    assert raw["security_signature_raw"].hex().upper().encode() == number["security_signature"]
    assert raw["sam_id"] == number["sam_id"]
    assert number["visit_sequence"] == b"0012"


def test_times_of_calls_and_dates_in_records_move_together(planted: Path, masked: Path) -> None:
    both = pairs(planted, masked)
    moves = {before.at - after.at for before, after in both}
    assert len(moves) == 1
    days = moves.pop().days
    assert days % 7 == 0
    assert 4 * 7 <= days <= 52 * 7
    header = read_trace(masked).headers[0]
    assert header.started is not None
    assert (read_trace(planted).headers[0].started - header.started).days == days  # type: ignore[operator]


def test_an_icd10_pattern_and_the_codes_it_asked_for_stay(masked: Path) -> None:
    (call,) = calls_of(read_trace(masked), "hisGetTreatmentNeedHPC")
    assert call.given["pBuffer"][:9] == b"[XXXXXXX]"  # type: ignore[index]
    (view,) = records_out(TABLE, TABLE.functions[call.function], call.given, call.answer)
    assert view.record == "treatment_need_hpc_icd10"
    assert fields(call)["visits[0].main_code"] == b"J029   "


def test_hospitals_stay_where_they_are_to(planted: Path) -> None:
    target = planted.with_name("kept.jsonl")
    assert mask(planted, target, "--keep-hospitals").exit_code == 0
    number = fields(calls_of(read_trace(target), "hisGetSeqNumber256N1")[0])
    assert number["hospital_id"] == HOSPITAL.encode()
    assert found_in(target) == {HOSPITAL}


def test_a_masked_trace_can_be_masked(masked: Path) -> None:
    again = masked.with_name("again.jsonl")
    assert mask(masked, again).exit_code == 0
    assert found_in(again) == set()
    first, second = read_trace(masked), read_trace(again)
    assert len(second.calls) == len(first.calls)
    assert not {fields(call)["id_no"] for call in calls_of(first, "hisGetBasicData")[:4]} & {
        fields(call)["id_no"] for call in calls_of(second, "hisGetBasicData")[:4]
    }


def test_what_recorders_write_about_exceptions_and_losses_stays(tmp_path: Path) -> None:
    made = Tracing()
    made.read("hisGetBasicData", basic(WOMAN), 72)
    made.lines.append(
        Note(
            kind="exception",
            why="0xC0000005 at cshis_original.dll+0x1A2B",
            calls=0,
            call=7,
            at=None,
            function="hisGetBasicData",
        )
    )
    made.lines.append(
        Note(
            kind="exception", why=f"0xC0000005 at {WOMAN.name}", calls=0, call=8, at=None, function=MAN.id_no
        )
    )
    made.lines.append(Note("lost", "error 112 while writing", 12))
    write_trace(tmp_path / "in.jsonl", made.lines)
    assert mask(tmp_path / "in.jsonl", tmp_path / "out.jsonl").exit_code == 0
    notes = read_trace(tmp_path / "out.jsonl").notes
    assert notes[0] == made.lines[-3]
    assert (notes[1].why, notes[1].function) == ("0xC0000005 at xxxxxxxxxxxx", "unknown")
    assert notes[2] == made.lines[-1]


# --- files --------------------------------------------------------------------------------------------------


def test_the_masked_file_is_its_owners_and_the_original_stays(planted: Path) -> None:
    content = planted.read_bytes()
    target = planted.with_name("m.jsonl")
    assert mask(planted, target).exit_code == 0
    assert planted.read_bytes() == content
    if os.name == "posix":
        assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in planted.parent.iterdir()) == ["m.jsonl", "recorded.jsonl"]


def test_an_existing_file_is_replaced_by_force_only(planted: Path) -> None:
    target = planted.with_name("m.jsonl")
    target.write_text("what stood there")
    refused = mask(planted, target)
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert target.read_text() == "what stood there"
    assert mask(planted, target, "--force").exit_code == 0
    assert read_trace(target).masked


def test_a_trace_is_not_masked_into_itself(planted: Path) -> None:
    content = planted.read_bytes()
    assert mask(planted, planted, "--force").exit_code == 1
    assert planted.read_bytes() == content


def test_the_parts_of_a_folder_share_their_people(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in (f"{WOMAN.id_no}.jsonl", "b.jsonl"):
        made = Tracing()
        made.read("hisGetBasicData", basic(WOMAN), 72)
        write_trace(source / name, made.lines)
    result = mask(source, target)
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in target.iterdir()) == ["masked-0001.jsonl", "masked-0002.jsonl"]
    assert [found_in(file) for file in target.iterdir()] == [set(), set()]
    first, second = read_trace(target).calls
    assert first.answer.after == second.answer.after


def test_a_folder_with_other_files_is_never_replaced(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    target.mkdir()
    write_trace(source / "a.jsonl", planted_trace())
    (target / "letter.txt").write_text("keep me")
    assert mask(source, target, "--force").exit_code == 1
    assert (target / "letter.txt").read_text() == "keep me"
    (target / "letter.txt").unlink()
    assert mask(source, target, "--force").exit_code == 0
    assert read_trace(target).masked
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in", "out"]


def test_lines_that_cannot_be_read_are_left_out_and_counted(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_trace(source, planted_trace())
    with source.open("a", encoding="utf-8") as stream:
        stream.write(f'{WOMAN.id_no} {MAN.card}\n{{"call": 1, "function": "{MAN.id_no}"}}\n')
        stream.write(f'{{"call":5,"time":"{CHILD.id_no}')
    result = mask(source, target)
    assert result.exit_code == 0
    assert "3 lines left out" in result.output
    assert found_in(target) == set()


def test_a_file_without_header_gets_one_that_says_it_is_masked(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_trace(source, planted_trace()[1:])
    assert mask(source, target).exit_code == 0
    trace = read_trace(target)
    assert trace.masked
    assert trace.headers[0].version == 0


def test_what_is_no_trace_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("no trace\n")
    assert mask(source, tmp_path / "out.jsonl").exit_code == 1
    newer = tmp_path / "newer.jsonl"
    newer.write_text('{"trace":2}\n')
    result = mask(newer, tmp_path / "out.jsonl")
    assert result.exit_code == 1
    assert "update it" in result.output
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.jsonl", "newer.jsonl"]


def test_a_full_disk_leaves_nothing_behind(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "_bytes_of", full)
    result = mask(planted, planted.with_name("m.jsonl"))
    assert result.exit_code == 1
    assert "m.jsonl: cannot be written: No space left on device" in result.output
    assert [file.name for file in planted.parent.iterdir()] == ["recorded.jsonl"]


def test_places_that_cannot_be_written_to_are_named(planted: Path) -> None:
    assert "there is no folder" in mask(planted, planted.parent / "nowhere" / "m.jsonl").output
    folder = planted.parent / "parts"
    folder.mkdir()
    planted.rename(folder / "a.jsonl")
    assert "lies in the trace" in mask(folder, folder / "masked").output
    assert [file.name for file in folder.iterdir()] == ["a.jsonl"]


# --- keys ---------------------------------------------------------------------------------------------------


def ids_in(file: Path) -> list[bytes]:
    return [fields(call)["id_no"] for call in calls_of(read_trace(file), "hisGetBasicData")[:4]]


def test_a_key_file_makes_the_same_people_of_several_traces(planted: Path) -> None:
    key, folder = planted.with_name("key.json"), planted.parent
    for name in ("a", "b"):
        assert mask(planted, folder / f"{name}.jsonl", "--key-file", str(key)).exit_code == 0
    assert mask(planted, folder / "c.jsonl").exit_code == 0
    assert ids_in(folder / "a.jsonl") == ids_in(folder / "b.jsonl") != ids_in(folder / "c.jsonl")
    if os.name == "posix":
        assert key.stat().st_mode & 0o777 == 0o600
    assert [value for value in PLANTED if value in key.read_text()] == []
    assert SIGNATURE not in key.read_text()


@pytest.mark.parametrize("content", ["", "{}", '{"mask_key": 1, "secret": "ab", "given": {}}', "[1]"])
def test_a_key_file_that_is_none_is_refused(planted: Path, content: str) -> None:
    key = planted.with_name("key.json")
    key.write_text(content)
    key.chmod(0o600)
    result = mask(planted, planted.with_name("m.jsonl"), "--key-file", str(key))
    assert result.exit_code == 1
    assert "no key of trace mask" in result.output
    assert key.read_text() == content


@pytest.mark.skipif(os.name != "posix", reason="rights come from the folder there")
def test_a_key_that_others_can_read_is_refused(planted: Path) -> None:
    key = planted.with_name("key.json")
    assert mask(planted, planted.with_name("m.jsonl"), "--key-file", str(key)).exit_code == 0
    key.chmod(0o644)
    result = mask(planted, planted.with_name("n.jsonl"), "--key-file", str(key))
    assert result.exit_code == 1
    assert "chmod 600" in result.output


def test_numbers_of_32_bits_stay_and_longer_ones_do_not(tmp_path: Path) -> None:
    made = Tracing()
    call = made.call("csOpenCom", {"pComNum": Number(0, 1342046208)}, {"odd": Number(5, 987654321098)})
    made.lines[-1] = call._replace(thread=987654321098)
    write_trace(tmp_path / "in.jsonl", made.lines)
    assert mask(tmp_path / "in.jsonl", tmp_path / "out.jsonl").exit_code == 0
    (after,) = read_trace(tmp_path / "out.jsonl").calls
    assert after.given["pComNum"] == Number(0, 1342046208)
    assert (after.answer.after["odd"], after.thread) == (Number(5, 5), 0)


def test_a_code_that_is_longer_than_codes_are_is_none(masked: Path) -> None:
    (call,) = calls_of(read_trace(masked), "hisGetICD10EnC")
    assert (call.given["pIN"], call.answer.after["pOUT"]) == (b"x" * 10, b"x" * 10)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is no request there")
def test_a_signal_leaves_nothing_half_written_behind(tmp_path: Path) -> None:
    write_hospital(tmp_path / "traces", calls=20_000)
    (trace,) = (tmp_path / "traces").iterdir()
    command = [sys.executable, "-m", "bridge", "trace", "mask", str(trace), str(tmp_path / "out.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while not list(tmp_path.glob(".out.jsonl.*")):
            assert running.poll() is None
            time.sleep(0.01)
        running.terminate()
        assert running.wait(30) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["traces"]
