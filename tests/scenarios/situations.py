"""Named situations that a call may meet. Each brings the world, the network or the session into one state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import httpx

from bridge.sim.faults import Fault
from tests.support.simulated import Bench, Hook, SimulatedNetwork
from tests.support.stage import CHILD, NURSE, PHARMACIST, WITH_PIN, verify_practitioner

Situation = Callable[[Bench], Awaitable[None]]


async def _as_it_is(bench: Bench) -> None:
    await verify_practitioner(bench)


def _with_card(card: str) -> Situation:
    async def bring_about(bench: Bench) -> None:
        await verify_practitioner(bench)
        bench.simulator.world.insert("hc", card)

    return bring_about


async def _no_health_card(bench: Bench) -> None:
    await verify_practitioner(bench)
    bench.simulator.world.remove("hc")


async def _no_practitioner_card(bench: Bench) -> None:
    await verify_practitioner(bench)
    bench.simulator.world.remove("hpc")


def _practitioner(card: str) -> Situation:
    async def bring_about(bench: Bench) -> None:
        bench.simulator.world.insert("hpc", card)
        await verify_practitioner(bench)

    return bring_about


async def _practitioner_not_verified(bench: Bench) -> None:
    assert (await bench.call("csOpenCom", pComNum=0)).code == 0


def _faulty(service: str, kind: str, value: float | None = None, times: int | None = None) -> Situation:
    async def bring_about(bench: Bench) -> None:
        await verify_practitioner(bench)
        bench.simulator.world.faults.arm(Fault(service, kind, value, times=times))

    return bring_about


def _cold(fault: Fault) -> Situation:
    async def bring_about(bench: Bench) -> None:
        bench.simulator.world.faults.arm(
            Fault(fault.service, fault.kind, fault.value, fault.path, fault.times)
        )

    return bring_about


def _raising(problem: Callable[[httpx.Request], httpx.TransportError]) -> Hook:
    def hook(request: httpx.Request) -> None:
        raise problem(request)

    return hook


REFUSED = _raising(lambda request: httpx.ConnectError("refused", request=request))
SILENT = _raising(lambda request: httpx.ReadTimeout("silent", request=request))


def _unreachable(network: Callable[[Bench], SimulatedNetwork], hook: Hook, warm: bool) -> Situation:
    async def bring_about(bench: Bench) -> None:
        if warm:
            await verify_practitioner(bench)
        network(bench).before = hook

    return bring_about


def _console(bench: Bench) -> SimulatedNetwork:
    return bench.console


def _cloud(bench: Bench) -> SimulatedNetwork:
    return bench.cloud


# The columns of the table in test_return_codes.py. The practitioner's PIN is verified unless the name says
# otherwise; the person at the PIN pad presses cancel where the health card's PIN is asked for.
COMMON: Mapping[str, Situation] = {
    "good": _as_it_is,
    "no_hc": _no_health_card,
    "no_hpc": _no_practitioner_card,
    "hpc_pin": _practitioner_not_verified,
    "nurse": _practitioner(NURSE),
    "pharm": _practitioner(PHARMACIST),
    "hc_pin": _with_card(WITH_PIN),
    "other": _with_card(CHILD),
    "sam": _cold(Fault("console", "status", 1302, path="/api/sam/v1/Verification")),
    "con_down": _unreachable(_console, REFUSED, warm=False),
    "con_late": _unreachable(_console, SILENT, warm=False),
    "con_empty": _cold(Fault("console", "empty")),
    "cl_down": _unreachable(_cloud, REFUSED, warm=True),
    "cl_late": _unreachable(_cloud, SILENT, warm=True),
    "cl_lost": _faulty("cloud", "lost", times=1),
    "cl_500": _faulty("cloud", "http", 500),
    "cl_404": _faulty("cloud", "http", 404),
    "cl_html": _faulty("cloud", "garbage"),
    "cl_empty": _faulty("cloud", "empty"),
}
