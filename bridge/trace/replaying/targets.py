"""Whom a replay asks: an engine in this process, or another target."""

from __future__ import annotations

from collections.abc import Coroutine, Hashable
from typing import Any, Protocol

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.engine.face import CallEngine


class Target(Protocol):
    """Whom a replay asks. ``lane``: the recorded thread; each has a connection of its own."""

    def call(self, lane: Hashable, call: LegacyCall) -> Coroutine[Any, Any, LegacyResult]:
        """Make a call. Raises OSError or FrameError when no answer came."""
        ...

    async def leave(self, lane: Hashable) -> None:
        """No more calls will come from this thread."""
        ...


class EngineTarget:
    """An engine in this process."""

    def __init__(self, engine: CallEngine) -> None:
        self._engine = engine

    async def call(self, lane: Hashable, call: LegacyCall) -> LegacyResult:
        """Make a call, whichever door it came by."""
        return await self._engine.call(call)

    async def leave(self, lane: Hashable) -> None:
        """Nothing to close."""
