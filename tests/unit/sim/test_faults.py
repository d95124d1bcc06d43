"""Armed faults, seen by a client over real TLS connections."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from bridge.serving.certificate_making import fresh_certificate
from bridge.sim.errors import ControlError
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from tests.support.greeting import until

NEXT = "/api/v1/SequelNumber/Next"


BASIC = "/api/v1/BasicData/Query"


class Served:
    """A simulator whose console and cloud listen for real."""

    def __init__(self, simulator: Simulator, directory: Path) -> None:
        self.simulator = simulator
        self.certificate, self.key, ca_file = fresh_certificate(directory)
        self.world = simulator.world
        self.ports: dict[str, int] = {}
        self._servers: dict[str, tuple[uvicorn.Server, asyncio.Task[None]]] = {}
        simulator.power = self.power
        trust = ssl.create_default_context(cafile=str(ca_file))
        self.client = httpx.AsyncClient(verify=trust, timeout=5)

    async def power(self, name: str, on: bool) -> None:
        if on:
            await self._start(name)
        else:
            await self._stop(name)

    async def _start(self, name: str) -> None:
        app = self.simulator.console_app if name == "console" else self.simulator.cloud_app
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            ssl_certfile=self.certificate,
            ssl_keyfile=self.key,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", self.ports.get(name, 0)))
        self.ports[name] = listener.getsockname()[1]
        task = asyncio.create_task(server.serve([listener]))
        self._servers[name] = (server, task)
        while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.01)

    async def _stop(self, name: str) -> None:
        server, task = self._servers.pop(name)
        server.should_exit = True
        await task

    async def close(self) -> None:
        await self.client.aclose()
        for name in list(self._servers):
            await self._stop(name)

    async def request(self, service: str, method: str, path: str, body: Any = None) -> httpx.Response:
        url = f"https://localhost:{self.ports[service]}{path}"
        return await self.client.request(method, url, json=body)

    async def sign(self, service_type: str) -> dict[str, str]:
        body = {"serviceType": service_type}
        return (await self.request("console", "POST", "/api/hc/v1/Signature/Hc", body)).json()


@pytest.fixture
async def served(tmp_path: Path, keys: Any) -> AsyncIterator[Served]:
    served = Served(Simulator(keys), tmp_path)
    await served.power("console", True)
    await served.power("cloud", True)
    await served.request("console", "POST", "/api/common/v1/Initial")
    await served.request("console", "POST", "/api/sam/v1/Verification")
    yield served
    await served.close()


async def test_console_and_cloud_over_tls(served):
    signed = await served.sign("01")
    reply = await served.request("cloud", "POST", "/api/v1/BasicData/Query", signed)
    assert reply.json()["name"] == "測試十"


async def test_strangers_do_not_trust_the_certificate(served):
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(f"https://localhost:{served.ports['console']}/api/common/v1/Status")


async def test_answers_in_place_of_the_service(served):
    board = served.world.faults
    for fault in (
        Fault("console", "status", 1700, times=1),
        Fault("console", "http", 503, times=1),
        Fault("console", "garbage", times=1),
        Fault("console", "empty", times=1),
    ):
        board.arm(fault)
    replies = [await served.request("console", "GET", "/api/common/v1/Name") for _ in range(5)]
    assert replies[0].json() == {"statusCode": 1700}
    assert replies[1].status_code == 503
    with pytest.raises(ValueError, match="Expecting value"):
        replies[2].json()
    assert replies[3].json() == {}
    assert replies[4].json()["statusCode"] == 0
    faults = [entry["fault"] for entry in served.world.requests.as_json()[-5:]]
    assert faults == ["status", "http", "garbage", "empty", ""]


async def test_replies_without_a_name_or_with_something_else_in_it(served):
    for kind in ("missing", "wrong_type"):
        served.world.faults.arm(Fault("cloud", kind, field="name", times=1))
    whole = (await served.request("cloud", "POST", BASIC, await served.sign("01"))).json()
    assert ("name" in whole, whole["statusCode"]) == (False, 0)
    assert (await served.request("cloud", "POST", BASIC, await served.sign("01"))).json()["name"] == []
    assert (await served.request("cloud", "POST", BASIC, await served.sign("01"))).json()["name"] == "測試十"


async def test_a_reply_with_its_names_in_capitals(served):
    served.world.faults.arm(Fault("cloud", "capitals", times=1))
    reply = (await served.request("cloud", "POST", BASIC, await served.sign("01"))).json()
    assert (reply["STATUSCODE"], reply["NAME"]) == (0, "測試十")


async def test_work_that_is_answered_by_an_http_status(served):
    served.world.faults.arm(Fault("cloud", "failed", 502, times=1))
    signed = await served.sign("01")
    assert (await served.request("cloud", "POST", BASIC, signed)).status_code == 502
    assert (await served.request("cloud", "POST", BASIC, signed)).json() == {"statusCode": 3245}


async def test_half_a_reply(served):
    served.world.faults.arm(Fault("cloud", "half", times=1))
    signed = await served.sign("01")
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        await served.request("cloud", "POST", BASIC, signed)
    assert served.world.requests.as_json()[-1]["http"] == 0
    assert (await served.request("cloud", "POST", BASIC, signed)).json() == {"statusCode": 3245}


async def test_a_reply_byte_by_byte(served):
    served.world.faults.arm(Fault("console", "trickle", 0.01, times=1))
    started = time.monotonic()
    reply = await served.request("console", "GET", "/api/common/v1/Name")
    assert time.monotonic() - started > 0.01 * len(reply.content)
    assert reply.json()["statusCode"] == 0


async def test_a_reply_of_megabytes(served):
    served.world.faults.arm(Fault("console", "huge", 3, times=1))
    assert len((await served.request("console", "GET", "/api/common/v1/Name")).content) == 3 * 1024 * 1024


async def test_a_fault_may_be_for_one_path(served):
    served.world.faults.arm(Fault("cloud", "status", 3232, path="SequelNumber/Next"))
    signed = await served.sign("01")
    assert (await served.request("cloud", "POST", "/api/v1/BasicData/Query", signed)).json()[
        "statusCode"
    ] == 0
    for _ in range(2):
        assert (await served.request("cloud", "POST", NEXT, {})).json() == {"statusCode": 3232}
    served.world.faults.clear("console")
    assert (await served.request("cloud", "POST", NEXT, {})).json() == {"statusCode": 3232}
    served.world.faults.clear("cloud")
    assert (await served.request("cloud", "POST", NEXT, {})).status_code == 400


async def test_slow(served):
    served.world.faults.arm(Fault("console", "slow", 0.3, times=1))
    begun = time.monotonic()
    await served.request("console", "GET", "/api/common/v1/Name")
    assert time.monotonic() - begun >= 0.3


async def test_a_slow_request_is_carried_out_although_the_client_left(served):
    body = {**await served.sign("03"), "treatmentItem": "01", "babyTreatment": "", "afterCheck": "1"}
    served.world.faults.arm(Fault("cloud", "slow", 1.5, times=1))
    served.client.timeout = httpx.Timeout(30, read=0.5)
    with pytest.raises(httpx.ReadTimeout):
        await served.request("cloud", "POST", NEXT, body)
    served.client.timeout = httpx.Timeout(30)
    await until(lambda: served.world.record("000073898381").visits_taken == 1)
    assert (await served.request("cloud", "POST", NEXT, body)).json() == {"statusCode": 3245}


async def test_a_lost_reply_leaves_the_visit_taken(served):
    body = {**await served.sign("03"), "treatmentItem": "01", "babyTreatment": "", "afterCheck": "1"}
    served.world.faults.arm(Fault("cloud", "lost", times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        await served.request("cloud", "POST", NEXT, body)
    entry = served.world.requests.as_json()[-1]
    assert (entry["http"], entry["status"], entry["fault"]) == (0, 0, "lost")
    assert served.world.record("000073898381").visits_taken == 1
    assert (await served.request("cloud", "POST", NEXT, body)).json() == {"statusCode": 3245}


async def test_down_and_up_again(served):
    control = httpx.ASGITransport(app=served.simulator.control_app)
    async with httpx.AsyncClient(transport=control, base_url="http://127.0.0.1") as client:
        for _ in range(2):
            armed = await client.post("/faults", json={"service": "cloud", "kind": "down"})
            assert armed.status_code == 200
            with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)):
                await served.request("cloud", "POST", NEXT, {})
        assert (await served.request("console", "GET", "/api/common/v1/Name")).status_code == 200
        await client.delete("/faults?service=cloud")
        assert (await served.request("cloud", "POST", NEXT, {})).status_code == 400
        await client.post("/faults", json={"service": "console", "kind": "down"})
        await client.post("/reset")
        assert (await served.request("console", "GET", "/api/common/v1/Name")).status_code == 200


@pytest.mark.parametrize(
    ("service", "kind", "value", "more"),
    [
        ("bank", "empty", None, {}),
        ("cloud", "broken", None, {}),
        ("cloud", "slow", None, {}),
        ("cloud", "slow", -1, {}),
        ("cloud", "slow", float("nan"), {}),
        ("cloud", "status", float("inf"), {}),
        ("cloud", "http", 99, {}),
        ("cloud", "status", 3100.5, {}),
        ("cloud", "garbage", 1, {}),
        ("cloud", "huge", 0, {}),
        ("cloud", "trickle", -1, {}),
        ("cloud", "failed", 99, {}),
        ("cloud", "missing", None, {}),
        ("cloud", "wrong_type", None, {"field": ""}),
        ("cloud", "empty", None, {"field": "name"}),
        ("cloud", "empty", None, {"times": 0}),
        ("cloud", "down", None, {"times": 1}),
        ("cloud", "down", None, {"path": "Next"}),
    ],
)
def test_faults_that_make_no_sense(service, kind, value, more):
    with pytest.raises(ControlError):
        Fault(service, kind, value, **more)
