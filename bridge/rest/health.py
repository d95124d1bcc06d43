"""``/healthz``: what the bridge can say of itself, for monitoring and for ``cshis-bridge doctor``.

It never asks the upstreams and says nothing about people.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from bridge import __version__
from bridge.engine.face import ObservedEngine


class Room(NamedTuple):
    """How many connections are open, how many may be, and how many had to go for others since the start."""

    connections: int
    most: int
    evictions: int


@dataclass(frozen=True, slots=True)
class WatchedDoor:
    """Where the bridge listens, and whether it does so at this moment."""

    address: str
    is_open: Callable[[], bool]
    room: Callable[[], Room] | None = None  # where connections have to go when there are too many


class Health:
    """The doors of a running bridge, since when it runs, and whether it is stopping."""

    def __init__(self, owner: Mapping[str, object] | None = None) -> None:
        """``owner``: whose the bridge is, as numbers of the system."""
        self.owner = dict(owner or {})
        self.since = datetime.now(UTC)
        self.doors: dict[str, WatchedDoor] = {}
        self.stopping = False

    def stop(self) -> None:
        """The bridge begins to stop."""
        self.stopping = True

    def rooms(self) -> dict[str, Room]:
        """By the doors' names, of those that tell."""
        return {name: door.room() for name, door in self.doors.items() if door.room is not None}

    def reasons(self) -> list[str]:
        """Why calls cannot be served; none when they can."""
        closed = [f"the {name} does not listen" for name, door in self.doors.items() if not door.is_open()]
        return ["the bridge is stopping", *closed] if self.stopping else closed

    def report(self, engine: ObservedEngine) -> dict[str, Any]:
        """The content of ``/healthz``.

        ``status``: ``ok``; ``degraded`` when calls are served, but the journal fails or has lost something;
        ``unavailable`` when they are not. ``reasons`` says why.
        """
        journal = engine.journal
        reasons, fault = self.reasons(), journal.fault
        faults = [f"the journal fails: {fault}"] if fault else []
        faults += [journal.loss] if journal.loss else []
        status = "unavailable" if reasons else "degraded" if fault or journal.lost else "ok"
        return {
            "status": status,
            "reasons": [*reasons, *faults],
            "version": __version__,
            "table": engine.table.digest,
            "pid": os.getpid(),
            "owner": self.owner,
            "since": self.since.isoformat(timespec="seconds"),
            "listening": {name: door.address for name, door in self.doors.items() if door.is_open()},
            "connections": {name: room._asdict() for name, room in self.rooms().items()},
            "console_session": "open" if engine.session_open else "closed",
            "journal": "failed" if fault else "ok",
            "other_programs": dict(engine.other_programs),
        }


def add_health(app: FastAPI, engine: ObservedEngine, health: Health) -> None:
    """Add ``/healthz``: HTTP 200 while calls can be served, 503 with the reasons when not."""

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        report = health.report(engine)
        return JSONResponse(report, status_code=503 if report["status"] == "unavailable" else 200)
