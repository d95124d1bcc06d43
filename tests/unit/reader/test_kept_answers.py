"""What stays the same for a console session is asked once in it; everything else each time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bridge.errors import CallError
from bridge.reader.use import Use
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from bridge.upstream.client import Json
from tests.unit.reader.test_session import FIRST, STATUS, Desk, add_sam, pin_policy

PATH = "/api/common/v1/Version"
VERSION = f"GET {PATH}"


@pytest.fixture
async def desk(simulator: Simulator) -> AsyncIterator[Desk]:
    async with pin_policy(simulator) as made:
        await made.reader.open(Use(), 0)
        yield made


async def version(desk: Desk, kept: bool = True) -> Json:
    return await desk.reader.request(Use(), ("console", "sam"), "GET", PATH, None, kept=kept)


async def test_a_kept_answer_is_asked_once_in_a_session(desk: Desk) -> None:
    first = await version(desk)
    assert first["longVersion"]
    assert await desk.asked_for(lambda: version(desk)) == []
    assert await version(desk) == first


async def test_an_answer_that_is_not_kept_is_asked_each_time(desk: Desk) -> None:
    await version(desk)
    assert await desk.asked_for(lambda: version(desk, kept=False)) == [VERSION]


async def test_a_new_session_asks_anew(simulator: Simulator) -> None:
    async with pin_policy(simulator, devices=add_sam(simulator), hold=0) as desk:
        await desk.reader.open(Use(), 0)
        await version(desk)
        await desk.reader.open(Use(), 1)
        assert VERSION in await desk.asked_for(lambda: version(desk))


async def test_a_program_of_another_port_is_not_given_what_was_kept_for_this_one(
    simulator: Simulator,
) -> None:
    async with pin_policy(simulator, devices=add_sam(simulator), hold=0) as desk:
        await desk.reader.open(Use("B"), 1)
        await desk.reader.open(Use("A"), 0)
        await version(desk)
        assert desk.reader.kept_answer("A", (), PATH) is not None
        assert desk.reader.kept_answer("B", (), PATH) is None


async def test_a_console_that_was_restarted_is_asked_anew(desk: Desk) -> None:
    await version(desk)
    desk.world.session.finalise()
    await desk.basic()  # finds out, and mends the session
    assert VERSION in await desk.asked_for(lambda: version(desk))


async def test_without_the_sam_that_it_needs_it_is_not_given(desk: Desk) -> None:
    await version(desk)
    await desk.reader.log_out_sam(Use())
    desk.world.faults.arm(Fault("console", "status", 1302, path="/api/sam/v1/Verification"))
    with pytest.raises(CallError):
        await version(desk)


async def test_a_failure_is_not_kept(desk: Desk) -> None:
    desk.fault("garbage", PATH, times=1)
    with pytest.raises(CallError):
        await version(desk)
    assert await desk.asked_for(lambda: version(desk)) == [VERSION]


async def test_a_kept_answer_does_not_wait_for_the_reader(desk: Desk) -> None:
    await version(desk)
    await desk.basic()
    async with desk.reader.turn(Use(), ("console",)):  # as while a person types a PIN
        assert (await version(desk))["longVersion"]


async def test_cards_are_never_kept(desk: Desk) -> None:
    desk.world.insert("hc", FIRST)
    await desk.basic()
    assert "GET /api/hc/v1/Basic" in await desk.asked_for(desk.basic)
    assert STATUS not in await desk.asked_for(lambda: version(desk))
