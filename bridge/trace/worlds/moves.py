"""Which card lay in the reader before which call of a trace, as far as its answers tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from bridge.table.model.rows import Table
from bridge.trace.reading import Trace
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.observations import Observation, observed
from bridge.trace.worlds.rules import WorldRules
from bridge.trace.worlds.told import CardKind, Telling

Slot = Literal["hc", "hpc"]
NOBODY = ""  # the slot is empty
HAND_SECONDS = 1.0  # that a person needs at least to take a card out and put it back


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
    return moves_of(observations, Holders(observations), Practitioners(observations))


class Owners:
    """Whose card is whose: card numbers by identity number, as the trace tells them. ``made_up``: numbers for
    cards of which it tells none. ``known``: every number, in the order in which they appear.
    """

    kind: CardKind
    slot: Slot

    def __init__(self, observations: Sequence[Observation]) -> None:
        self.number_by_id: dict[str, str] = {}
        self.made_up: set[str] = set()
        self._stranger: str | None = None
        ids = list(self._link(observations))
        numbers = [str(observation.told.of(self.kind).get("number", "")) for observation in observations]
        self.known = list(dict.fromkeys(number for number in numbers if number))
        for id_no in ids:
            if id_no not in self.number_by_id:
                self.number_by_id[id_no] = self._invent()
                self.known.append(self.number_by_id[id_no])

    def _link(self, observations: Sequence[Observation]) -> Iterable[str]:
        """Fill ``number_by_id``. Out: the identity numbers whose cards are to have a number."""
        raise NotImplementedError

    def id_of(self, observation: Observation) -> str:
        """The identity number that a call tells of the card in the slot, or ""."""
        return str(observation.told.of(self.kind).get("id_no", ""))

    def card_of(self, observation: Observation) -> str | None:
        """The number of the card that a call was about; "": none was there; None: it does not tell."""
        number = observation.told.of(self.kind).get("number")
        if number:
            return str(number)
        found = self.number_by_id.get(self.id_of(observation))
        return NOBODY if found is None and self.kind in observation.told.absent else found

    @property
    def stranger(self) -> str:
        """The card of calls that used one and never tell which: the only known one, else a made-up one."""
        if self._stranger is None:
            self._stranger = self.known[0] if len(self.known) == 1 else self._invent()
        return self._stranger

    @property
    def guessed(self) -> str | None:
        """The stranger, if there was one."""
        return self._stranger

    def _invent(self) -> str:
        number = f"{len(self.made_up) + 1:012d}"
        self.made_up.add(number)
        return number


class Holders(Owners):
    """The health cards. A call that names its patient and succeeds was about his card."""

    kind: CardKind = "card"
    slot: Slot = "hc"

    def _link(self, observations: Sequence[Observation]) -> Iterable[str]:
        named = []
        for observation in observations:
            number, id_no = (
                observation.told.of("card").get("number"),
                observation.told.of("card").get("id_no"),
            )
            if number and id_no:
                self.number_by_id.setdefault(str(id_no), str(number))
            named += [
                self.id_of(observation),
                observation.told.patient if observation.told.ok else "",
            ]
        return dict.fromkeys(id_no for id_no in named if id_no)

    def id_of(self, observation: Observation) -> str:
        """The identity number that a call tells of the card in the slot, or ""."""
        return super().id_of(observation) or (observation.told.person[0] if observation.told.person else "")


class Practitioners(Owners):
    """The practitioners' cards. Number and identity number come from different calls; those that follow each
    other while the card is not missing are of one card.
    """

    kind: CardKind = "practitioner"
    slot: Slot = "hpc"

    def _link(self, observations: Sequence[Observation]) -> Iterable[str]:
        ids: dict[str, None] = {}
        number = id_no = ""
        for observation in observations:
            reported, reported_id = (
                str(observation.told.of(self.kind).get("number", "")),
                self.id_of(observation),
            )
            if self.kind in observation.told.absent or (reported and number and reported != number):
                number = id_no = ""
            if reported_id and id_no and reported_id != id_no:
                number = ""
            number, id_no = reported or number, reported_id or id_no
            if number and id_no:
                self.number_by_id.setdefault(id_no, number)
            if reported_id:
                ids[reported_id] = None
        return ids


def places(observations: Sequence[Observation], owners: Owners) -> list[str | None]:
    """What lay in the slot at each call of one process: a number, "" for nothing, None: not known.

    Between two calls that tell of different cards the exchange is taken to be at the last opening or closing
    of the port, or else at the latter call.
    """
    kind = owners.kind
    reported = enumerate(_reported(observations, owners))
    anchors = _believed(observations, [(index, card) for index, card in reported if card is not None])
    found: list[str | None] = [None] * len(observations)
    if anchors:
        first, card = anchors[0]
        found[: first + 1] = [card if card != NOBODY else None] * first + [card]
        last, card = anchors[-1]
        found[last:] = [card] * (len(observations) - last)
    for (start, before), (end, after) in pairwise(anchors):
        switch = (
            end
            if before == after
            else _exchange(
                observations=observations, start=start, end=end, before=before, after=after, kind=kind
            )
        )
        found[start:switch] = [before] * (switch - start)
        found[switch : end + 1] = [after] * (end + 1 - switch)
    for index, observation in enumerate(observations):
        if not found[index] and kind in observation.told.used and kind not in observation.told.absent:
            found[index] = owners.stranger
    return found


def _believed(observations: Sequence[Observation], anchors: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The anchors without moves that no hand makes.

    Nobody takes a card out and puts it back within a second: an answer that it is missing, between two that
    tell of it, is then a wrong code and no move.
    """
    believed: list[tuple[int, str]] = []
    missing: list[tuple[int, str]] = []
    before: tuple[int, str] | None = None
    for anchor in anchors:
        if anchor[1] == NOBODY:
            missing.append(anchor)
            continue
        same = before is not None and before[1] == anchor[1]
        if before is None or not same or _away(observations, before, anchor) >= HAND_SECONDS:
            believed += missing
        believed.append(anchor)
        before, missing = anchor, []
    believed += missing
    return believed


def _away(observations: Sequence[Observation], before: tuple[int, str], after: tuple[int, str]) -> float:
    """Seconds between two calls that tell of a card."""
    return observations[after[0]].at - observations[before[0]].ended


def _reported(observations: Sequence[Observation], owners: Owners) -> Iterable[str | None]:
    """A card that was logged out counts as missing to those who ask for its state: that tells nothing."""
    logged_out = False
    for observation in observations:
        reported = owners.card_of(observation)
        if reported == NOBODY and logged_out and observation.told.rule.results:
            reported = None
        if owners.kind in observation.told.rule.logs_out:
            logged_out = True
        elif owners.kind in observation.told.used or reported:
            logged_out = False
        yield reported


def _exchange(
    observations: Sequence[Observation], start: int, end: int, before: str, after: str, kind: CardKind
) -> int:
    """Before which call the card was exchanged, between two that tell of different ones."""
    between = range(start + 1, end)
    if after == NOBODY:
        return end
    if before == NOBODY:
        return next((index for index in between if kind in observations[index].told.used), end)
    last = next((index for index in reversed(between) if observations[index].told.rule.boundary), None)
    if last is None:
        return end
    while (
        last - 1 > start and observations[last - 1].told.rule.boundary
    ):  # closing and opening belong together
        last -= 1
    return last


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
                or each.kind in observation.told.about
                or each.card_of(observation) is not None
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
