"""Who has the ports; another process really has some of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge import __version__
from bridge.config import (
    ChannelSettings,
    ConsoleSettings,
    FacadeSettings,
    Settings,
    TextSettings,
    save_settings,
)
from bridge.doctor import ports, running_bridge
from bridge.doctor.finding import Finding
from bridge.doctor.ports import check_ports
from bridge.serving.owners import RUNNING_FILE, own_console, own_data_dir
from bridge.serving.port_owner import Owner, owner_of
from bridge.table.model.rows import Table
from tests.unit.doctor.servers import Authority, free_port, http_server

LISTEN = (
    "import socket, sys\n"
    "listener = socket.create_server(('127.0.0.1', 0))\n"
    "print(listener.getsockname()[1], flush=True)\n"
    "sys.stdin.read()"
)


@contextmanager
def another_program() -> Iterator[tuple[int, int]]:
    """A process that listens. Gives its port and its pid."""
    with subprocess.Popen(
        [sys.executable, "-c", LISTEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline()), process.pid
        process.stdin.close()


def settings(data_dir: Path, facade: int = 0, http: int = 0, channel: int = 0, console: int = 0) -> Settings:
    return Settings(
        data_dir=data_dir,
        facade=FacadeSettings(port=facade or free_port(), legacy_http_port=http or free_port()),
        channel=ChannelSettings(port=channel or free_port()),
        console=ConsoleSettings(url=f"https://localhost:{console or free_port()}"),
    )


def look(given: Settings, table: Table) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_ports(given, table)}


def health(known: Table, **further: Any) -> dict[str, Any]:
    return {
        "status": "ok",
        "reasons": [],
        "version": __version__,
        "table": known.digest,
        "pid": os.getpid(),
        "since": "2026-11-25T00:00:00+00:00",
        "listening": {},
        **further,
    }


def test_no_bridge_runs(tmp_path: Path, table: Table) -> None:
    found = look(settings(tmp_path), table)
    assert (found["bridge"].status, "cshis-bridge serve" in found["bridge"].advice) == ("broken", True)
    for name in ("channel", "facade", "legacy_http"):
        assert (found[f"port.{name}"].status, "is free" in found[f"port.{name}"].what) == ("ok", True)
    assert found["port.console"].status == "unknown"


def test_another_program_has_the_port(tmp_path: Path, table: Table) -> None:
    with another_program() as (port, pid):
        found = look(settings(tmp_path, channel=port), table)["port.channel"]
    assert found.status == "broken"
    assert f"port {port} (native library) is taken by" in found.what
    assert f"(process {pid})" in found.what
    assert "channel.port" in found.advice


def test_a_port_of_another_user(tmp_path: Path, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "owner_of", lambda *_: None)  # root sees everybody's
    with another_program() as (port, _):
        found = look(settings(tmp_path, channel=port), table)["port.channel"]
    assert (found.status, "a program of another user" in found.what) == ("broken", True)
    assert f"port {port}" in found.advice or f"findstr {port}" in found.advice


def test_the_console_is_named_by_its_process(tmp_path: Path, table: Table) -> None:
    with another_program() as (port, pid):
        found = look(settings(tmp_path, console=port), table)["port.console"]
    assert (found.status, f"(process {pid})" in found.what) == ("ok", True)


def test_a_bridge_that_has_lost_a_port(tmp_path: Path, table: Table) -> None:
    replies: dict[str, tuple[int, Any]] = {}
    with http_server(None, replies) as port:
        replies["/healthz"] = (200, health(table, listening={"legacy_http": f"http://127.0.0.1:{port}"}))
        found = look(settings(tmp_path, http=port), table)
    assert found["bridge"].status == "ok"
    assert found["port.legacy_http"].status == "ok"
    assert (found["port.channel"].status, "not on port" in found["port.channel"].what) == ("broken", True)


def test_a_file_that_the_running_bridge_read_and_that_was_changed_since(tmp_path: Path, table: Table) -> None:
    (tmp_path / "list").write_text("")  # of 2027; the bridge has been running since 2026-11-25
    os.utime(tmp_path / "list", (1_800_000_000, 1_800_000_000))
    replies: dict[str, tuple[int, Any]] = {}
    with http_server(None, replies) as port:
        replies["/healthz"] = (200, health(table))
        given = settings(tmp_path, http=port)
        found = look(given.model_copy(update={"text": TextSettings(eudc=tmp_path / "list")}), table)
    assert found["text.eudc.changed"].status == "warning"


def test_a_program_beside_the_bridge_has_its_port(tmp_path: Path, table: Table) -> None:
    """The bridge says it listens there, the system says that somebody else does."""
    replies: dict[str, tuple[int, Any]] = {}
    with another_program() as (taken, pid), http_server(None, replies) as port:
        replies["/healthz"] = (200, health(table, listening={"channel": f"127.0.0.1:{taken}"}))
        found = look(settings(tmp_path, http=port, channel=taken), table)["port.channel"]
    assert (found.status, f"(process {pid})" in found.what) == ("broken", True)


@pytest.mark.parametrize(
    ("told", "http_status", "check", "status", "word"),
    [
        (
            {"status": "unavailable", "reasons": ["the bridge is stopping"]},
            503,
            "bridge",
            "broken",
            "stopping",
        ),
        ({"status": "degraded", "reasons": ["the journal fails: full"]}, 200, "bridge", "warning", "full"),
        ({"table": "0" * 64}, 200, "bridge.version", "warning", "000000000000"),
        ({"version": "0.0.1"}, 200, "bridge.version", "warning", "0.0.1"),
        (
            {"other_programs": {"signs": 3, "last": "2026-11-29T08:00:00+00:00", "last_sign": "it did so"}},
            200,
            "bridge.neighbour",
            "warning",
            ": it did so",
        ),
    ],
)
def test_a_bridge_that_is_not_well(
    tmp_path: Path, table: Table, told: dict[str, Any], http_status: int, check: str, status: str, word: str
) -> None:
    with http_server(None, {"/healthz": (http_status, health(table, **told))}) as port:
        finding = look(settings(tmp_path, http=port), table)[check]
    assert (finding.status, word in finding.what) == (status, True)


@pytest.mark.parametrize(
    "told", [None, {}, [], {"signs": 0, "last": None, "last_sign": ""}, {"signs": "3"}, {"signs": None}]
)
def test_no_sign_of_another_program_is_nothing_to_tell(tmp_path: Path, table: Table, told: object) -> None:
    """Also with a bridge of before, which does not count them."""
    with http_server(None, {"/healthz": (200, health(table, other_programs=told))}) as port:
        assert "bridge.neighbour" not in look(settings(tmp_path, http=port), table)


def test_over_https_where_the_http_door_is_elsewhere(
    tmp_path: Path, table: Table, authority: Authority
) -> None:
    (tmp_path / "certificate").mkdir()
    authority.file.rename(tmp_path / "certificate" / "facade-ca.pem")
    replies = {"/healthz": (200, health(table))}
    with http_server(authority.context("127.0.0.1"), replies) as port:
        assert look(settings(tmp_path, facade=port), table)["bridge"].status == "ok"


@pytest.mark.parametrize("reply", [b"hello", json.dumps([]).encode(), b'{"status": "ok"}', b"\xff"])
def test_another_web_server(tmp_path: Path, table: Table, reply: bytes) -> None:
    with http_server(None, {"/healthz": (200, reply)}) as port:
        found = look(settings(tmp_path, http=port), table)
    assert found["bridge"].status == "broken"
    assert (found["port.legacy_http"].status, "is taken by" in found["port.legacy_http"].what) == (
        "broken",
        True,
    )


def test_a_program_that_accepts_and_says_nothing(
    tmp_path: Path, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_bridge, "SECONDS", 0.3)
    with another_program() as (port, _):
        found = look(settings(tmp_path, http=port), table)
    assert found["bridge"].status == "broken"


@pytest.mark.parametrize(
    ("channel", "warned"),
    [
        ({}, False),
        ({"host": "::1"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "0.0.0.0", "token_file": "/x/token"}, False),
    ],
)
def test_a_channel_that_other_machines_reach(
    tmp_path: Path, table: Table, channel: dict[str, str], warned: bool
) -> None:
    given = settings(tmp_path)
    port = given.channel.port
    open_to = ChannelSettings.model_validate({"port": port, **channel})
    found = look(given.model_copy(update={"channel": open_to}), table)
    assert ("channel.host" in found) == warned


def test_nobody_owns_a_free_port() -> None:
    assert owner_of(free_port()) is None


# --- whose bridge it is, and both addresses of "localhost" --------------------------------------------------


def test_a_bridge_on_other_ports_than_the_settings_is_found_by_its_lock(tmp_path: Path, table: Table) -> None:
    replies = {"/healthz": (200, health(table))}
    with http_server(None, replies) as port, own_data_dir(tmp_path):
        save_settings(settings(tmp_path, http=port), tmp_path / RUNNING_FILE)
        found = look(settings(tmp_path), table)
    assert found["bridge"].status == "ok"
    assert "bridge.owner" not in found


def test_a_lock_and_no_answer(tmp_path: Path, table: Table) -> None:
    with own_data_dir(tmp_path):
        found = look(settings(tmp_path), table)["bridge"]
    assert found.status == "broken"
    assert f"(process {os.getpid()})" in found.what
    assert "look again in a moment" in found.advice


def test_another_bridge_at_the_console(tmp_path: Path, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    given = settings(tmp_path / "mine")
    with own_console(given.console.url, tmp_path / "theirs.toml"):
        found = look(given, table)["bridge.console"]
        assert (found.status, str(tmp_path / "theirs.toml") in found.what) == ("warning", True)
        (tmp_path / "mine").mkdir()
        with own_data_dir(tmp_path / "mine"):  # the same process: it is the bridge of this directory
            assert "bridge.console" not in look(given, table)


def test_another_bridge_answers(tmp_path: Path, table: Table) -> None:
    """The ports belong to one bridge, the data directory to another."""
    replies = {"/healthz": (200, health(table, pid=1))}
    with http_server(None, replies) as port, own_data_dir(tmp_path):
        found = look(settings(tmp_path, http=port), table)["bridge.owner"]
    assert found.status == "broken"
    assert "(process 1)" in found.what
    assert f"(process {os.getpid()})" in found.what


@pytest.fixture
def at_ipv6() -> Iterator[socket.socket]:
    """Somebody listens at [::1]."""
    try:
        opened = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with opened:
        yield opened


@pytest.mark.parametrize(("pid", "status"), [(os.getpid(), "ok"), (1, "broken")])
def test_the_other_address_of_localhost(
    tmp_path: Path, table: Table, at_ipv6: socket.socket, pid: int, status: str
) -> None:
    """[::1] belongs to this process: it is the bridge's where this is the bridge, else somebody else's."""
    taken = at_ipv6.getsockname()[1]
    with http_server(None, {"/healthz": (200, health(table, pid=pid))}) as port:
        found = look(settings(tmp_path, http=port, facade=taken), table)["port.facade.ipv6"]
    assert found.status == status
    assert f"port {taken} of [::1]" in found.what
    if status == "broken":
        assert f"(process {os.getpid()})" in found.what
        assert "localhost" in found.why


def test_the_other_address_in_another_users_hands(
    tmp_path: Path, table: Table, at_ipv6: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system names the bridge's own process at 127.0.0.1, and nobody at [::1]."""
    taken = at_ipv6.getsockname()[1]
    monkeypatch.setattr(ports, "owner_of", lambda port, at=None: None if at else Owner(os.getpid(), "python"))
    with http_server(None, {"/healthz": (200, health(table))}) as port:
        found = look(settings(tmp_path, http=port, facade=taken), table)["port.facade.ipv6"]
    assert (found.status, "a program of another user" in found.what) == ("broken", True)


def test_nobody_at_the_other_address_is_nothing_to_tell(tmp_path: Path, table: Table) -> None:
    with http_server(None, {"/healthz": (200, health(table))}) as port:
        found = look(settings(tmp_path, http=port), table)
    assert not [check for check in found if check.endswith(".ipv6")]
