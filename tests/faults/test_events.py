"""Things that happen in the middle of a call, before each of its requests: a card is pulled out, the console
restarts, the SAM's session ends, clocks jump.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from bridge.sim.world import World
from tests.faults.laws import carried_out, changes
from tests.faults.oracle import ASKS_CLOUD, CHANGING, GOOD_CODE, PIN_CHANGES, SOME_FUNCTIONS
from tests.faults.proxy import Seen
from tests.faults.rig import Made, Stage, assert_nothing, open_stage, quick_worlds, shared_out

pytestmark = pytest.mark.asyncio(loop_scope="module")

STAGES = 6
NO_CARD, NO_PRACTITIONER, PIN_NOT_VERIFIED = 4013, 4014, 4042
CONSOLE_GONE, NO_CONNECTION = 4000, -1
HOURS = 3600.0
# What the health card is needed for, beside the cloud's functions.
OF_THE_CARD = [
    "csGetCardNo",
    "csISSetPIN",
    "csVerifyHCPIN",
    *sorted(ASKS_CLOUD - {"csUploadData", "csUploadDataPrec"}),
]
SOME = sorted(
    {
        *SOME_FUNCTIONS,
        *PIN_CHANGES,
        "csGetCardNo",
        "csUpdateHCContents",
        "csUnGetSeqNumber",
        "hisGetSeqNumber256",
        "hisGetCriticalIllnessID",
        "hisReadPrescription",
        "hisWriteAllergicNum",
        "hisWriteMultiPrescriptSign",
    }
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Stage]]:
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_worlds())
        folder = tmp_path_factory.mktemp("stages")
        yield [await stack.enter_async_context(open_stage(folder / str(number))) for number in range(STAGES)]


Event = Callable[[World], None]
Expect = Callable[[str, list[str], int], set[int]]


async def at_each_request(stage: Stage, function: str, event: Event, expect: Expect) -> list[str]:
    """Make the call again and again; the event comes before its first, second ... request to anybody.

    ``expect``: from function, the paths that a healthy call asks, and how many of them were passed on before.
    Out: what is wrong.
    """
    await stage.fresh()
    healthy = await made_with_paths(stage, function)
    paths = healthy[1]
    found = []
    for position in range(len(paths)):
        await stage.fresh()
        arguments = stage.good(function)
        made, asked = await made_with_paths(stage, function, arguments, position, event)
        code, pending = made.result.code, stage.pending()
        where = f"before request {position + 1} of {paths}"
        if code not in (wanted := expect(function, paths, position)):
            found.append(f"{where}: code {code}, expected {wanted}; asked {asked}")
        if code not in (GOOD_CODE[function], DATES_ONLY) and made.result.outputs:
            found.append(f"{where}: outputs of a call that failed")
        if function in CHANGING:
            done = carried_out(made.cloud)
            if max(done.values(), default=0) > 1 or len(done) > 1:
                found.append(f"{where}: carried out more than once")
            if bool(done) != (code == GOOD_CODE[function]) and not pending:
                found.append(f"{where}: code {code}, carried out {len(done)} times, and nothing pending")
        stage.world.insert("hc", "000073898381")
        if not await stage.works():
            found.append(f"{where}: the next healthy call does not work")
    return found


async def made_with_paths(
    stage: Stage, function: str, arguments: Any = None, position: int = -1, event: Event | None = None
) -> tuple[Made, list[str]]:
    """A call, and the paths it asked in order. The event comes before the request at that position."""
    paths: list[str] = []

    def watch(seen: Seen) -> None:
        if len(paths) == position and event is not None:
            event(stage.world)
        paths.append(seen.path)

    for proxy in stage.proxies.values():
        proxy.watch = watch
    made = await stage.make(function, **(arguments or stage.good(function)))
    for proxy in stage.proxies.values():
        proxy.watch = None
    return made, paths


# --- the card is pulled out ---------------------------------------------------------------------------------


def _without_card(function: str, paths: list[str], position: int) -> set[int]:
    """Whatever still has to be read from or signed by the card is refused; what was signed before is good."""
    needs_it = any(path.startswith("/api/hc/") for path in paths[position:])
    return {NO_CARD} if needs_it else {GOOD_CODE[function]}


async def test_the_health_card_is_pulled_out(stages: list[Stage]) -> None:
    async def cell(stage: Stage, name: str) -> list[str]:
        return await at_each_request(stage, name, lambda world: world.remove("hc"), _without_card)

    assert_nothing(await shared_out(stages, OF_THE_CARD, cell))


# --- the console restarts, the SAM's session ends -----------------------------------------------------------


def _after_a_restart(function: str, paths: list[str], position: int) -> set[int]:
    """Mended, unseen by the program, but for what a person must do again: the practitioner's PIN. An
    operation with a PIN is not repeated: a card locks itself.
    """
    if function == CARD_STATUS:
        return {GOOD_CODE[function], CARD_LOGGED_OUT, WITHOUT_PRACTITIONER}
    if function in PIN_OPERATIONS:
        return {GOOD_CODE[function], CONSOLE_GONE, PIN_NOT_VERIFIED, SAM_NOT_VERIFIED}
    if not any("/hpc/" in path or path.endswith("HpcHc") for path in paths[position:]):
        return {GOOD_CODE[function]}
    return {GOOD_CODE[function], DATES_ONLY if function in ALSO_WITHOUT_PRACTITIONER else PIN_NOT_VERIFIED}


def _restart(world: World) -> None:
    if world.session.initialised:
        world.session.finalise()


def _end_of_the_sam(world: World) -> None:
    if world.session.sam_verified:
        world.session.log_out_sam()


CARD_STATUS, CARD_LOGGED_OUT = "hisGetCardStatus", 0  # so the console counts a card whose SAM was logged out
WITHOUT_PRACTITIONER = 2  # the state of a verified card after the practitioner's PIN was forgotten
SAM_NOT_VERIFIED, DATES_ONLY = 4050, 5141
ALSO_WITHOUT_PRACTITIONER = ("hisGetCriticalIllness", "hisGetCriticalIllnessID")
PIN_OPERATIONS = frozenset({*PIN_CHANGES, "csVerifyHCPIN", "hpcVerifyHPCPIN"})


async def test_the_console_restarts(stages: list[Stage]) -> None:
    async def cell(stage: Stage, name: str) -> list[str]:
        found = await at_each_request(stage, name, _restart, _after_a_restart)
        if name == CARD_STATUS:  # what the console says without a session is not passed on
            await stage.fresh()
            _restart(stage.world)
            if (code := (await stage.call(name, **stage.good(name))).code) != WITHOUT_PRACTITIONER:
                found.append(f"after a restart: code {code}")
        return found

    assert_nothing(await shared_out(stages, SOME, cell))


async def test_the_session_of_the_sam_ends(stages: list[Stage]) -> None:
    async def cell(stage: Stage, name: str) -> list[str]:
        return await at_each_request(stage, name, _end_of_the_sam, _after_a_restart)

    assert_nothing(await shared_out(stages, SOME, cell))


async def test_the_console_is_away_between_two_calls_and_comes_back(stages: list[Stage]) -> None:
    """Its connections break off, its session is gone; while it is away, calls fail at once."""
    stage = stages[0]
    await stage.fresh()
    assert await stage.works()
    await stage.proxies["console"].go("refuse")
    stage.world.session.finalise()
    assert (await stage.make("csOpenCom", pComNum=0)).result.code == NO_CONNECTION
    assert (await stage.make("csGetHospID", **stage.good("csGetHospID"))).result.code == CONSOLE_GONE
    await stage.proxies["console"].go("open")
    assert await stage.works()


# --- clocks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-2, 2])
async def test_the_cloud_is_hours_off(hours: int, stages: list[Stage]) -> None:
    """A signature is good for one hour: the cloud refuses one from before a jump. Nothing was done."""
    stage = stages[0]
    for function in ("hisGetBasicData", "hisWriteEmergentTel", "hisGetSeqNumber256N1"):
        await stage.fresh()
        arguments = stage.good(function)
        paths = (await made_with_paths(stage, function))[1]
        await stage.fresh()
        before = stage.stored()
        made, _ = await made_with_paths(
            stage, function, arguments, len(paths) - 1, lambda world: world.shift_clock(hours * HOURS)
        )
        refused = hours > 0
        assert made.result.code == (9020 if refused else 0), function
        if refused:
            assert (stage.stored(), stage.pending()) == (before, [])
        assert await stage.works()


@pytest.mark.parametrize("seconds", [-10 * 365 * 24 * HOURS, -1.0, 10 * 365 * 24 * HOURS])
async def test_the_clock_of_this_machine_jumps(
    seconds: float, stages: list[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timers are monotonic: a call in the middle of a jump ends as usual, with what it asked for."""
    stage = stages[0]
    real, jumped = time.time, False

    def jump(world: World) -> None:
        nonlocal jumped
        jumped = True

    monkeypatch.setattr(time, "time", lambda: real() + (seconds if jumped else 0.0))
    await stage.fresh()
    for position in range(2):
        jumped = False
        made, _ = await made_with_paths(stage, "hisGetBasicData", None, position, jump)
        assert jumped
        assert made.result.code == 0
        assert made.seconds < 10
    assert "hisWriteEmergentTel" in changes()
    assert (await stage.make("hisWriteEmergentTel", **stage.good("hisWriteEmergentTel"))).result.code == 0
    assert stage.pending() == []
    assert await stage.works()
