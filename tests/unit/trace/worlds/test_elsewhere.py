"""What a card got elsewhere, by hand-made traces of one work place: when it comes, what is not believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hospital import write_hospital
from benchmarks.patients import packed_visit
from benchmarks.records import packed, visits
from bridge.sim.scenario.file import scenario_of
from bridge.trace.format import Number
from bridge.trace.reading import Trace, read_trace
from bridge.trace.worlds.world import world_of
from tests.unit.trace.worlds.test_moves import ANN, START, TABLE, Told, plain, trace

HOSPITAL = "3501200000"
OLD = "1150227100000"
NEW, NEWER = "1150302091500", "1150302093000"  # while nobody here has the card
HOUR = 3600.0
LEFT_OUT = "1 row(s) of visits that nobody here wrote: left out"
KEPT = "is another than before, without a write: the first is kept"
At = tuple[float, Told]  # seconds since the start, 08:30 in Taiwan


def answered(name: str, data: bytes) -> Told:
    size = Number(len(data))
    return name, 0, {"iBufferLen": size}, {"pBuffer": data, "iBufferLen": size}


def left(count: int, valid: str = "1160101") -> Told:
    """The card has so many visits left."""
    values = {
        "card_no": ANN, "id_no": "A123456789", "name": "NAME", "birthday": "0700101", "sex": "F",
        "available_visits": str(count), "card_valid_until": valid,
    }  # fmt: skip
    return answered("hisGetRegisterBasic", packed("register_basic", values))


def seen(*moments: str, fee: int = 300) -> Told:
    """The visits of the card, newest first."""
    rows = [packed_visit(at, "0001", HOSPITAL, fee) for at in moments]
    return answered("hisGetTreatmentNoNeedHPC", visits().record(rows))


def tel(number: str) -> Told:
    return answered("hisGetEmergentTel", number.encode().ljust(14))


def totals(fees: int) -> Told:
    return answered("hisGetCumulativeFee", packed("cumulative_fee", {"outpatient_fee_total": str(fees)}))


def take(at: str) -> Told:
    """A visit number is taken."""
    values = {"visit_datetime": at, "visit_sequence": "0007", "hospital_id": HOSPITAL, "same_day": "N"}
    name, code, given, after = answered("hisGetSeqNumber256", packed("seq_number_256", values))
    return name, code, {**given, "cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1"}, after


def fee_of(at: str) -> Told:
    """A fee is written to a visit."""
    who = {"pPatientID": b"A123456789", "pPatientBirthDate": b"0700101"}
    data = b"00000500000000500000000000000000000000"
    return "hisWriteTreatmentFee", 0, {"pDateTime": at.encode(), **who, "pDataWrite": data}, {}


UPDATE = plain("csUpdateHCContents")


def at(*calls: At) -> Trace:
    made = trace([told for _, told in calls])
    times = zip(made.calls, calls, strict=True)
    made.calls[:] = [call._replace(at=START + timedelta(seconds=time)) for call, (time, _) in times]
    return made


def world(*calls: At) -> dict[str, Any]:
    document = world_of(at(*calls), TABLE)
    scenario_of(document)  # which can be loaded
    return document


def session(start: float, *told: Told) -> list[At]:
    """Calls that follow one another."""
    return [(start + number / 10, each) for number, each in enumerate(told)]


def came(*calls: At) -> list[dict[str, Any]]:
    """What came to the only card."""
    (card,) = world(*calls)["cards"]
    return list(card.get("elsewhere", ()))


def counters(*calls: At) -> list[tuple[str, int]]:
    """The visits left that came, with their moments."""
    return [(event["at"], event["counter"]) for event in came(*calls) if "counter" in event]


def remarks(*calls: At) -> str:
    return "\n".join(world(*calls).get("remarks", ()))


TWICE = HOUR + 0.1
END = "1150302092958"  # of the pause of an hour, two seconds before the next call


def test_a_visit_comes_at_its_own_time_and_visits_left_at_the_end_of_the_pause() -> None:
    calls = [*session(0, left(5), seen(OLD)), *session(HOUR, left(4), seen(NEW, OLD))]
    visit, counter = came(*calls)
    assert visit["at"] == NEW
    assert [(row["at"], row["fees"][0]) for row in visit["visits"]] == [(NEW, "300")]
    assert counter == {"at": END, "counter": 4}
    (card,) = world(*calls)["cards"]
    assert (card["counter"], [row["at"] for row in card["visits"]]) == (5, [OLD])
    assert remarks(*calls).splitlines()[-1] == "what cards got elsewhere between two reads comes at its time"


def test_numbers_taken_here_are_counted_apart() -> None:
    """From 5 two are taken here, before and after the one elsewhere."""
    calls = [
        *session(0, left(5), seen(OLD), take("1150302083100")),
        *session(HOUR, take("1150302093001"), left(2), seen("1150302093001", NEW, "1150302083100", OLD)),
    ]
    assert counters(*calls) == [(END, 3)]


def test_an_update_here_begins_anew() -> None:
    calls = [
        *session(0, left(0), seen(OLD), UPDATE, left(6), take("1150302083100")),
        *session(HOUR, left(4), seen(NEW, "1150302083100", OLD)),
    ]
    assert counters(*calls) == [(END, 4)]


def test_more_visits_left_are_an_update_elsewhere() -> None:
    calls = [*session(0, left(1), seen(OLD)), *session(HOUR, left(6, "1170101"), seen(OLD))]
    assert came(*calls) == [{"at": END, "valid_until": "1170101", "counter": 6}]


def test_what_others_write_to_a_visit_of_here() -> None:
    calls = [*session(0, seen(OLD), take("1150302083100")), *session(HOUR, seen("1150302083100", OLD))]
    assert came(*calls) == [
        {"at": END, "visits": [{"at": "1150302083100", "fees": ["300", "50", "0", "0", "0"]}]}
    ]
    own = [
        *session(0, seen(OLD), take("1150302083100"), fee_of("1150302083100")),
        *session(HOUR, seen("1150302083100", OLD)),
    ]
    assert came(*own) == []


def test_a_visit_is_written_to_that_came_since_the_visits_were_seen() -> None:
    calls = [*session(0, left(5), seen(OLD)), *session(HOUR, fee_of(NEW))]
    assert came(*calls) == [{"at": NEW, "visits": [{"at": NEW, "hospital_id": HOSPITAL}]}]
    assert "a visit is written to that no record tells" in remarks(*calls)
    told = came(*calls, *session(2 * HOUR, seen(NEW, OLD)))
    assert [(event["at"], event["visits"][0].get("item")) for event in told] == [(NEW, "01")]


def test_of_a_full_record_the_older_visits_may_have_been_there() -> None:
    first = [f"11502{day}100000" for day in range(27, 21, -1)]
    calls = [*session(0, seen(*first)), *session(HOUR, seen(NEW, *first[:5]))]
    assert [event["visits"][0]["at"] for event in came(*calls)] == [NEW]


def test_a_visit_that_both_clocks_saw_first_is_taken_here() -> None:
    """The clock of the work place that took the number was behind."""
    calls = [*session(0, seen(OLD)), *session(HOUR, seen(NEW, OLD)), *session(TWICE, take(NEW))]
    assert came(*calls) == []
    assert world(*calls)["cards"][0]["next_visits"][0]["at"] == NEW


def test_other_facts_and_totals() -> None:
    calls = [
        *session(0, left(5), tel("0211111111"), totals(1000)),
        *session(HOUR, tel("0222222222"), totals(1500)),
        *session(2 * HOUR, tel("0222222222"), totals(1500)),
    ]
    assert came(*calls) == [
        {
            "at": END,
            "emergency_tel": "0222222222",
            "fee_totals": {"outpatientFee": "1500", "inpatientFee": "0"},
        }
    ]


def test_a_number_taken_with_none_left_tells_that_more_had_come() -> None:
    """How many is told by the next read; until there is one nothing is made up."""
    calls = [*session(0, left(0), seen(OLD)), *session(HOUR, take("1150302093001"))]
    assert came(*calls) == []
    assert "a visit number is taken with none left" in remarks(*calls)
    told = [*calls, *session(2 * HOUR, left(3), seen("1150302093001", OLD))]
    assert counters(*told) == [(END, 4)]
    assert "none left" not in remarks(*told)


@pytest.mark.parametrize(
    ("calls", "remark"),
    [
        # nobody was away
        (session(0, left(5), seen(OLD), left(4), seen(NEW, OLD)), LEFT_OUT),
        ([(0, left(5)), (4.0, left(4))], f"counter {KEPT}"),
        # the visits were seen, and show none that would have used one up
        ([*session(0, left(5), seen(OLD)), *session(HOUR, left(4), seen(OLD))], f"counter {KEPT}"),
        ([*session(0, seen(OLD), left(5)), *session(HOUR, seen(OLD), left(4))], f"counter {KEPT}"),
        ([*session(0, left(5), seen(OLD)), *session(HOUR, left(5), seen(OLD), left(3))], f"counter {KEPT}"),
        # the next read tells the value of before
        ([*session(0, left(5)), *session(HOUR, left(6)), *session(2 * HOUR, left(5))], f"counter {KEPT}"),
        (
            [*session(0, left(5), tel("02")), *session(HOUR, tel("03")), *session(2 * HOUR, tel("02"))],
            f"emergency_tel {KEPT}",
        ),
        ([*session(0, left(5), totals(900)), *session(HOUR, totals(800))], f"fee_totals {KEPT}"),
        # a visit of a day when the record had no such visit, or in place of another one
        ([*session(0, seen(OLD)), *session(HOUR, seen(OLD, "1150226100000"))], LEFT_OUT),
        ([*session(0, seen(OLD)), *session(HOUR, seen(NEW))], LEFT_OUT),
        ([*session(0, seen("1150302080000")), *session(HOUR, seen("1150302080001"))], LEFT_OUT),
        ([*session(0, seen(NEW, OLD)), *session(HOUR, seen(NEWER, OLD))], LEFT_OUT),
        ([*session(0, seen(OLD)), *session(HOUR, seen("1150303080000", OLD))], LEFT_OUT),
        (
            [*session(0, seen(OLD)), *session(HOUR, seen(OLD, fee=400))],
            "outpatientFee is another than before",
        ),
    ],
)
def test_what_is_not_believed(calls: Sequence[At], remark: str) -> None:
    assert came(*session(-60, left(5)), *calls) == []
    assert remark in remarks(*session(-60, left(5)), *calls)


def test_one_work_place_gets_nothing_from_elsewhere(tmp_path: Path) -> None:
    write_hospital(tmp_path / "h", calls=3000)
    assert all("elsewhere" not in card for card in world_of(read_trace(tmp_path / "h"), TABLE)["cards"])
