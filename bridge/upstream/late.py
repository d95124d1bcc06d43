"""A way to an upstream that is made when it is first used, for one that most bridges never ask."""

from __future__ import annotations

from collections.abc import Callable

from bridge.upstream.transport import Answer, Request, Transport


class LateTransport:
    """A Transport that ``make`` makes at the first request."""

    def __init__(self, make: Callable[[], Transport]) -> None:
        self._make = make
        self._made: Transport | None = None

    async def send(self, request: Request) -> Answer:
        """Send a request; as the transport does that is made for it."""
        if self._made is None:
            self._made = self._make()
        return await self._made.send(request)

    async def aclose(self) -> None:
        """Close the connections, if there were any."""
        if self._made is not None:
            await self._made.aclose()
