"""Masking many work places: one key for all, private until it is done, taken up again after a break."""

from __future__ import annotations

import csv
import os
import re
import signal
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.hospital import write_hospital
from bridge.cli.main import main
from bridge.parts.part import Part
from bridge.trace.many import masking
from bridge.trace.many.masking import Places, list_of_places
from bridge.trace.masking.files import Masked, TraceMasking
from bridge.trace.masking.key import open_key
from bridge.trace.masking.masker import Counts
from bridge.trace.masking.rules import default_rules
from bridge.trace.places import work_places
from bridge.trace.reading import read_trace
from bridge.trace.writing import write_trace
from tests.unit.trace.masking.masked_world import PEOPLE, TABLE, found_in, planted_trace

BIRTHDAYS = {person.birthday for person in PEOPLE}  # 7 digits inside other text say nothing
IDS = re.compile(rb"[A-Z][12][0-9]{8}")


def hospital(folder: Path, places: int = 3, calls: int = 60) -> Path:
    """A folder for each work place; they see the same patients."""
    write_hospital(folder / "flat", calls=calls * places, places=places)
    clinic = folder / "clinic"
    for number, file in enumerate(sorted((folder / "flat").iterdir()), 1):
        (clinic / f"Dr Wang {number}").mkdir(parents=True)
        file.replace(clinic / f"Dr Wang {number}" / file.name)
    return clinic


def masked(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["trace", "mask", *map(str, arguments)])


def ids_of(folder: Path) -> list[bytes]:
    """The patients of the calls that name one, in the order of the calls."""
    calls = read_trace(folder).calls
    return [call.given["pPatientID"] for call in calls if "pPatientID" in call.given]  # type: ignore[misc]


def test_work_places_are_numbered_and_the_list_stays_behind(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    told = masked(clinic, tmp_path / "out", "--workers", 2)
    assert told.exit_code == 0, told.output
    assert sorted(
        file.relative_to(tmp_path / "out").as_posix() for file in (tmp_path / "out").rglob("*.*")
    ) == [f"workplace-00{number}/masked-0001.jsonl" for number in (1, 2, 3)]
    with (tmp_path / "out.places.csv").open(encoding="utf-8-sig", newline="") as stream:
        names = {row["masked"]: row["work_place"] for row in csv.DictReader(stream)}
    assert names == {f"workplace-00{number}": f"Dr Wang {number}" for number in (1, 2, 3)}
    assert (tmp_path / "out.places.csv").stat().st_mode & 0o777 == 0o600
    calls = len(calls_of(clinic))
    assert len(calls_of(tmp_path / "out")) == calls >= 180
    assert f"{calls} calls, 0 answers" in told.stderr
    assert not (tmp_path / "out.parts").exists()
    assert [place.name for place in work_places(tmp_path / "out").places] == list(names)


def test_no_name_of_a_work_place_is_a_formula_in_the_list() -> None:
    names = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "Dr Wang")
    made = Places({name: f"workplace-{number:03d}" for number, name in enumerate(names, 1)}, {})
    rows = list(csv.reader(list_of_places(made).removeprefix("\ufeff").splitlines()))
    assert [name for _, name in rows[1:]] == [*(f"'{name}" for name in names[:5]), "Dr Wang"]


def calls_of(folder: Path) -> list[object]:
    return [
        call
        for place in work_places(folder).places
        for file in place.files
        for call in read_trace(file).calls
    ]


def test_names_may_stay(tmp_path: Path) -> None:
    assert masked(hospital(tmp_path), tmp_path / "out", "--keep-places").exit_code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [f"Dr Wang {n}" for n in (1, 2, 3)]
    assert not (tmp_path / "out.places.csv").exists()


def test_a_person_is_the_same_one_at_all_work_places_and_nobody_is_a_real_one(tmp_path: Path) -> None:
    clinic = hospital(tmp_path, calls=200)
    assert masked(clinic, tmp_path / "out").exit_code == 0
    real, invented = [], []
    for number in (1, 2, 3):
        real += ids_of(clinic / f"Dr Wang {number}")
        invented += ids_of(tmp_path / "out" / f"workplace-00{number}")
    became = dict(zip(real, invented, strict=True))
    assert [became[each] for each in real] == invented
    assert len(set(invented)) == len(set(real)) > 5
    text = b"".join(file.read_bytes() for file in (tmp_path / "out").rglob("*.jsonl"))
    assert not set(real) & set(IDS.findall(text))


def test_planted_values_are_found_nowhere(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "clinic" / name).mkdir(parents=True)
        write_trace(tmp_path / "clinic" / name / "day.jsonl", planted_trace())
    assert masked(tmp_path / "clinic", tmp_path / "out").exit_code == 0
    for file in (tmp_path / "out").rglob("*.jsonl"):
        assert found_in(file) - BIRTHDAYS == set()


def test_the_same_as_one_process_makes_of_all_of_it(tmp_path: Path) -> None:
    """Files of several programs that lie flat, in parts and in one go, with the same key."""
    write_hospital(tmp_path / "flat", calls=150, places=3)
    open_key(tmp_path / "key")
    assert masked(tmp_path / "flat", tmp_path / "parts", "--key-file", tmp_path / "key").exit_code == 0
    TraceMasking(TABLE, default_rules(), open_key(tmp_path / "key")).run(tmp_path / "flat", tmp_path / "one")
    names = [f"masked-000{number}.jsonl" for number in (1, 2, 3)]
    assert sorted(file.name for file in (tmp_path / "parts").iterdir()) == names
    for name in names:
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


