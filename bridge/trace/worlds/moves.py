"""Which card lay in the reader before which call of a trace, as far as its answers tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bridge.table.model.rows import Table
from bridge.trace.reading import Trace
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.observations import Observation, observed
from bridge.trace.worlds.owners import Holders, Owners, Practitioners, Slot
from bridge.trace.worlds.rules import WorldRules
from bridge.trace.worlds.slots import SlotOfProgram, Waiting
from bridge.trace.worlds.telling import Telling


@dataclass(frozen=True, slots=True)
class CardMove:
    """Before the call ``number`` of ``process`` this card is put into the slot; None: the slot is emptied."""

    process: int
    number: int
    card_no: str | None
    slot: Slot = "hc"


def card_moves(trace: Trace, table: Table, rules: WorldRules | None = None) -> list[CardMove]:
    """Every insertion and removal, in the order of the calls; the first ones are those of the start.

    A health card is known by its number, or by its holder where a call names him and succeeds; where only the
    holder is known the number is the one that :func:`bridge.trace.worlds.world.world_of` gives his card.
    """
    telling = Telling(table, rules or default_rules())
    observations = [observed(call, telling.told(call)) for call in trace.calls]
    return moves_of(observations, Holders.of(observations), Practitioners.of(observations))


def places(observations: Sequence[Observation], owners: Owners) -> list[str | None]:
    """What lay in the slot at each call of one process: a number, "" for nothing, None: not known."""
    slot = SlotOfProgram(owners, 0)
    calls = [Waiting(order, observation, 1) for order, observation in enumerate(observations)]
    for call in calls:
        slot.take(call.order, call.order, call.observation, call)
    slot.end()
    return [call.places[owners.kind] for call in calls]


def moves_of(observations: Sequence[Observation], *owners: Owners) -> list[CardMove]:
    """The moves in the order of the calls.

    Programs of several processes may have had a reader each, and a simulator has one: before a call that is
    about a card, the card of its process is put back where another process's lies.
    """
    moves = []
    order = [observation for observation in observations if observation.physical]
    inserted: dict[Slot, str | None] = {}
    settled: dict[tuple[int, Slot], str] = {}
    where = {each.slot: _by_call(order, each) for each in owners}
    for observation in order:
        process, number = observation.process, observation.number
        for each in owners:
            place = where[each.slot][process, number]
            before = settled.get((process, each.slot))
            place = before if place is None else place
            if place is None or place == inserted.get(each.slot):
                settled |= {} if place is None else {(process, each.slot): place}
                continue
            if (
                place != before
                or observation.told.sights[each.kind].about
                or each.card_of(observation.told.sights[each.kind]) is not None
            ):
                settled[process, each.slot] = place
                inserted[each.slot] = place
                moves.append(CardMove(process, number, place or None, each.slot))
    return moves


def _by_call(observations: Sequence[Observation], owners: Owners) -> dict[tuple[int, int], str | None]:
    """What lay in the slot at each call, by process and number of the call."""
    found: dict[tuple[int, int], str | None] = {}
    for process, listed in _by_process(observations):
        for observation, place in zip(listed, places(listed, owners), strict=True):
            found[process, observation.number] = place
    return found


def _by_process(observations: Sequence[Observation]) -> Iterable[tuple[int, list[Observation]]]:
    for process, group in groupby(sorted(observations, key=_process), key=_process):
        yield process, list(group)


def _process(observation: Observation) -> int:
    return observation.process
