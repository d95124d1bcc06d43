"""A generated hospital is one that could be: cards count, people are at one place, and it replays as such."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.hospital import Patients, TraceFile, write_hospital
from benchmarks.patients import FULL_COUNTER, MOST, SERIALS, TAIWAN, People
from benchmarks.work_place import DAY, FIRST_DAY, HOSPITAL, LATE, WorkPlace
from bridge.cli.main import main
from bridge.table.default import default_table
from bridge.trace.format import TracedCall
from bridge.trace.masking.ids import check_digit, is_id
from bridge.trace.reading import read_trace
from bridge.trace.records import records_in, records_out

TABLE = default_table()


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five work places, some four days."""
    folder = tmp_path_factory.mktemp("made") / "hospital"
    write_hospital(folder, 25_000, 5)
    return folder


@pytest.fixture(scope="module")
def calls(hospital: Path) -> list[TracedCall]:
    """All of them, in their order."""
    return read_trace(hospital).calls


def fields_of(call: TracedCall) -> dict[str, str]:
    """The record of a call by its fields; repeated ones as ``name.0``, ``name.1``."""
    (view,) = records_out(TABLE, TABLE.functions[call.function], call.given, call.answer)
    return {
        f"{span.name}.{span.index}" if span.group else span.name: span.of(view.data).decode("cp950").strip()
        for span in view.spans
    }


def by_card(calls: list[TracedCall], function: str) -> dict[str, list[dict[str, str]]]:
    """The records of a function for each card: the last one that its work place read."""
    found, card = defaultdict(list), {}
    for call in calls:
        if call.function == "hisGetBasicData":
            card[call.process] = fields_of(call)["card_no"]
        if call.function == function:
            found[card[call.process]].append(fields_of(call))
    return found


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_hospital(tmp_path / name, 600, 3, seed)
    made = {
        name: [(file.name, file.read_bytes()) for file in sorted((tmp_path / name).iterdir())]
        for name in "abc"
    }
    assert made["a"] == made["b"] != made["c"]


def test_nearly_as_many_calls_as_asked_for(tmp_path: Path) -> None:
    write_hospital(tmp_path / "one", 1)
    assert len(read_trace(tmp_path / "one").calls) < 20
    write_hospital(tmp_path / "many", 2_000, 4)
    assert 2_000 <= len(read_trace(tmp_path / "many").calls) < 2_000 + 4 * 15


@pytest.mark.parametrize("index", [0, 2])
def test_one_work_place_replays_without_a_difference(index: int, tmp_path: Path) -> None:
    """The latter is open from morning to night. Parts begin in the midst of visits to a doctor."""
    patients, place = Patients(1, 3), WorkPlace(index, 1000, 1)
    file = TraceFile(tmp_path / "day.jsonl", place, 4_500)
    while file.visit(patients.next(place, index)):
        pass
    out = tmp_path / "report.json"
    command = [
        "replay",
        str(tmp_path / "day.jsonl"),
        "--simulate",
        "--json",
        str(out),
        "--part-calls",
        "4000",
    ]
    done = CliRunner().invoke(main, command)
    counts = json.loads(out.read_text(encoding="utf-8"))["counts"]
    assert (done.exit_code, counts["different"], counts["not_replayed"]) == (0, 0, 0), done.output
    assert counts["same"] > 2 * counts["expected"] > 0


def test_nobody_real_is_found_in_a_masked_hospital(hospital: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["trace", "mask", str(hospital), str(tmp_path / "masked")])
    assert told.exit_code == 0, told.output
    assert "real value" not in told.output
    assert "0 lines left out" in told.output


def test_a_visit_number_leaves_one_visit_less_until_the_card_is_updated(calls: list[TracedCall]) -> None:
    returned = updated = 0
    for card, registers in by_card(calls, "hisGetRegisterBasic").items():
        left = [int(each["available_visits"]) for each in registers]
        for before, after in pairwise(left):
            assert after == (before - 1 if before else FULL_COUNTER), card
            updated += not before
        returned += len(left) > 1
    assert returned > 100
    assert updated > 100


