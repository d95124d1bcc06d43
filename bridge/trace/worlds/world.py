"""A simulator's world in which a trace replays: a scenario (docs/migrate/scenarios.md) made of its reads.

What stands in it is what was so before the trace: the first sight of a fact counts, less what the trace's own
calls had changed by then. What cannot be known is not guessed silently: it becomes a remark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bridge.table.model.rows import Table
from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace
from bridge.trace.stream import ProgramEnd
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.document import WorldDocument
from bridge.trace.worlds.gathering import Gathering
from bridge.trace.worlds.moves import CardMove, moves_of
from bridge.trace.worlds.observations import Observation, observed
from bridge.trace.worlds.owners import Holders, Practitioners
from bridge.trace.worlds.rules import WorldRules
from bridge.trace.worlds.telling import Telling


def world_of(trace: Trace, table: Table, rules: WorldRules | None = None) -> dict[str, Any]:
    """The scenario in which a trace replays, as a document of plain values; ``remarks`` says what it lacks.

    Raises TraceError where the trace has no calls.
    """
    return world_of_calls(lambda: iter(trace.calls), table, rules).whole()


def world_of_calls(
    calls: Callable[[], Iterable[TracedCall | ProgramEnd]], table: Table, rules: WorldRules | None = None
) -> WorldDocument:
    """The same of calls that come by one after the other, in the order in which they began. Where the end of
    a program comes by, too, nothing waits for its next call.

    ``calls`` is asked once, and once more where a call names somebody whose card a later one tells. Raises
    TraceError where there are none, and whatever ``calls`` raises.
    """
    telling = Telling(table, rules or default_rules())
    world = Gathering(Holders(), Practitioners())
    world.gather(_observed(telling, calls()))
    if world.needs_the_end:
        world = Gathering(world.holders, world.practitioners)
        world.gather(_observed(telling, calls()))
    return WorldDocument(world)


def _observed(
    telling: Telling, calls: Iterable[TracedCall | ProgramEnd]
) -> Iterator[Observation | ProgramEnd]:
    for call in calls:
        yield observed(call, telling.told(call)) if isinstance(call, TracedCall) else call


def made_world(
    trace: Trace, table: Table, rules: WorldRules | None = None
) -> tuple[dict[str, Any], list[CardMove]]:
    """The scenario as of :func:`world_of`, and the moves of cards as of
    :func:`bridge.trace.worlds.moves.card_moves`. Raises TraceError where the trace has no calls.
    """
    telling = Telling(table, rules or default_rules())
    observations = [observed(call, telling.told(call)) for call in trace.calls]
    world = Gathering(Holders.of(observations), Practitioners.of(observations))
    moves = moves_of(observations, world.holders, world.practitioners)
    world.gather(observations)
    return WorldDocument(world).whole(), moves
