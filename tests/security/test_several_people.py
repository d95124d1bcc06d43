"""Several people at one machine, a bridge each: programs find their own person's, and no other."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from bridge.config import ConsoleSettings, Settings
from bridge.doctor.ports import check_ports
from bridge.errors import Dropped, Unreachable
from bridge.serving.endpoint import FILE_NAME, endpoint_text, published
from bridge.serving.own_ports import with_ports_of_ones_own
from bridge.serving.whose import strange_listener
from bridge.table.default import default_table
from bridge.upstream.client import HttpUpstream
from native.build import build
from native.compiler import compile_program
from tests.security.another_user import NOBODY, Stranger
from tests.support.bridge_process import ROOT, clean_environment, running_bridge
from tests.support.fake_bridge import FakeBridge
from tests.support.small_table import UNREACHABLE, small_table

PROGRAM = """
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words) {
    short (*close)(void) = 0;
    void *library = count > 1 ? dlopen(words[1], RTLD_NOW) : 0;
    if (library) *(void **)(&close) = dlsym(library, "csCloseCom");
    if (!close) return 1;
    printf("%d\\n", close());
    return 0;
}
"""
TOKENS = {64001: bytes(range(32)), 64002: bytes(range(32, 64))}


@dataclass
class Desk:
    """A machine with the library in a folder that everybody may read, and nothing set."""

    place: Path
    library: Path
    program: Path

    def call(self, user: int, **environment: str) -> int:
        """What csCloseCom says to a program of a user."""
        done = subprocess.run(
            [self.program, self.library],
            user=user,
            group=user,
            extra_groups=[],
            cwd="/",
            env={"PATH": "/usr/bin", "CSHIS_BRIDGE_TIMEOUT": "5", **environment},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    def runtime(self, user: int) -> Path:
        """The user's folder for the time of a session."""
        folder = self.place / f"run-{user}"
        if not folder.exists():
            (folder / "cshis-bridge").mkdir(parents=True)
            for each in (folder, folder / "cshis-bridge"):
                each.chmod(0o700)
                os.chown(each, user, user)
        return folder

    def say(self, user: int, text: str, *, owner: int | None = None, mode: int = 0o600) -> dict[str, str]:
        """As a bridge of that user says it. Out: the environment that a session has anyway."""
        file = self.runtime(user) / "cshis-bridge" / FILE_NAME
        file.write_text(text)
        file.chmod(mode)
        os.chown(file, user if owner is None else owner, -1)
        return {"XDG_RUNTIME_DIR": str(self.runtime(user))}

    def token(self, user: int) -> Path:
        file = self.place / f"token-{user}"
        file.write_text(TOKENS[user].hex())
        file.chmod(0o600)
        os.chown(file, user, user)
        return file


