"""How times are spread: the same little room for a thousand of them as for a thousand million."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

MOST_EXACT = 512  # times that are kept as they are
STEP = math.log(1.01)  # beyond that they are counted in steps of a hundredth


class Spread:
    """Times in microseconds, above 0. Up to ``MOST_EXACT`` of them :meth:`quantile` is exact, of more it is
    right to half a hundredth; ``least`` and ``most`` are always exact.
    """

    __slots__ = ("_exact", "_steps", "count", "least", "most")

    def __init__(self) -> None:
        self.count = 0
        self.least, self.most = math.inf, 0.0
        self._exact: list[float] = []
        self._steps: Counter[int] = Counter()

    def add(self, time: float) -> None:
        """Take a time in."""
        self.count += 1
        if time < self.least:
            self.least = time
        if time > self.most:
            self.most = time
        if self.count > MOST_EXACT:
            self._count_exact()
            self._steps[_step(time)] += 1
        else:
            self._exact.append(time)

    def merge(self, other: Spread) -> None:
        """Take in all that another one has."""
        self.count += other.count
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)
        self._exact += other._exact
        self._steps.update(other._steps)
        if self.count > MOST_EXACT:
            self._count_exact()

    def _count_exact(self) -> None:
        if self._exact:
            self._steps.update(_step(time) for time in self._exact)
            self._exact.clear()

    def quantile(self, share: float) -> float:
        """The time below which that share of all lies (nearest rank); 0.0 of nothing."""
        rank = min(int(share * self.count), self.count - 1)
        if self._exact:
            return sorted(self._exact)[rank]
        for step in sorted(self._steps):
            rank -= self._steps[step]
            if rank < 0:
                return min(max(math.exp((step + 0.5) * STEP), self.least), self.most)
        return 0.0

    def plain(self) -> dict[str, Any]:
        """The same as JSON has it."""
        if not self.count:
            return {}
        steps = {str(step): count for step, count in self._steps.items()}
        return {"least": self.least, "most": self.most, "exact": self._exact, "steps": steps}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Spread:
        """What :meth:`plain` has made."""
        made = cls()
        if plain:
            made.least, made.most, made._exact = plain["least"], plain["most"], list(plain["exact"])
            made._steps = Counter({int(step): count for step, count in plain["steps"].items()})
            made.count = len(made._exact) + made._steps.total()
        return made


def _step(time: float) -> int:
    return math.floor(math.log(time) / STEP)
