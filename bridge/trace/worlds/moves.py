"""Which card lay in the reader before which call of a trace, as far as its answers tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from bridge.table.model.rows import Table
from bridge.trace.reading import Trace
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.observations import CardKind, Observation, look
from bridge.trace.worlds.rules import WorldRules

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
    sights = [look(table, rules or default_rules(), call) for call in trace.calls]
    return moves_of(sights, Holders(sights), Practitioners(sights))


class Owners:
    """Whose card is whose: card numbers by identity number, as the trace tells them. ``made_up``: numbers for
    cards of which it tells none. ``known``: every number, in the order in which they appear.
    """

    kind: CardKind
    slot: Slot

    def __init__(self, sights: Sequence[Observation]) -> None:
        self.number_by_id: dict[str, str] = {}
        self.made_up: set[str] = set()
        self._stranger: str | None = None
        ids = list(self._link(sights))
        numbers = [str(sight.facts.get((self.kind, "number"), "")) for sight in sights]
        self.known = list(dict.fromkeys(number for number in numbers if number))
        for id_no in ids:
            if id_no not in self.number_by_id:
                self.number_by_id[id_no] = self._invent()
                self.known.append(self.number_by_id[id_no])

    def _link(self, sights: Sequence[Observation]) -> Iterable[str]:
        """Fill ``number_by_id``. Out: the identity numbers whose cards are to have a number."""
        raise NotImplementedError

    def id_of(self, sight: Observation) -> str:
        """The identity number that a call tells of the card in the slot, or ""."""
        return str(sight.facts.get((self.kind, "id_no"), ""))

    def card_of(self, sight: Observation) -> str | None:
        """The number of the card that a call was about; "": none was there; None: it does not tell."""
        number = sight.facts.get((self.kind, "number"))
        if number:
            return str(number)
        found = self.number_by_id.get(self.id_of(sight))
        return NOBODY if found is None and self.kind in sight.absent else found

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

    def _link(self, sights: Sequence[Observation]) -> Iterable[str]:
        named = []
        for sight in sights:
            number, id_no = sight.facts.get(("card", "number")), sight.facts.get(("card", "id_no"))
            if number and id_no:
                self.number_by_id.setdefault(str(id_no), str(number))
            named += [self.id_of(sight), sight.text(sight.rule.patient) if sight.ok else ""]
        return dict.fromkeys(id_no for id_no in named if id_no)

    def id_of(self, sight: Observation) -> str:
        """The identity number that a call tells of the card in the slot, or ""."""
        return super().id_of(sight) or (sight.person[0] if sight.person else "")


class Practitioners(Owners):
    """The practitioners' cards. Number and identity number come from different calls; those that follow each
    other while the card is not missing are of one card.
    """

    kind: CardKind = "practitioner"
    slot: Slot = "hpc"

    def _link(self, sights: Sequence[Observation]) -> Iterable[str]:
        ids: dict[str, None] = {}
        number = id_no = ""
        for sight in sights:
            told, told_id = str(sight.facts.get((self.kind, "number"), "")), self.id_of(sight)
            if self.kind in sight.absent or (told and number and told != number):
                number = id_no = ""
            if told_id and id_no and told_id != id_no:
                number = ""
            number, id_no = told or number, told_id or id_no
            if number and id_no:
                self.number_by_id.setdefault(id_no, number)
            if told_id:
                ids[told_id] = None
        return ids


def places(sights: Sequence[Observation], owners: Owners) -> list[str | None]:
    """What lay in the slot at each call of one process: a number, "" for nothing, None: not known.

    Between two calls that tell of different cards the exchange is taken to be at the last opening or closing
    of the port, or else at the latter call.
    """
    kind = owners.kind
    told = enumerate(_told(sights, owners))
    anchors = _believed(sights, [(index, card) for index, card in told if card is not None])
    found: list[str | None] = [None] * len(sights)
    if anchors:
        first, card = anchors[0]
        found[: first + 1] = [card if card != NOBODY else None] * first + [card]
        last, card = anchors[-1]
        found[last:] = [card] * (len(sights) - last)
    for (start, before), (end, after) in pairwise(anchors):
        switch = end if before == after else _exchange(sights, start, end, before, after, kind)
        found[start:switch] = [before] * (switch - start)
        found[switch : end + 1] = [after] * (end + 1 - switch)
    for index, sight in enumerate(sights):
        if not found[index] and kind in sight.used and kind not in sight.absent:
            found[index] = owners.stranger
    return found


def _believed(sights: Sequence[Observation], anchors: list[tuple[int, str]]) -> list[tuple[int, str]]:
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
        if before is None or not same or _away(sights, before, anchor) >= HAND_SECONDS:
            believed += missing
        believed.append(anchor)
        before, missing = anchor, []
    believed += missing
    return believed


def _away(sights: Sequence[Observation], before: tuple[int, str], after: tuple[int, str]) -> float:
    """Seconds between two calls that tell of a card."""
    return sights[after[0]].call.at.timestamp() - sights[before[0]].call.ended


def _told(sights: Sequence[Observation], owners: Owners) -> Iterable[str | None]:
    """A card that was logged out counts as missing to those who ask for its state: that tells nothing."""
    logged_out = False
    for sight in sights:
        told = owners.card_of(sight)
        if told == NOBODY and logged_out and sight.rule.results:
            told = None
        if owners.kind in sight.rule.logs_out:
            logged_out = True
        elif owners.kind in sight.used or told:
            logged_out = False
        yield told


def _exchange(
    sights: Sequence[Observation], start: int, end: int, before: str, after: str, kind: CardKind
) -> int:
    """Before which call the card was exchanged, between two that tell of different ones."""
    between = range(start + 1, end)
    if after == NOBODY:
        return end
    if before == NOBODY:
        return next((index for index in between if kind in sights[index].used), end)
    boundaries = [index for index in between if sights[index].rule.boundary]
    if not boundaries:
        return end
    last = boundaries[-1]
    while last - 1 in boundaries:  # closing and opening belong together
        last -= 1
    return last


def moves_of(sights: Sequence[Observation], *owners: Owners) -> list[CardMove]:
    """The moves in the order of the calls.

    Programs of several processes may have had a reader each, and a simulator has one: before a call that is
    about a card, the card of its process is put back where another process's lies.
    """
    moves = []
    order = [sight for sight in sights if sight.physical]
    lying: dict[Slot, str | None] = {}
    settled: dict[tuple[int, Slot], str] = {}
    where = {each.slot: _by_call(order, each) for each in owners}
    for sight in order:
        process, number = sight.call.process, sight.call.number
        for each in owners:
            place = where[each.slot][process, number]
            before = settled.get((process, each.slot))
            place = before if place is None else place
            if place is None or place == lying.get(each.slot):
                settled |= {} if place is None else {(process, each.slot): place}
                continue
            if place != before or each.kind in sight.about or each.card_of(sight) is not None:
                settled[process, each.slot] = place
                lying[each.slot] = place
                moves.append(CardMove(process, number, place or None, each.slot))
    return moves


def _by_call(sights: Sequence[Observation], owners: Owners) -> dict[tuple[int, int], str | None]:
    """What lay in the slot at each call, by process and number of the call."""
    found: dict[tuple[int, int], str | None] = {}
    for process, listed in _by_process(sights):
        for sight, place in zip(listed, places(listed, owners), strict=True):
            found[process, sight.call.number] = place
    return found


def _by_process(sights: Sequence[Observation]) -> Iterable[tuple[int, list[Observation]]]:
    for process, group in groupby(sorted(sights, key=_process), key=_process):
        yield process, list(group)


def _process(sight: Observation) -> int:
    return sight.call.process
