"""``/metrics`` for Prometheus: what :mod:`bridge.records.metrics` tells, over HTTP."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request, Response

from bridge.engine.face import ObservedEngine
from bridge.rest.health import Health

PATIENCE = 5.0  # seconds; a scrape has ten


def add_metrics(app: FastAPI, engine: ObservedEngine, health: Health) -> None:
    """Add ``/metrics``, in the text format or as OpenMetrics, as the asker likes.

    It is written out in another thread: where many functions are in use, that takes longer than many calls.
    """

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        from bridge.records.metrics import Counts, written  # with its library only where somebody asks

        engine.calls.flush()
        counts = Counts.of(
            engine.calls,
            engine.journal,
            pending=await _pending(engine),
            session_open=engine.session_open,
            rooms=health.rooms(),
            listening={name: door.is_open() for name, door in health.doors.items()},
            started=health.since.timestamp(),
            table=engine.table.digest,
        )
        text, content_type = await asyncio.to_thread(written, counts, request.headers.get("accept", ""))
        return Response(text, media_type=content_type)


async def _pending(engine: ObservedEngine) -> int:
    """How many changes have no clear end, with all that has been noted so far; 0 where the journal does not
    say so in time.
    """
    try:
        return await asyncio.wait_for(asyncio.wrap_future(engine.journal.count_unclear()), PATIENCE)
    except TimeoutError:
        return 0
