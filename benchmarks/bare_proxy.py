"""Bare proxies as one writes them with FastAPI, to hold the gateway against: over httpx, and over the
gateway's own transport. Served by uvicorn with httptools and uvloop, as the gateway is.

``python -m benchmarks.bare_proxy httpx|own PORTAL CA_FILE PORT``
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import fastapi
import httpx
import uvicorn
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from bridge.config import UpstreamSettings
from bridge.upstream.streaming import OpenAnswer, OpenConnections, Passage

HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host"})


def over_httpx(portal: str, ca_file: str) -> fastapi.FastAPI:
    """A proxy over httpx."""
    limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
    client = httpx.AsyncClient(
        base_url=portal, verify=ssl.create_default_context(cafile=ca_file), trust_env=False, limits=limits
    )
    app = fastapi.FastAPI(openapi_url=None)

    @app.api_route("/api/{rest:path}", methods=["GET", "POST"])
    async def proxy(request: fastapi.Request) -> StreamingResponse:
        url = httpx.URL(path=request.url.path, query=request.url.query.encode())
        headers = [(name, value) for name, value in request.headers.raw if name.decode() not in HOP]
        asked = client.build_request(request.method, url, headers=headers, content=request.stream())
        answer = await client.send(asked, stream=True)
        kept = {name: value for name, value in answer.headers.items() if name not in HOP}
        closing = BackgroundTask(answer.aclose)
        return StreamingResponse(answer.aiter_raw(), answer.status_code, kept, background=closing)

    return app


def over_own_transport(portal: str, ca_file: str) -> fastapi.FastAPI:
    """A proxy over the transport of the gateway."""
    connections = OpenConnections("portal", UpstreamSettings(url=portal, ca_file=Path(ca_file)))
    app = fastapi.FastAPI(openapi_url=None)

    @app.api_route("/api/{rest:path}", methods=["GET", "POST"])
    async def proxy(request: fastapi.Request) -> fastapi.Response:
        target = f"{request.url.path}?{request.url.query}".encode()
        headers = [
            field for field in request.headers.raw if field[0].decode() not in {*HOP, "content-length"}
        ]
        body = await request.body()
        answer, end = await connections.begin(
            Passage(request.method.encode(), target, headers, body, 600.0, 120.0)
        )
        kept = {name.decode(): value.decode() for name, value in answer.fields if name.decode() not in HOP}
        return StreamingResponse(_taken(answer), answer.status, kept, background=BackgroundTask(end))

    return app


async def _taken(answer: OpenAnswer) -> AsyncIterator[bytes]:
    if answer.whole is not None:
        yield answer.whole
        return
    async for piece in answer.pieces():
        yield piece


if __name__ == "__main__":
    make = {"httpx": over_httpx, "own": over_own_transport}[sys.argv[1]]
    uvicorn.run(
        make(sys.argv[2], sys.argv[3]), port=int(sys.argv[4]), loop="uvloop", http="httptools",
        log_level="warning", access_log=False,
    )  # fmt: skip
