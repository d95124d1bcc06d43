"""What is counted of a program's trace: enough to judge it by, and to put several work places together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.table.model.rows import Table
from bridge.trace.format import Header, Line, TracedCall
from bridge.trace.readiness.habits import Judge
from bridge.trace.reading import Problem

MOST_EXAMPLES = 5
MOST_PROBLEMS = 100  # that are told one by one


@dataclass(slots=True)
class HabitCount:
    """A habit: in how many calls of which functions; the first examples ("call 17, hisGetBasicData, pBuffer:
    71 of 72").
    """

    functions: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Counts:
    """``codes``: by function, how often it was answered with which code (16 bits). ``first``, ``last``: when
    the first and the last call began. ``problems``: what could not be read, and ``more_problems`` like them.
    It grows with the kinds of calls, not with their number.
    """

    programs: set[str] = field(default_factory=set)
    codes: dict[str, Counter[int]] = field(default_factory=dict)
    habits: dict[str, HabitCount] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    problems: list[str] = field(default_factory=list)
    more_problems: int = 0

    @property
    def called(self) -> dict[str, int]:
        """Calls by function."""
        return {name: codes.total() for name, codes in self.codes.items()}

    def problem(self, text: str) -> None:
        """Note something that could not be read."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(text)
        else:
            self.more_problems += 1

    def add(self, other: Counts, place: str) -> None:
        """Add what was counted at a work place."""
        self.programs |= other.programs
        for name, codes in other.codes.items():
            self.codes.setdefault(name, Counter()).update(codes)
        for name, habit in other.habits.items():
            own = self.habits.setdefault(name, HabitCount())
            own.functions.update(habit.functions)
            room = MOST_EXAMPLES - len(own.examples)
            own.examples += [f"{place}: {example}" for example in habit.examples[:room]]
        self.first = min((at for at in (self.first, other.first) if at), default=None)
        self.last = max((at for at in (self.last, other.last) if at), default=None)
        for problem in other.problems:
            self.problem(f"{place}: {problem}")
        self.more_problems += other.more_problems

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "programs": sorted(self.programs),
            "codes": {name: _texts(codes) for name, codes in self.codes.items()},
            "habits": {
                name: {"functions": dict(habit.functions), "examples": habit.examples}
                for name, habit in self.habits.items()
            },
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "problems": self.problems,
            "more_problems": self.more_problems,
        }

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Counts:
        """Out of what :meth:`plain` made."""
        return cls(
            programs=set(plain["programs"]),
            codes={
                name: Counter({int(code): count for code, count in codes.items()})
                for name, codes in plain["codes"].items()
            },
            habits={
                name: HabitCount(Counter(habit["functions"]), list(habit["examples"]))
                for name, habit in plain["habits"].items()
            },
            first=_time(plain["first"]),
            last=_time(plain["last"]),
            problems=list(plain["problems"]),
            more_problems=plain["more_problems"],
        )


class Counting:
    """Counts the lines of a trace, which come in order."""

    def __init__(self, table: Table) -> None:
        self.counts, self.judge = Counts(), Judge(table)

    def line(self, line: Line | Problem) -> None:
        """Count a line."""
        match line:
            case TracedCall():
                self.answered(line.function, line.answer.code16)
                self.began(line.at)
                for habit, detail in self.judge.seen(line):
                    self.seen(habit, detail, line.function, line.number)
            case Header(program=program) if program:
                self.counts.programs.add(program)
            case Problem():
                self.counts.problem(str(line))
            case _:
                pass

    def answered(self, function: str, code: int, times: int = 1) -> None:
        """Count calls of a function that were answered with a code (16 bits)."""
        codes = self.counts.codes.get(function)
        if codes is None:
            codes = self.counts.codes[function] = Counter()
        codes[code] += times

    def began(self, at: datetime) -> None:
        """Note when a call began."""
        if self.counts.first is None or at < self.counts.first:
            self.counts.first = at
        if self.counts.last is None or at > self.counts.last:
            self.counts.last = at

    def seen(self, habit: str, detail: str, function: str, number: int) -> None:
        """Count a habit at the call of that number."""
        self.shown(habit, function)
        self.example(habit, detail, function, number)

    def shown(self, habit: str, function: str, times: int = 1) -> None:
        """Count a habit, without an example."""
        self._habit(habit).functions[function] += times

    def example(self, habit: str, detail: str, function: str, number: int) -> bool:
        """Keep an example of a habit, if it is among the first. Out: whether there is room for another."""
        examples = self._habit(habit).examples
        if len(examples) < MOST_EXAMPLES:
            parts = (f"call {number}", function, detail)
            examples.append(", ".join(part for part in parts if part))
        return len(examples) < MOST_EXAMPLES

    def _habit(self, name: str) -> HabitCount:
        found = self.counts.habits.get(name)
        if found is None:
            found = self.counts.habits[name] = HabitCount()
        return found


def _texts(codes: Mapping[int, int]) -> dict[str, int]:
    return {str(code): count for code, count in codes.items()}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
