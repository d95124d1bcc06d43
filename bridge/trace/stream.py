"""A trace line by line, however long it is: only what has not had its turn yet stays in memory."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bridge.trace.format import Header, Line, TracedCall
from bridge.trace.reading import BLOCK_BYTES, Problem, parsed_lines, trace_files

LONGEST_WAIT = 1024  # calls of a program that may end before one that began earlier
Read = Callable[[int], object]  # is told how many bytes more have been read, once in a while


def lines_in_order(*places: Path) -> Iterator[Line | Problem]:
    """The lines of files, or of all files of a folder; the calls of each program in the order in which they
    began. Programs follow one another as their files do.

    A line is written when its call has ended, so that a call waits here until those before it have come; at
    most for ``LONGEST_WAIT`` others, since some may have been lost. Raises TraceError as
    :func:`bridge.trace.reading.read_trace` does for files that cannot be read.
    """
    return _in_order(_files(places))


class ProgramEnd(NamedTuple):
    """The program ``process`` makes no further call: behind its last one, which began ``at``."""

    at: datetime
    process: int
    number: int


def _nobody_asks(size: int) -> None:
    """Nothing is told."""


def calls_by_time(
    *places: Path, headers: list[Header], read: Read = _nobody_asks
) -> Iterator[TracedCall | ProgramEnd]:
    """The calls of all programs of a trace in the order in which they began, and of each program as
    :func:`lines_in_order` has them. The headers that come by are added to ``headers``.

    Programs of several machines may have had one number: all but the first of them get a negative one. One
    file of each program is open at a time. Raises TraceError as :func:`lines_in_order` does.
    """
    programs: dict[tuple[object, ...], list[Path]] = {}
    for file in _files(places):
        first = next((line for line, _ in parsed_lines(file) if not isinstance(line, Problem)), None)
        programs.setdefault(_program(first) if isinstance(first, Header) else (file,), []).append(file)
    numbers: set[object] = set()
    each = []
    for place, (program, files) in enumerate(programs.items()):
        other = -1 - place if program[0] in numbers else None
        numbers.add(program[0])
        each.append(_calls(_in_order(files, read), headers, other))
    return each[0] if len(each) == 1 else heapq.merge(*each, key=_when)


def _files(places: Iterable[Path]) -> list[Path]:
    return [file for place in places for file in trace_files(place)]


def _calls(
    lines: Iterable[Line | Problem], headers: list[Header], process: int | None
) -> Iterator[TracedCall | ProgramEnd]:
    last: TracedCall | None = None
    for line in lines:
        if isinstance(line, TracedCall):
            last = line if process is None else line._replace(process=process)
            yield last
        elif isinstance(line, Header):
            headers.append(line)
    if last is not None:
        yield ProgramEnd(last.at, last.process, last.number)


def _when(call: TracedCall | ProgramEnd) -> tuple[datetime, int, int]:
    return call.at, call.process, call.number


def _program(header: Header) -> tuple[object, ...]:
    """What the headers of one program's files have in common."""
    return header.process, header.program, header.started


def _in_order(files: Iterable[Path], read: Read = _nobody_asks) -> Iterator[Line | Problem]:
    order, unsaid = InOrder(), 0
    for file in files:
        for line, size in parsed_lines(file):
            unsaid += size
            if unsaid >= BLOCK_BYTES:
                read(unsaid)
                unsaid = 0
            yield from order.due(line)
    read(unsaid)
    yield from order.rest()


class InOrder:
    """Lines of files that follow one another, each when it has its turn: see :func:`lines_in_order`."""

    def __init__(self) -> None:
        self._begun = _Begun()
        self._program: tuple[object, ...] | None = None

    def due(self, line: Line | Problem) -> Iterable[Line | Problem]:
        """What has its turn once this line has come."""
        if isinstance(line, TracedCall):
            return self._begun.with_another(line)
        if isinstance(line, Header) and _program(line) != self._program:
            self._program = _program(line)
            return (*self._begun.rest(), line)
        return (line,)

    def rest(self) -> Iterable[TracedCall]:
        """What still waits when the last line has come."""
        return self._begun.rest()

    @property
    def next_call(self) -> int:
        """The number of the call that would have its turn at once; 0 where others have to come before."""
        return self._begun.at_once

    def passed(self, next_call: int) -> None:
        """All calls before this number have come and had their turn."""
        self._begun.at_once = next_call


class _Begun:
    """Calls that wait for one that began before them."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, TracedCall]] = []
        self._came = 0  # which of two calls with the same number came first
        self._next = 1

    @property
    def at_once(self) -> int:
        """The number of a call that would not have to wait; 0 where others wait."""
        return 0 if self._waiting else self._next

    @at_once.setter
    def at_once(self, number: int) -> None:
        self._next = number

    def with_another(self, call: TracedCall) -> Iterable[TracedCall]:
        """The calls whose turn it is once this one has come."""
        if call.number == self._next and not self._waiting:  # as nearly always
            self._next += 1
            return (call,)
        self._came += 1
        heapq.heappush(self._waiting, (call.number, self._came, call))
        return self._due()

    def _due(self) -> Iterator[TracedCall]:
        while self._waiting and (self._waiting[0][0] <= self._next or len(self._waiting) > LONGEST_WAIT):
            yield self._first()

    def rest(self) -> Iterator[TracedCall]:
        """All that wait: the program's last line has come. The next call is another program's."""
        while self._waiting:
            yield self._first()
        self._next = 1

    def _first(self) -> TracedCall:
        number, _, call = heapq.heappop(self._waiting)
        self._next = max(self._next, number + 1)
        return call
