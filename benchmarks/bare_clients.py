"""The requests behind a card read, made directly by clients of several kinds: what the bridge is held
against. Each function gives the time of all of them together.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import statistics
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import certifi
import httpx
import requests
import urllib3
import uvloop

from benchmarks.playback import Playback
from bridge.config import CloudSettings, ConsoleSettings
from bridge.upstream.client import HttpUpstream
from bridge.upstream.tls import tls_context

LOGOUT = "/api/hc/v1/Logout"  # before each read, as a real client of 6.0 does
SIGN = "/api/hc/v1/Signature/Hc"
STATUS = "/api/common/v1/Status"  # which kind of card has signed, asked beside the query
QUERY = "/api/v1/BasicData/Query"
SIGN_BODY = {"serviceType": "01"}

Pair = Callable[[], Coroutine[Any, Any, None]]


def own_stack_us(upstreams: Playback, pairs: int, careful: bool = True) -> float:
    """p50 of the bridge's own clients of console and cloud, warm. Not ``careful``: signature and query alone,
    without the questions which card lies there and of which kind it is.
    """

    async def measure() -> float:
        where = upstreams.settings
        console = HttpUpstream("console", ConsoleSettings.model_validate(where["console"]))
        cloud = HttpUpstream("cloud", CloudSettings.model_validate(where["cloud"]))

        async def pair() -> None:
            await console.request("DELETE", LOGOUT)
            signed = await console.request("POST", SIGN, SIGN_BODY)
            await asyncio.gather(cloud.request("POST", QUERY, signed), console.request("GET", STATUS))

        async def careless() -> None:
            signed = await console.request("POST", SIGN, SIGN_BODY)
            await cloud.request("POST", QUERY, signed)

        try:
            return await _p50_us(pair if careful else careless, pairs)
        finally:
            await console.aclose()
            await cloud.aclose()

    return uvloop.run(measure())


def httpx_client_us(upstreams: Playback, pairs: int) -> float:
    """p50 of one warm keep-alive client of httpx: what a program written with it needs for the requests of a
    card read.
    """

    async def measure() -> float:
        context = tls_context(upstreams.ca_file)
        async with httpx.AsyncClient(base_url=upstreams.url, verify=context, trust_env=False) as client:

            async def pair() -> None:
                await client.delete(LOGOUT)
                signed = await client.post(SIGN, json=SIGN_BODY)
                asked = client.post(QUERY, json=signed.json()), client.get(STATUS)
                for reply in await asyncio.gather(*asked):
                    reply.json()

            return await _p50_us(pair, pairs)

    return uvloop.run(measure())


def aiohttp_us(upstreams: Playback, pairs: int) -> float:
    """p50 of a bare aiohttp session, warm, in the same event loop as the bridge's."""

    async def measure() -> float:
        async with session(upstreams) as bare:
            return await _p50_us(aiohttp_pair(bare, upstreams.url), pairs)

    return uvloop.run(measure())


def aiohttp_per_second(upstreams: Playback, callers: int, pairs: int, fast_loop: bool) -> float:
    """Pairs per second of so many callers at once in one bare aiohttp session. ``fast_loop``: uvloop, else
    asyncio's own event loop.
    """

    async def measure() -> float:
        async with session(upstreams) as bare:
            pair = aiohttp_pair(bare, upstreams.url)

            async def caller(count: int) -> None:
                for _ in range(count):
                    await pair()

            await asyncio.gather(*(caller(5) for _ in range(callers)))
            started = time.perf_counter()
            await asyncio.gather(*(caller(pairs) for _ in range(callers)))
            return callers * pairs / (time.perf_counter() - started)

    return uvloop.run(measure()) if fast_loop else asyncio.run(measure())


def requests_us(upstreams: Playback, pairs: int, trust_store: Path) -> float:
    """p50 of what clients of 6.0 do today: ``requests.request`` for each, new connections, certificate checks
    off, and no question for the kind of card. They load the system's ``trust_store`` all the same, each time.
    """

    def pair() -> None:
        requests.request("DELETE", upstreams.url + LOGOUT, verify=False, timeout=30)
        signed = requests.request("POST", upstreams.url + SIGN, json=SIGN_BODY, verify=False, timeout=30)
        requests.request("POST", upstreams.url + QUERY, json=signed.json(), verify=False, timeout=30).json()

    with warnings.catch_warnings(), _system_trust_store(trust_store):
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        pair()
        times = []
        for _ in range(pairs):
            started = time.perf_counter()
            pair()
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


@contextlib.contextmanager
def _system_trust_store(file: Path) -> Iterator[None]:
    """OpenSSL takes it for the system's."""
    names = {"SSL_CERT_FILE": str(file), "SSL_CERT_DIR": "/nonexistent"}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def usual_trust_store() -> Path:
    """The authorities that a system usually has."""
    return Path(certifi.where())


def no_trust_store(directory: Path) -> Path:
    """A system without any."""
    file = directory / "none.pem"
    file.touch()
    return file


def session(upstreams: Playback) -> aiohttp.ClientSession:
    """A bare session that trusts the upstreams."""
    context = ssl.create_default_context(cafile=str(upstreams.ca_file))
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


def aiohttp_pair(session: aiohttp.ClientSession, url: str, turns: asyncio.Lock | None = None) -> Pair:
    """The requests of a card read as a program with aiohttp makes them: the same as the bridge's. ``turns``:
    what only one caller at a time has who asks the console; the bridge's callers take such turns.
    """

    async def ask(method: str, path: str, body: Any = None) -> Any:
        async with session.request(method, url + path, json=body) as reply:
            return await reply.json()

    async def pair() -> None:
        await ask("DELETE", LOGOUT)
        signed = await ask("POST", SIGN, SIGN_BODY)
        await asyncio.gather(ask("POST", QUERY, signed), ask("GET", STATUS))

    async def in_turns(turn: asyncio.Lock) -> None:
        async with turn:
            await ask("DELETE", LOGOUT)
            signed = await ask("POST", SIGN, SIGN_BODY)
            asked = asyncio.create_task(ask("POST", QUERY, signed))
            await ask("GET", STATUS)
        await asked

    return pair if turns is None else lambda: in_turns(turns)


async def _p50_us(pair: Pair, pairs: int) -> float:
    for _ in range(pairs // 10 + 1):
        await pair()
    times = []
    for _ in range(pairs):
        started = time.perf_counter()
        await pair()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6
