"""Whose card is whose: card numbers by identity number, as a trace tells them call by call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from bridge.trace.worlds.observations import Observation
from bridge.trace.worlds.told import CardKind, Sight, Told

Slot = Literal["hc", "hpc"]
NOBODY = ""  # the slot is empty


class Owners:
    """The owners of one kind of card. ``made_up``: numbers for cards of which the trace tells none.

    Until :meth:`complete` has been called it knows what the calls so far have told; ``asked_in_vain`` has the
    identity numbers that it had no card for by then.
    """

    kind: CardKind
    slot: Slot

    def __init__(self) -> None:
        self.number_by_id: dict[str, str] = {}
        self.made_up: set[str] = set()
        self.asked_in_vain: set[str] = set()
        self.is_complete = False
        self._known: dict[str, None] = {}
        self._ids: dict[str, None] = {}
        self._stranger: str | None = None

    @classmethod
    def of(cls, observations: Iterable[Observation]) -> Self:
        """The owners that a whole trace tells of."""
        owners = cls()
        for observation in observations:
            if owners.kind in observation.told.names:
                owners.note(observation.told)
        owners.complete()
        return owners

    def note(self, told: Told) -> None:
        """Take what another call tells that ``names`` this kind of card."""
        raise NotImplementedError

    def complete(self) -> None:
        """The trace has ended: every identity number gets a card."""
        for id_no in self._ids:
            if id_no not in self.number_by_id:
                self.number_by_id[id_no] = self._invent()
                self._known[self.number_by_id[id_no]] = None
        self.is_complete = True

    def number_of(self, id_no: str) -> str | None:
        """The card of an identity number; None: there is none, or none yet."""
        found = self.number_by_id.get(id_no)
        if found is None and id_no and not self.is_complete:
            self.asked_in_vain.add(id_no)
        return found

    def card_of(self, sight: Sight) -> str | None:
        """The number of the card that a call was about; "": none was there; None: it does not tell."""
        if sight.number:
            return sight.number
        found = self.number_of(sight.id_no)
        return NOBODY if found is None and sight.absent else found

    @property
    def changed_its_mind(self) -> bool:
        """Whether something that was asked for earlier would be answered otherwise now, at the end."""
        return any(id_no in self.number_by_id for id_no in self.asked_in_vain)

    @property
    def only_one(self) -> bool:
        """Whether the trace tells of a single card."""
        return len(self._known) == 1

    @property
    def stranger(self) -> str:
        """The card of calls that used one and never tell which: the only known one, else a made-up one."""
        if self._stranger is None:
            self._stranger = next(iter(self._known)) if self.only_one else self._invent()
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

    def note(self, told: Told) -> None:
        """Take what another call tells that ``names`` this kind of card."""
        sight = told.sights[self.kind]
        if sight.number:
            self._known[sight.number] = None
            if sight.reported_id:
                self.number_by_id.setdefault(sight.reported_id, sight.number)
        if sight.id_no:
            self._ids[sight.id_no] = None
        if told.ok and told.patient:
            self._ids[told.patient] = None


class Practitioners(Owners):
    """The practitioners' cards. Number and identity number come from different calls; those that follow each
    other while the card is not missing are of one card. A number goes with the identity number behind it: one
    before it may be of the practitioner before, and counts only where none follows.
    """

    kind: CardKind = "practitioner"
    slot: Slot = "hpc"

    def __init__(self) -> None:
        super().__init__()
        self._number = self._id_no = ""  # of the card that is there
        self._before: dict[str, str] = {}  # by number, the identity number that came before it

    def complete(self) -> None:
        """See :class:`Owners`."""
        paired = set(self.number_by_id.values())
        for number, id_no in self._before.items():
            if number not in paired:
                self.number_by_id.setdefault(id_no, number)
        super().complete()

    def note(self, told: Told) -> None:
        """Take what another call tells that ``names`` this kind of card."""
        sight = told.sights[self.kind]
        if sight.absent or (sight.number and self._number and sight.number != self._number):
            self._number = self._id_no = ""
        if sight.id_no and self._id_no and sight.id_no != self._id_no:
            self._number = ""
        if sight.number and self._id_no and not self._number and not sight.id_no:
            self._before.setdefault(sight.number, self._id_no)
            self._id_no = ""
        self._number, self._id_no = sight.number or self._number, sight.id_no or self._id_no
        if self._number and self._id_no:
            self.number_by_id.setdefault(self._id_no, self._number)
        if sight.number:
            self._known[sight.number] = None
        if sight.id_no:
            self._ids[sight.id_no] = None
