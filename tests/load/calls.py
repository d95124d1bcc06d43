"""The calls that the programs noted, and which card lay in the reader when."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bridge.sim.control.remote import Remote

# Seconds that a card stays: less than most calls take, and more than the longest needs.
SHORT, MIDDLE, LONG = 0.1, 0.4, 3.0


class Call(NamedTuple):
    """One call: times in microseconds of the monotonic clock; ``found`` as load_host.c says it."""

    client: str
    name: str
    start: int
    end: int
    code: int
    number: int
    found: str

    @property
    def record(self) -> bytes | None:
        """The bytes of an answer that the program did not know."""
        return bytes.fromhex(self.found[1:]) if self.found.startswith("?") else None


def read_calls(folder: Path, kind: str) -> Iterator[Call]:
    """What the programs of a kind ("native", "web", "phone") noted: no log, since it holds whole records."""
    for file in sorted(folder.glob(f"{kind}-*.calls")):
        with file.open(encoding="ascii") as lines:
            for line in lines:
                name, start, end, code, number, found = line.split()
                yield Call(file.stem, name, int(start), int(end), int(code), int(number), found)


@dataclass(frozen=True)
class Stay:
    """A card that could be read between two moments."""

    card: str
    start: int
    end: int


class Presence:
    """Which cards could be read when."""

    def __init__(self, stays: Iterable[Stay]) -> None:
        self._stays = sorted(stays, key=lambda stay: stay.start)

    def during(self, call: Call) -> set[str]:
        """The cards that could be read at some time of a call."""
        return {stay.card for stay in self._stays if stay.start <= call.end and stay.end >= call.start}


def stays(changes: Sequence[tuple[int, int, str]], end: int) -> list[Stay]:
    """From changes (begun, done, card; "" for none): a card is there from the beginning of its change to the
    end of the next one.
    """
    ends = [done for _, done, _ in changes[1:]] + [end]
    return [Stay(card, begun, gone) for (begun, _, card), gone in zip(changes, ends, strict=True) if card]


class Swapper(threading.Thread):
    """Changes the health card in a slot again and again; now and then it lies empty for a moment."""

    def __init__(self, sim: Remote, cards: Sequence[str], slot: str = "hc", seed: int = 1) -> None:
        super().__init__(name="swapper")
        self._slot = slot
        self._sim, self._cards, self._random = sim, cards, random.Random(seed)
        self._ended = threading.Event()
        self.changes: list[tuple[int, int, str]] = []

    def run(self) -> None:
        turn, pause = 0, LONG
        while not self._ended.wait(pause):
            turn += 1
            empty = turn % 10 == 0
            pause = SHORT if empty else self._random.choice((SHORT, MIDDLE, MIDDLE, LONG))
            self._change("" if empty else self._cards[turn % len(self._cards)])

    def _change(self, card: str) -> None:
        begun = time.monotonic_ns() // 1000
        if card:
            self._sim.insert(self._slot, card)
        else:
            self._sim.remove(self._slot)
        self.changes.append((begun, time.monotonic_ns() // 1000, card))

    def begin(self, card: str) -> None:
        """Put the first card in and go on from there."""
        self._change(card)
        self.start()

    def end(self) -> list[Stay]:
        """Stop. Out: the stays."""
        self._ended.set()
        self.join()
        return stays(self.changes, time.monotonic_ns() // 1000)