def test_what_a_broken_run_has_finished_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, state = hospital(tmp_path), tmp_path / "out.parts" / "mask"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bridge.cli.trace.mask_places.put_in_place", full)
        told = masked(clinic, tmp_path / "out")
    assert told.exit_code == 1
    assert "No space left on device" in told.stderr
    assert not (tmp_path / "out").exists()
    assert state.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in state.rglob("*") if file.is_file()} == {0o600}
    again = masked(clinic, tmp_path / "out")
    assert again.exit_code == 0, again.output
    assert again.stderr.count("3 finished before, taken from ") == 2
    assert len(calls_of(tmp_path / "out")) == len(calls_of(clinic)) >= 180
    assert not state.exists()


def test_a_break_while_writing_goes_on_with_the_same_key(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    broken, whole = clinic / "Dr Wang 2" / "HIS-002.jsonl", b""
    whole = broken.read_bytes()
    broken.write_bytes(whole + b'{"trace":9}\n')  # of a newer version from here on
    first = masked(clinic, tmp_path / "out", "--key-file", tmp_path / "key")
    assert first.exit_code == 3
    assert "Left out: Dr Wang 2: " in first.stderr
    assert "version 9 of the format" in first.stderr
    assert not (tmp_path / "out" / "workplace-002").exists()
    broken.write_bytes(whole)
    ids = ids_of(tmp_path / "out" / "workplace-001")
    again = masked(clinic, tmp_path / "out", "--key-file", tmp_path / "key", "--force")
    assert again.exit_code == 0, again.output
    assert ids_of(tmp_path / "out" / "workplace-001") == ids
    assert ids_of(tmp_path / "out" / "workplace-002")


def test_finished_steps_are_taken_from_the_run_before(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    places = work_places(clinic).places
    state = tmp_path / "state"
    state.mkdir()
    key = open_key(tmp_path / "key")
    parts = [Part(place.name, place.files, place.size) for place in places]
    learn = masking.learning(state, keep_hospitals=False)
    learnt = {part.name: learn(part) for part in parts}
    who = masking.agreed(state, learnt, key, keep_hospitals=False)
    before = who.file.stat().st_mtime_ns
    assert masking.agreed(state, learnt, key, keep_hospitals=False) == who
    assert who.file.stat().st_mtime_ns == before
    assert (
        masking.agreed(state, dict(list(learnt.items())[:2]), key, keep_hospitals=False).digest != who.digest
    )
    where = masking.masked_places(clinic, places)
    write = masking.writing(state, who.file, where)
    first = write(parts[0])
    assert write(parts[0]) == first  # one who died at it left its file there


def test_places_that_hold_other_files_are_not_replaced(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    (tmp_path / "out" / "room").mkdir(parents=True)
    (tmp_path / "out" / "room" / "letter.txt").write_text("x", encoding="utf-8")
    told = masked(clinic, tmp_path / "out", "--force")
    assert told.exit_code == 1
    assert "holds other files than a trace" in told.stderr
    assert not (tmp_path / "out.parts").exists()


def test_a_masked_folder_can_be_looked_through(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    assert masked(clinic, tmp_path / "out").exit_code == 0
    (tmp_path / "out" / "workplace-002" / "other.jsonl").write_text("nothing\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["trace", "show", str(tmp_path / "out")])
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert [line for line in lines if line.startswith("##")] == [f"## workplace-00{n}" for n in (1, 2, 3)]
    assert sum(" ms " in line for line in lines) == len(calls_of(clinic)) >= 180
    assert "Left out: " in told.stderr
    assert "other.jsonl" in told.stderr


def test_one_who_still_writes_a_place_that_another_has_done_spoils_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "day.jsonl").write_bytes(b"")
    part = Part("ward", (tmp_path / "day.jsonl",), 0)
    folder = tmp_path / "masked"

    done = folder / "w" / "1.jsonl"

    def writing(files: object, targets: list[Path], settled: object) -> Masked:
        targets[0].write_text("half", encoding="utf-8")
        assert not done.exists() or done.read_text(encoding="utf-8") == "whole"
        targets[0].write_text("whole", encoding="utf-8")
        return Masked(Counts(), 0, {}, 0, 0, [])

    monkeypatch.setattr(masking, "mask", writing)
    for _ in range(2):
        masking._mask_part(part, folder, tmp_path, {"ward": ("w/1.jsonl",)})
    assert done.read_text(encoding="utf-8") == "whole"
    assert list((tmp_path / "unfinished").iterdir()) == []
    assert [each.stat().st_mode & 0o777 for each in (folder, folder / "w")] == [0o700, 0o700]


def test_finished_parts_do_not_lie_among_the_traces(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    told = masked(clinic, tmp_path / "out", "--state", clinic / "state")
    assert told.exit_code == 1
    assert "state/mask: lies in the trace that is to be masked" in told.stderr
    assert not (clinic / "state").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_between_two_steps_keeps_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    clinic = hospital(tmp_path)

    def asked_to_end(*_: object, **__: object) -> None:
        os.kill(os.getpid(), number)
        time.sleep(10)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as Python begins
    try:
        with monkeypatch.context() as patch:
            patch.setattr("bridge.cli.trace.mask_places.agreed", asked_to_end)
            told = masked(clinic, tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler if before is None else before)
    assert told.exit_code == 3
    assert "interrupted: what is finished is kept in " in told.stderr
    assert sorted(each.name for each in (tmp_path / "out.parts").iterdir()) == ["mask"]  # and no lock
    again = masked(clinic, tmp_path / "out")
    assert again.exit_code == 0, again.output
    assert "3 finished before, taken from " in again.stderr
