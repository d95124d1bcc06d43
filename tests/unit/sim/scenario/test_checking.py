"""A scenario that is checked card by card has the faults that it has as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.checking import checked_items
from bridge.sim.scenario.file import scenario_of
from bridge.sim.scenario.model import MOST_FAULTS

SAM = {
    "id": "001000000103", "hospital_id": "3501200000", "hospital_name": "測試院所",
    "hospital_short_name": "測試",
}  # fmt: skip
CARD = {
    "number": "000011110001", "name": "測試", "id_no": "A123456789", "birthday": "0700101", "sex": "F",
    "valid_until": "1201231", "counter": 6,
}  # fmt: skip
OTHER = {**CARD, "number": "000011110002"}
SERIES = {"count": 1000, "every_days": 1, "first_days_ago": 1, "time": "080000", "orders_per_visit": 10}


def document(*cards: Any, **more: Any) -> dict[str, Any]:
    return {"scenario": 1, "title": {"en": "a", "zh": "b"}, "sams": [SAM], "cards": [*cards], **more}


def passed(document: dict[str, Any]) -> dict[str, Any]:
    """The document as it is passed on, its cards one after the other."""

    def items() -> Iterator[tuple[str, Any]]:
        for key, value in document.items():
            yield key, iter(value) if key == "cards" else value

    return {key: list(value) if key == "cards" else value for key, value in checked_items(items())}


@pytest.mark.parametrize(
    "made", [document(), document(CARD), document(CARD, OTHER, start={"hc": CARD["number"]})]
)
def test_a_sound_one_is_passed_on_as_it_is(made: dict[str, Any]) -> None:
    assert scenario_of(made)
    assert passed(made) == made


@pytest.mark.parametrize(
    "made",
    [
        document({**CARD, "id_no": "a"}, OTHER, {**CARD, "sex": "X", "counter": 100}),
        document({"number": "1"}, "no card at all", None),
        document(CARD, CARD),
        document(CARD, start={"hc": OTHER["number"]}),
        document(CARD, qr_codes=[{"token": "t", "card": OTHER["number"]}]),
        document(CARD, sams=[]),
        document(CARD, sams=[SAM, SAM]),
        document({**CARD, "counter": -1}, settings={"nothing": True}),
        document(*({**CARD, "number": f"{number:012d}", "series": SERIES} for number in range(19))),
        document(*({**CARD, "counter": -1} for _ in range(MOST_FAULTS + 5))),
    ],
)
def test_each_fault_is_named(made: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError) as whole:
        scenario_of(made)
    with pytest.raises(ScenarioError) as pieces:
        passed(made)
    assert pieces.value.faults == whole.value.faults


def test_of_many_faults_all_are_counted() -> None:
    cards = [{**CARD, "counter": -1} for _ in range(MOST_FAULTS)]
    with pytest.raises(ScenarioError) as pieces:
        passed(document(*cards, settings={"nothing": True}))
    assert len(pieces.value.faults) == MOST_FAULTS + 1
    assert pieces.value.faults[-1] == "... and 1 more"
