"""The two requests behind a card read, made directly by clients of several kinds: what the bridge is held
against. Each function gives the time of both requests together.
"""

from __future__ import annotations

import asyncio
import ssl
import statistics
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import certifi
import requests
import urllib3
import uvloop

from benchmarks.playback import Playback
from bridge.config import CloudSettings, ConsoleSettings
from bridge.upstream.client import HttpUpstream

SIGN = "/api/hc/v1/Signature/Hc"
QUERY = "/api/v1/BasicData/Query"
SIGN_BODY = {"serviceType": "01"}

Pair = Callable[[], Awaitable[None]]


def own_stack_us(upstreams: Playback, pairs: int) -> float:
    """p50 of the bridge's own clients of console and cloud, warm."""

    async def measure() -> float:
        where = upstreams.settings
        console = HttpUpstream("console", ConsoleSettings.model_validate(where["console"]))
        cloud = HttpUpstream("cloud", CloudSettings.model_validate(where["cloud"]))

        async def pair() -> None:
            signed = await console.request("POST", SIGN, SIGN_BODY)
            await cloud.request("POST", QUERY, signed)

        try:
            return await _p50_us(pair, pairs)
        finally:
            await console.aclose()
            await cloud.aclose()

    return uvloop.run(measure())


def aiohttp_us(upstreams: Playback, pairs: int) -> float:
    """p50 of a bare aiohttp session, warm, in the same event loop as the bridge's."""

    async def measure() -> float:
        async with _session(upstreams) as session:
            return await _p50_us(_aiohttp_pair(session, upstreams.url), pairs)

    return uvloop.run(measure())


def aiohttp_per_second(upstreams: Playback, callers: int, pairs: int, fast_loop: bool) -> float:
    """Pairs per second of so many callers at once in one bare aiohttp session. ``fast_loop``: uvloop, else
    asyncio's own event loop.
    """

    async def measure() -> float:
        async with _session(upstreams) as session:
            pair = _aiohttp_pair(session, upstreams.url)

            async def caller(count: int) -> None:
                for _ in range(count):
                    await pair()

            await asyncio.gather(*(caller(5) for _ in range(callers)))
            started = time.perf_counter()
            await asyncio.gather(*(caller(pairs) for _ in range(callers)))
            return callers * pairs / (time.perf_counter() - started)

    return uvloop.run(measure()) if fast_loop else asyncio.run(measure())


def requests_us(upstreams: Playback, pairs: int, trust_store: Path | None) -> float:
    """p50 of what clients of 6.0 do today: ``requests.request`` twice, new connections. ``trust_store``: the
    authorities they load each time; None: certificate checks off.
    """
    verify: Any = str(trust_store) if trust_store else False

    def pair() -> None:
        signed = requests.request("POST", upstreams.url + SIGN, json=SIGN_BODY, verify=verify, timeout=30)
        requests.request("POST", upstreams.url + QUERY, json=signed.json(), verify=verify, timeout=30).json()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        pair()
        times = []
        for _ in range(pairs):
            started = time.perf_counter()
            pair()
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


def usual_trust_store(upstreams: Playback, directory: Path) -> Path:
    """The authorities that clients usually load, and the upstreams' own."""
    file = directory / "usual.pem"
    file.write_bytes(Path(certifi.where()).read_bytes() + upstreams.ca_file.read_bytes())
    return file


def _session(upstreams: Playback) -> aiohttp.ClientSession:
    context = ssl.create_default_context(cafile=str(upstreams.ca_file))
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


def _aiohttp_pair(session: aiohttp.ClientSession, url: str) -> Pair:
    async def pair() -> None:
        async with session.post(url + SIGN, json=SIGN_BODY) as reply:
            signed = await reply.json()
        async with session.post(url + QUERY, json=signed) as reply:
            await reply.json()

    return pair


async def _p50_us(pair: Pair, pairs: int) -> float:
    for _ in range(pairs // 10 + 1):
        await pair()
    times = []
    for _ in range(pairs):
        started = time.perf_counter()
        await pair()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6
