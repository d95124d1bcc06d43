"""How the bridge is, as the icon shows it: against a console that is well, hangs, or is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge import __version__
from bridge.config import CloudSettings, ConsoleSettings, Settings
from bridge.doctor import console as doctor_console
from bridge.table.loader import default_table
from bridge.tray import watch as tray_watch
from bridge.tray.look import Look
from bridge.tray.watch import MOST_SKIPPED, SELDOM, Watch
from tests.unit.doctor.servers import Authority, free_port, http_server, silent_server

TABLE = default_table()
STATUS_PATH = "/api/common/v1/Status"
OPEN = {
    "initialized": True,
    "name": "001000000103",
    "readerName": "Reader 0",
    "sam": {"status": 2},
    "hc": {"status": 1},
    "hpc": {"status": 0},
}


@dataclass
class Bridge:
    """What the running bridge says of itself."""

    calls: int = 0
    told: dict[str, Any] = field(
        default_factory=lambda: {
            "status": "ok",
            "reasons": [],
            "version": __version__,
            "table": TABLE.digest,
            "pid": 1,
            "since": "2026-01-01T08:00:00+08:00",
            "other_programs": {"signs": 0, "last": None, "last_sign": ""},
        }
    )

    def watch(self, console: ConsoleSettings, data_dir: Path, cloud: CloudSettings) -> Watch:
        settings = Settings(console=console, cloud=cloud, data_dir=data_dir)
        return Watch(settings, TABLE, lambda: self.told, lambda: self.calls)


@pytest.fixture(autouse=True)
def readers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The readers of this machine."""
    plugged = ["Reader 0"]
    monkeypatch.setattr(doctor_console, "plugged_in", lambda: plugged)
    monkeypatch.setattr(tray_watch, "check_smart_cards", lambda: iter(()))
    return plugged


@pytest.fixture
def cloud(authority: Authority) -> Iterator[CloudSettings]:
    with http_server(authority.context("127.0.0.1")) as port:
        yield CloudSettings(url=f"https://127.0.0.1:{port}", ca_file=authority.file)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def settings_for(authority: Authority, port: int) -> ConsoleSettings:
    url = f"https://127.0.0.1:{port}"
    return ConsoleSettings(url=url, ca_file=authority.file, connect_timeout=0.5, read_timeout=0.5)


async def test_all_is_well(authority: Authority, cloud: CloudSettings, tmp_path: Path) -> None:
    replies = {STATUS_PATH: (200, {"statusCode": 0, "status": OPEN})}
    with http_server(authority.context("127.0.0.1"), replies) as port:
        watch = Bridge().watch(settings_for(authority, port), tmp_path, cloud)
        assert await watch.look() == Look("green")


async def test_a_reader_that_was_pulled_and_put_back(
    authority: Authority, cloud: CloudSettings, tmp_path: Path, readers: list[str]
) -> None:
    replies = {STATUS_PATH: (200, {"statusCode": 0, "status": OPEN})}
    with http_server(authority.context("127.0.0.1"), replies) as port:
        watch = Bridge().watch(settings_for(authority, port), tmp_path, cloud)
        readers.clear()
        assert await watch.look() == Look("red", ("console.reader",))
        readers.append("Reader 0")
        assert await watch.look() == Look("green")


async def test_a_console_that_hangs_is_not_one_that_is_not_there(
    authority: Authority, cloud: CloudSettings, tmp_path: Path
) -> None:
    with silent_server() as port:
        watch = Bridge().watch(settings_for(authority, port), tmp_path, cloud)
        assert await watch.look() == Look("red", ("console.answer",))
    watch = Bridge().watch(settings_for(authority, free_port()), tmp_path, cloud)
    assert await watch.look() == Look("red", ("console",))


async def test_a_console_at_work_is_left_alone_for_a_while(
    authority: Authority, cloud: CloudSettings, tmp_path: Path
) -> None:
    """A person may be typing a PIN at its keys."""
    bridge, replies = Bridge(), {STATUS_PATH: (200, {"statusCode": 0, "status": OPEN})}
    with http_server(authority.context("127.0.0.1"), replies) as port:
        watch = bridge.watch(settings_for(authority, port), tmp_path, cloud)
        assert await watch.look() == Look("green")
    bridge.calls = 1
    seen = [(await watch.look()).colour for _ in range(MOST_SKIPPED)]
    assert seen == ["green"] * (MOST_SKIPPED - 1) + ["red"]


async def test_the_cloud_is_asked_seldom(authority: Authority, tmp_path: Path) -> None:
    gone = CloudSettings(url=f"https://127.0.0.1:{free_port()}", ca_file=authority.file)
    replies = {STATUS_PATH: (200, {"statusCode": 0, "status": OPEN})}
    with http_server(authority.context("127.0.0.1"), replies) as port:
        watch = Bridge().watch(settings_for(authority, port), tmp_path, gone)
        assert await watch.look() == Look("red", ("cloud",))
        asked: list[object] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(tray_watch, "check_reachable", lambda *given: asked.append(given) or [])
            for _ in range(SELDOM):
                await watch.look()
    assert len(asked) == 1


async def test_a_bridge_with_a_fault(authority: Authority, cloud: CloudSettings, tmp_path: Path) -> None:
    bridge, replies = Bridge(), {STATUS_PATH: (200, {"statusCode": 0, "status": OPEN})}
    bridge.told |= {"status": "degraded", "reasons": ["the journal fails: disk full"]}
    with http_server(authority.context("127.0.0.1"), replies) as port:
        look = await bridge.watch(settings_for(authority, port), tmp_path, cloud).look()
    assert look == Look("yellow", ("bridge",))
    assert "disk full" not in look.tip("en")
