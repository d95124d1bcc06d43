"""How ready a program is for 6.0, judged by its trace: functions it uses, what becomes of them, habits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bridge.errors import TraceError
from bridge.table.model.rows import Table
from bridge.trace.format import Header, Line, TracedCall
from bridge.trace.readiness.advice import LEVELS, Advice, Level, ReadinessData, check_readiness
from bridge.trace.readiness.habits import habits
from bridge.trace.reading import Problem
from bridge.words import said

MOST_EXAMPLES = 5
MOST_PROBLEMS = 100  # that are told one by one


@dataclass(frozen=True, slots=True)
class Use:
    """A function that the program calls. ``codes``: how often it was answered with which code (16 bits);
    ``failures``: how many of these were none of success. ``known``: whether the table has it.
    """

    function: str
    section: str
    title: str
    known: bool
    calls: int
    failures: int
    codes: Mapping[int, int]
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class HabitSeen:
    """A habit: in how many calls of which functions, with examples ("call 17, hisGetBasicData, pBuffer: 71
    of 72").
    """

    name: str
    advice: Advice
    calls: int
    functions: Mapping[str, int]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """An advice and what it is about: functions with the number of their calls. ``habit``: what was seen of
    them, "" where 6.0 is what changes; ``examples`` of it.
    """

    advice: Advice
    functions: Mapping[str, int]
    habit: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole report. ``programs``: names of the executables; ``first``, ``last``: when the first and last
    call began (ISO, UTC); ``site``: what holds whatever the program does; ``problems``: what could not be
    read of the trace.
    """

    programs: tuple[str, ...]
    calls: int
    first: str
    last: str
    uses: tuple[Use, ...]
    habits: tuple[HabitSeen, ...]
    site: tuple[Advice, ...]
    unused: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def worst(self) -> Level | None:
        """The gravest level of all advice, None where there is none."""
        found = {advice.level for use in self.uses for advice in use.advice}
        found |= {habit.advice.level for habit in self.habits}
        if self.unknown:
            found.add("stop")
        return next((level for level in LEVELS if level in found), None)

    def findings(self, level: Level) -> list[Finding]:
        """What there is to say at a level: of 6.0 first, then of the program's habits."""
        changed: dict[Advice, dict[str, int]] = {}
        for use in self.uses:
            for advice in use.advice:
                changed.setdefault(advice, {})[use.function] = use.calls
        found = [Finding(advice, functions) for advice, functions in changed.items()]
        found += [Finding(each.advice, each.functions, each.name, each.examples) for each in self.habits]
        return [finding for finding in found if finding.advice.level == level]

    @property
    def unknown(self) -> list[str]:
        """Functions that the table does not have."""
        return [use.function for use in self.uses if not use.known]

    def as_json(self) -> dict[str, Any]:
        return {"readiness": 1, "worst": self.worst, **_plain(asdict(self))}


@dataclass(slots=True)
class _Counted:
    """What is counted of a trace while its calls pass through."""

    programs: set[str] = field(default_factory=set)
    codes: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    first: datetime | None = None
    last: datetime | None = None
    problems: list[str] = field(default_factory=list)
    more_problems: int = 0

    def calls(self, lines: Iterable[Line | Problem]) -> Iterator[TracedCall]:
        """The calls among the lines; everything is counted as it comes."""
        for line in lines:
            match line:
                case TracedCall():
                    self._count(line)
                    yield line
                case Header(program=program) if program:
                    self.programs.add(program)
                case Problem():
                    self._note(line)
                case _:
                    pass

    def _count(self, call: TracedCall) -> None:
        self.codes[call.function][call.answer.code16] += 1
        if self.first is None or call.at < self.first:
            self.first = call.at
        if self.last is None or call.at > self.last:
            self.last = call.at

    def _note(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(str(problem))
        else:
            self.more_problems += 1

    def told(self) -> tuple[str, ...]:
        """The problems, and how many more there are."""
        more = [f"... and {self.more_problems} more"] if self.more_problems else []
        return (*self.problems, *more)


def assess(lines: Iterable[Line | Problem], table: Table, data: ReadinessData) -> Readiness:
    """Judge a program by its trace, line by line (:func:`bridge.trace.stream.lines_in_order`). Raises
    TableError where data and table do not fit, TraceError where there is nothing to be judged.
    """
    check_readiness(data, table)
    counted = _Counted()
    seen = tuple(_habits(counted.calls(lines), table, data))
    called = {name: codes.total() for name, codes in counted.codes.items()}
    if not called and not counted.programs:
        raise TraceError(counted.problems[0] if counted.problems else said("an empty trace"))
    changed = {name for change in data.changes if change.level == "stop" for name in change.functions}
    return Readiness(
        programs=tuple(sorted(counted.programs)),
        calls=sum(called.values()),
        first=counted.first.isoformat() if counted.first else "",
        last=counted.last.isoformat() if counted.last else "",
        uses=tuple(_use(table, data, name, counted.codes[name]) for name in _in_order(table, called)),
        habits=tuple(sorted([*seen, *_ways(called, data)], key=_habit_order)),
        site=data.site,
        unused=tuple(name for name in table.functions if name in changed and name not in called),
        problems=counted.told(),
    )


def _in_order(table: Table, called: Mapping[str, int]) -> list[str]:
    """Functions by the table's order, those it does not have at the end."""
    places = {name: place for place, name in enumerate(table.functions)}
    return sorted(called, key=lambda name: (places.get(name, len(places)), name))


def _use(table: Table, data: ReadinessData, name: str, codes: Counter[int]) -> Use:
    row = table.functions.get(name)
    return Use(
        function=name,
        section=row.section if row else "",
        title=row.title if row else "",
        known=row is not None,
        calls=codes.total(),
        failures=sum(count for code, count in codes.items() if not table.succeeded(name, code)),
        codes=dict(sorted(codes.items())),
        advice=tuple(sorted(data.about(row), key=_gravity)) if row else (),
    )


def _ways(called: Mapping[str, int], data: ReadinessData) -> Iterator[HabitSeen]:
    """Whether the program knows the ways that it needs once in a while; reported as a habit is."""
    for name, way in data.ways.items():
        advice = way.judged(called)
        if advice is not None:
            counts = {each: called[each] for each in (*way.wanted_by, *way.functions) if each in called}
            yield HabitSeen(name, advice, sum(counts.values()), counts, ())


def _habits(calls: Iterable[TracedCall], table: Table, data: ReadinessData) -> Iterator[HabitSeen]:
    functions: dict[str, Counter[str]] = {}
    examples: dict[str, list[str]] = {}
    for seen in habits(table, calls):
        functions.setdefault(seen.habit, Counter())[seen.call.function] += 1
        shown = examples.setdefault(seen.habit, [])
        if len(shown) < MOST_EXAMPLES:
            parts = (f"call {seen.call.number}", seen.call.function, seen.detail)
            shown.append(", ".join(part for part in parts if part))
    for name, counts in functions.items():
        seen_of = dict(counts.most_common())
        yield HabitSeen(name, data.habits[name], counts.total(), seen_of, tuple(examples[name]))


def _habit_order(habit: HabitSeen) -> tuple[int, str]:
    return _gravity(habit.advice), habit.name


def _gravity(advice: Advice) -> int:
    return LEVELS.index(advice.level)


def _plain(value: Any) -> Any:
    """Advice objects become objects, keys become texts."""
    match value:
        case Advice():
            return value.model_dump(mode="json", include={"level", "en", "zh", "provenance"})
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value
