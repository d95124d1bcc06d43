"""How ready a program is for 6.0, judged by its trace: functions it uses, what becomes of them, habits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bridge.errors import TraceError
from bridge.table.model.rows import Table
from bridge.trace.readiness.advice import LEVELS, Advice, Level, ReadinessData, check_readiness
from bridge.trace.readiness.counts import Counts
from bridge.words import said
from bridge.words.moments import TAIWAN


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
class Place:
    """One work place of several. ``stop``, ``check``, ``note``: how much there is to say at each level.
    ``first``, ``last``: as of the whole report.
    """

    name: str
    calls: int
    failures: int
    first: str
    last: str
    worst: Level | None
    stop: int
    check: int
    note: int
    problems: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole report. ``programs``: names of the executables; ``first``, ``last``: when the first and last
    call began (ISO, Taiwan's time); ``site``: what holds whatever the program does; ``problems``: what could
    not be read of the trace. ``places``: where the trace is of several work places, those with most to stop
    them first; the rest is then about all of them together. ``left_out``: files and work places of which
    nothing is in the report, each with the reason.
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
    places: tuple[Place, ...] = ()
    left_out: tuple[str, ...] = ()

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


def checked(counts: Counts) -> Counts:
    """The same. Raises TraceError where there is nothing to be judged."""
    if not counts.codes and not counts.programs:
        raise TraceError(counts.problems[0] if counts.problems else said("an empty trace"))
    return counts


def assess_places(
    counted: Mapping[str, Counts], table: Table, data: ReadinessData, left_out: Iterable[str] = ()
) -> Readiness:
    """Judge the programs of several work places, each by what was counted there (at least one). Raises
    TableError.
    """
    total = Counts()
    places = []
    for name, counts in counted.items():
        total.add(counts, name)
        places.append(_place(name, report_of(counts, table, data), counts))
    places.sort(key=lambda place: (-place.stop, -place.check, place.name))
    return report_of(total, table, data, tuple(places), tuple(left_out))


def _place(name: str, report: Readiness, counts: Counts) -> Place:
    said_of = {level: len(report.findings(level)) for level in LEVELS}
    return Place(
        name=name,
        calls=report.calls,
        failures=sum(use.failures for use in report.uses),
        first=report.first,
        last=report.last,
        worst=report.worst,
        stop=said_of["stop"] + len(report.unknown),
        check=said_of["check"],
        note=said_of["note"],
        problems=len(counts.problems) + counts.more_problems,
    )


def report_of(
    counts: Counts,
    table: Table,
    data: ReadinessData,
    places: tuple[Place, ...] = (),
    left_out: tuple[str, ...] = (),
) -> Readiness:
    """The report of what was counted. Raises TableError where data and table do not fit."""
    check_readiness(data, table)
    called = counts.called
    changed = {name for change in data.changes if change.level == "stop" for name in change.functions}
    more = [f"... and {counts.more_problems} more"] if counts.more_problems else []
    return Readiness(
        programs=tuple(sorted(counts.programs)),
        calls=sum(called.values()),
        first=_moment(counts.first),
        last=_moment(counts.last),
        uses=tuple(_use(table, data, name, counts.codes[name]) for name in _in_order(table, called)),
        habits=tuple(sorted([*_habits(counts, data), *_ways(called, data)], key=_habit_order)),
        site=data.site,
        unused=tuple(name for name in table.functions if name in changed and name not in called),
        problems=(*counts.problems, *more),
        places=places,
        left_out=left_out,
    )


def _moment(at: datetime | None) -> str:
    return at.astimezone(TAIWAN).isoformat() if at else ""


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


def _habits(counts: Counts, data: ReadinessData) -> Iterator[HabitSeen]:
    for name, habit in counts.habits.items():
        functions = dict(habit.functions.most_common())
        yield HabitSeen(name, data.habits[name], habit.functions.total(), functions, tuple(habit.examples))


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
