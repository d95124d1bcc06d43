"""Console and cloud behind Kestrel, ASP.NET's own server: every answer has another habit of such servers.

Kestrel 2.1 on .NET Core 3.1; a relay in front of it speaks TLS and would rather have HTTP/2.
"""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import tomli_w

from bridge.config import CloudSettings
from bridge.errors import HttpFault
from bridge.serving.certificate_making import fresh_certificate
from bridge.upstream.client import HttpUpstream
from tests.routes import test_visit
from tests.runtimes.dotnet import compiled
from tests.runtimes.relay import LOOPBACK, Relay, relaying
from tests.support import record_bytes
from tests.support.bridge_process import (
    FREE_PORTS,
    ROOT,
    STOP_SECONDS,
    Bridge,
    clean_environment,
    running_bridge,
)
from tests.support.legacy_routes import ChannelRoute, HttpRoute, record_of
from tests.support.visit_steps import (
    DEMO_CARD,
    demo_patient,
    read_basic,
    take_number,
    write_diagnoses_and_fees,
    write_prescriptions,
)

SOURCE = Path(__file__).parent / "aspnet" / "Front.cs"
KEPT_SECONDS = 1  # its own are 120: what counts is that the server ends connections, not when


@dataclass
class Behind:
    """A bridge whose console and cloud stand behind Kestrel. ``simulated``: what steers them."""

    simulated: Bridge
    channel: str
    vhc: str
    log: Path
    relays: list[Relay]


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


@contextmanager
def _process(command: list[str | Path], log: Path) -> Iterator[str]:
    """A program, and the first line that it prints."""
    with log.open("wb") as written:
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=written, text=True,
            cwd=ROOT, env=clean_environment(),
        )  # fmt: skip
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text(encoding="utf-8")
        yield line
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        process.wait(timeout=STOP_SECONDS)


@contextmanager
def _kestrel(simulated: Bridge, folder: Path) -> Iterator[list[Relay]]:
    """Relays with TLS in front of Kestrel in front of console and cloud."""
    trusted = simulated.console_ca
    backs = [Relay(_port(simulated.ready[name]), given=trusted) for name in ("console", "cloud")]
    certificate, key, _ = fresh_certificate(folder)
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(certificate, key)
    shown.set_alpn_protocols(["h2", "http/1.1"])
    with relaying(*backs):
        addresses = [f"http://{LOOPBACK}:{back.port}" for back in backs]
        command = [*compiled(SOURCE, folder), str(KEPT_SECONDS), *addresses]
        with _process(command, folder / "kestrel.log") as said:
            fronts = [Relay(_port(address), taken=shown) for address in said.split()]
            with relaying(*fronts):
                yield fronts


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("aspnet")
    with ExitStack() as ends:
        simulated = ends.enter_context(running_bridge(tmp_path_factory.mktemp("simulators")))
        relays = ends.enter_context(_kestrel(simulated, folder))
        settings = tomllib.loads(simulated.config.read_text(encoding="utf-8"))
        for name, relay in zip(("console", "cloud"), relays, strict=True):
            settings[name]["url"] = f"https://localhost:{relay.port}"
            settings[name]["ca_file"] = str(folder / "ca.pem")
        config, log = folder / "bridge.toml", folder / "bridge.log"
        config.write_text(tomli_w.dumps(settings), encoding="utf-8")
        command = [
            sys.executable, "-m", "bridge", "serve", "--config", config, "--data-dir", folder / "data",
            *(each for each in FREE_PORTS if "console" not in each and "cloud" not in each),
        ]  # fmt: skip
        ready = json.loads(ends.enter_context(_process(command, log)))
        yield Behind(simulated, ready["channel"], ready["legacy_http"], log, relays)
        assert "Traceback" not in log.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _anew(behind: Behind) -> None:
    behind.simulated.start_anew()


@pytest.fixture
def route(behind: Behind) -> Iterator[ChannelRoute]:
    with ChannelRoute(behind.channel) as opened:
        yield opened


def test_a_whole_visit(behind: Behind, route: ChannelRoute) -> None:
    test_visit.test_whole_visit(behind.simulated, route)
    assert {each for relay in behind.relays for each in relay.protocols} == {None}  # nobody spoke of HTTP/2


def test_a_visit_with_a_virtual_card(behind: Behind) -> None:
    sim = behind.simulated.sim
    with HttpRoute("3033", behind.vhc, None) as http:
        assert http.upload(sim.qr(DEMO_CARD)) == 0
        code, outputs = read_basic(http)
        assert (code, record_of(outputs)) == (0, record_bytes.basic_data(record_bytes.person(sim, DEMO_CARD)))
        visit = demo_patient()
        assert take_number(http, visit)[0] == 0
        behind.simulated.verify_doctor()
        assert write_diagnoses_and_fees(http, visit)[0] == 0
        assert write_prescriptions(http, visit)[0] == 0
    stored = sim.stored(DEMO_CARD)
    assert stored["visits"][0]["codes"]["subCode2"] == "H401324"
    assert [each["treatmentItemCode"] for each in stored["prescriptions"][:2]] == ["AC44444100", "BC33333100"]


def test_the_console_ends_connections_that_nobody_uses(behind: Behind, route: ChannelRoute) -> None:
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    expected = read_basic(route)
    made = sum(len(relay.protocols) for relay in behind.relays)
    for pause in (0.9 * KEPT_SECONDS, KEPT_SECONDS, 1.1 * KEPT_SECONDS, 2.5 * KEPT_SECONDS):
        time.sleep(pause)
        assert read_basic(route) == expected
    assert expected[0] == 0
    assert sum(len(relay.protocols) for relay in behind.relays) > made  # it did


async def test_a_body_that_does_not_fit_a_model_is_refused_with_the_names_of_its_fields(
    tmp_path: Path,
) -> None:
    command = compiled(SOURCE.with_name("Orders.cs"), tmp_path)
    with _process(command, tmp_path / "orders.log") as said:
        address, version = said.split()
        assert version == "2.1.3.0"
        cloud = HttpUpstream("cloud", CloudSettings(url=address))
        try:
            answer = await cloud.request("POST", "/api/orders", {"days": 3})
            assert answer == {"statusCode": 0, "days": 3, "name": "測試十"}
            with pytest.raises(HttpFault, match=r"^cloud: HTTP 400: it finds fault with days$"):
                await cloud.request("POST", "/api/orders", {"days": "Z299999929"})
        finally:
            await cloud.aclose()
