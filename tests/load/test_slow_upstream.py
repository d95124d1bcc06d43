"""A call whose upstream is slow holds up nobody who does not need what it needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from bridge.sim.clock import Clock
from bridge.sim.portal.books import PortalBooks
from tests.load.bridge_alone import Alone, bridge_alone
from tests.load.callers import all_at_once, native_callers, p50, patience, wait_for_requests
from tests.support import record_bytes as oracle
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import NativeRoute
from tests.support.record_bytes import person

CARD = "000073898381"
SLOW_PATH = "BasicData/Query"
SIGNATURE = "/api/hc/v1/Signature/Hc"
SLOW_SECONDS = 5.0
HANGING_SECONDS = 60.0
CONSOLE_TIMEOUT = 10.0  # console.read_timeout
DEADLINE, WAITING = 6.0, 8
ROUNDS = 25
RATIO = 3.0  # generous: medians of two short series on a machine that may do other things
WITHOUT_CARD = 0.75  # seconds; what needs no reader takes a hundredth of it


@pytest.fixture
def programs(alone: Alone, library: Path, tmp_path: Path) -> Iterator[list[NativeRoute]]:
    with native_callers(alone, library, tmp_path, 4) as routes:
        assert routes[0].call("csOpenCom", pComNum=0)[0] == 0
        assert routes[0].call("csVerifySAMDC")[0] == 0
        yield routes


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def lookup(alone: Alone, session: requests.Session) -> Callable[[], None]:
    """A lookup of a Vietnamese card: it needs neither reader nor cloud."""
    card = PortalBooks(Clock()).cards[0]
    body = {"maThe": card.number, "hoTen": card.name, "ngaySinh": card.born}

    def call() -> None:
        answer = session.post(
            f"{alone.ready['legacy_http']}/api/egw/KQNhanLichSuKCB2018", json=body, timeout=30
        )
        assert answer.json()["maKetQua"] == card.result

    return call


def reads(far: Bridge, program: NativeRoute) -> list[Callable[[], None]]:
    """Calls that need the reader, but not the slow path."""
    who = person(far.sim, CARD)
    expected = {
        "hisGetEmergentTel": (14, oracle.emergency_tel(who)),
        "hisGetCumulativeFee": (20, oracle.cumulative_fee(who)),
        "hisGetRegisterPrevent": (126, oracle.preventive_care(who)),
    }

    def read(name: str, width: int, record: bytes) -> None:
        assert program.call(name, pBuffer=width) == (0, {"pBuffer": record})

    return [
        lambda name=name, width=width, record=record: read(name, width, record)  # type: ignore[misc]
        for name, (width, record) in expected.items()
    ]


def test_one_slow_answer_of_the_cloud(
    far: Bridge, alone: Alone, programs: list[NativeRoute], pool: ThreadPoolExecutor
) -> None:
    """The others read cards meanwhile, by the same reader, as fast as before."""
    slow, other = programs[:2]
    record = oracle.basic_data(person(far.sim, CARD))
    calls = reads(far, other)
    for call in calls:
        call()
    usual = p50(calls, ROUNDS)
    far.sim.clear_requests()
    far.sim.arm("cloud", "slow", SLOW_SECONDS, path=SLOW_PATH, times=1)
    began = time.monotonic()
    slow_call = pool.submit(slow.call, "hisGetBasicData", pBuffer=72)
    wait_for_requests(far, SIGNATURE, 1)
    beside = p50(calls, ROUNDS)
    still_slow = not slow_call.done()
    assert slow_call.result(30) == (0, {"pBuffer": record})
    took = time.monotonic() - began
    print(f"p50 of card reads: alone {usual * 1000:.1f} ms, beside a slow one {beside * 1000:.1f} ms")
    assert took >= SLOW_SECONDS
    assert still_slow, "the others took so long that nothing was measured"
    assert beside < RATIO * usual * patience()


def test_a_console_that_hangs(
    far: Bridge, alone: Alone, programs: list[NativeRoute], pool: ThreadPoolExecutor
) -> None:
    """Who needs the reader waits until the hanging request is given up; who does not, does not."""
    hanging, waiting = programs[:2]
    record = oracle.basic_data(person(far.sim, CARD))
    with requests.Session() as session:
        session.trust_env = False
        other = lookup(alone, session)
        other()
        usual = p50([other], ROUNDS)
        far.sim.arm("console", "slow", HANGING_SECONDS, path=SIGNATURE, times=1)
        began = time.monotonic()
        hung = pool.submit(hanging.call, "hisGetBasicData", pBuffer=72)
        time.sleep(0.3)
        queued = pool.submit(waiting.call, "hisGetBasicData", pBuffer=72)
        beside = p50([other], ROUNDS)
        assert not hung.done()
        assert not queued.done()
        code, outputs = hung.result(60)
        took = time.monotonic() - began
        assert queued.result(60) == (0, {"pBuffer": record})
        both = time.monotonic() - began
    print(
        f"p50 of lookups: alone {usual * 1000:.1f} ms, beside a console that hangs {beside * 1000:.1f} ms;"
        f" the hanging call ended after {took:.1f} s, the one behind it after {both:.1f} s"
    )
    assert code != 0
    assert outputs == {}
    assert CONSOLE_TIMEOUT - 1 < took < CONSOLE_TIMEOUT + 2 * patience()
    assert both < CONSOLE_TIMEOUT + 3 * patience()
    assert beside < max(RATIO * usual, WITHOUT_CARD) * patience()


def test_a_console_that_hangs_for_good(
    far: Bridge, library: Path, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    """However many wait for the reader, each call ends by the deadline; afterwards all is as before."""
    environment = {
        "CSHIS_BRIDGE_CALL_DEADLINE": str(DEADLINE),
        "CSHIS_BRIDGE_CONSOLE__READ_TIMEOUT": str(DEADLINE / 2),
    }
    record = oracle.basic_data(person(far.sim, CARD))
    with (
        bridge_alone(far.config, tmp_path, environment=environment) as alone,
        native_callers(alone, library, tmp_path, WAITING) as routes,
    ):
        assert routes[0].call("hisGetBasicData", pBuffer=72) == (0, {"pBuffer": record})
        far.sim.arm("console", "slow", HANGING_SECONDS)
        began = time.monotonic()
        calls = all_at_once(pool, routes, "hisGetBasicData", pBuffer=72)
        codes = [call.result(60)[0] for call in calls]
        took = time.monotonic() - began
        far.sim.clear_faults()
        answers = [route.call("hisGetBasicData", pBuffer=72) for route in routes]
    print(f"{WAITING} calls at a console that hangs for good: {took:.1f} s; codes {sorted(set(codes))}")
    assert all(codes)
    assert took < DEADLINE + 2 * patience()
    assert answers == [(0, {"pBuffer": record})] * WAITING
