"""A bare proxy as one writes it with FastAPI and httpx, to hold the gateway against. Served by uvicorn with
httptools and uvloop, as the gateway is.

``python -m benchmarks.bare_proxy PORTAL CA_FILE PORT``
"""

from __future__ import annotations

import ssl
import sys

import fastapi
import httpx
import uvicorn
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host"})


def make_app(portal: str, ca_file: str) -> fastapi.FastAPI:
    """The proxy."""
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


if __name__ == "__main__":
    uvicorn.run(
        make_app(sys.argv[1], sys.argv[2]), port=int(sys.argv[3]), loop="uvloop", http="httptools",
        log_level="warning", access_log=False,
    )  # fmt: skip
