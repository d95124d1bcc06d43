"""Another user of the machine on the bridge's port: where no token is set, its socket gives it away."""

import asyncio
import ctypes
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from bridge.calls.call import LegacyCall
from bridge.channel.client import ChannelClient, NotProved
from bridge.channel.listener_owner import check_owner
from bridge.channel.server import ChannelServer
from bridge.config import ChannelSettings
from native.build import SHIM, build
from native.compiler import compile_program
from tests.security.another_user import NOBODY, Stranger
from tests.support.channel_table import TABLE, RecordingEngine
from tests.support.fake_bridge import FakeBridge
from tests.support.small_table import UNREACHABLE, small_table

HERE = Path(__file__).parent
PEER = ("peer", "peer_search", "peer_posix", "stream", "platform_posix")
Trusts = Callable[[str, int], bool]
Steal = Callable[[str, str], AbstractContextManager[tuple[int, Callable[[], int]]]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    (made,) = build("client", tmp_path_factory.mktemp("native"), small_table())
    return ctypes.CDLL(str(made))


@pytest.fixture(scope="module", params=["questions", "tables"])
def trusts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, int], bool]:
    """Whether the library would trust who listens there, by either way of asking the kernel."""
    sources = [SHIM / f"{name}.c" for name in PEER]
    flags = ["-DWITHOUT_QUESTIONS"] if request.param == "tables" else [str(SHIM / "peer_linux.c")]
    program = compile_program(
        HERE / "peer_host.c",
        tmp_path_factory.mktemp("peer") / "peer_host",
        f"-I{SHIM}",
        *map(str, sources),
        *flags,
        "-ldl",
        "-pthread",
    )

    def ask(address: str, port: int) -> bool:
        done = subprocess.run([program, address, str(port)], capture_output=True, text=True, timeout=10)
        return bool(int(done.stdout))

    return ask


@pytest.fixture
def steal(open_place: Path, stranger: Stranger) -> Steal:
    """Has another user listen: (address, how). Gives the port, and what tells how many bytes it was sent."""
    program = compile_program(HERE / "thief.c", open_place / "thief")

    @contextmanager
    def run(address: str, how: str) -> Iterator[tuple[int, Callable[[], int]]]:
        thief = subprocess.Popen(
            [program, address, how], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        with thief:
            assert thief.stdout is not None
            yield int(thief.stdout.readline()), lambda: int(thief.communicate(timeout=10)[0])
            thief.kill()

    return run


WAYS = [(address, how) for address in ("127.0.0.1", "0.0.0.0", "::") for how in ("accept", "queue", "hide")]


@pytest.mark.parametrize(("address", "how"), WAYS)
def test_the_library_sends_nothing_to_another_user(
    address: str, how: str, library: ctypes.CDLL, steal: Steal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_TIMEOUT", "2")
    monkeypatch.delenv("CSHIS_BRIDGE_TOKEN_FILE", raising=False)
    with steal(address, how) as (port, stolen):
        monkeypatch.setenv("CSHIS_BRIDGE", f"127.0.0.1:{port}")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(library.csCloseCom).result(10) == UNREACHABLE
        assert stolen() == 0


@pytest.mark.parametrize(("address", "how"), WAYS)
def test_either_way_of_asking_finds_the_other_user(
    address: str, how: str, trusts: Trusts, steal: Steal
) -> None:
    for reached in ("127.0.0.1", "::1") if address == "::" and how != "hide" else ("127.0.0.1",):
        with steal(address, how) as (port, _):
            assert not trusts(reached, port)


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "127.0.0.1"),
        ("::1", "::1"),
        ("::", "::1"),
    ],
)
def test_either_way_of_asking_trusts_the_same_user(address: str, reached: str, trusts: Trusts) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family, dualstack_ipv6=address == "::") as listening:
        assert trusts(reached, listening.getsockname()[1])


def test_another_users_listener_elsewhere_does_not_matter(
    library: ctypes.CDLL, steal: Steal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same port number of another address of this machine."""
    monkeypatch.delenv("CSHIS_BRIDGE_TOKEN_FILE", raising=False)
    with steal("127.0.0.2", "accept") as (port, _), FakeBridge(port=port) as ours:
        monkeypatch.setenv("CSHIS_BRIDGE", ours.address)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(library.csCloseCom).result(10) == 0


async def test_the_python_client_sends_nothing_to_another_user(steal: Steal) -> None:
    with steal("127.0.0.1", "accept") as (port, stolen):
        async with ChannelClient(TABLE, "127.0.0.1", port) as client:
            with pytest.raises(NotProved, match=f"another user of this machine \\(uid {NOBODY}\\)"):
                await client.call(LegacyCall("csOpenCom", {"pComNum": 0}))
        assert await asyncio.to_thread(stolen) == 0


async def test_the_python_client_trusts_a_bridge_of_its_user() -> None:
    server = ChannelServer(RecordingEngine(), ChannelSettings(port=0))
    _, port = await server.start()
    async with ChannelClient(TABLE, "127.0.0.1", port) as client:
        assert (await client.call(LegacyCall("csOpenCom", {"pComNum": 0}))).code == 0
    await server.stop()


class Joined:
    """A connection of 127.0.0.1:1000 to 127.0.0.1:5068, as a table of the kernel may show it."""

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 1000

    def getpeername(self) -> tuple[str, int]:
        return "127.0.0.1", 5068


LISTENER = (
    "  0: 0100007F:13CC 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {:5} 0 1 1 0 100 0 0 10 0\n"
)
ACCEPTED = (
    "  1: 0100007F:13CC 0100007F:03E8 01 00000000:00000000 00:00000000 00000000 {:5} 0 1 1 0 100 0 0 10 0\n"
)


@pytest.mark.parametrize(
    ("rows", "trusted"),
    [
        ([LISTENER.format(os.geteuid())], True),
        ([LISTENER.format(0)], True),
        ([LISTENER.format(4444)], False),
        ([LISTENER.format(os.geteuid()), ACCEPTED.format(4444)], False),
        ([LISTENER.format(4444), ACCEPTED.format(0)], False),
        ([ACCEPTED.format(0)], True),
        ([LISTENER.format(4444).replace("13CC", "13CD")], False),
        ([], True),
    ],
)
def test_what_a_table_says(rows: list[str], trusted: bool, tmp_path: Path) -> None:
    """The last but one: nobody is there, though the table can be read; the last: it cannot."""
    table = tmp_path / "tcp"
    table.write_text("  sl  local_address rem_address   st ...\n" + "".join(rows))
    assert (check_owner(Joined(), (table, tmp_path / "none")) == "") == trusted
