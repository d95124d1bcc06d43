"""Fixtures of the simulators' tests: one set of keys for all, a clock that stands still, a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from bridge.sim.clock import TAIPEI, Clock
from bridge.sim.signatures import Keys
from bridge.sim.simulator import Simulator
from bridge.sim.world import World

NOW = datetime(2026, 3, 10, 10, 0, 0, tzinfo=TAIPEI)
SIGNATURE_PATHS = {
    "sam": "/api/sam/v1/Signature",
    "hpc": "/api/hpc/v1/Signature",
    "hc": "/api/hc/v1/Signature/Hc",
    "hpchc": "/api/hc/v1/Signature/HpcHc",
}
TEN = "000073898381"
DOCTOR = "000000329470"


class Desk:
    """Talks to a simulator's apps as a client would; replies are decoded JSON."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.world: World = simulator.world
        self.console_client = _client(simulator.console_app)
        self.cloud_client = _client(simulator.cloud_app)
        self.control_client = _client(simulator.control_app, "http://127.0.0.1")

    async def console(self, method: str, path: str, body: Any = None) -> Any:
        reply = await self.console_client.request(method, path, json=body)
        assert reply.status_code == 200
        return reply.json()

    async def code(self, method: str, path: str, body: Any = None) -> int:
        return int((await self.console(method, path, body))["statusCode"])

    async def open(self) -> None:
        """Initialise and verify the SAM."""
        assert await self.code("POST", "/api/common/v1/Initial") == 0
        assert await self.code("POST", "/api/sam/v1/Verification") == 0

    async def open_with_doctor(self) -> None:
        await self.open()
        assert await self.code("POST", "/api/hpc/v1/Verification/Hpc", {"pin": "123456"}) == 0

    async def later(self, seconds: float) -> None:
        """Move the clock, and have the SAM verified anew: its session does not last for ever."""
        self.world.clock.shift(seconds)
        assert await self.code("POST", "/api/sam/v1/Verification") == 0

    async def status(self) -> Any:
        return (await self.console("GET", "/api/common/v1/Status"))["status"]

    async def sign(self, kind: str, service_type: str) -> dict[str, str]:
        reply = await self.console("POST", SIGNATURE_PATHS[kind], {"serviceType": service_type})
        assert reply["statusCode"] == 0
        return reply

    async def cloud(self, path: str, signature: dict[str, str], **fields: Any) -> Any:
        """Return the reply of a request whose fields are in order."""
        reply = await self.cloud_client.post("/api/v1/" + path, json={**signature, **fields})
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def ask(self, path: str, kind: str, service_type: str, **fields: Any) -> Any:
        """Sign and ask the cloud."""
        return await self.cloud(path, await self.sign(kind, service_type), **fields)

    async def visit(self, item: str = "01", baby: str = " ") -> Any:
        return await self.ask(
            "SequelNumber/Next", "hc", "03", treatmentItem=item, babyTreatment=baby, afterCheck="1"
        )

    async def close(self) -> None:
        for client in (self.console_client, self.cloud_client, self.control_client):
            await client.aclose()


def _client(app: Any, base_url: str = "https://localhost") -> httpx.AsyncClient:
    # Without trust_env each client would look for proxies and load the system's certificates.
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base_url, trust_env=False)


@pytest.fixture
async def desk(keys: Keys) -> AsyncIterator[Desk]:
    desk = Desk(Simulator(keys, Clock(lambda: NOW)))
    yield desk
    await desk.close()
