"""How long calls may take, and their end before that when the bridge stops."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Limits:
    """The time limits of the calls under way; each has ``seconds``.

    All have the same time, so that the one that began first ends first: one timer is enough for all.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running: dict[Limit, None] = {}  # in the order in which they end
        self._loop: asyncio.AbstractEventLoop | None = None  # in which the timer runs, if one does

    def new(self) -> Limit:
        """The limit of a call that begins now, for ``with`` in the task that makes it. Raises TimeoutError at
        its end.
        """
        return Limit(self)

    def cut_short(self) -> None:
        """End the calls under way as if their time were over: they answer with a code as long as somebody can
        hear it.
        """
        running, self.running = self.running, {}
        for limit in running:
            limit.end_call()

    def began(self, limit: Limit, loop: asyncio.AbstractEventLoop) -> None:
        """Watch the limit of a call that begins."""
        self.running[limit] = None
        if self._loop is not loop:
            self._loop = loop
            loop.call_at(limit.due, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the calls whose time is over, and look again when that of the next one will be."""
        if loop is not self._loop:
            return
        self._loop, now = None, loop.time()
        for limit in tuple(self.running):
            if limit.due > now:
                self._loop = loop
                loop.call_at(limit.due, self._look, loop)
                return
            del self.running[limit]
            limit.end_call()


class Limit:
    """The time limit of one call, as asyncio.timeout is one."""

    __slots__ = ("_before", "_limits", "_over", "_task", "due")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only a task can have a time limit")
        self._task = task
        self._before = task.cancelling()
        self._over = False
        self.due = loop.time() + self._limits.seconds
        self._limits.began(self, loop)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._limits.running.pop(self, None)  # the timer is left alone: it will look for the next one
        if not self._over or self._task.uncancel() > self._before:
            return  # or somebody else ends the call as well
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error

    def end_call(self) -> None:
        """The time is over."""
        self._over = True
        self._task.cancel()
