"""What passing through costs: processor time a request beside one nginx worker and beside bare proxies, and
the memory of files on their way. All of them speak HTTP with programs and TLS with the same portal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import tomli_w

from benchmarks import nginx
from benchmarks.figures import Figure
from benchmarks.processes import forget_highest, highest_mib, processor_seconds, resident_mib
from bridge.serving.certificate_making import fresh_certificate

TURNS = 5
PROGRAMS = 16
REQUESTS = 4000  # of a turn
FILE_BYTES = 5 * 1024 * 1024
FILES = 50
MOST_MEMORY = 30.0  # MiB
BODY = json.dumps({"maThe": "DN4010000000000", "hoTen": "x" * 960}).encode()
TARGET = "/api/egw/ktMathe?token=t&id_token=i&username=u&password=p"


@dataclass(frozen=True)
class Proxy:
    """Something in front of the portal: where, and which process does the work."""

    name: str
    port: int
    pid: int


def pass_through(directory: Path) -> list[Figure]:
    """Everything about passing through."""
    if not nginx.is_installed():
        raise SystemExit("nginx is needed: benchmarks/setup.sh")
    certificate, key, ca_file = fresh_certificate(directory / "tls")
    with contextlib.ExitStack() as stack:
        portal = stack.enter_context(nginx.portal(directory / "portal", certificate, key))
        beside = stack.enter_context(nginx.proxy(directory / "nginx", portal, ca_file))
        proxies = [
            stack.enter_context(_gateway(directory / "gateway", portal, ca_file)),
            Proxy("nginx", *beside),
            stack.enter_context(_bare("httpx", portal, ca_file)),
            stack.enter_context(_bare("own", portal, ca_file)),
        ]
        return [*_processor_time(proxies), *_memory(proxies[0])]


@contextlib.contextmanager
def _gateway(directory: Path, portal: int, ca_file: Path) -> Iterator[Proxy]:
    directory.mkdir()
    config = directory / "bench.toml"
    bhyt = {"url": f"https://localhost:{portal}", "ca_file": str(ca_file), "serve": True}
    config.write_text(tomli_w.dumps({"bhyt": bhyt}), encoding="utf-8")
    words = [sys.executable, "-m", "bridge", "serve-bhyt", "--port=0", "--workers=1", "--config", str(config)]
    words += ["--data-dir", str(directory / "data")]
    with (
        (directory / "log.txt").open("wb") as log,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["bhyt"]
            told = httpx.get(f"{address}/healthz", trust_env=False).json()
            yield Proxy("gateway", int(address.rpartition(":")[2]), told["pid"])
        finally:
            process.terminate()


@contextlib.contextmanager
def _bare(transport: str, portal: int, ca_file: Path) -> Iterator[Proxy]:
    port = nginx.free_port()
    words = [sys.executable, "-m", "benchmarks.bare_proxy", transport]
    words += [f"https://localhost:{portal}", str(ca_file), str(port)]
    with subprocess.Popen(words) as process:
        try:
            nginx.wait_for(port)
            yield Proxy(transport, port, process.pid)
        finally:
            process.terminate()


# --- processor time -----------------------------------------------------------------------------------------


def _processor_time(proxies: list[Proxy]) -> list[Figure]:
    """In turn, so that all see the same machine."""
    for proxy in proxies:
        asyncio.run(_ask(proxy.port, REQUESTS // 4))
    spent: dict[str, list[float]] = {proxy.name: [] for proxy in proxies}
    for _ in range(TURNS):
        for proxy in proxies:
            before = processor_seconds(proxy.pid)
            asyncio.run(_ask(proxy.port, REQUESTS))
            spent[proxy.name].append((processor_seconds(proxy.pid) - before) / REQUESTS * 1e6)
    own = spent["gateway"]
    return [
        _share("one nginx worker's processor time over the gateway's, µs", spent["nginx"], own, 0.25),
        _share("a bare FastAPI proxy's over httpx", spent["httpx"], own, 1.0),
        _share("a bare FastAPI proxy's over the gateway's own transport", spent["own"], own, 1.0),
    ]


def _share(name: str, others: list[float], own: list[float], goal: float) -> Figure:
    shares = [other / mine for other, mine in zip(others, own, strict=True)]
    return Figure(
        f"passing through, {name}",
        statistics.median(shares),
        goal=goal,
        at_least=True,
        old=statistics.median(others),
        new=statistics.median(own),
        spread=(min(shares), max(shares)),
    )


async def _ask(port: int, requests: int) -> None:
    """So many requests of 1 KiB from several programs with connections that they keep."""
    head = (
        f"POST {TARGET} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    await asyncio.gather(
        *(_program(port, head.encode() + BODY, requests // PROGRAMS) for _ in range(PROGRAMS))
    )


async def _program(port: int, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(request)
        await _answer(reader)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    if b"content-length: " in head:
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        return
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readexactly(2)


# --- memory -------------------------------------------------------------------------------------------------


def _memory(gateway: Proxy) -> list[Figure]:
    """Of one file, and of many at once: how much more the worker had at its height than before."""
    asyncio.run(_send(gateway.port, 1))
    figures = []
    for files in (1, FILES):
        before = resident_mib(gateway.pid)
        forget_highest(gateway.pid)
        asyncio.run(_send(gateway.port, files))
        more = max(0.0, highest_mib(gateway.pid) - before)
        name = f"passing through, {files} file(s) of 5 MB at once: more memory"
        figures.append(Figure(name, more, "MiB", goal=MOST_MEMORY))
    return figures


async def _send(port: int, files: int) -> None:
    head = f"POST {TARGET} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {FILE_BYTES}\r\n\r\n".encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        for _ in range(FILE_BYTES // 65_536):
            writer.write(b"x" * 65_536)
            await writer.drain()
        await _answer(reader)
        writer.close()

    await asyncio.gather(*(one() for _ in range(files)))
