"""Randoms and signatures that belong together (配對), in memory only, for as long as a signature is good.

``held``: signatures taken ahead, by the random that was handed out; each is given out once. ``given``: what
programs got, by signature: the random the program holds, and the one it was made for, which is another one
where another use had been guessed. A translation is no secret use of a signature, so it serves every request
of that time (an upload and the questions for its result).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.table.model.console import Lifetimes

MOST_PAIRS = 1000  # of each sort; a program that only ever asks for randoms must not fill the memory


@dataclass(frozen=True, slots=True)
class Use:
    """What a signature is for: the cards that sign (``sam``, ``hc``, ``hpc``, ``hpchc``) and the service code
    (服務代號, 2 characters).
    """

    kind: str
    service_type: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: the random that was signed, its text, and all fields as the console gave them."""

    random: str
    text: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A signature, its use, and when it was taken (seconds)."""

    use: Use
    signature: Signed
    taken_at: float


@dataclass(frozen=True, slots=True)
class _Given:
    handed_out: str
    pair: Pair


class Pairs:
    """The store. ``lifetimes``: for how long a signature is good. ``clock`` gives seconds that only go
    forward.
    """

    def __init__(self, lifetimes: Lifetimes, clock: Callable[[], float] = time.monotonic) -> None:
        self._lifetimes = lifetimes
        self._clock = clock
        self._held: dict[str, Pair] = {}
        self._given: dict[str, _Given] = {}

    def hold(self, use: Use, signature: Signed) -> None:
        """Keep a signature that was taken ahead, until its random comes back."""
        self._forget_old()
        self._held[signature.random] = Pair(use, signature, self._clock())

    def held(self, random: str) -> Pair | None:
        """The pair of a random, if it is there and its signature still good."""
        self._forget_old()
        return self._held.get(random)

    def take(self, random: str) -> bool:
        """Use a held pair up. Out: whether it was still there; only one caller gets it."""
        return self._held.pop(random, None) is not None

    def give(self, handed_out: str, use: Use, signature: Signed) -> None:
        """Note that a program that holds the random ``handed_out`` got this signature, be it made for another
        or for that one.
        """
        self._forget_old()
        self._held.pop(handed_out, None)
        self._given[signature.text] = _Given(handed_out, Pair(use, signature, self._clock()))

    def real_random(self, random: str, signature: str) -> str | None:
        """The random that a signature was made for, where the program was given it for ``random``; None for
        every other pair and when the signature is not good any more.
        """
        pair = self.given(random, signature)
        return None if pair is None else pair.signature.random

    def given(self, random: str, signature: str) -> Pair | None:
        """The pair, as :meth:`real_random`."""
        self._forget_old()
        given = self._given.get(signature)
        return given.pair if given is not None and given.handed_out == random else None

    def _forget_old(self) -> None:
        """Drop what is not good any more, and the oldest of too many (one more is about to come)."""
        now = self._clock()
        held = [(random, pair) for random, pair in self._held.items() if self._is_good(pair, now)]
        given = [(text, item) for text, item in self._given.items() if self._is_good(item.pair, now)]
        self._held = dict(held[-(MOST_PAIRS - 1) :])
        self._given = dict(given[-(MOST_PAIRS - 1) :])

    def _is_good(self, pair: Pair, now: float) -> bool:
        return now - pair.taken_at < self._lifetimes.of(pair.use.service_type)
