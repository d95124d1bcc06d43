"""What programs know of the cards at a reader, where virtual cards are presented to them: which one each has
read, and whether it has seen the reader empty since the last one.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from bridge.reader.ports import MOST_PROGRAMS

Value = TypeVar("Value")
NthCard = tuple[str, int]  # a reader, and which of the cards that followed each other there


class ShownCards:
    """Counts the cards of each reader; one that is presented or taken out is a change. In memory only."""

    def __init__(self) -> None:
        self._changes: Counter[str] = Counter()
        self._read: dict[str, tuple[NthCard, str]] = {}  # by program, with the number of the card
        self._told: dict[str, tuple[NthCard, bool]] = {}  # by program: what it knows last

    def changed(self, place: str) -> None:
        """Another card is at the reader now, or none is."""
        self._changes[place] += 1

    def now_at(self, place: str) -> NthCard:
        """Which of the reader's cards is there now."""
        return place, self._changes[place]

    def has_read(self, program: str, nth: NthCard, number: str) -> None:
        """The program was given data of the card with this number."""
        _put(self._read, program, (nth, number))
        _put(self._told, program, (nth, True))

    def knows(self, program: str, nth: NthCard, number: str) -> bool:
        """Whether that card is the one that the program has read last."""
        return self._read.get(program) == (nth, number)

    def is_told(self, program: str, nth: NthCard, there: bool) -> bool:
        """A program asks whether a card is there. Out: what it is told; once that there is none where it
        knows of another one than this.
        """
        before = self._told.get(program)
        if before is not None and before[1] and before[0] != nth:
            there = False
        _put(self._told, program, (nth, there))
        return there


def _put(known: dict[str, Value], program: str, value: Value) -> None:
    known.pop(program, None)
    known[program] = value
    if len(known) > MOST_PROGRAMS:
        del known[next(iter(known))]
