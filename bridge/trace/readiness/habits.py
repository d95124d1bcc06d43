"""What a program does that went well with the old software and may not with 6.0, as a trace shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bridge.table.model.rows import Table
from bridge.trace.format import TracedCall
from bridge.trace.readiness.arguments import Habit, argument_habits
from bridge.trace.readiness.programs import Program, Row


@dataclass(frozen=True, slots=True)
class Seen:
    """A habit at one call: its name in readiness.yaml, and what exactly was seen ("pBuffer: 71 of 72")."""

    habit: str
    call: TracedCall
    detail: str


def habits(table: Table, calls: Iterable[TracedCall]) -> Iterator[Seen]:
    """Everything seen, call by call in the order given."""
    judge = Judge(table)
    for call in calls:
        for habit, detail in judge.seen(call):
            yield Seen(habit, call, detail)


class Judge:
    """Judges calls in the order given. Functions that the table does not have are passed over."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.programs: defaultdict[int, Program] = defaultdict(Program)
        self._rows: dict[str, Row] = {}

    def row(self, name: str) -> Row | None:
        """What the table has of a function."""
        row = self._rows.get(name)
        if row is None and name in self.table.functions:
            row = self._rows[name] = Row.of(self.table, self.table.functions[name])
        return row

    def seen(self, call: TracedCall) -> Iterator[Habit]:
        """Everything seen at a call."""
        row = self.row(call.function)
        if row is not None:
            yield from argument_habits(self.table, row.function, call)
            yield from self.programs[call.process].after(self.table, row, call)
