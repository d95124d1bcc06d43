"""The simulators' request journal: which requests came and what was answered. No bodies, so no personal
data.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import NamedTuple

CAPACITY = 10_000


class Entry(NamedTuple):
    """One request: ``http`` is the HTTP status (0: the reply was dropped), ``status`` the statusCode of
    the reply if it had one.

    ``known`` is False for a request no endpoint matches; ``fault`` names the armed fault it met.
    """

    number: int
    time: datetime
    service: str
    method: str
    path: str
    http: int
    status: int | None
    known: bool
    fault: str


class RequestLog:
    """The newest 10,000 requests."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)
        self._count = 0

    def add(
        self,
        *,
        time: datetime,
        service: str,
        method: str,
        path: str,
        http: int,
        status: int | None,
        known: bool,
        fault: str,
    ) -> None:
        """Note one request."""
        self._count += 1
        # by place: each request of a long replay makes one
        self._entries.append(Entry(self._count, time, service, method, path, http, status, known, fault))

    def clear(self) -> None:
        """Forget all requests; numbers go on."""
        self._entries.clear()

    def as_json(self) -> list[dict[str, object]]:
        """Oldest first; the time as ISO 8601."""
        return [
            {**entry._asdict(), "time": entry.time.isoformat(timespec="milliseconds")}
            for entry in self._entries
        ]
