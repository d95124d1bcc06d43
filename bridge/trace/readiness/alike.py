"""Calls that are alike: what is said of one holds for all of them, whoever, whenever and however long."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from bridge.table.model.arguments import RecordArgument, TextArgument
from bridge.trace.format import TracedCall
from bridge.trace.readiness.arguments import Habit, argument_habits
from bridge.trace.readiness.habits import Judge
from bridge.trace.readiness.programs import MOVES, Moves, Row, Told, told_person
from bridge.trace.readiness.templates import Fate, Hole, Template, known, template_of

NAMED, TOLD = "named", "told"  # holes: who is named before the call, who is told after it
BRACKETS = 9  # bytes of a buffer before the call by which it says what record it wants
SAMPLES = 100  # calls out of which a pattern is made
MOST_KINDS = 128  # in the pattern


@dataclass(slots=True)
class Kind:
    """Calls that are alike. ``code``: 16 bits. ``row``: None of a function that the table does not have; the
    other fields are then empty. ``moves``: what it does to the port. ``seen``: habits in the arguments.
    ``told``: where a card is read, see :meth:`bridge.trace.readiness.programs.Told.in_base64`. ``times``: how
    often a pattern met it. ``person``: the group of the pattern in which somebody is named, or told, 0 where
    nobody is. ``special``: whether it failed, or has a habit with too few examples yet.
    """

    function: str
    code: int
    row: Row | None
    worked: bool = True
    moves: Moves = MOVES[""]
    seen: tuple[Habit, ...] = ()
    told: tuple[slice, Told] | None = None
    times: int = 0
    person: int = 0
    special: bool = False

    @property
    def named(self) -> str:
        """The argument that names somebody."""
        return self.row.id_argument if self.row is not None else ""


@dataclass(slots=True)
class _Sample:
    call: TracedCall
    times: int = 0


class Kinds:
    """Learns kinds of calls from those that are judged one by one. ``by_group``: the kind of a line by the
    last group of its match. ``all``: every kind that ever was in a pattern.
    """

    def __init__(self, judge: Judge) -> None:
        self.by_group: Sequence[Kind] = ()
        self.all: list[Kind] = []
        self._judge = judge
        self._pattern: re.Pattern[bytes] | None = None
        self._in_pattern: dict[Template, Kind] = {}
        self._samples: dict[Template, _Sample] = {}
        self._taken, self._passed, self._pause, self._next_pause = 0, 0, 0, 0

    def learn(self, line: bytes, call: TracedCall) -> None:
        """A call that no pattern knew, and its line."""
        self._passed += 1
        if self._passed <= self._pause:
            return
        template = template_of(line, self._fate(call))
        if template is not None:
            self._samples.setdefault(template, _Sample(call)).times += 1
        self._taken += 1
        if self._taken == SAMPLES:
            self._renew()

    def lines(self, block: bytes, at: int) -> Callable[[], re.Match[bytes] | None] | None:
        """Gives, called again and again, the matches (:class:`bridge.trace.readiness.templates.Known`) of the
        lines that follow one another from a place on; None for the first that is of no kind that is known.
        None as long as there is nothing to be known.
        """
        if self._pattern is None:
            return None
        scanner = self._pattern.scanner(block, at)  # type: ignore[attr-defined] # what re.Scanner is made of
        return cast("Callable[[], re.Match[bytes] | None]", scanner.match)

    def _fate(self, call: TracedCall) -> Fate:
        row = self._judge.row(call.function)
        if row is None:
            return lambda side, name: 0
        told = told_person(self._judge.table, row, call)
        arguments = {argument.name: argument for argument in row.function.arguments}

        def fate(side: str, name: str) -> int | str:
            if side == "out":
                return TOLD if told is not None and name == told.argument else 0
            value = call.given[name]
            match arguments.get(name):
                case TextArgument(width=width) if isinstance(value, bytes) and len(value) > width:
                    return len(value)
                case RecordArgument(bracketed=str()):
                    return BRACKETS
            return NAMED if name == row.id_argument else 0

        return fate

    def _renew(self) -> None:
        """A pattern with what came more than once. To look so closely takes time: what nobody knows is looked
        at again at once, then after ever more calls, four times as many each time.
        """
        found = {
            template: kind
            for template, sample in self._samples.items()
            if sample.times > 1 and (kind := self._kind(template, sample)) is not None
        }
        times = {template: sample.times for template, sample in self._samples.items()}
        self._samples = {each: sample for each, sample in self._samples.items() if sample.times == 1}
        self._taken, self._passed = 0, 0
        self._pause, self._next_pause = self._next_pause, 4 * self._next_pause + SAMPLES
        if not found:
            return
        self.all += found.values()
        both = {**self._in_pattern, **found}
        often = sorted(both, key=lambda template: -times.get(template, both[template].times))[:MOST_KINDS]
        self._in_pattern = {template: both[template] for template in often}
        made = known(often)
        self._pattern = made.pattern
        by_group = [Kind("", 0, None)] * (made.pattern.groups + 1)
        for group, (template, groups) in made.places.items():
            kind = by_group[group] = both[template]
            kind.person = groups.get(NAMED) or groups.get(TOLD) or 0
        self.by_group = by_group

    def _kind(self, template: Template, sample: _Sample) -> Kind | None:
        """What all calls of a template have in common; None where that is not all that matters."""
        call, table = sample.call, self._judge.table
        row, code = self._judge.row(call.function), call.answer.code16
        if row is None:
            return Kind(call.function, code, None)
        worked, told = table.succeeded(call.function, code), told_person(table, row, call)
        asked = [unit.name for unit in template if isinstance(unit, Hole) and unit.name in (NAMED, TOLD)]
        matters = [NAMED] if call.given.get(row.id_argument) else []
        matters += [TOLD] if told is not None else []
        if asked != matters or len(asked) > 1:
            return None
        seen = tuple(argument_habits(table, row.function, call))
        moves = row.does if worked else row.fails
        place = told.in_base64() if told is not None else None
        return Kind(call.function, code, row, worked, moves, seen, place, special=bool(seen) or not worked)
