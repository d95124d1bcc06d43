"""Speed of calls through the whole product, beside what it is held against."""

from __future__ import annotations

import json
import socket
import ssl
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from benchmarks import bare_clients
from benchmarks.figures import Figure
from benchmarks.native_programs import shim_calls
from benchmarks.under_test import UnderTest

OWN_ANSWER = "csGetVersionEx"
CARD_READ = "hisGetBasicData"
TURNS = 6  # sides are measured in turn, so that a slow moment of the machine meets both


def card_read(bridge: UnderTest, directory: Path) -> list[Figure]:
    """A card read through library, bridge and both upstreams, against the same requests alone."""
    upstreams = bridge.upstreams
    vhc = _VhcClient(bridge)
    nothing, usual = bare_clients.no_trust_store(directory), bare_clients.usual_trust_store()
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(TURNS):
        times["client"].append(bare_clients.httpx_client_us(upstreams, 300))
        answered = shim_calls(bridge.library, CARD_READ, bridge.native, calls=300, warm_up=30)
        times["shim"].append(answered.p50_us)
        vhc.present_card()
        times["vhc"].append(_p50_us(vhc.read, 300))
        times["own"].append(bare_clients.own_stack_us(upstreams, 300))
        times["careless"].append(bare_clients.own_stack_us(upstreams, 300, careful=False))
        times["aiohttp"].append(bare_clients.aiohttp_us(upstreams, 300))
        times["direct"].append(bare_clients.requests_us(upstreams, 40, nothing))
        times["store"].append(bare_clients.requests_us(upstreams, 8, usual))
    p50 = {name: statistics.median(values) for name, values in times.items()}
    return [
        Figure(
            "a read's upstream requests with one warm client of the same HTTP stack, p50", p50["client"], "µs"
        ),
        Figure("the same as the bridge itself asks, p50", p50["own"], "µs"),
        _added("… of which the questions for the card (Logout, Status)", times["own"], times["careless"]),
        Figure(f"{CARD_READ} through the library, p50", p50["shim"], "µs"),
        _added("… time added to the requests of the client", times["shim"], times["client"], 8),
        _added("… time added to the requests as the bridge itself asks", times["shim"], times["own"]),
        _added("a VHC read over HTTP, time added to those of the client", times["vhc"], times["client"], 25),
        _added("… time added to those as the bridge itself asks", times["vhc"], times["own"]),
        _times("the bridge's requests over those of a bare aiohttp client", p50["own"], p50["aiohttp"], 1.5),
        _times(
            "a direct client (new connections, checks off) over the read", p50["direct"], p50["shim"], 5, True
        ),
        _times("a direct client that loads a trust store over the read", p50["store"], p50["shim"], 20, True),
    ]


def idleness(bridge: UnderTest) -> list[Figure]:
    """Card reads after pauses; how many new connections they took."""
    shim_calls(bridge.library, CARD_READ, bridge.native, calls=20, warm_up=5)
    before = _connections(bridge)
    short = shim_calls(bridge.library, CARD_READ, bridge.native, calls=5, warm_up=1, pause_ms=2000)
    long = shim_calls(bridge.library, CARD_READ, bridge.native, calls=5, warm_up=1, pause_ms=8000)
    return [
        Figure("a read after 8 s of idleness over one after 2 s", long.p50_us / short.p50_us, "times", 1.5),
        Figure("new TLS connections after warm-up", _connections(bridge) - before - 1, "", 0),
    ]


def _times(name: str, one: float, other: float, goal: float | None = None, at_least: bool = False) -> Figure:
    return Figure(name, one / other, "times", goal, at_least)


def _added(name: str, whole: list[float], alone: list[float], goal: float | None = None) -> Figure:
    """The median of what each turn's whole takes more than its part alone."""
    more = [(one / other - 1) * 100 for one, other in zip(whole, alone, strict=True)]
    return Figure(name, statistics.median(more), "%", goal)


def _p50_us(action: Callable[[], None], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e6


def _connections(bridge: UnderTest) -> int:
    """How many connections the upstreams have accepted, the one that asks included."""
    context = ssl.create_default_context(cafile=str(bridge.upstreams.ca_file))
    with urlopen(f"{bridge.upstreams.url}/_connections", context=context) as reply:
        return int(json.load(reply)["accepted"])


class _VhcClient:
    """A VHC client on the plain port that costs next to nothing: bytes out, bytes in."""

    def __init__(self, bridge: UnderTest) -> None:
        host, _, port = bridge.ready["legacy_http"].removeprefix("http://").partition(":")
        self._connection = socket.create_connection((host, int(port)))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def present_card(self) -> None:
        """Upload a QR code: a call of the library logs the virtual card out."""
        self._post("/QRCodeReader/uploadqrcode", b'{"QRCodeString": "bench "}')

    def read(self) -> None:
        """Read the virtual card's basic data."""
        content = self._post(f"/VHC/VHC{CARD_READ}", b"{}")
        assert b'"pBuffer"' in content, content

    def _post(self, path: str, body: bytes) -> bytes:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        self._connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._connection.recv(65536)
        start, _, content = answer.partition(b"\r\n\r\n")
        lengths = [line for line in start.lower().split(b"\r\n") if line.startswith(b"content-length")]
        while len(content) < int(lengths[0].split(b":")[1]):
            content += self._connection.recv(65536)
        assert b'"ERRORCODE":"0"' in content, content
        return content
