"""Every route hands on who asks, as the listener knows it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bridge.calls.caller import UNKNOWN_CALLER, Caller

CALLER = Caller(gone=lambda: "it was closed")


@pytest.fixture
async def listened(app: FastAPI) -> Any:
    """The doors as behind a listener."""

    async def with_caller(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {"caller": CALLER}}, receive, send)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(with_caller), base_url="https://localhost:5067"
    ) as client:
        yield client


async def test_every_route_of_a_call(listened: httpx.AsyncClient, engine: Any) -> None:
    for route in engine.table.routes:
        await listened.post(route.path, json={})
    assert engine.calls
    assert {call.caller for call in engine.calls} == {CALLER}


async def test_every_path_of_the_upload_centre(listened: httpx.AsyncClient, engine: Any) -> None:
    for service in engine.table.services.values():
        for path in service.served_at:
            await listened.post(path, json={})
    assert set(engine.uploads.callers) == {CALLER}


async def test_without_a_listener_that_knows(client: httpx.AsyncClient, engine: Any) -> None:
    await client.post("/VHC/VHChisGetBasicData", json={})
    await client.post("/V2000/VNHI_Upload", json={})
    assert [call.caller for call in engine.calls] == engine.uploads.callers == [UNKNOWN_CALLER]
