"""Traces with damaged bytes, lost calls and changed codes: a world is made all the same, and it loads."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.calls.call import LegacyCall
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


def test_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no calls"):
        world_of(Trace(), TABLE)
