"""Every fault against every function that is exported and served: code, time, laws, and that it passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.faults.laws import changes, complaints_about_changes
from tests.faults.oracle import (
    FEW_FUNCTIONS,
    FUNCTIONS,
    GOOD_CODE,
    HUGE,
    ON_THE_CLOUD_ONLY,
    SOME_FUNCTIONS,
    VARIANTS,
    WIDE,
    Fault,
    Service,
    expected_code,
)
from tests.faults.rig import (
    REQUEST_SECONDS,
    Made,
    Stage,
    assert_nothing,
    open_stage,
    quick_worlds,
    shared_out,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SLACK = 6.0  # for a busy machine
MOST_WAITS = 2  # requests of one call that may each take their whole time: a change is repeated once
STAGES = 20
# Want the start state, or leave another one, without changing anything at the cloud. (The versions are kept
# for as long as the console session lasts.)
ABOUT_THE_SESSION = frozenset(
    {
        "csSoftwareReset",
        "hpcVHPCLogout",
        "csVerifyHCPIN",
        "csOpenCom",
        "csCloseCom",
        "hisGetCardStatus",
        "csGetVersion",
        "csGetVersionEx",
    }
)
BOTH: tuple[Service, ...] = ("console", "cloud")
CELLS = [
    *((fault, service, FUNCTIONS) for fault in WIDE for service in BOTH),
    *((fault, "cloud", FUNCTIONS) for fault in ON_THE_CLOUD_ONLY),
    *((fault, service, SOME_FUNCTIONS) for fault in VARIANTS for service in BOTH),
    *((fault, service, FEW_FUNCTIONS) for fault in HUGE for service in BOTH),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Stage]]:
    """The same few bridges live through the whole matrix: what leaks shows."""
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_worlds())
        folder = tmp_path_factory.mktemp("stages")
        yield [await stack.enter_async_context(open_stage(folder / str(number))) for number in range(STAGES)]


@pytest.mark.parametrize(
    ("fault", "service", "functions"), CELLS, ids=[f"{service}: {fault}" for fault, service, _ in CELLS]
)
async def test_a_fault(fault: Fault, service: Service, functions: list[str], stages: list[Stage]) -> None:
    async def cell(stage: Stage, name: str) -> list[str]:
        return await one_cell(stage, fault, service, name)

    several = stages[:2] if fault in HUGE else stages  # one process makes and takes in these megabytes
    assert_nothing(await shared_out(several, functions, cell))


async def one_cell(stage: Stage, fault: Fault, service: Service, name: str) -> list[str]:
    """Out: what is wrong."""
    await stage.fresh(anew=name in changes() or name in ABOUT_THE_SESSION)
    arguments = stage.good(name)
    before = stage.stored() if name in changes() else None
    proxy = stage.proxies[service]
    if fault.way is not None:
        await proxy.go(fault.way)
    if fault.trouble is not None:
        proxy.trouble = replace(fault.trouble)
    hurried = service if fault.kind == "timeout" else ""
    made = await stage.make(name, hurried=hurried, **arguments)
    found = _about_the_result(fault, service, name, made)
    found += complaints_about_changes(stage, fault, service, name, made, before)
    for each in stage.proxies.values():
        await each.clear()
    if name in changes():
        if not await stage.works():
            found.append("the next healthy call does not work")
    elif (code := (await stage.call(name, **arguments)).code) != GOOD_CODE[name]:
        found.append(f"the same call answers {code} when all is well again")
    return found


def _about_the_result(fault: Fault, service: Service, name: str, made: Made) -> list[str]:
    wanted = expected_code(fault, service, name)
    found = []
    if made.result.code != wanted:
        asked = [(seen.path, seen.passed_on, seen.delivered) for seen in (*made.console, *made.cloud)]
        found.append(f"code {made.result.code}, expected {wanted}; asked {asked}")
    if wanted != GOOD_CODE[name] and made.result.outputs:
        found.append("outputs of a call that failed")
    if made.seconds > MOST_WAITS * REQUEST_SECONDS + SLACK:
        found.append(f"took {made.seconds:.1f} s")
    if made.flooded > 64 * 1024 * 1024:
        found.append(f"{made.flooded} bytes of a reply were taken")
    return found