@pytest.fixture(scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("desk")
    (library,) = build("client", folder, small_table())
    source = folder / "program.c"
    source.write_text(PROGRAM)
    return library, compile_program(source, folder / "program", "-ldl")


@pytest.fixture
def desk(open_place: Path, stranger: Stranger, _built: tuple[Path, Path]) -> Desk:
    library, program = (Path(shutil.copy(each, open_place)) for each in _built)
    return Desk(open_place, library, program)


@pytest.fixture
def bridges(desk: Desk) -> Iterator[dict[int, FakeBridge]]:
    """Of two people, with the token of each."""
    with ExitStack() as stack:
        yield {user: stack.enter_context(FakeBridge(token=token)) for user, token in TOKENS.items()}


def test_each_persons_programs_find_their_own_bridge(desk: Desk, bridges: dict[int, FakeBridge]) -> None:
    for user, bridge in bridges.items():
        session = desk.say(user, endpoint_text("127.0.0.1", bridge.port, desk.token(user)))
        assert desk.call(user, **session) == 0
        assert [len(each.seen) for each in bridges.values()] == ([1, 0] if user == 64001 else [1, 1])


def test_the_usual_address_in_an_ini_file_is_no_other_bridge(
    desk: Desk, bridges: dict[int, FakeBridge]
) -> None:
    """install-dll writes it for all at the machine; one that an administrator has chosen counts."""
    session = desk.say(64001, endpoint_text("127.0.0.1", bridges[64001].port, desk.token(64001)))
    ini = desk.place / "cshis-bridge.ini"
    ini.write_text("bridge=127.0.0.1:5068\ntoken_file=/nowhere\n")
    assert desk.call(64001, **session) == 0
    ini.write_text("bridge=127.0.0.1:1\n")
    assert desk.call(64001, **session) == UNREACHABLE
    assert (
        desk.call(64001, CSHIS_BRIDGE=bridges[64001].address, **session) == UNREACHABLE
    )  # without the token


@pytest.mark.parametrize("how", ["of another user", "for all to write", "a link"])
def test_what_somebody_else_says_does_not_count(desk: Desk, bridges: dict[int, FakeBridge], how: str) -> None:
    """Another user may have made the folder first, where the system has none of its own."""
    said = endpoint_text("127.0.0.1", bridges[64001].port, desk.token(64001))
    session = desk.say(
        64001, said, owner=64002 if "user" in how else None, mode=0o666 if "write" in how else 0o600
    )
    if how == "a link":
        file = desk.runtime(64001) / "cshis-bridge" / FILE_NAME
        file.rename(file.with_name("real"))
        file.symlink_to("real")
    assert desk.call(64001, **session) == UNREACHABLE
    assert bridges[64001].seen == []


@pytest.mark.parametrize("said", ["", "\n\n", "bridge=", "bridge", "\0bridge=127.0.0.1:1\n", "x" * 9000])
def test_nothing_useful_is_like_nothing(desk: Desk, said: str) -> None:
    assert desk.call(64001, **desk.say(64001, said)) == UNREACHABLE


def test_another_persons_place_is_not_proved_without_their_token(
    desk: Desk, bridges: dict[int, FakeBridge]
) -> None:
    """Whoever leads a program to another bridge gets no call out of it."""
    session = desk.say(64001, endpoint_text("127.0.0.1", bridges[64002].port, desk.token(64001)))
    assert desk.call(64001, **session) == UNREACHABLE
    assert bridges[64002].seen == []


def test_what_is_said_goes_with_the_bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    file = runtime / "cshis-bridge" / FILE_NAME
    with published("bridge=127.0.0.1:7\n"):
        assert (file.read_text(), file.stat().st_mode & 0o777) == ("bridge=127.0.0.1:7\n", 0o600)
        file.write_text("of a later bridge")
    assert file.read_text() == "of a later bridge"
    with published("bridge=127.0.0.1:8\n"):
        pass
    assert not file.exists()


@pytest.mark.parametrize("own", [True, False])
def test_only_a_persons_own_bridge_says_where_it_is(own: bool, tmp_path: Path) -> None:
    """And no trial with a data directory of its own."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    data = tmp_path / "data"
    ports = [f"--{name}-port=0" for name in ("facade", "legacy-http", "channel", "console", "cloud")]
    words = ["serve", "--simulate", *ports, *([] if own else ["--data-dir", str(data)])]
    environment = clean_environment(
        XDG_RUNTIME_DIR=str(runtime), CSHIS_BRIDGE_DATA_DIR=str(data if own else tmp_path / "another")
    )
    command = [sys.executable, "-m", "bridge", *words]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as bridge:
        assert bridge.stdout is not None
        assert '"ready"' in bridge.stdout.readline()
        file = runtime / "cshis-bridge" / FILE_NAME
        assert file.exists() == own
        if own:
            assert file.read_text().startswith("bridge=127.0.0.1:")
        bridge.terminate()
        assert bridge.wait(30) == 0
    assert not file.exists()


def test_how_it_is_said() -> None:
    assert endpoint_text("::", 5068, None) == "bridge=[::1]:5068\n"
    token = Settings().data_dir / "token"
    assert endpoint_text("0.0.0.0", 1, token) == f"bridge=127.0.0.1:1\ntoken_file={token}\n"


REQUEST = r"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
HTTP = f"exec 3<>/dev/tcp/127.0.0.1/{{port}}; printf '{REQUEST}' >&3; head -1 <&3"


def status(stranger: Stranger | None, port: int, path: str) -> int:
    """The HTTP status that another user's client gets, or (None) one of this user."""
    words = ("bash", "-c", HTTP.format(port=port, path=path))
    done = (
        stranger.run(*words)
        if stranger
        else subprocess.run(words, capture_output=True, text=True, timeout=30)
    )
    return int(done.stdout.split()[1])


@pytest.mark.parametrize("allowed", [False, True])
def test_http_clients_of_another_person_are_refused(
    stranger: Stranger, tmp_path: Path, allowed: bool
) -> None:
    settings = f"[facade]\nother_users = {str(allowed).lower()}\n"
    with running_bridge(tmp_path, settings) as bridge:
        port = int(bridge.ready["legacy_http"].rpartition(":")[2])
        assert status(None, port, "/metrics") == 200
        assert status(stranger, port, "/metrics") == (200 if allowed else 403)
        assert status(stranger, port, "/healthz") == 200
        health = json.loads(urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10).read())
        assert health["owner"] == {"user": str(os.geteuid()), "session": None}  # it says whose bridge it is
    if not allowed:
        assert f"another user of this machine ({NOBODY})" in bridge.log.read_text(encoding="utf-8")


