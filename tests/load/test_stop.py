"""SIGTERM: calls under way are answered, nobody new comes in, and the process is gone within two seconds."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from bridge.sim.clock import Clock
from bridge.sim.portal.books import PortalBooks
from native.compiler import compile_program
from tests.load.bridge_alone import USUAL, Alone, alone_arguments, start
from tests.load.callers import (
    all_at_once,
    http_callers,
    native_callers,
    patience,
    seconds_of,
    wait_for_requests,
)
from tests.support import record_bytes as oracle
from tests.support.bridge_process import ROOT, Bridge
from tests.support.legacy_routes import Result
from tests.support.record_bytes import person

CARD = "000073898381"
SLOW_PATH = "BasicData/Query"
SIGNATURE = "/api/hc/v1/Signature/Hc"
CALLERS, IDLE = 20, 30
UPSTREAM_SECONDS = 1.0
STOP_SECONDS = 2.0
TOO_LATE = 4000
PORTAL_FAILED = "101"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2 * CALLERS) as made:
        yield made


@pytest.fixture
def ending(far: Bridge, tmp_path: Path) -> Iterator[Alone]:
    """A bridge that the test ends."""
    running = start(alone_arguments(far.config, tmp_path), tmp_path)
    yield running
    running.process.kill()
    running.process.wait()
    assert running.process.stdout is not None
    running.process.stdout.close()


def ask_to_stop(running: Alone, number: signal.Signals = signal.SIGTERM) -> float:
    running.process.send_signal(number)
    return time.monotonic()


def seconds_until_gone(running: Alone, since: float) -> float:
    """Raises TimeoutExpired; a code other than 0 fails the test."""
    code = running.process.wait(30)
    assert running.process.stdout is not None
    running.process.stdout.close()
    assert code == 0, running.log.read_text(encoding="utf-8")[-2000:]
    seconds = time.monotonic() - since
    assert "Traceback" not in running.log.read_text(encoding="utf-8")
    return seconds


def is_refused(address: str) -> bool:
    """Whether nobody is taken in there any more."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def idle_connection(running: Alone, stack: ExitStack) -> None:
    """A client that has had an answer and keeps its connection; it does not look at it meanwhile."""
    parts = urlsplit(running.ready["facade"])
    trusted = ssl.create_default_context(cafile=running.ready["ca_file"])
    client = http.client.HTTPSConnection(str(parts.hostname), parts.port, context=trusted, timeout=10)
    stack.callback(client.close)
    client.request("GET", "/healthz")
    assert client.getresponse().read()


