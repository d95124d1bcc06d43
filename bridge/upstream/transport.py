"""How a request reaches an upstream: one interface for all ways there.

No type of an HTTP library stands in it, so that whoever asks depends on none.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

HTTP_OK = 200
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MOST_REPLY_BYTES = 16 * 1024 * 1024
SLOWEST_BYTES_PER_SECOND = 131_072  # a line that takes a body more slowly is not waited for


@dataclass(frozen=True, slots=True)
class Pieces:
    """A body that comes piece by piece, and how many bytes it has in all."""

    content: AsyncIterable[bytes]
    length: int


class Request(NamedTuple):
    """One request. ``path``: below the upstream's address, with its query. ``body``: None for none; what it
    is says ``media_type``. ``patience``: seconds of silence after which no answer is expected any more.
    """

    method: str
    path: str
    body: bytes | Pieces | None
    patience: float
    media_type: str = JSON


class Answer(NamedTuple):
    """An answer that came whole: HTTP status and body, unpacked."""

    status: int
    body: bytes


class Transport(Protocol):
    """A way to one upstream. It sends a request once, never twice."""

    async def send(self, request: Request) -> Answer:
        """Send a request and wait for its answer, whatever its status.

        Raises a NeverSent (nothing of the request has left), an OutcomeUnknown (it may have arrived, and
        there is no answer) or an Answered (there is an answer that cannot be taken in).
        """
        ...

    async def aclose(self) -> None:
        """Close the connections. Requests under way end as Dropped."""
        ...


def most_seconds(connect: float, read: float, length: int) -> float:
    """How long a request with a body of ``length`` bytes may take from its first to its last byte, so that an
    answer that drips in does not hold a call for ever.
    """
    return connect + read + length // SLOWEST_BYTES_PER_SECOND
