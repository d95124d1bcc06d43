"""``/healthz``: what monitoring sees."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from bridge import __version__
from bridge.config import FacadeSettings
from bridge.rest.app import make_app
from bridge.rest.health import Health, Room, WatchedDoor


@pytest.fixture
def health() -> Health:
    made = Health()
    made.doors["facade"] = WatchedDoor("https://127.0.0.1:5067", lambda: True)
    made.doors["channel"] = WatchedDoor("127.0.0.1:5068", lambda: True)
    return made


async def ask(engine, health: Health, headers: dict[str, str] | None = None) -> httpx.Response:
    transport = httpx.ASGITransport(make_app(engine, FacadeSettings(), health=health))
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost:5067") as client:
        return await client.get("/healthz", headers=headers)


async def test_a_healthy_bridge(engine, health) -> None:
    reply = await ask(engine, health)
    assert reply.status_code == 200
    told = reply.json()
    assert abs((datetime.now(UTC) - datetime.fromisoformat(told.pop("since"))).total_seconds()) < 60
    assert isinstance(told.pop("pid"), int)
    assert told.pop("owner") == {}  # the bridge itself says it
    assert told == {
        "status": "ok",
        "reasons": [],
        "version": __version__,
        "table": engine.table.digest,
        "listening": {"facade": "https://127.0.0.1:5067", "channel": "127.0.0.1:5068"},
        "connections": {},
        "console_session": "closed",
        "journal": "ok",
        "other_programs": {"signs": 0, "last": None, "last_sign": ""},
    }
    assert engine.calls == []


async def test_how_full_the_channel_is(engine, health) -> None:
    health.doors["channel"] = WatchedDoor("127.0.0.1:5068", lambda: True, lambda: Room(256, 256, 44))
    told = (await ask(engine, health)).json()["connections"]
    assert told == {"channel": {"connections": 256, "most": 256, "evictions": 44}}


async def test_an_open_session_is_told(engine, health) -> None:
    engine.session_open = True
    assert (await ask(engine, health)).json()["console_session"] == "open"


async def test_a_door_that_does_not_listen(engine, health) -> None:
    health.doors["channel"] = WatchedDoor("127.0.0.1:5068", lambda: False)
    reply = await ask(engine, health)
    assert reply.status_code == 503
    told = reply.json()
    assert (told["status"], told["reasons"]) == ("unavailable", ["the channel does not listen"])
    assert list(told["listening"]) == ["facade"]


async def test_a_bridge_that_stops(engine, health) -> None:
    health.stop()
    reply = await ask(engine, health)
    assert (reply.status_code, reply.json()["reasons"]) == (503, ["the bridge is stopping"])


async def test_calls_go_on_without_a_journal(engine, health) -> None:
    engine.journal._writer.fault = "database or disk is full"
    reply = await ask(engine, health)
    told = reply.json()
    assert (reply.status_code, told["status"], told["journal"]) == (200, "degraded", "failed")
    assert told["reasons"] == ["the journal fails: database or disk is full"]


@pytest.mark.parametrize(("lost", "status"), [(True, "degraded"), (False, "ok")])
async def test_a_journal_that_was_taken_away(engine, health, lost, status) -> None:
    engine.journal._writer.loss, engine.journal._writer.lost = "the file was taken away", lost
    told = (await ask(engine, health)).json()
    assert (told["status"], told["reasons"]) == (status, ["the file was taken away"])


@pytest.mark.parametrize(
    ("headers", "status"), [({"host": "evil.example"}, 400), ({"origin": "https://evil.example"}, 403)]
)
async def test_strangers_learn_nothing(engine, health, headers, status) -> None:
    reply = await ask(engine, health, headers)
    assert (reply.status_code, "pid" in reply.text) == (status, False)
