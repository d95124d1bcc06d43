"""What follows a refused step: each policy alone, their order, and what is never asked twice."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.calls.call import NATIVE, VHC, Door, LegacyCall
from bridge.calls.plan import Plan, PlannedStep
from bridge.engine import refusals
from bridge.engine.refusals import after_refusal
from bridge.engine.step_run import StepRun
from bridge.errors import PinCancelled, StatusError
from bridge.reader.use import Use
from bridge.table.loader import default_table
from bridge.table.model.rows import Function, Step

TABLE = default_table()


class Pins:
    """Counts how often it is asked; ``fault`` is raised each time."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.asked = 0
        self.fault = fault

    async def verify_hc(self, use: Use) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault


def a_step(**changes: Any) -> Step:
    signature = {"kind": "hc", "service_type": "01"}
    return Step.model_validate(
        {"id": "s", "provenance": "test", "cloud": "POST /x", "signature": signature, **changes}
    )


def a_run(*steps: Step, door: Door = NATIVE) -> StepRun:
    row = Function(
        name="aFunction", section="9.9", title="t", summary="s", status="mapped", provenance="test",
        effect="write", steps=steps,
    )  # fmt: skip
    plan = Plan(row, LegacyCall(row.name, {}, door))
    return StepRun(TABLE, plan, PlannedStep(steps[0], {}, steps[1:]), {}, Use())


def refused(number: int, source: str = "cloud") -> StatusError:
    return StatusError(source, number)


async def test_a_tolerated_status_is_an_empty_reply() -> None:
    run = a_run(a_step(tolerate=(5141,)))
    reply = await after_refusal(run, refused(5141), Pins())
    assert reply is not None
    assert (reply.content, reply.upstream) == ({}, "cloud")


async def test_a_status_that_nobody_knows_is_raised_itself() -> None:
    error = refused(5141)
    with pytest.raises(StatusError) as caught:
        await after_refusal(a_run(a_step()), error, Pins())
    assert caught.value is error


@pytest.mark.parametrize(("source", "number"), [("console", 1511), ("cloud", 3200)])
async def test_the_pin_is_asked_for_once_and_the_card_kept(source: str, number: int) -> None:
    run, pins = a_run(a_step()), Pins()
    assert await after_refusal(run, refused(number, source), pins) is None
    assert run.pin_asked
    with pytest.raises(StatusError):
        await after_refusal(run, refused(number, source), pins)
    assert pins.asked == 1


async def test_nobody_is_asked_for_the_pin_of_a_virtual_card() -> None:
    pins = Pins()
    with pytest.raises(StatusError):
        await after_refusal(a_run(a_step(), door=VHC), refused(3200), pins)
    assert pins.asked == 0


async def test_who_cancels_the_pin_ends_the_step() -> None:
    with pytest.raises(PinCancelled):
        await after_refusal(a_run(a_step()), refused(3200), Pins(PinCancelled("closed")))


async def test_the_refusal_of_a_pin_takes_the_place_of_the_first() -> None:
    with pytest.raises(StatusError) as caught:
        await after_refusal(a_run(a_step()), refused(3200), Pins(refused(1515, "console")))
    assert caught.value.number == 1515


async def test_an_alternative_runs_only_after_its_statuses_and_asks_for_its_own_pin() -> None:
    other = a_step(cloud="POST /y", after=(5012,), body={"a": {"constant": 1}})
    run, pins = a_run(a_step(), other), Pins()
    assert await after_refusal(run, refused(3200), pins) is None
    assert await after_refusal(run, refused(5012), pins) is None
    assert (run.step, run.body, run.pin_asked) == (other, {"a": 1}, False)
    assert await after_refusal(run, refused(3200), pins) is None
    assert pins.asked == 2
    with pytest.raises(StatusError):
        await after_refusal(run, refused(5012), pins)


async def test_a_pin_that_is_refused_may_call_for_the_alternative() -> None:
    run = a_run(a_step(), a_step(cloud="POST /y", after=(1515,)))
    assert await after_refusal(run, refused(3200), Pins(refused(1515, "console"))) is None
    assert run.step.path == "/y"


def test_the_policies_in_their_order() -> None:
    assert [policy.__name__ for policy in refusals.POLICIES] == [
        "take_as_reply", "verify_pin", "take_alternative",
    ]  # fmt: skip
