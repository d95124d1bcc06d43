"""What happens elsewhere to a card: the simulated cloud has it from its moment on."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.sim.scenario.file import scenario_of
from tests.unit.sim.scenario.test_file import CARD, document, faults, with_card

START = "1150310100000"
VISIT = {"at": "1150301080000", "item": "01", "hospital_id": "9988776655", "fees": [100, 10, 0, 0, 0]}
ELSEWHERE = {"at": "1150310101500", "item": "AC", "hospital_id": "3501200000", "sequence": "W004"}


async def begin(desk: Any, *elsewhere: dict[str, Any], **more: Any) -> None:
    """The desk at a card to which that happens."""
    card = {**CARD, "visits": [VISIT], **more, "elsewhere": list(elsewhere)}
    desk.world.load(scenario_of(document(clock=START, cards=[card], start={"hc": CARD["number"]})))
    await desk.open()


async def visits(desk: Any) -> list[str]:
    """The moments of the visits that are told."""
    reply = await desk.ask("Treatment/NoNeedHPC", "hc", "01")
    return [row["treatDateTime"] for row in reply["treatments"]]


async def left(desk: Any) -> str:
    return str((await desk.ask("BasicData/Register2", "hc", "01"))["treatmentCounter"])


async def test_it_comes_at_its_moment_and_not_before(desk: Any) -> None:
    later = {"after_minutes": 30, "counter": 1, "valid_until": "1180101", "emergency_tel": "0212345678"}
    await begin(desk, later, {"at": ELSEWHERE["at"], "visits": [ELSEWHERE], "counter": 5})  # in any order
    assert (await visits(desk), await left(desk)) == ([VISIT["at"]], "6")
    desk.world.shift_clock(15 * 60)
    assert (await visits(desk), await left(desk)) == ([ELSEWHERE["at"], VISIT["at"]], "5")
    await desk.visit()
    assert await left(desk) == "4"
    desk.world.shift_clock(15 * 60)
    register = await desk.ask("BasicData/Register", "hc", "01")
    assert (register["treatmentCounter"], register["cardValidity"]) == ("1", "1180101")
    assert (await desk.ask("EmergentTel/Query", "hc", "01"))["tel"] == "0212345678"


async def test_a_visit_that_is_there_changes_in_what_is_given(desk: Any) -> None:
    await begin(desk, {"after_minutes": 1, "visits": [{"at": VISIT["at"], "codes": ["J069"]}]})
    desk.world.shift_clock(60)
    (visit,) = desk.world.record(CARD["number"]).visits
    assert (visit.codes["mainCode"], visit.fees["outpatientFee"], visit.item) == ("J069", "100", "01")


async def test_rows_are_added_newest_first(desk: Any) -> None:
    order = {"treatmentItem": "1", "treatmentItemCode": "A"}
    news = {
        "after_minutes": 1,
        "visits": [ELSEWHERE],
        "prescriptions": [{"visit": 0, **order}],
        "vaccinations": [{"days_ago": 0, "item": "FLU"}],
        "preventive_care": [{"days_ago": 0, "serviceItem": "01"}],
        "critical_illnesses": [{"ciCode": "C50"}],
        "allergic_medicines": ["IODINE", "ASPIRIN"],
    }
    old = {"vaccinations": [{"days_ago": 9, "item": "BCG"}], "allergic_medicines": ["IODINE"]}
    await begin(desk, news, prescriptions=[{"visit": 0, **order}], **old)
    desk.world.shift_clock(60)
    record = desk.world.record(CARD["number"])
    assert [row["treatmentDateTime"] for row in record.prescriptions] == [ELSEWHERE["at"], VISIT["at"]]
    assert [row["item"] for row in record.vaccinations] == ["FLU", "BCG"]
    assert [row["serviceItem"] for row in record.preventive_care] == ["01"]
    assert [row["ciCode"] for row in record.critical_illnesses] == ["C50"]
    assert record.allergic_medicines == ["IODINE", "ASPIRIN", ""]


async def test_totals_and_the_latest_number_are_told_anew(desk: Any) -> None:
    """Later visits add to what was told last."""
    news = {
        "after_minutes": 1,
        "visits": [{**ELSEWHERE, "fees": [200, 20, 0, 0, 0]}],
        "totals": [{"year": "115", "counter": 9, "outpatientFee": 1000}],
        "fee_totals": {"outpatientFee": 7000},
        "last_number": {"year": "115", "sequence": "0099"},
    }
    await begin(desk, news, totals=[{"year": "115", "counter": 7, "outpatientFee": 900}])
    desk.world.shift_clock(60)
    (year,) = (await desk.ask("CumulativeData/Query", "hc", "01"))["cumulativeDatas"]
    assert (year["counter"], year["outpatientFee"]) == ("9", "1000")
    assert (await desk.ask("CumulativeFee/Query", "hc", "01"))["outpatientFee"] == "7000"
    assert (await desk.ask("SequelNumber/Last", "hc", "01"))["sequenceNumber"] == "0099"
    await desk.visit()
    (year,) = (await desk.ask("CumulativeData/Query", "hc", "01"))["cumulativeDatas"]
    assert year["counter"] == "10"


async def test_a_visit_that_comes_is_the_latest_one(desk: Any) -> None:
    """Also where the latest number of the start was told apart; the next number is one more."""
    told = {"last_number": {"year": "115", "sequence": "0042"}, "visits_taken": 3}
    await begin(desk, {"after_minutes": 1, "visits": [ELSEWHERE]}, **told)
    assert (await desk.ask("SequelNumber/Last", "hc", "01"))["sequenceNumber"] == "0042"
    desk.world.shift_clock(60)
    assert (await desk.ask("SequelNumber/Last", "hc", "01"))["sequenceNumber"] == "W004"
    assert (await desk.visit())["sequenceNumber"] == "W005"


async def test_what_is_still_to_come_is_shown(desk: Any) -> None:
    await begin(desk, {"at": ELSEWHERE["at"], "visits": [ELSEWHERE], "counter": 5})
    path = f"/stored/{CARD['number']}"
    (news,) = (await desk.control_client.get(path)).json()["elsewhere"]
    assert (news["at"], news["facts"]) == (ELSEWHERE["at"], {"counter": 5})
    desk.world.shift_clock(3600)
    assert (await desk.control_client.get(path)).json()["elsewhere"] == []
    desk.world.load(desk.world.scenario)
    assert [each.facts for each in desk.world.record(CARD["number"]).elsewhere] == [{"counter": 5}]


@pytest.mark.parametrize(
    ("elsewhere", "fault"),
    [
        ({"counter": 1}, "cards[0].elsewhere[0]: needs exactly one of at, after_minutes; has none"),
        ({"at": START, "after_minutes": 1}, "needs exactly one of at, after_minutes"),
        ({"at": "tomorrow"}, "cards[0].elsewhere[0].at: not an ROC date-time"),
        ({"after_minutes": -1}, "cards[0].elsewhere[0].after_minutes: "),
        ({"at": START, "counter": 100}, "cards[0].elsewhere[0].counter: "),
        ({"at": START, "name": "X"}, "cards[0].elsewhere[0].name: an unknown key"),
        ({"at": START, "visits": [VISIT, VISIT]}, "cards[0].elsewhere[0]: two visits at the same moment"),
        (
            {"at": START, "prescriptions": [{"visit": 0, "treatmentItem": 1, "treatmentItemCode": "A"}]},
            "cards[0].elsewhere[0]: prescriptions[0]: there is no visit 0",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(elsewhere: dict[str, Any], fault: str) -> None:
    reported = faults(with_card(elsewhere=[elsewhere]))
    assert any(fault in each for each in reported), reported
