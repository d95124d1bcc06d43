"""What became of each call: counted, written to the log and to the journal. No personal data.

Writing a line and a row takes longer than many a call itself, so a door that serves for long has them written
in batches (:meth:`CallLog.batching`); without that each is written at once.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import ceil
from types import TracebackType
from typing import Protocol, Self

from bridge.records.call_lines import UNEXPLAINED, CallRecord, Meanings, write_lines
from bridge.records.journal import Journal
from bridge.records.timers import Sent, UpstreamTimer
from bridge.words import text_of

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.2
# So many calls are written in one go, for which one call has to wait; others come between two goes. Less than
# one call in a hundred waits.
SLICE = 200
BUCKETS_MS = (
    1.0,
    2.5,
    5.0,
    10.0,
    25.0,
    50.0,
    100.0,
    250.0,
    500.0,
    1000.0,
    2500.0,
    5000.0,
    10_000.0,
    30_000.0,
)


@dataclass(slots=True)
class Total:
    """All calls of one door, function and code. ``buckets``: how many took at most so many of BUCKETS_MS, but
    more than those of the bucket before; the last are those that took longer than any.
    """

    count: int = 0
    milliseconds: float = 0.0
    upstream_milliseconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_MS) + 1))

    def add(self, milliseconds: float, upstream_milliseconds: float) -> None:
        """One more call."""
        self.count += 1
        self.milliseconds += milliseconds
        self.upstream_milliseconds += upstream_milliseconds
        self.buckets[bisect_left(BUCKETS_MS, milliseconds)] += 1


Key = tuple[str, str, int]
NOTHING: Mapping[str, bytes | int] = {}


class CallWatcher(Protocol):
    """Hears of each finished call while it lasts, in the call's task; it must not raise, nor take long."""

    def noted(
        self,
        record: CallRecord,
        program: str = "",
        reason: str = "",
        sent: Sequence[Sent] = (),
        outputs: Mapping[str, bytes | int] = NOTHING,
    ) -> None:
        """A call has ended. ``program``: whose, as :class:`bridge.calls.caller.Caller` names it; ``reason``:
        why it failed, in English; ``sent``: its requests in order; ``outputs``: what it gave out, patients'
        data among it.
        """
        ...


class CallExporter(Protocol):
    """Gets each batch of finished calls when it is written; it must not raise, nor wait for anything."""

    def calls(self, records: Sequence[CallRecord]) -> None:
        """These calls have ended."""
        ...


class CallLog:
    """Gives calls their numbers and takes note of finished ones. ``running``: how many are under way.
    ``meanings``: what stands beside a code in the log. ``watcher``: who hears of each, if anybody;
    ``exporter``: who gets them in batches, if anybody.
    """

    def __init__(self, journal: Journal, meanings: Meanings | None = None) -> None:
        self.running = 0
        self._numbers = itertools.count(1)
        self._journal = journal
        self._waiting: list[CallRecord] = []
        self._totals: dict[Key, Total] = {}
        self._meanings = meanings or UNEXPLAINED
        self._batching = False
        self.watcher: CallWatcher | None = None
        self.exporter: CallExporter | None = None

    def begin(self) -> int:
        """A call begins. Out: its number, unique until the bridge ends; whoever begins one ends it."""
        self.running += 1
        return next(self._numbers)

    def next_number(self) -> int:
        """The number of a call that ends as soon as it has begun."""
        return next(self._numbers)

    def end(self) -> None:
        """A call has ended, in whatever way."""
        self.running -= 1

    def note(self, record: CallRecord) -> None:
        """Take note of a call: at once, or with the next batch."""
        if not self._batching and not self._waiting:
            self._write([record])
            return
        self._waiting.append(record)
        if not self._batching:
            self.flush()

    def measured(self, door: str, function: str, failed: int) -> Measured:
        """One call from its beginning to its end, for those that have no number yet. In: the code that its
        caller gets where the block raises; inside, ``code`` is set to that of the answer.
        """
        return Measured(self, door, function, failed)

    def carry_on(self, totals: Mapping[Key, Total]) -> None:
        """Count on from what a process before this one has counted."""
        self._totals.update(totals)

    def totals(self) -> Mapping[Key, Total]:
        """Counts by door, function and code, with every call noted so far."""
        self.flush()
        return self._totals

    def flush(self) -> None:
        while self._waiting:
            self._write_slice()

    @asynccontextmanager
    async def batching(self) -> AsyncIterator[None]:
        """Inside, calls are written a few times a second; at the end, all that wait."""
        self._batching = True
        writer = asyncio.create_task(self._write_regularly())
        try:
            yield
        finally:
            self._batching = False
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
            self.flush()

    async def _write_regularly(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            for _ in range(
                ceil(len(self._waiting) / SLICE)
            ):  # those that end meanwhile wait for the next time
                self._write_slice()
                await asyncio.sleep(0)

    def _write_slice(self) -> None:
        records = self._waiting[:SLICE]
        del self._waiting[:SLICE]
        self._write(records)

    def _write(self, records: list[CallRecord]) -> None:
        for _, _, door, function, code, milliseconds, upstream_milliseconds in records:
            total = self._totals.get((door, function, code))
            if total is None:
                total = self._totals[door, function, code] = Total()
            total.add(milliseconds, upstream_milliseconds)
        if log.isEnabledFor(logging.INFO):
            write_lines(log, records, self._meanings)
        self._journal.calls([record.finished for record in records])
        if self.exporter is not None:
            self.exporter.calls(records)


class Measured:
    """A call that is measured, for ``with``. ``code``: what its caller gets."""

    __slots__ = ("_calls", "_door", "_failed", "_function", "_number", "_started", "_timer", "code")

    def __init__(self, calls: CallLog, door: str, function: str, failed: int) -> None:
        self._calls = calls
        self._door = door
        self._function = function
        self.code = self._failed = failed

    def __enter__(self) -> Self:
        self._number, self._started = self._calls.begin(), time.perf_counter()
        self._timer = UpstreamTimer.start(self._number, self._calls.watcher is not None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.code = self._failed
        self._calls.end()
        self._timer.end()
        milliseconds = (time.perf_counter() - self._started) * 1000
        record = CallRecord(
            self._number, time.time(), self._door, self._function, self.code, milliseconds,
            self._timer.seconds * 1000,
        )  # fmt: skip
        self._calls.note(record)
        if self._calls.watcher is not None:
            reason = "" if error is None else text_of(error)
            self._calls.watcher.noted(record, reason=reason, sent=self._timer.sent or ())
