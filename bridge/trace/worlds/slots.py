"""Which card lay in a slot at each call of one program, told while its calls come by.

Between two calls that tell of different cards the exchange is taken to be at the last opening or closing of
the port, or else at the latter call. So a call waits until the next one that tells of a card; the others are
forgotten at once.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.trace.worlds.observations import Observation
from bridge.trace.worlds.owners import NOBODY, Owners
from bridge.trace.worlds.told import CardKind, Sight, Told

HAND_SECONDS = 1.0  # that a person needs at least to take a card out and put it back
STRANGER = "?"  # the card of a call that used one and never tells which, until the trace has ended


class Waiting:
    """A call whose cards are not known yet. ``places``: what lay in the slots, by kind; ``open``: how many of
    them are not known.
    """

    __slots__ = ("observation", "open", "order", "places")

    def __init__(self, order: int, observation: Observation, kinds: int) -> None:
        self.order, self.observation, self.open = order, observation, kinds
        self.places: dict[CardKind, str | None] = {}


class _Anchor(NamedTuple):
    """A call that told of a card, or that none was there. ``turn``: which call of the program it was."""

    turn: int
    card: str
    order: int


class SlotOfProgram:
    """One slot of one program. ``began``: the trace's call with which that begins. ``first``: which call of
    the trace was the first with something or nothing in it, and what; ``strangers``: whether a call used a
    card and none was ever told of.
    """

    def __init__(self, owners: Owners, began: int) -> None:
        self.owners, self.kind = owners, owners.kind
        self.first: tuple[int, str] | None = None
        self.strangers = False
        self._began = began
        self._card: str | None = None  # of the last call that told of one, or of none
        self._seen_until: float | None = None  # when the last call that told of a card had ended
        self._missing: list[_Anchor] = []
        self._waiting: list[tuple[int, Waiting]] = []
        self._logged_out = False
        self._run: tuple[int, int] | None = None  # the last openings and closings in a row since then
        self._used: int | None = None  # the first use since then
        self._bare: list[
            tuple[int, int]
        ] = []  # uses by calls that do not wait, the first since each such call
        self._held = NOBODY  # the card that was told of last
        self._told = -1  # when that, or that there was none, was told last

    def take(self, turn: int, order: int, observation: Observation, waiting: Waiting | None) -> None:
        """The next call of the program that ``moves`` this kind of card; ``turn``: which of the program,
        ``order``: which of the trace. It waits where its card matters.
        """
        told = observation.told
        sight = told.sights[self.kind]
        if waiting is not None:
            self._waiting.append((turn, waiting))
        elif sight.used and not sight.absent and (not self._bare or self._bare[-1][0] < self._told):
            self._bare.append((turn, order))
        card = self._reported(told, sight)
        if card is not None:
            self._told = turn
            if card and card == self._card and not self._missing:
                self._still(card, observation)
            else:
                self._anchor(_Anchor(turn, card, order), observation)
            return
        if told.rule.boundary:
            begun, last = self._run or (turn, turn - 1)
            self._run = (begun if last == turn - 1 else turn), turn
        if sight.used and self._used is None:
            self._used = turn

    def end(self) -> None:
        """The program makes no further call."""
        for anchor in self._missing:
            self._settle(anchor)
        self._missing.clear()
        for _, waiting in self._waiting:
            self._place(waiting, self._card)
        if self._bare and not self._card:
            self._stranger(self._bare[0][1])
        self._waiting.clear()
        self._bare.clear()

    # --- what calls tell

    def _reported(self, told: Told, sight: Sight) -> str | None:
        """A card that was logged out counts as missing to those who ask for its state: that tells nothing."""
        card = self.owners.card_of(sight)
        if card == NOBODY and self._logged_out and told.rule.results:
            card = None
        if self.kind in told.rule.logs_out:
            self._logged_out = True
        elif sight.used or card:
            self._logged_out = False
        return card

    def _anchor(self, anchor: _Anchor, observation: Observation) -> None:
        """Nobody takes a card out and puts it back within a second: an answer that it is missing, between two
        that tell of it, is then a wrong code and no move.
        """
        in_hand = self._seen_until is not None and observation.at - self._seen_until < HAND_SECONDS
        if anchor.card == NOBODY:
            self._missing.append(anchor)
            self._used = None
            if in_hand:
                return  # the next call that tells of a card decides
        elif in_hand and anchor.card == self._held:
            self._missing.clear()
        for missing in self._missing:
            self._settle(missing)
        self._missing.clear()
        if anchor.card != NOBODY:
            self._settle(anchor)
            self._used, self._seen_until, self._held = None, observation.ended, anchor.card

    # --- what follows from it

    def _still(self, card: str, observation: Observation) -> None:
        """The same card as before, as nearly always: every call since then was about it."""
        for _, waiting in self._waiting:
            waiting.places[self.kind] = card
            waiting.open -= 1
        self._waiting.clear()
        self._bare.clear()
        self._run = self._used = None
        self._seen_until, self._held = observation.ended, card

    def _settle(self, anchor: _Anchor) -> None:
        """Every call before one that tells of a card has its place now."""
        before, card = self._card, anchor.card
        switch = anchor.turn
        if before is None:
            before = card or None
            self._first(anchor, before)
        elif before != card and card != NOBODY:
            found = self._used if before == NOBODY else self._run[0] if self._run else None
            switch = anchor.turn if found is None else found
        if self._bare and self._bare[0][0] < switch and not before:
            self._stranger(self._bare[0][1])
        left = []
        for turn, waiting in self._waiting:
            if turn > anchor.turn:
                left.append((turn, waiting))
            else:
                self._place(waiting, before if turn < switch else card)
        self._bare = [bare for bare in self._bare if bare[0] > anchor.turn]
        self._waiting, self._card, self._run = left, card, None

    def _first(self, anchor: _Anchor, before: str | None) -> None:
        if self.first is None:
            self.first = (self._began, before) if before else (anchor.order, NOBODY)

    def _place(self, waiting: Waiting, card: str | None) -> None:
        sight = waiting.observation.told.sights[self.kind]
        if not card and sight.used and not sight.absent:
            card = self._stranger(waiting.order)
        waiting.places[self.kind] = card
        waiting.open -= 1

    def _stranger(self, order: int) -> str:
        self.strangers = True
        card = self.owners.stranger if self.owners.is_complete else STRANGER
        if self.first is None or order < self.first[0]:
            self.first = order, card
        return card
