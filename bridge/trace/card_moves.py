"""Which card lay in the reader before which call of a trace, as far as its answers tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from bridge.table.model import Table
from bridge.trace.reading import Trace
from bridge.trace.world_rules import WorldRules, default_rules
from bridge.trace.world_sights import CardKind, Sight, look

Slot = Literal["hc", "hpc"]
NOBODY = ""  # the slot is empty
Tell = Callable[[Sight], str | None]


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
    holder is known the number is the one that :func:`bridge.trace.world.world_of` gives his card.
    """
    sights = [look(table, rules or default_rules(), call) for call in trace.calls]
    return moves_of(sights, Holders(sights), Practitioners(sights))


class Holders:
    """Whose health card is whose: numbers of cards by identity number, as the trace tells them, and made-up
    ones for people whose card it does not tell.
    """

    def __init__(self, sights: Iterable[Sight]) -> None:
        self.number_by_id: dict[str, str] = {}
        self.made_up: set[str] = set()
        listed = list(sights)
        for sight in listed:
            number, id_no = sight.facts.get(("card", "number")), sight.facts.get(("card", "id_no"))
            if number and id_no:
                self.number_by_id.setdefault(id_no, number)
        for sight in listed:
            for id_no in (sight.person[0] if sight.person else "", sight.text(sight.rule.patient)):
                if id_no and id_no not in self.number_by_id:
                    self.number_by_id[id_no] = self.unknown()

    def unknown(self) -> str:
        """A made-up number for a card of which the trace tells none."""
        number = f"{len(self.made_up) + 1:012d}"
        self.made_up.add(number)
        return number

    def card_of(self, sight: Sight) -> str | None:
        """The number of the card that a call was about; "": none was there; None: it does not tell."""
        number = sight.facts.get(("card", "number"))
        if number:
            return str(number)
        if sight.person is not None and sight.person[0] in self.number_by_id:
            return self.number_by_id[sight.person[0]]
        return NOBODY if "card" in sight.absent else None


class Practitioners:
    """Whose practitioner card is whose: its number and the holder's identity number come from different
    calls. Those that follow each other while the card is not missing are of one card.
    """

    def __init__(self, sights: Iterable[Sight]) -> None:
        self.number_by_id: dict[str, str] = {}
        self.made_up: set[str] = set()
        last = {"number": "", "id_no": ""}
        ids: list[str] = []
        for sight in sights:
            told = {key: str(sight.facts.get(("practitioner", key), "")) for key in last}
            if "practitioner" in sight.absent or (told["number"] and told["number"] != last["number"]):
                last = {"number": "", "id_no": ""} if last["number"] else {**last, "number": ""}
            last = {key: told[key] or last[key] for key in last}
            if told["id_no"] and told["id_no"] != last["id_no"]:
                last["number"] = ""
            if last["number"] and last["id_no"]:
                self.number_by_id.setdefault(last["id_no"], last["number"])
            if told["id_no"] and told["id_no"] not in ids:
                ids.append(told["id_no"])
        for id_no in ids:
            if id_no not in self.number_by_id:
                self.number_by_id[id_no] = f"{len(self.made_up) + 1:012d}"
                self.made_up.add(self.number_by_id[id_no])

    def card_of(self, sight: Sight) -> str | None:
        """The number of the practitioner card that a call was about; "": none was there; None: not told."""
        number = sight.facts.get(("practitioner", "number"))
        if number:
            return str(number)
        id_no = sight.facts.get(("practitioner", "id_no"))
        if id_no:
            return self.number_by_id[str(id_no)]
        return NOBODY if "practitioner" in sight.absent else None


def places(sights: Sequence[Sight], tell: Tell, kind: CardKind) -> list[str | None]:
    """What lay in the slot at each call of one process: a number, "" for nothing, None: not known.

    ``kind`` is "card" or "practitioner". Between two calls that tell of different cards the exchange is
    taken to be at the last opening or closing of the port, or else at the latter call.
    """
    anchors = [(index, told) for index, told in enumerate(_told(sights, tell, kind)) if told is not None]
    if not anchors:
        return [None] * len(sights)
    found: list[str | None] = [None] * len(sights)
    first, card = anchors[0]
    found[: first + 1] = [card if card != NOBODY else None] * first + [card]
    for (start, before), (end, after) in pairwise(anchors):
        switch = end if before == after else _exchange(sights, start, end, before, after, kind)
        found[start:switch] = [before] * (switch - start)
        found[switch : end + 1] = [after] * (end + 1 - switch)
    last, card = anchors[-1]
    found[last:] = [card] * (len(sights) - last)
    for index, sight in enumerate(sights):
        if found[index] == NOBODY and kind in sight.used:
            found[index] = None  # somebody's card was there
    return found


def _told(sights: Sequence[Sight], tell: Tell, kind: CardKind) -> Iterable[str | None]:
    """A card that was logged out counts as missing to those who ask for its state: that tells nothing."""
    logged_out = False
    for sight in sights:
        told = tell(sight)
        if told == NOBODY and logged_out and sight.rule.results:
            told = None
        if sight.rule.logs_out:
            logged_out = True
        elif kind in sight.used or told:
            logged_out = False
        yield told


def _exchange(sights: Sequence[Sight], start: int, end: int, before: str, after: str, kind: CardKind) -> int:
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


def moves_of(sights: Sequence[Sight], holders: Holders, practitioners: Practitioners) -> list[CardMove]:
    """The moves of all processes in the order of their calls."""
    moves: list[tuple[int, CardMove]] = []
    order = {(sight.call.process, sight.call.number): index for index, sight in enumerate(sights)}
    for process, listed in _by_process(sights):
        for slot, kind, tell in _slots(holders, practitioners):
            lying: str | None = None
            for sight, place in zip(listed, places(listed, tell, kind), strict=True):
                if place is None or place == lying:
                    continue
                lying = place
                move = CardMove(process, sight.call.number, place or None, slot)
                moves.append((order[process, sight.call.number], move))
    return [move for _, move in sorted(moves, key=lambda each: each[0])]


def _slots(holders: Holders, practitioners: Practitioners) -> Iterable[tuple[Slot, CardKind, Tell]]:
    yield "hc", "card", holders.card_of
    yield "hpc", "practitioner", practitioners.card_of


def _by_process(sights: Sequence[Sight]) -> Iterable[tuple[int, list[Sight]]]:
    physical = [sight for sight in sights if sight.physical]
    for process, group in groupby(sorted(physical, key=_process), key=_process):
        yield process, list(group)


def _process(sight: Sight) -> int:
    return sight.call.process
