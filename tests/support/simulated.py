"""An engine against the simulated console, cloud and upload centre, in one event loop and without sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bridge.calls.call import NATIVE, Argument, Door, LegacyCall, LegacyResult
from bridge.codec.code_page import WINDOWS, CodePage
from bridge.config import (
    CloudSettings,
    ConsoleSettings,
    MediCloudSettings,
    ReaderSettings,
    UploadSettings,
    UpstreamSettings,
)
from bridge.engine.compose import Parts
from bridge.engine.engine import Engine
from bridge.engine.given import row_settings
from bridge.reader.reader import Reader
from bridge.records.journal import Journal
from bridge.records.timers import add_seconds
from bridge.relay.compose import make_uploads
from bridge.relay.uploads import Uploads
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.table.model.rows import Table
from bridge.upstream.centre import UploadCentre
from bridge.upstream.client import HttpUpstream
from bridge.upstream.httpx_transport import HttpxTransport
from tests.support.table_watch import SEEN

App = Callable[..., Awaitable[None]]
Hook = Callable[[httpx.Request], None]


class SimulatedNetwork(httpx.AsyncBaseTransport):
    """Hands requests straight to an ASGI app; a reply that the app breaks off is a broken connection.

    ``before`` and ``after`` may be set to look at a request, to raise, or to change the world around it;
    ``instead`` to a JSON object that is answered in place of the app's reply.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._name = ""
        self._inner = httpx.ASGITransport(app=self._checked)
        self.requests: list[httpx.Request] = []
        self.before: Hook | None = None
        self.after: Hook | None = None
        self.instead: dict[str, Any] | None = None

    def way(self, name: str, settings: UpstreamSettings) -> HttpxTransport:
        """This network as the way to an upstream."""
        self._name = name
        return HttpxTransport(name, settings, self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()  # a body that comes in pieces must be there for a test to look at
        self.requests.append(request)
        SEEN.note(self._name, request.method, request.url.path)
        if self.before is not None:
            self.before(request)
        if self.instead is not None:
            return httpx.Response(200, json=self.instead)
        response = await self._inner.handle_async_request(request)
        if self.after is not None:
            self.after(request)
        return response

    async def _checked(self, scope: Any, receive: Any, send: Any) -> None:
        whole = False

        async def watch(message: Any) -> None:
            nonlocal whole
            whole = whole or (message["type"] == "http.response.body" and not message.get("more_body"))
            await send(message)

        await self._app(scope, receive, watch)
        if not whole:
            raise httpx.RemoteProtocolError("the server closed the connection in the middle of its reply")

    @property
    def sent(self) -> list[str]:
        """What was asked so far: "METHOD /path"."""
        return [f"{request.method} {request.url.path}" for request in self.requests]


@dataclass
class Bench:
    """Engine, reader and journal over one simulator, with the networks between them."""

    simulator: Simulator
    engine: Engine
    reader: Reader
    journal: Journal
    console: SimulatedNetwork
    cloud: SimulatedNetwork
    centre: SimulatedNetwork
    uploads: Uploads

    async def call(self, name: str, door: Door = NATIVE, **arguments: Argument) -> LegacyResult:
        """Make one legacy call."""
        return await self.engine.call(LegacyCall(name, arguments, door))


@asynccontextmanager
async def open_bench(
    simulator: Simulator,
    *,
    journal: Journal | None = None,
    reader_settings: ReaderSettings | None = None,
    table: Table | None = None,
    upload: UploadSettings | None = None,
    deadline: float = 30.0,
    page: CodePage = WINDOWS,
) -> AsyncIterator[Bench]:
    """Put a bench together; at its end the console session is released and everything is closed."""
    networks = {
        "console": SimulatedNetwork(simulator.console_app),
        "cloud": SimulatedNetwork(simulator.cloud_app),
        "centre": SimulatedNetwork(simulator.centre_app),
    }
    console = HttpUpstream(
        "console", ConsoleSettings(), networks["console"].way("console", ConsoleSettings()), add_seconds
    )
    cloud = HttpUpstream(
        "cloud", CloudSettings(), networks["cloud"].way("cloud", CloudSettings()), add_seconds
    )
    uploads = upload or UploadSettings()
    centre = UploadCentre(uploads.centre, networks["centre"].way("centre", uploads.centre), add_seconds)
    elsewhere = MediCloudSettings()
    medicloud = UploadCentre(elsewhere, networks["centre"].way("centre", elsewhere), name="medicloud")
    kept = journal or Journal(None)
    if table is not None:
        SEEN.uses(table)
    reader = Reader(console, (table or default_table()).console, reader_settings or ReaderSettings())
    engine = Engine(
        table or default_table(), reader, cloud, kept, deadline,
        centre=centre, settings=row_settings(uploads), page=page,
    )  # fmt: skip
    relayed = make_uploads(Parts(engine, reader, centre, kept, medicloud=medicloud), deadline)
    try:
        yield Bench(simulator, engine, reader, kept, **networks, uploads=relayed)
    finally:
        await reader.stop()
        await console.aclose()
        await cloud.aclose()
        await centre.aclose()
        await medicloud.aclose()
        kept.close()
