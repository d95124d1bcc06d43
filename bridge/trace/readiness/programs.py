"""What the calls of a program show in the light of those before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bridge.table.model.arguments import ArgumentSpec, RecordArgument
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Given, TracedCall
from bridge.trace.readiness.arguments import Habit
from bridge.trace.records import Span, record_spans, records_out

# How soon a write must follow a failure of another call to count as its consequence.
AT_ONCE_SECONDS = 10.0

# What a program's port is: closed, not opened though it was tried, open without a card call since, with one,
# with more than one.
CLOSED, NOT_OPENED, OPEN, USED_ONCE, USED = range(5)
Moves = tuple[tuple[int, str], ...]  # by what the port is: what it becomes, and the habit that shows, or ""
MOVES: Mapping[str, Moves] = {
    "opens": ((OPEN, ""),) * 5,
    "fails to open": ((NOT_OPENED, ""),) * 5,
    "closes": tuple((CLOSED, "reopened" if port == USED_ONCE else "") for port in range(5)),
    "card": (
        (CLOSED, "port_not_open"),
        (NOT_OPENED, "open_ignored"),
        (USED_ONCE, ""),
        (USED, ""),
        (USED, ""),
    ),
    "": tuple((port, "") for port in range(5)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A function, and what is the same for all its calls. ``does``, ``fails``: of MOVES, for a call that
    worked and one that failed. ``tells_person``: whether a record that it gives names the person.
    """

    function: Function
    does: Moves
    fails: Moves
    tells_person: bool

    @classmethod
    def of(cls, table: Table, function: Function) -> Row:
        operations = {step.reader for step in function.steps}
        if "open" in operations:
            does, fails = "opens", "fails to open"
        elif "close" in operations:
            does = fails = "closes"
        else:
            card = any("hc" in step.needs or step.signature is not None for step in function.steps)
            does = fails = "card" if card else ""
        tells_person = any(_names_person(table, argument) for argument in function.arguments)
        return cls(function, MOVES[does], MOVES[fails], tells_person)

    @property
    def writes(self) -> bool:
        return self.function.effect == "write"

    @property
    def id_argument(self) -> str:
        """The argument that names the person, "" where there is none."""
        return self.function.identity.id if self.function.identity is not None else ""


def _names_person(table: Table, argument: ArgumentSpec) -> bool:
    if not isinstance(argument, RecordArgument):
        return False
    names = [name for name in (argument.record, argument.bracketed) if name]
    return any(_is_person(span) for name in names for span in record_spans(table.records_out, name))


def _is_person(span: Span) -> bool:
    return span.name == "id_no" and not span.group


class Told(NamedTuple):
    """Where a call tells whose card was read: bytes ``start`` to ``stop`` of a buffer after it."""

    argument: str
    start: int
    stop: int

    def in_base64(self) -> tuple[slice, Told]:
        """The characters of the buffer's base64 in which it stands, and where in the bytes of these."""
        first, last = self.start // 3, -(-self.stop // 3)  # of the groups of three bytes
        here = Told(self.argument, self.start - 3 * first, self.stop - 3 * first)
        return slice(4 * first, 4 * last), here


def told_person(table: Table, row: Row, call: TracedCall) -> Told | None:
    """The last such place of a call."""
    found = None
    if row.tells_person:
        for view in records_out(table, row.function, call.given, call.answer):
            for span in filter(_is_person, view.spans):
                stop = min(span.offset + span.width, len(view.data))
                found = Told(view.argument, span.offset, stop)
    return found


class Moment(NamedTuple):
    """A call of a thread: seconds since 1970, its code of 16 bits."""

    function: str
    thread: int
    began: float
    ended: float
    code: int


class Program:
    """One process: what its port is, what its threads failed at last, whose card was read last."""

    __slots__ = ("failed", "id_no", "port")

    def __init__(self) -> None:
        self.port = CLOSED
        self.failed: dict[int, Moment] = {}
        self.id_no = b""

    def after(self, table: Table, row: Row, call: TracedCall) -> Iterator[Habit]:
        """What a call shows."""
        code = call.answer.code16
        worked = table.succeeded(row.function.name, code)
        self.port, habit = (row.does if worked else row.fails)[self.port]
        if habit:
            yield habit, ""
        moment = Moment(call.function, call.thread, call.at.timestamp(), call.ended, code)
        yield from self.consequence(moment, writes=row.writes, worked=worked)
        if row.id_argument and self.is_another(call.given.get(row.id_argument)):
            yield "another_person", row.id_argument
        told = told_person(table, row, call)
        if told is not None:
            self.reads(call.answer.after[told.argument], told)

    def consequence(self, moment: Moment, *, writes: bool, worked: bool) -> Iterator[Habit]:
        """Whether a call that writes follows a failure that nobody looked at."""
        failed = self.failed.get(moment.thread)
        if failed is not None and writes and failed.function != moment.function:
            at_once = moment.began - failed.ended < AT_ONCE_SECONDS
            if at_once:
                yield "failure_ignored", f"{failed.function} -> {failed.code}"
        if worked:
            self.failed.pop(moment.thread, None)
        else:
            self.failed[moment.thread] = moment

    def is_another(self, named: Given | None) -> bool:
        """Whether a call names another person than the card that was read."""
        name = named.strip(b" \0") if isinstance(named, bytes) else b""
        return bool(self.id_no and name) and name != self.id_no

    def reads(self, value: Given, told: Told) -> None:
        """A card has been read."""
        if isinstance(value, bytes):
            self.id_no = value[told.start : told.stop].strip()
