"""Traces with damaged bytes, lost calls and changed codes: a world is made all the same, and it loads."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.calls.call import VHC, LegacyCall, OutBuffer
from bridge.sim.scenario.file import scenario_of
from bridge.sim.simulator import Simulator
from bridge.trace.format import Answer, BadPointer, Given, Number, TracedCall
from bridge.trace.reading import Trace
from bridge.trace.worlds.moves import card_moves
from bridge.trace.worlds.world import world_of
from tests.unit.trace.session import TABLE, Move, call, reads, record, trace_of
from tests.unit.trace.worlds.test_world import CLOSE, OPEN
from tests.unit.trace.worlds.test_writes import person, take

CODES = [0, 4013, 4014, 5001, 5003, 5010, 5105, 1, -1, 70_000]


def damaged(trace: Trace, chance: random.Random) -> Trace:
    kept = [traced for traced in trace.calls if chance.random() > 0.1]
    return replace(trace, calls=[_damaged(traced, chance) for traced in kept])


def _damaged(traced: TracedCall, chance: random.Random) -> TracedCall:
    given = {name: _value(value, chance) for name, value in traced.given.items()}
    after = {name: _value(value, chance) for name, value in traced.answer.after.items()}
    code = traced.answer.code if chance.random() > 0.05 else chance.choice(CODES)
    return traced._replace(given=given, answer=Answer(code, 1.0, after), process=chance.choice([0, 0, 0, 1]))


def _value(value: Given, chance: random.Random) -> Given:
    if chance.random() < 0.01:
        return BadPointer(null=True)
    if isinstance(value, Number) and chance.random() < 0.03:
        return Number(chance.choice([-1, 0, 1, 3, 72, 32767]))
    if isinstance(value, bytes) and value and chance.random() < 0.3:
        data = bytearray(value)
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.choice([chance.randrange(256), 48, 32, 65, 0])
        return bytes(data)
    return value


async def test_a_damaged_trace_still_makes_a_world(simulator: Simulator, tmp_path: Path) -> None:
    steps: list[LegacyCall | Move] = []
    for card in ("000073898381", "000099990004"):
        who = person(simulator, card)
        steps += [Move("hc", card), *OPEN, *reads(need_hpc=True), take()]
        steps += [call("hisWriteEmergentTel", **who, pEmergentTel=b"0212345678"), *CLOSE]
    await record(simulator, steps, tmp_path / "t.jsonl")
    whole = trace_of(tmp_path / "t.jsonl")
    for seed in range(25):
        trace = damaged(whole, random.Random(seed))
        document = world_of(trace, TABLE)
        simulator.world.load(scenario_of(document))
        known = {*simulator.world.cards, *simulator.world.practitioners}
        assert {move.card_no for move in card_moves(trace, TABLE)} <= known | {None}, seed


VISITOR = "000099990002"  # has no card in the reader
REST = {"about", "remarks"}  # how many calls there were, and what is wrong with them


async def day(simulator: Simulator, file: Path) -> Trace:
    """Somebody's card is in the reader while two treatment numbers are asked for without a card."""
    steps: list[LegacyCall | Move] = [Move("hc", "000073898381"), *OPEN]
    steps += [call("csGetHospName", pBuffer=OutBuffer(40)), call("csGetHospAbbName", pBuffer=OutBuffer(40))]
    steps += [
        call("hpcGetHPCCNAME", CNAME=OutBuffer(40)),
        call("hisGetICD10EnC", pIN=b"G44201", pOUT=OutBuffer(6)),
    ]
    for card in (VISITOR, VISITOR, "000073898381"):
        id_no = person(simulator, card)["pPatientID"]
        asked = {"pPatientID": id_no, "pHospID": b"3501200000"}
        steps += [call("hisGetTreatNumNoICCard", **asked, pBuffer=OutBuffer(43))]
    token = simulator.world.qr("000099990004").encode()
    virtual = [call("uploadqrcode", QRCodeString=token), call("hisGetBasicData", pBuffer=OutBuffer(72))]
    steps += [*reads(), *(replace(each, door=VHC) for each in virtual)]
    await record(simulator, [*steps, *CLOSE], file)
    return trace_of(file)


