"""The DLL before its first call: who it says it is, and whom it talks to."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.channel.frame import EVICTION_FRAME
from bridge.channel.handshake import Welcome, bridge_proof, host_bytes
from native.build import SHIM
from tests.support.fake_bridge import EVICT, NONCE, FakeBridge, success
from tests.support.hosts.driver import Driver
from tests.support.small_table import UNREACHABLE
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import Build

PEER = ("peer", "peer_search", "peer_win32", "stream", "platform_win32")


def test_hello_names_process_and_address(small_driver: Driver, fake_bridge: FakeBridge) -> None:
    assert small_driver.call("csCloseCom").code == 0
    (hello,) = fake_bridge.hellos
    assert hello.process > 0
    assert hello.started > 130_000_000_000_000_000  # hundreds of nanoseconds since 1601
    assert (hello.host, hello.port) == (host_bytes("127.0.0.1"), fake_bridge.port)
    assert hello.nonce != bytes(32)
    assert fake_bridge.proofs == [True]
    assert 0 < fake_bridge.requests[0].milliseconds <= 1000


def test_without_a_token(
    windows: Wine, small_library: Path, driver_program: Path, fake_bridge: FakeBridge
) -> None:
    """The bridge is no process of Wine's: nobody can tell whose it is."""
    env, command = windows.environment(CSHIS_BRIDGE=fake_bridge.address), windows.command(driver_program)
    with Driver(windows_path(small_library), small_library.parent, env=env, command=command) as driver:
        assert driver.call("csCloseCom").code == 0
    assert fake_bridge.proofs == [True]


def test_a_thief_gets_no_call(small_driver: Driver, fake_bridge: FakeBridge) -> None:
    fake_bridge.welcome = lambda hello, token: Welcome(NONCE, bridge_proof(b"x" * 32, hello, NONCE)).encode()
    assert small_driver.call("csCloseCom").code == UNREACHABLE
    assert (fake_bridge.requests, fake_bridge.proofs) == ([], [])


def test_eviction(small_driver: Driver, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = lambda request: EVICT if len(fake_bridge.seen) == 1 else success(request)
    assert small_driver.call("csCloseCom").code == 0
    assert [connection for connection, _ in fake_bridge.seen] == [1, 2]
    fake_bridge.send_unasked(EVICTION_FRAME)
    assert small_driver.call("csCloseCom").code == 0
    assert [connection for connection, _ in fake_bridge.seen] == [1, 2, 3]


@pytest.mark.parametrize(
    ("how", "trusted"),
    [
        ("real", True), ("self", True), ("0", True), ("none", True),
        ("gone", False), ("stranger", False), ("anywhere", False), ("empty", False),
    ],
)  # fmt: skip
def test_whose_the_listener_is(how: str, trusted: bool, windows: Wine, build_program: Build) -> None:
    """Process 0 is nobody's: so Wine says of a bridge outside of it."""
    sources = [str(SHIM / f"{name}.c") for name in PEER]
    program = build_program("peer.c", f"-I{SHIM}", *sources, "-lws2_32", "-D_WIN32_WINNT=0x0601")
    done = windows.run(program, how)
    assert (done.returncode, done.stdout) == (0, f"{int(trusted)}\n")
