"""What a recorded program means for a move in stages: which calls each stage moves, and what it must know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.cutover.routing_file import ORIGINAL, Routing
from bridge.table.model.cutover import Cutover, Words
from bridge.table.model.rows import Table
from bridge.trace.readiness.report import Readiness, Use


@dataclass(frozen=True, slots=True)
class GroupUse:
    """A group: its kind and title, the functions of it that the program calls with the number of calls, and
    those among them that do not work any more on 6.0.
    """

    name: str
    kind: str
    title: Words
    calls: dict[str, int]
    stopped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageUse:
    """A stage: how many of the program's calls are answered by the bridge in it, and which of its functions
    would fail there because 6.0 has dropped them.
    """

    name: str
    title: Words
    moved: int
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """``first``: the groups that can go first, as they touch no card; ``unknown``: functions of which the
    table knows nothing, which no stage can move.
    """

    calls: int
    groups: tuple[GroupUse, ...]
    stages: tuple[StageUse, ...]
    unknown: tuple[str, ...]

    @property
    def first(self) -> tuple[GroupUse, ...]:
        return tuple(group for group in self.groups if group.kind == "free" and not group.stopped)


def make_plan(report: Readiness, table: Table, cutover: Cutover) -> Plan:
    """In: what readiness found in the trace."""
    uses = [use for use in report.uses if use.known]
    return Plan(
        calls=report.calls,
        groups=tuple(_groups(uses, table, cutover)),
        stages=tuple(
            _stage(name, stage.title, Routing(name, stage.routes, stage.moved), uses, table, cutover)
            for name, stage in cutover.stages.items()
        ),
        unknown=tuple(report.unknown),
    )


def _groups(uses: list[Use], table: Table, cutover: Cutover) -> Iterator[GroupUse]:
    for name, group in cutover.groups.items():
        found = [use for use in uses if cutover.group_of(use.function) == name]
        if found:
            stopped = tuple(use.function for use in found if _is_dropped(table, use.function))
            yield GroupUse(name, group.kind, group.title, {use.function: use.calls for use in found}, stopped)


def _stage(
    name: str, title: Words, routing: Routing, uses: list[Use], table: Table, cutover: Cutover
) -> StageUse:
    moved, failing = 0, []
    for use in uses:
        if _side(routing, use.function, table, cutover) == ORIGINAL:
            continue
        moved += use.calls
        if _is_dropped(table, use.function):
            failing.append(use.function)
    return StageUse(name, title, moved, tuple(failing))


def _side(routing: Routing, name: str, table: Table, cutover: Cutover) -> str:
    """Which software answers in that stage; the port is opened where the cards are."""
    group = cutover.group_of(name)
    if cutover.groups[group].kind == "session":
        group = cutover.rest
    otherwise = ORIGINAL if _is_dropped(table, name) else "bridge"
    route = routing.routes.get(name, routing.routes.get(group, otherwise))
    return routing.moved.get(name, route.partition(",")[0])


def _is_dropped(table: Table, name: str) -> bool:
    return table.functions[name].status == "unsupported"
