"""Any bytes in any argument of any function, any JSON in any reply: a plan and a record of the exact width,
or the error that is meant for it. Never another exception, never a 0 that nobody confirmed.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.calls.call import NATIVE, VHC, Argument, File, LegacyCall, OutBuffer
from bridge.calls.context import CallContext
from bridge.calls.outcome import failure_code, make_outcome
from bridge.calls.plan import Plan, make_plan
from bridge.calls.reply import StepReply
from bridge.codec.fixed import layout_width
from bridge.engine import engine as engine_module
from bridge.engine.given import decrypt
from bridge.errors import (
    BadArgument,
    BadReply,
    CardChanged,
    FileSizeWrong,
    FileUnreadable,
    NotSupported,
)
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.table.model.arguments import RecordArgument, TextOutArgument
from tests.hostile.doors.junk import WORDS, any_json, damaged, near
from tests.support.good_calls import GOOD
from tests.support.stage import open_stage, verify_practitioner

TABLE = default_table()
FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
EXAMPLES = 70  # of each function; FUZZ_FACTOR=20 for a long night
OFTEN = settings(
    max_examples=EXAMPLES * FACTOR, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
JUNK: list[Any] = [
    *WORDS,
    None,
    True,
    0,
    -1,
    32768,
    10**20,
    10**400,
    0.5,
    float("nan"),
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": 1},
]
CALLERS_FAULT = (BadArgument, FileUnreadable, FileSizeWrong, NotSupported)
REPLYS_FAULT = (
    BadReply,
    CardChanged,
    BadArgument,
)  # BadArgument: a text that the caller's buffer cannot take


@dataclass
class Made:
    """A good call of a function: what it was given, its plan, and what console and cloud replied."""

    arguments: dict[str, Argument]
    plan: Plan
    replies: dict[str, StepReply]


@pytest.fixture(scope="session")
def good(_one_simulator: Simulator) -> dict[str, Made]:
    """Every function that is served, called once with success."""
    made: dict[str, Made] = {}
    kept = engine_module.make_outcome

    async def call(name: str) -> None:
        _one_simulator.world.reset()
        async with open_stage(_one_simulator) as bench:
            arguments = GOOD[name](_one_simulator.world)
            await verify_practitioner(bench)

            def noted(table, plan, replies):
                made[name] = Made(arguments, plan, dict(replies))
                return kept(table, plan, replies)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(engine_module, "make_outcome", noted)
                await bench.call(name, **arguments)

    async def all_of_them() -> None:
        for name in GOOD:
            await call(name)

    asyncio.run(all_of_them())
    assert len(made) > 60
    return made


def arguments_near(given: dict[str, Argument]) -> st.SearchStrategy[dict[str, Argument]]:
    """Arguments like the good ones: some missing, some of another kind, some with other content."""
    numbers = st.one_of(st.integers(-32768, 32767), st.integers(-3, 70))
    kinds: list[st.SearchStrategy[Argument | None]] = [
        st.none(),
        numbers,
        st.binary(max_size=40),
        st.builds(OutBuffer, numbers, st.binary(max_size=16)),
        st.builds(File, st.binary(max_size=20), st.none() | st.binary(max_size=9), st.booleans()),
    ]

    def like(value: Argument) -> st.SearchStrategy[Argument | None]:
        match value:
            case bytes():
                same: st.SearchStrategy[Any] = near(value)
            case OutBuffer():
                brackets = st.sampled_from([b"", b"[", b"[XXXXXXX]", b"[XXXXXXX[", b"\0" * 16])
                same = st.builds(
                    OutBuffer, numbers | st.just(value.capacity), brackets | st.binary(max_size=16)
                )
            case File():
                same = st.builds(File, near(value.name), st.none() | st.binary(max_size=9), st.booleans())
            case _:
                same = numbers
        return st.one_of(st.just(value), same, same, same, *kinds)

    return st.fixed_dictionaries({name: like(value) for name, value in given.items()}).map(
        lambda made: {name: value for name, value in made.items() if value is not None}
    )


@pytest.mark.parametrize("name", sorted(TABLE.functions))
def test_any_arguments(name: str, good: dict[str, Made]) -> None:
    function = TABLE.functions[name]
    known: dict[str, Argument] = dict(good[name].arguments) if name in good else {}
    for spec in function.arguments:
        known.setdefault(spec.name, b"1")

    @OFTEN
    @given(arguments_near(known), st.sampled_from([NATIVE, VHC]))
    def plan_it(arguments: dict[str, Argument], door) -> None:
        try:
            make_plan(TABLE, function, LegacyCall(name, arguments, door), CallContext(decrypt=decrypt))
        except CALLERS_FAULT as error:
            code = failure_code(TABLE, function, door.contexts, error)
        else:
            return
        assert code != 0

    plan_it()


@pytest.mark.parametrize("name", sorted(GOOD))
def test_any_replies(name: str, good: dict[str, Made]) -> None:
    if name not in good:
        pytest.skip("fails before its reply is read")
    made = good[name]

    @OFTEN
    @given(st.integers(0, 2**32))
    def read_them(seed: int) -> None:
        chance = random.Random(seed)
        replies = {
            step: replace(reply, content=damaged(dict(reply.content), chance, JUNK))
            for step, reply in made.replies.items()
            if chance.random() < 0.8
        }
        check(made.plan, made.replies | replies)

    read_them()


@pytest.mark.parametrize("name", sorted(GOOD))
def test_replies_of_nothing_but_junk(name: str, good: dict[str, Made]) -> None:
    if name not in good:
        pytest.skip("fails before its reply is read")
    made = good[name]
    names = sorted({key for reply in made.replies.values() for key in reply.content})

    @settings(OFTEN, max_examples=30 * FACTOR)
    @given(st.dictionaries(st.sampled_from(names or ["x"]), any_json))
    def read_them(content: dict[str, Any]) -> None:
        check(made.plan, {step: replace(reply, content=content) for step, reply in made.replies.items()})

    read_them()


def check(plan: Plan, replies: dict[str, StepReply]) -> None:
    """An outcome whose buffers have exactly their widths, or an error that says whose fault it is."""
    try:
        outcome = make_outcome(TABLE, plan, replies)
    except REPLYS_FAULT:
        return
    assert -32768 <= outcome.result.code <= 32767
    for name, written in outcome.result.outputs.items():
        spec = plan.function.argument(name)
        room = plan.call.arguments.get(name)
        if isinstance(written, int):
            assert -32768 <= written <= 32767
        elif isinstance(spec, RecordArgument):
            assert len(written) == layout_width(plan.layouts[name])
        elif isinstance(spec, TextOutArgument):
            assert len(written) <= spec.width
        elif isinstance(room, OutBuffer):
            assert len(written) <= room.capacity