def with_one(trace: Trace, function: str, changed: dict[str, Given]) -> tuple[Trace, int]:
    """The trace with other values in the first call to a function, given and answered; and its number."""
    at = next(at for at, traced in enumerate(trace.calls) if traced.function == function)
    traced = trace.calls[at]
    assert traced.answer.code == 0
    assert changed.keys() <= traced.given.keys() | traced.answer.after.keys()
    given = {name: changed.get(name, value) for name, value in traced.given.items()}
    after = {name: changed.get(name, value) for name, value in traced.answer.after.items()}
    calls = [*trace.calls]
    calls[at] = traced._replace(given=given, answer=traced.answer._replace(after=after))
    return replace(trace, calls=calls), traced.number


@pytest.mark.parametrize(
    "id_no", [b"Z29999", b"Z2******29", b"z299999929", b"\xff" * 10, b" " * 10, BadPointer(null=True)]
)
async def test_a_patient_whose_id_is_none_costs_that_call(
    simulator: Simulator, tmp_path: Path, id_no: Given
) -> None:
    trace = await day(simulator, tmp_path / "t.jsonl")
    bad, number = with_one(trace, "hisGetTreatNumNoICCard", {"pPatientID": id_no})
    without = replace(trace, calls=[traced for traced in trace.calls if traced.number != number])
    document, expected = world_of(bad, TABLE), world_of(without, TABLE)
    remark = (
        f"call {number} (hisGetTreatNumNoICCard): pPatientID: not of the form of id_no; the call is left out"
    )
    assert [each for each in document["remarks"] if each not in expected["remarks"]] == [remark]
    assert {key: document[key] for key in document.keys() - REST} == {
        key: expected[key] for key in expected.keys() - REST
    }
    numbers = [len(card.get("next_numbers", ())) for card in document["cards"]]
    assert sorted(numbers) == [0, 1, 1]
    simulator.world.load(scenario_of(document))


@pytest.mark.parametrize(
    ("function", "changed", "lost"),
    [
        ("uploadqrcode", {"QRCodeString": b"TWO WORDS"}, "qr_codes"),
        ("uploadqrcode", {"QRCodeString": b"A" * 4097}, "qr_codes"),
        ("hisGetICD10EnC", {"pIN": b"G" * 201}, "icd"),
        ("hisGetICD10EnC", {"pOUT": b"G" * 201}, "icd"),
        ("csGetHospName", {"pBuffer": b"H" * 201, "iBufferLen": Number(201)}, "sams"),
        ("csGetHospAbbName", {"pBuffer": b"H" * 201, "iBufferLen": Number(201)}, "sams"),
        ("hpcGetHPCCNAME", {"CNAME": b"N" * 201, "Len_CNAME": Number(201)}, "practitioners"),
    ],
)
async def test_a_text_that_no_world_can_have_costs_that_text(
    simulator: Simulator, tmp_path: Path, function: str, changed: dict[str, Given], lost: str
) -> None:
    trace = await day(simulator, tmp_path / "t.jsonl")
    bad, number = with_one(trace, function, changed)
    document, expected = world_of(bad, TABLE), world_of(trace, TABLE)
    assert document.get(lost) != expected[lost]
    told = any(f"call {number} ({function}): " in remark for remark in document["remarks"])
    assert told == (lost in ("qr_codes", "icd"))  # a text that is no name is not believed, as it always was
    others = expected.keys() - {"remarks", lost}
    assert {key: document[key] for key in others} == {key: expected[key] for key in others}
    simulator.world.load(scenario_of(document))


def test_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no calls"):
        world_of(Trace(), TABLE)