@pytest.fixture
def port_of_another(desk: Desk, open_place: Path) -> Iterator[int]:
    """Where another person's program listens."""
    program = compile_program(Path(__file__).parent / "thief.c", open_place / "thief")
    with subprocess.Popen(
        [program, "127.0.0.1", "accept"], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        yield int(other.stdout.readline())
        other.kill()


def test_where_another_person_has_the_usual_ports_free_ones_are_taken(
    port_of_another: int, caplog: pytest.LogCaptureFixture
) -> None:
    """What a program of this person has is no other's, and a service needs the ports it is known by."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        port = own.getsockname()[1]
        settings = Settings.model_validate(
            {
                "facade": {"port": port, "legacy_http_port": port_of_another},
                "channel": {"port": port_of_another},
            }
        )
        found = with_ports_of_ones_own(False, settings)
        assert (found.facade.port, found.facade.legacy_http_port, found.channel.port) == (port, 0, 0)
        assert f"port {port_of_another} is taken: it belongs to another user" in caplog.text
        assert with_ports_of_ones_own(True, settings) == settings
        everywhere = settings.model_copy(
            update={"channel": settings.channel.model_copy(update={"host": "0.0.0.0"})}
        )
        assert with_ports_of_ones_own(False, everywhere).channel.port == port_of_another


async def test_the_console_of_another_person_is_not_asked(port_of_another: int) -> None:
    """The port of the console belongs to one person of a machine."""
    settings = ConsoleSettings(url=f"http://127.0.0.1:{port_of_another}")
    console = HttpUpstream("console", settings, check=strange_listener)
    with pytest.raises(Unreachable, match=f"another user of this machine \\({NOBODY}\\)"):
        await console.request("GET", "/api/status")
    await console.aclose()


def test_doctor_says_whose_the_consoles_port_is(port_of_another: int, tmp_path: Path) -> None:
    url = f"https://localhost:{port_of_another}"
    for allowed in (False, True):
        console = {"url": url, "other_users": allowed}
        settings = Settings.model_validate({"console": console, "data_dir": tmp_path})
        found = {each.check: each for each in check_ports(settings, default_table())}
        assert (found["port.console"].status == "warning") != allowed
        assert ("another person's" in found["port.console"].what) != allowed


async def test_the_console_of_ones_own_is(desk: Desk) -> None:
    """It closes the connection, which is an answer of a kind."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        settings = ConsoleSettings(url=f"http://127.0.0.1:{own.getsockname()[1]}")
        console = HttpUpstream("console", settings, check=strange_listener)
        asking = asyncio.create_task(console.request("GET", "/api/status"))
        accepted, _ = await asyncio.to_thread(own.accept)
        assert await asyncio.to_thread(accepted.recv, 3) == b"GET"
        accepted.close()
        with pytest.raises(Dropped):
            await asking
        await console.aclose()
