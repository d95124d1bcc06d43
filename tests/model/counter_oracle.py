"""What may come of calls where virtual cards are presented to programs: the rules of the page
docs/operate/virtual-cards.md, written down without a look at the code that keeps them.

An oracle hears what is done and what came back, and knows what a call may bring. ``live`` is a card that may
still be presented, ``sure`` whether it must be.
"""

from __future__ import annotations

from dataclasses import dataclass

IDLE, VISIT = 300.0, 60.0


@dataclass
class ReaderSeen:
    """One reader. ``fresh``: the card in the slot was put in after the last presentation began there.
    ``put_in``: while one lasted, so that it ends with the next call.
    """

    slot: str = ""
    fresh: bool = True
    live: str = ""
    sure: bool = False
    before: str = ""
    used: float = 0.0
    visit: bool = False
    user: str | None = None
    put_in: bool = False

    def over(self) -> None:
        self.live, self.sure, self.visit, self.user, self.put_in = "", False, False, None, False

    @property
    def shows_virtual(self) -> bool:
        """Whether its presented card may still be read: not where another one has been put in and lies
        there.
        """
        return bool(self.live) and not (self.put_in and self.slot)


@dataclass
class ProgramSeen:
    """One program: its port, what it has read last, and the state of the card that it was told last.
    ``stale``: its reader's card has changed since. ``empty_due``: it must be told 0 before another card.
    """

    port: int | None = None
    read: tuple[int, str, bool] | None = None
    stale: bool = True
    told: int = 0
    empty_due: bool = False

    def moves(self, port: int) -> None:
        """Another reader is another matter; what was read at this one stays read."""
        if port != self.port:
            self.port, self.empty_due, self.told = port, False, 0


@dataclass
class Oracle:
    """All readers and programs; ``now`` is in seconds."""

    readers: list[ReaderSeen]
    programs: dict[str, ProgramSeen]
    now: float = 0.0

    # --- the world ------------------------------------------------------------------------------------------

    def inserted(self, number: int, card: str) -> None:
        reader = self.readers[number]
        if reader.live and not reader.visit and card != reader.before:
            reader.put_in = True
        reader.slot, reader.fresh, reader.sure = card, True, False

    def removed(self, number: int) -> None:
        """A card that was put in and pulled between two calls is noticed by nobody."""
        self.readers[number].slot, self.readers[number].put_in = "", False

    def passed(self, seconds: float) -> None:
        self.now += seconds
        for reader in self.readers:
            if reader.live and self.now - reader.used >= (VISIT if reader.visit else IDLE):
                reader.over()

    def shaken(self) -> None:
        """Somebody else has worked at the console."""
        for reader in self.readers:
            reader.sure = False

    # --- presenting -----------------------------------------------------------------------------------------

    def presented(self, number: int, card: str) -> None:
        """With success."""
        reader = self.readers[number]
        self._turned_to(number)
        reader.over()
        reader.live, reader.sure, reader.used = card, True, self.now
        reader.before, reader.fresh = reader.slot, False
        self._changed(number)

    def taken_out(self, number: int | None = None) -> None:
        """Withdrawn, or logged out by a program."""
        for each, reader in enumerate(self.readers):
            if number in (None, each):
                if reader.sure:
                    self._changed(each)
                reader.over()

    def opened(self, program: str, port: int) -> None:
        """With success."""
        self._turned_to(port)
        reader, seen = self.readers[port], self.programs[program]
        if reader.user not in (None, program):
            reader.over()
        seen.moves(port)

    def _turned_to(self, number: int) -> None:
        """The console has one session: a card at the other reader is gone with it."""
        for each, reader in enumerate(self.readers):
            if each != number:
                reader.over()

    def _changed(self, number: int) -> None:
        for seen in self.programs.values():
            if seen.read is not None and seen.read[0] == number:
                seen.stale = True
            if seen.port == number:
                seen.empty_due = seen.empty_due or seen.told > 0

    # --- calls ----------------------------------------------------------------------------------------------

    def tries(self, program: str) -> None:
        """A call that needs the card, whatever comes of it."""
        reader = self._reader_of(program)
        if reader.live and not reader.shows_virtual:
            reader.over()
        reader.used = self.now

    def may_read(self, program: str) -> set[tuple[str, bool]]:
        """Whose data it may be given, and whether of a virtual card."""
        reader = self._reader_of(program)
        may = {(reader.live, True)} if reader.shows_virtual else set()
        if reader.slot and reader.fresh and not reader.sure:
            may.add((reader.slot, False))
        return may

    def has_read(self, program: str, card: str, virtual: bool) -> None:
        seen, reader = self.programs[program], self._reader_of(program)
        self._turned_to(seen.port or 0)
        if virtual:
            reader.sure = reader.sure or not reader.fresh
            reader.user = program if reader.user is None else reader.user
        else:
            reader.over()
        seen.read, seen.stale = (seen.port or 0, card, virtual), False
        seen.empty_due = False  # it knows of the new card

    def may_change(self, program: str) -> set[str]:
        """Whose record it may change: that of the card that it has read last, while that is there."""
        seen, reader = self.programs[program], self._reader_of(program)
        if seen.read is None or seen.stale or seen.read[0] != seen.port:
            return set()
        _, card, virtual = seen.read
        there = (reader.live if reader.shows_virtual else "") if virtual else reader.slot
        if not virtual and reader.sure:
            there = ""
        return {card} if card == there else set()

    def has_changed(self, program: str, visit: bool) -> None:
        seen, reader = self.programs[program], self._reader_of(program)
        self._turned_to(seen.port or 0)
        if seen.read is not None and seen.read[2]:
            reader.visit = reader.visit or visit
        else:
            reader.over()

    def is_told(self, program: str, state: int) -> bool:
        """A program asks for the state of the card. Out: whether it may be told that."""
        seen = self.programs[program]
        good = not (state > 0 and seen.empty_due)
        if state == 0:
            seen.empty_due = False
        seen.told = state
        return good

    def _reader_of(self, program: str) -> ReaderSeen:
        return self.readers[self.programs[program].port or 0]
