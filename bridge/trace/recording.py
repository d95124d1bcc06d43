"""Records the calls that reach an engine by any door, as the recorder DLL records those of one program."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import NamedTuple

from bridge.calls.call import Argument, File, LegacyCall, LegacyResult, OutBuffer
from bridge.table.model.arguments import RecordArgument, TextSizedArgument
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Answer, Given, NamedFile, Number, TracedCall
from bridge.trace.writing import TraceWriter

log = logging.getLogger(__name__)


class _Begun(NamedTuple):
    number: int
    lane: int
    at: datetime
    started: float
    call: LegacyCall


class CallRecorder:
    """An engine's observer (see bridge/calls/call.py): each call becomes a line of the writer's trace.

    A bridge does not see the program's threads: a call gets the lowest number that no other call under way
    has, so that calls which overlapped differ from calls that followed each other.
    """

    def __init__(self, table: Table, writer: TraceWriter) -> None:
        self._table = table
        self._writer = writer
        self._numbers = itertools.count(1)
        self._lanes = itertools.count(1)
        self._free: list[int] = []

    def begin(self, call: LegacyCall) -> _Begun:
        """A call begins. Out: what end() wants to see again."""
        lane = heappop(self._free) if self._free else next(self._lanes)
        return _Begun(next(self._numbers), lane, datetime.now(UTC), time.perf_counter(), call)

    def end(self, begun: _Begun, result: LegacyResult | None) -> None:
        """It has ended; without a result where nobody waits for one any more. Never raises."""
        microseconds = (time.perf_counter() - begun.started) * 1e6
        heappush(self._free, begun.lane)
        if result is None:
            return
        try:
            self._writer.write(self._traced(begun, result, microseconds))
        except Exception:
            log.exception("function=%s: not recorded, fault of the bridge", begun.call.name)

    def _traced(self, begun: _Begun, result: LegacyResult, microseconds: float) -> TracedCall:
        call = begun.call
        function = self._table.functions.get(call.name)
        answer = answer_of(function, call, result, microseconds)
        given = dict(_given(call.arguments, _lengths(function)))
        return TracedCall(
            number=begun.number,
            at=begun.at,
            thread=begun.lane,
            function=call.name,
            given=given,
            answer=answer,
            door=call.door.name,
        )


def answer_of(
    function: Function | None, call: LegacyCall, result: LegacyResult, microseconds: float
) -> Answer:
    """An engine's result as a trace has it: what the program then finds in its buffers and lengths."""
    return Answer(result.code, microseconds, dict(_after(call, result, _lengths(function))))


MOST_KEPT = 1024
_kept: dict[int, tuple[Function, Mapping[str, str]]] = {}  # keeps the row alive, too


def _lengths(function: Function | None) -> Mapping[str, str]:
    """The buffers of a row and the names of their length variables; found once for a row."""
    if function is None:
        return {}
    found = _kept.get(id(function))
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        sized = (a for a in function.arguments if isinstance(a, RecordArgument | TextSizedArgument))
        found = _kept[id(function)] = (function, {each.name: each.length for each in sized})
    return found[1]


def _given(arguments: Mapping[str, Argument], lengths: Mapping[str, str]) -> Iterator[tuple[str, Given]]:
    for name, value in arguments.items():
        match value:
            case OutBuffer():
                yield name, value.content
                if name in lengths:
                    yield lengths[name], Number(value.capacity)
            case File():
                size = None if value.content is None else len(value.content)
                yield name, NamedFile(value.name, size)
            case int():
                yield name, Number(value)
            case bytes():
                yield name, value


def _after(call: LegacyCall, result: LegacyResult, lengths: Mapping[str, str]) -> Iterator[tuple[str, Given]]:
    for name, value in result.outputs.items():
        yield name, Number(value) if isinstance(value, int) else value
    for name, length in lengths.items():
        room, written = call.arguments.get(name), result.outputs.get(name)
        if isinstance(written, bytes):
            yield length, Number(len(written))
        elif isinstance(room, OutBuffer):
            yield length, Number(room.capacity)
