"""Threads, loading and letting go, and bridges that come and go."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.channel.tokenfile import load_token
from tests.support.bridge_process import FREE_PORTS, ROOT, Bridge, clean_environment
from tests.support.fake_bridge import FakeBridge
from tests.support.hosts.driver import Driver, room, scalar, short
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import Build

SECONDS = 30  # for each kind of Windows: a minute in all
LEAST_CALLS = 20  # per thread; on the slowest machine
ROUNDS = 200
MORE_MEMORY = 256 * 1024  # bytes that 180 rounds may add: less than 1.5 KB a round
NO_BRIDGE, NO_CONSOLE = -1, 4000


def test_eight_threads(windows: Wine, library: Path, build_program: Build, bridge: Bridge) -> None:
    program = build_program("threads.c")
    env = {"CSHIS_BRIDGE": bridge.ready["channel"]}
    done = windows.run(program, windows_path(library), str(SECONDS), env=env, seconds=SECONDS + 60)
    assert done.returncode == 0, done.stdout + done.stderr
    *calls, handles = (line.split() for line in done.stdout.splitlines())
    assert len(calls) == 8
    assert all(int(number) >= LEAST_CALLS for _, number in calls), calls
    _, before, after = handles
    assert 0 < int(after) <= int(before), "the threads' connections stay open"


def test_load_call_and_let_go(
    windows: Wine, small_library: Path, build_program: Build, fake_bridge: FakeBridge, tmp_path: Path
) -> None:
    """With a token: Wine takes long to say whose a socket is, and other tests load what asks it."""
    fake_bridge.token = load_token(tmp_path / "token")
    token_file = windows_path(tmp_path / "token")
    env = {"CSHIS_BRIDGE": fake_bridge.address, "CSHIS_BRIDGE_TOKEN_FILE": token_file}
    program = build_program("reload.c", "-lpsapi")
    done = windows.run(program, windows_path(small_library), str(ROUNDS), env=env, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    early, late = (line.split() for line in done.stdout.splitlines())
    assert (early[1], late[1]) == (str(ROUNDS // 10), str(ROUNDS))
    assert 0 < int(late[3]) <= int(early[3]), f"handles grow: {done.stdout}"
    assert int(late[5]) <= int(early[5]) + MORE_MEMORY, f"memory grows: {done.stdout}"
    assert fake_bridge.opened == 2 * ROUNDS


def test_loading_alone_does_nothing(small_driver: Driver, fake_bridge: FakeBridge) -> None:
    """No connection is made before the first call, none is kept by a library that is let go."""
    small_driver.unload()
    small_driver.load()
    assert fake_bridge.opened == 0
    assert small_driver.call("csCloseCom").code == 0
    small_driver.unload()
    deadline = time.monotonic() + 5
    while fake_bridge.closed < 1:
        assert time.monotonic() < deadline, "the connection outlives the library"
        time.sleep(0.01)
    small_driver.load()
    assert small_driver.call("csCloseCom").code == 0
    assert fake_bridge.opened == 2


@contextmanager
def mortal_bridge(folder: Path, channel: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A bridge that is killed when the block is left. Out: its process and its channel's address."""
    ports = [port for port in FREE_PORTS if not port.startswith("--channel")]
    command = [sys.executable, "-m", "bridge", "serve", "--simulate", "--data-dir", str(folder), *ports]
    command.append(f"--channel-port={channel}")
    with (folder / "bridge.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=clean_environment()
        )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())["channel"]
    finally:
        process.kill()  # nothing where the test has done it already
        process.wait()
        process.stdout.close()


def test_bridge_killed_and_started_again(
    windows: Wine, library: Path, driver_program: Path, tmp_path: Path
) -> None:
    with mortal_bridge(tmp_path, "0") as (process, channel):
        env = windows.environment(CSHIS_BRIDGE=channel)
        driver = Driver(windows_path(library), tmp_path, env=env, command=windows.command(driver_program))
        with driver:
            assert driver.call("csOpenCom", scalar(0)).code == 0
            assert driver.call("hisGetBasicData", room(72), short(72)).code == 0
            process.kill()
            process.wait()
            begun = time.monotonic()
            answer = driver.call("hisGetBasicData", room(72), short(72))
            assert (answer.code, answer.data(0), answer.number(1)) == (NO_CONSOLE, b"\xa5" * 72, 72)
            assert driver.call("csOpenCom", scalar(0)).code == NO_BRIDGE
            assert time.monotonic() - begun < 5
            with mortal_bridge(tmp_path, channel.rpartition(":")[2]):
                assert driver.call("csOpenCom", scalar(0)).code == 0
                answer = driver.call("hisGetBasicData", room(72), short(72))
                assert (answer.code, answer.number(1)) == (0, 72)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense", "127.0.0.1:", "no.such.host:5068"])
def test_no_bridge(windows: Wine, library: Path, driver_program: Path, tmp_path: Path, address: str) -> None:
    env = windows.environment(CSHIS_BRIDGE=address)
    driver = Driver(windows_path(library), tmp_path, env=env, command=windows.command(driver_program))
    with driver:
        for name, words, code in [
            ("csOpenCom", [scalar(0)], NO_BRIDGE),
            ("hisGetBasicData", [room(72), short(72)], NO_CONSOLE),
            ("csCloseCom", [], NO_CONSOLE),
        ]:
            begun = time.monotonic()
            answer = driver.call(name, *words)
            assert (answer.code, answer.intact) == (code, True)
            assert time.monotonic() - begun < 2.5
