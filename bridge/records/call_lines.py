"""The lines of finished calls in the log, many at a time: a log record of each takes longer than the call.

A formatter that can write such lines has a method ``call_lines`` (:class:`CallFormatter`). Where every
handler of the log has one, the calls of a batch are one record; else each call is a record of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from bridge.records.entries import FinishedCall

LINE = "call=%d door=%s function=%s code=%d ms=%.1f upstream_ms=%.1f"
MEANING = ' meaning="%s"'


# What the codes of each door mean, in English. A code that is missing is no failure, or nobody knows it.
Meanings = Mapping[tuple[str, int], str]
UNEXPLAINED: Meanings = {}


class CallRecord(NamedTuple):
    """One finished call. ``at``: when it ended, seconds since 1970."""

    number: int
    at: float
    door: str
    function: str
    code: int
    milliseconds: float
    upstream_milliseconds: float

    @property
    def finished(self) -> FinishedCall:
        """What the journal keeps of it."""
        return FinishedCall(*self[1:6])

    @property
    def message(self) -> str:
        """What its line says, as LINE has it."""
        return LINE % self.values

    @property
    def values(self) -> tuple[object, ...]:
        """What stands in LINE."""
        return self[:1] + self[2:]


@runtime_checkable
class CallFormatter(Protocol):
    """A formatter that writes the lines of many calls at once."""

    def call_lines(
        self, logger: str, calls: Sequence[CallRecord], meanings: Meanings = UNEXPLAINED
    ) -> str:  # fmt: skip
        """The lines, exactly as it would write them one by one, without the end of the last."""
        ...


class CallsRecord(logging.LogRecord):
    """Several calls in one log record of the level INFO."""

    def __init__(self, logger: str, calls: Sequence[CallRecord], meanings: Meanings = UNEXPLAINED) -> None:
        super().__init__(logger, logging.INFO, __file__, 0, "calls", None, None)
        self.calls = calls
        self.meanings = meanings

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return len(self.calls)

    def getMessage(self) -> str:
        return "\n".join([call.message + meaning_of(call, self.meanings) for call in self.calls])


def meaning_of(call: CallRecord, meanings: Meanings) -> str:
    """The end of a call's line: what its code means; "" where there is nothing to say."""
    meaning = meanings.get((call.door, call.code))
    return MEANING % meaning if meaning else ""


def write_lines(
    log: logging.Logger, calls: Sequence[CallRecord], meanings: Meanings = UNEXPLAINED
) -> None:  # fmt: skip
    """Write the line of each call, with the time at which it ended."""
    if calls and all(isinstance(handler.formatter, CallFormatter) for handler in _handlers(log)):
        log.handle(CallsRecord(log.name, calls, meanings))
        return
    for call in calls:
        log.handle(_single(log, call, meanings.get((call.door, call.code), "")))


def _single(log: logging.Logger, call: CallRecord, meaning: str) -> logging.LogRecord:
    """One call as any handler knows to write it: its values are arguments of the record."""
    template, values = (LINE + MEANING, (*call.values, meaning)) if meaning else (LINE, call.values)
    record = log.makeRecord(log.name, logging.INFO, __file__, 0, template, values, None, extra={"call": call})
    record.created = call.at
    record.msecs = (call.at % 1) * 1000
    return record


def _handlers(log: logging.Logger) -> Iterator[logging.Handler]:
    """All that get what this logger writes."""
    current: logging.Logger | None = log
    while current is not None:
        yield from current.handlers
        current = current.parent if current.propagate else None
