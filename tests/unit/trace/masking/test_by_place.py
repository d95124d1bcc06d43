"""A hospital masked in parts: the same masks, whoever has which part and whichever part comes first."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from itertools import permutations
from pathlib import Path

import pytest

from bridge.errors import TraceError
from bridge.trace.format import Answer, BridgeAnswer, Given, Number
from bridge.trace.masking.by_place import learn, mask, settle
from bridge.trace.masking.files import TraceMasking
from bridge.trace.masking.ids import check_digit
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.rules import default_rules
from bridge.trace.reading import read_trace
from bridge.trace.writing import write_trace
from tests.unit.trace.masking.masked_world import (
    PEOPLE,
    TABLE,
    WOMAN,
    Tracing,
    basic,
    found_in,
    planted_trace,
)

SECRET = b"\x31" * 32


def person(serial: int) -> str:
    first = f"A2{serial:07d}"
    return f"{first}{check_digit(first.encode())}"


def reads_of(*serials: int) -> Tracing:
    """A work place that saw these people."""
    made = Tracing()
    for serial in serials:
        who = {"pPatientID": person(serial).encode(), "pPatientBirthDate": b"0700101"}
        made.call("hisWriteEmergentTel", {**who, "pEmergentTel": b"09%08d" % serial}, {})
    return made


def in_parts(folder: Path, sources: list[Path]) -> list[Path]:
    """Masked, each file by itself."""
    known = [folder / f"{source.stem}.known" for source in sources]
    for source, file in zip(sources, known, strict=True):
        learn([source], file)
    settle(known, MaskKey(SECRET), folder / "settled")
    targets = [folder / f"masked-{source.name}" for source in sources]
    for source, target in zip(sources, targets, strict=True):
        mask([source], [target], folder / "settled")
    return targets


def ids_in(file: Path) -> list[Given]:
    return [call.given["pPatientID"] for call in read_trace(file).calls]


def test_thousands_of_people_become_the_same_whichever_file_comes_first(tmp_path: Path) -> None:
    """Some of them would get what another one gets: 1,500 of 890,000 that there are."""
    names = ("a", "b", "c")
    for number, name in enumerate(names):
        people = range(number * 400, number * 400 + 700)
        write_trace(tmp_path / f"{name}.jsonl", reads_of(*(serial * 6007 for serial in people)).lines)
    seen = set()
    for number, order in enumerate(permutations(names)):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        in_parts(folder, [tmp_path / f"{name}.jsonl" for name in order])
        seen.add(tuple((folder / f"masked-{name}.jsonl").read_bytes() for name in names))
    assert len(seen) == 1
    ids = [each for name in names for each in ids_in(tmp_path / "0" / f"masked-{name}.jsonl")]
    assert len(set(ids)) == 1500


def test_parts_are_masked_as_the_whole_is(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    write_trace(source / "a.jsonl", planted_trace())
    write_trace(source / "b.jsonl", reads_of(1, 2, 3).lines)
    TraceMasking(TABLE, default_rules(), MaskKey(SECRET)).run(source, tmp_path / "whole")
    parts = in_parts(tmp_path, sorted(source.iterdir()))
    whole = sorted((tmp_path / "whole").iterdir())
    assert [part.read_bytes() for part in parts] == [file.read_bytes() for file in whole]
    assert [found_in(part) for part in parts] == [set(), set()]


def test_two_processes_make_the_same_of_it(tmp_path: Path) -> None:
    sources = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    write_trace(sources[0], planted_trace())
    write_trace(sources[1], [*reads_of(1, 2, 3).lines, *planted_trace()[1:]])
    alone = [file.read_bytes() for file in in_parts(tmp_path, sources)]
    targets = [tmp_path / "a2.jsonl", tmp_path / "b2.jsonl"]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
        done = [
            processes.submit(mask, [source], [target], tmp_path / "settled")
            for source, target in zip(sources, targets, strict=True)
        ]
        people = {each.result(timeout=120).people for each in done}
    assert [file.read_bytes() for file in targets] == alone
    assert people == {len(PEOPLE) + 3}  # of the whole hospital


def test_a_person_of_one_work_place_is_found_wherever_it_slips_through_at_another(tmp_path: Path) -> None:
    """In a code, where nothing says that it is somebody: only the other place knows."""
    write_trace(tmp_path / "a.jsonl", planted_trace())
    made = Tracing()
    name = WOMAN.name.encode("cp950")
    made.call("hisWriteEmergentTel", {"pPatientID": b"A123456789"}, {})
    made.call("hisGetICD10EnC", {"pIN": name}, {"pOUT": name})
    write_trace(tmp_path / "b.jsonl", made.lines)
    _, target = in_parts(tmp_path, [tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert found_in(target) == set()


def test_an_answer_of_the_bridge_finds_its_call_in_the_part_before(tmp_path: Path) -> None:
    made = Tracing()
    data = basic(WOMAN)
    made.read("hisGetBasicData", data, 72)
    write_trace(tmp_path / "1.jsonl", made.lines)
    answer = Answer(0, 99.0, {"pBuffer": data, "iBufferLen": Number(72)})
    write_trace(tmp_path / "2.jsonl", [made.lines[0], BridgeAnswer(1, answer)])
    files = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    learn(files, tmp_path / "known")
    settle([tmp_path / "known"], MaskKey(SECRET), tmp_path / "settled")
    (tmp_path / "out").mkdir()
    targets = [tmp_path / "out" / file.name for file in files]
    mask(files, targets, tmp_path / "settled")
    (call,) = read_trace(tmp_path / "out").calls
    assert call.bridge is not None
    assert call.bridge.after["pBuffer"] == call.answer.after["pBuffer"] != data


def test_what_lies_between_the_steps_is_its_owners(tmp_path: Path) -> None:
    write_trace(tmp_path / "a.jsonl", planted_trace())
    in_parts(tmp_path, [tmp_path / "a.jsonl"])
    for name in ("a.known", "settled", "masked-a.jsonl"):
        if os.name == "posix":
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert found_in(tmp_path / "masked-a.jsonl") == set()


def test_what_is_no_file_of_these_steps_is_refused(tmp_path: Path) -> None:
    (tmp_path / "known").write_bytes(b"\xc1 of something else")
    with pytest.raises(TraceError, match="not of this masking"):
        settle([tmp_path / "known"], MaskKey(SECRET), tmp_path / "settled")
    with pytest.raises(TraceError, match="cannot be read"):
        settle([tmp_path / "nowhere"], MaskKey(SECRET), tmp_path / "settled")
    assert not (tmp_path / "settled").exists()