def test_a_card_has_the_visits_of_before_wherever_they_were(calls: list[TracedCall]) -> None:
    """Newest first, with the numbers that were given and the fees that were written."""
    places: dict[str, set[int]] = defaultdict(set)
    taken: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    now: dict[int, tuple[str, str, str]] = {}
    read = 0
    for call in calls:
        if call.function == "hisGetBasicData":
            now[call.process] = fields_of(call)["card_no"], "", ""
        card, at, number = now.get(call.process, ("", "", ""))
        if call.function == "hisGetTreatmentNoNeedHPC":
            seen = fields_of(call)
            names = ("visit_datetime", "visit_sequence", "outpatient_fee")
            rows = [tuple(seen[f"{name}.{index}"] for name in names) for index in range(6)]
            own = taken[card][::-1][:6]
            assert rows[: len(own)] == own
            moments = [row[0] for row in rows if row[0]]
            assert moments == sorted(moments, reverse=True)
            read += bool(own)
        elif call.function == "hisGetSeqNumber256":
            given = fields_of(call)
            assert given["hospital_id"] == HOSPITAL
            assert abs(roc(given["visit_datetime"]) - call.at.replace(tzinfo=None) - TAIWAN) < timedelta(
                seconds=1
            )
            now[call.process] = card, given["visit_datetime"], given["visit_sequence"]
        elif call.function == "hisWriteTreatmentData":
            (block,) = records_in(TABLE, TABLE.functions[call.function], call)
            (fee,) = [span.of(block.data).decode() for span in block.spans if span.name == "outpatient_fee"]
            taken[card].append((at, number, fee))
            places[card].add(call.process)
    assert read > 300
    assert sum(len(each) > 1 for each in places.values()) > 30


def roc(text: str) -> datetime:
    return datetime.strptime(f"{int(text[:3]) + 1911}{text[3:]}", "%Y%m%d%H%M%S")


def test_numbers_of_a_card_follow_each_other(calls: list[TracedCall]) -> None:
    for numbers in by_card(calls, "hisGetSeqNumber256").values():
        found = [int(each["visit_sequence"]) for each in numbers]
        assert found == list(range(found[0], found[0] + len(found)))


def test_a_patient_is_at_one_work_place_at_a_time(calls: list[TracedCall]) -> None:
    visits: dict[str, list[tuple[float, float]]] = defaultdict(list)
    began: dict[int, float] = {}
    who: dict[int, str] = {}
    for call in calls:
        if call.function == "csOpenCom":
            began[call.process] = call.at.timestamp()
        elif call.function == "hisGetBasicData":
            who[call.process] = fields_of(call)["id_no"]
        elif call.function == "csCloseCom" and call.process in who:
            visits[who.pop(call.process)].append((began[call.process], call.ended))
    for each in visits.values():
        for before, after in pairwise(sorted(each)):
            assert after[0] - before[1] >= 3600
    assert len(visits) > 500


def test_work_places_have_their_hours() -> None:
    people = People(1)
    for index in range(5):
        place, days = WorkPlace(index, 1000, 1), set()
        while place.at < FIRST_DAY + timedelta(days=8):
            at = place.at + TAIWAN
            minute = at.hour * 60 + at.minute
            assert any(opens <= minute < closes for opens, closes in DAY)
            days.add(at.weekday())
            assert len(list(place.next(people.next(place.at)))) >= 9
        assert days == set(range(6))
    assert 60 * min(closes - opens for opens, closes in DAY) > LATE


def test_people_are_nobody_and_no_two_are_the_same() -> None:
    people = People(3)
    made = [people.next(FIRST_DAY).fields for _ in range(3_000)]
    for fields in made:
        number = fields["id_no"].encode()
        assert is_id(number)
        assert check_digit(number[:9]) == int(number[9:])
        assert number[2:4] == b"90"  # neither those of a mask (91 and above) nor the simulator's (999)
        assert (number[1:2] in b"18") == (fields["sex"] == "M")
        assert len(fields["card_no"]) == 12
        assert fields["card_no"].isdigit()
        assert fields["card_no"][0] == "0"  # 9 would be a test card
    for name in ("id_no", "card_no"):
        assert len({fields[name] for fields in made}) == len(made)


def test_there_are_not_people_without_end() -> None:
    people = People(1)
    ids = {people._identity()[0] for _ in range(MOST)}
    assert len(ids) == MOST == 4 * SERIALS
    with pytest.raises(ValueError, match="400,000"):
        people.next(FIRST_DAY)