def test_calls_under_way_are_answered(
    far: Bridge, ending: Alone, library: Path, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    record = oracle.basic_data(person(far.sim, CARD))
    with ExitStack() as stack:
        programs = stack.enter_context(native_callers(ending, library, tmp_path, CALLERS))
        clients = stack.enter_context(http_callers(ending, CALLERS))
        for _ in range(IDLE):
            idle_connection(ending, stack)
        assert clients[0].upload(far.sim.qr(CARD)) == 0
        far.sim.clear_requests()
        far.sim.arm("cloud", "slow", UPSTREAM_SECONDS, path=SLOW_PATH)
        calls = all_at_once(pool, clients, "hisGetBasicData")  # the library's log their card out
        wait_for_requests(far, SIGNATURE, CALLERS)
        calls += all_at_once(pool, programs, "hisGetBasicData", pBuffer=72)
        wait_for_requests(far, SIGNATURE, 2 * CALLERS)
        asked = ask_to_stop(ending)
        under_way = sum(not call.done() for call in calls)
        time.sleep(0.15)
        refused = [is_refused(ending.ready[door]) for door in ("facade", "legacy_http", "channel")]
        still_there = ending.process.poll() is None
        answers = [call.result(30) for call in calls]
        seconds = seconds_until_gone(ending, asked)
    print(f"stop with {under_way} calls of {UPSTREAM_SECONDS:g} s under way: {seconds:.2f} s")
    assert answers == [(0, {"pBuffer": record})] * 2 * CALLERS
    assert under_way >= CALLERS
    assert (refused, still_there) == ([True] * 3, True)
    assert seconds < STOP_SECONDS * patience()


def test_an_upstream_that_never_answers_does_not_hold_it(
    far: Bridge, ending: Alone, library: Path, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    """What cannot be waited for fails, and every caller gets the code for that."""
    with native_callers(ending, library, tmp_path, 3) as programs, http_callers(ending, 3) as clients:
        assert clients[0].upload(far.sim.qr(CARD)) == 0
        far.sim.clear_requests()
        far.sim.arm("cloud", "slow", 60, path=SLOW_PATH)
        by_http = all_at_once(pool, clients, "hisGetBasicData")
        wait_for_requests(far, SIGNATURE, 3)
        by_library = all_at_once(pool, programs, "hisGetBasicData", pBuffer=72)
        wait_for_requests(far, SIGNATURE, 6)
        seconds = seconds_until_gone(ending, ask_to_stop(ending))
        answers = [call.result(10) for call in by_library + by_http]
    print(f"stop with calls that never end: {seconds:.2f} s")
    assert answers == [(TOO_LATE, {})] * 6
    assert seconds < STOP_SECONDS * patience()


def test_a_lookup_that_never_ends_gets_its_result(
    far: Bridge, ending: Alone, pool: ThreadPoolExecutor
) -> None:
    """Old programs know what a failure of the portal is; they would not know a broken connection."""
    card = PortalBooks(Clock()).cards[0]
    body = {"maThe": card.number, "hoTen": card.name, "ngaySinh": card.born}
    url = f"{ending.ready['legacy_http']}/api/egw/KQNhanLichSuKCB2018"
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(url, json=body, timeout=20).json()["maKetQua"] == card.result
        far.sim.arm("portal", "slow", 60)
        call = pool.submit(session.post, url, json=body, timeout=20)
        time.sleep(0.3)
        seconds = seconds_until_gone(ending, ask_to_stop(ending))
        answer = call.result(10).json()
    assert answer["maKetQua"] == PORTAL_FAILED
    assert answer["ghiChu"].endswith("(cshis-bridge)")
    assert seconds < STOP_SECONDS * patience()


def test_a_console_that_never_answers_does_not_hold_it(
    far: Bridge, ending: Alone, library: Path, tmp_path: Path
) -> None:
    """The bridge has begun the console's session and ends it; it does not wait for long."""
    with native_callers(ending, library, tmp_path, 1) as programs:
        assert programs[0].call("csOpenCom", pComNum=0)[0] == 0
    far.sim.arm("console", "slow", 60)
    seconds = seconds_until_gone(ending, ask_to_stop(ending))
    print(f"stop with a console that hangs: {seconds:.2f} s")
    assert seconds < STOP_SECONDS * patience()


def test_a_name_server_that_never_answers_does_not_hold_it(
    far: Bridge, library: Path, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    """Nobody can call a question to it off, also not at the end of the process."""
    slow_names = compile_program(
        Path(__file__).with_name("slow_names.c"), tmp_path / "slow_names.so", "-shared", "-fPIC", "-ldl"
    )
    environment = {
        "LD_PRELOAD": str(slow_names),
        "SLOW_NAME": "cloud.invalid",
        "CSHIS_BRIDGE_CLOUD__URL": "https://cloud.invalid",
    }
    running = start(alone_arguments(far.config, tmp_path), tmp_path, environment=environment)
    with running.process, native_callers(running, library, tmp_path, 1) as programs:
        call = pool.submit(programs[0].call, "hisGetBasicData", pBuffer=72)
        wait_for_requests(far, SIGNATURE, 1)
        time.sleep(0.3)
        asked = ask_to_stop(running)
        assert call.result(20)[0] != 0
        seconds = seconds_until_gone(running, asked)
    print(f"stop with a name server that hangs: {seconds:.2f} s")
    assert seconds < STOP_SECONDS * patience()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_twice(far: Bridge, ending: Alone, pool: ThreadPoolExecutor, number: signal.Signals) -> None:
    """The second time changes nothing: the call under way is answered all the same."""
    record = oracle.basic_data(person(far.sim, CARD))
    with http_callers(ending, 1) as clients:
        assert clients[0].upload(far.sim.qr(CARD)) == 0
        far.sim.clear_requests()
        far.sim.arm("cloud", "slow", UPSTREAM_SECONDS, path=SLOW_PATH)
        call: Future[Result] = pool.submit(clients[0].call, "hisGetBasicData")
        wait_for_requests(far, SIGNATURE, 1)
        asked = ask_to_stop(ending, number)
        for _ in range(5):
            time.sleep(0.05)
            ask_to_stop(ending, number)
        assert call.result(10) == (0, {"pBuffer": record})
        assert seconds_until_gone(ending, asked) < STOP_SECONDS * patience()


def test_a_signal_that_it_was_started_to_ignore_stays_ignored(far: Bridge, tmp_path: Path) -> None:
    """As by a shell's ``&`` (SIGINT) or ``nohup`` (SIGHUP)."""
    ignoring = ("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh", *USUAL)
    running = start(alone_arguments(far.config, tmp_path), tmp_path, ignoring)
    for number in (signal.SIGINT, signal.SIGHUP):
        ask_to_stop(running, number)
    time.sleep(0.5)
    assert running.process.poll() is None
    assert seconds_until_gone(running, ask_to_stop(running)) < STOP_SECONDS * patience()


@pytest.mark.parametrize("door", ["facade", "legacy_http", "channel"])
def test_a_caller_that_has_begun_and_says_no_more(ending: Alone, door: str) -> None:
    """Half a request does not hold the bridge."""
    address = ending.ready[door]
    parts = urlsplit(address if "//" in address else f"//{address}")
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as half:
        half.sendall(b"POST /VHC/VHCcsGetDateTime HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        time.sleep(0.2)
        seconds = seconds_until_gone(ending, ask_to_stop(ending))
    assert seconds < STOP_SECONDS * patience()


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_stop_during_the_start(far: Bridge, tmp_path: Path, part: float) -> None:
    """At any time of it; before the bridge can listen to signals the system ends it. The next start works."""
    arguments = alone_arguments(far.config, tmp_path)
    usual = start(arguments, tmp_path)
    seconds_until_gone(usual, ask_to_stop(usual))
    command = [*usual.process.args[:3], "serve", *arguments]  # type: ignore[index]
    with usual.log.open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, cwd=ROOT)
    time.sleep(usual.seconds * part)
    process.terminate()
    assert seconds_of(process.wait) < STOP_SECONDS * patience()
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in usual.log.read_text(encoding="utf-8")
    again = start(arguments, tmp_path)
    seconds_until_gone(again, ask_to_stop(again))
