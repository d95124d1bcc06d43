"""The judge itself: each kind of fault, planted into a day without any, is found."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bridge.sim.world import World
from tests.load.calls import Call, Presence, Stay
from tests.load.load_script import CARDS, VISITS, own_order, own_visit
from tests.load.samples import Bounds, Sample, leaks
from tests.load.verdict import Judge, Verdict
from tests.support import record_bytes as oracle
from tests.support.record_bytes import Person, cards

FIRST, SECOND = CARDS[0], CARDS[1]
MIDDAY = 1_000_000
Stored = dict[str, dict[str, Any]]
Change = Callable[[list[Call], Stored], None]


def people(stored: Mapping[str, dict[str, Any]]) -> dict[str, Person]:
    """The cast with these records."""
    fields = ("name", "id_no", "birthday", "sex", "issued")
    return {
        card: Person(
            card, cancel_mark="1", stored=stored[card], **{name: cards()[card][name] for name in fields}
        )
        for card in CARDS
    }


def good_day() -> tuple[list[Call], Stored, Stored]:
    """One call of each kind; the first card lies there until midday, the second after it."""
    world = World()
    before: Stored = {card: dict(world.stored(card)) for card in CARDS}
    after = copy.deepcopy(before)
    who = people(before)
    order = own_order(who[FIRST], "N", 0)[0].decode()
    row = {
        "treatmentDateTime": own_visit(who[FIRST]),
        "treatmentItem": "1",
        "treatmentItemCode": order[14:24],
        "treatmentPosition": "",
        "usage": "USEN000",
        "days": "03",
        "totalQuantity": "1.00",
        "deliveryNotes": "01",
    }
    after[FIRST]["prescriptions"].insert(0, row)
    visit = {
        **after[FIRST]["visits"][0],
        "at": "1991231235959",
        "treatment_number": "NUMBER".ljust(20, "0"),
    }
    after[FIRST]["visits"].insert(0, visit)
    number = b"1991231235959".ljust(296) + b"NUMBER".ljust(20, b"0")
    visits = oracle.treatment_no_need_hpc(people(after)[FIRST])
    calls = [
        Call("native-000", "hisGetBasicData", 10, 20, 0, 1, FIRST[-3:]),
        Call("native-000", "hisWritePrescription", 30, 40, 0, 0, "-"),
        Call("native-001", "hisGetSeqNumber256N1", 50, 60, 0, 2, f"?{number.hex()}"),
        Call("native-001", VISITS, 70, 80, 0, 3, f"?{visits.hex()}"),
        Call("native-001", "hisGetBasicData", MIDDAY + 10, MIDDAY + 20, 0, 4, SECOND[-3:]),
        Call("native-001", "hisWritePrescription", MIDDAY + 30, MIDDAY + 40, 5020, 5, "-"),
    ]
    return calls, before, after


def judged(change: Change) -> Verdict:
    calls, before, after = good_day()
    change(calls, after)
    there = Presence([Stay(FIRST, 0, MIDDAY), Stay(SECOND, MIDDAY, 2 * MIDDAY)])
    return Judge(people(before), people(after), there, Presence([]), 0.0).judge(calls)


def nothing(calls: list[Call], after: Stored) -> None:
    """A good day."""


def test_a_good_day() -> None:
    verdict = judged(nothing)
    assert (verdict.wrong, verdict.mixed, verdict.lost, verdict.unexpected) == ([], [], [], [])
    assert (verdict.written, verdict.numbers) == (1, 1)


def replaced(index: int, **values: Any) -> Change:
    def change(calls: list[Call], after: Stored) -> None:
        calls[index] = calls[index]._replace(**values)

    return change


def one_bit(calls: list[Call], after: Stored) -> None:
    record = bytearray(calls[3].record or b"")
    record[200] ^= 1
    calls[3] = calls[3]._replace(found=f"?{record.hex()}")


def order_twice(calls: list[Call], after: Stored) -> None:
    after[FIRST]["prescriptions"].insert(0, after[FIRST]["prescriptions"][0])


def order_for_another(calls: list[Call], after: Stored) -> None:
    after[SECOND]["prescriptions"].insert(0, after[FIRST]["prescriptions"].pop(0))


def order_missing(calls: list[Call], after: Stored) -> None:
    after[FIRST]["prescriptions"].pop(0)


def order_of_another_client(calls: list[Call], after: Stored) -> None:
    after[FIRST]["prescriptions"][0]["usage"] = "USEN001"


def number_for_another(calls: list[Call], after: Stored) -> None:
    after[SECOND]["visits"].insert(0, after[FIRST]["visits"].pop(0))


def number_missing(calls: list[Call], after: Stored) -> None:
    after[FIRST]["visits"].pop(0)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (replaced(0, found=SECOND[-3:]), "mixed"),
        (replaced(4, found=FIRST[-3:]), "mixed"),
        (replaced(0, found="?00"), "wrong"),
        (replaced(0, found="!"), "wrong"),
        (replaced(0, found="-"), "wrong"),
        (replaced(5, found=FIRST[-3:]), "wrong"),
        (replaced(0, code=4000, found="-"), "unexpected"),
        (one_bit, "wrong"),
        (order_twice, "lost"),
        (order_for_another, "lost"),
        (order_missing, "lost"),
        (order_of_another_client, "lost"),
        (replaced(1, code=5020), "lost"),
        (number_for_another, "mixed"),
        (number_missing, "lost"),
    ],
)
def test_a_planted_fault_is_found(change: Change, where: str) -> None:
    assert getattr(judged(change), where) != []


@pytest.mark.parametrize(
    ("grown", "found"),
    [
        ({}, set()),
        ({"kilobytes": 100.0}, {"kilobytes"}),
        ({"sockets": 1.0}, {"sockets"}),
        ({"threads": 0.2}, {"threads"}),
    ],
)
def test_what_grows_second_by_second(grown: dict[str, float], found: set[str]) -> None:
    names = ("kilobytes", "sockets", "files", "threads")
    samples = [Sample(*(int(100 + grown.get(name, 0.0) * second) for name in names)) for second in range(100)]
    bounds = Bounds(kilobytes=1000, sockets=10, threads=4)
    assert {line.partition(":")[0] for line in leaks(samples, bounds)} == found
