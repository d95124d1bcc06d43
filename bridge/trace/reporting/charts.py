"""The report's charts in numbers: bars of calls and differences, latencies on a log scale. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MOST_BARS = 40
BAR_WIDTH = 420.0
LATENCY_WIDTH = 420.0
PARTS = ("different", "expected", "same", "not_replayed")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar, in pixels. ``kind``: one of PARTS."""

    kind: str
    x: float
    width: float
    calls: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A function's calls."""

    name: str
    title: str
    parts: tuple[Part, ...]
    calls: int


@dataclass(frozen=True, slots=True)
class Dots:
    """A function's latencies: x of the median, of the 95th percentile and of both ends, for old and new."""

    name: str
    old: dict[str, float] | None
    new: dict[str, float] | None
    old_text: str
    new_text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the latency scale."""

    x: float
    text: str


def bars(functions: list[dict[str, Any]]) -> list[Bar]:
    """One bar for each function, those with differences first (the order of the report)."""
    shown = functions[:MOST_BARS]
    made = stacked([(function["name"], {kind: function[kind] for kind in PARTS}) for function in shown])
    return [replace(bar, title=function["title"]) for bar, function in zip(made, shown, strict=True)]


def stacked(rows: Sequence[tuple[str, Mapping[str, int]]]) -> list[Bar]:
    """One bar for each row: a name and its counts by kind, side by side in their order."""
    most = max((sum(counts.values()) for _, counts in rows), default=0) or 1
    made = []
    for name, counts in rows:
        parts, x = [], 0.0
        for kind, count in counts.items():
            if count:
                width = max(count / most * BAR_WIDTH, 2.0)  # a single difference must be seen, too
                parts.append(Part(kind, round(x, 1), round(width, 1), count))
                x += width
        made.append(Bar(name, "", tuple(parts), sum(counts.values())))
    return made


class LatencyScale:
    """Microseconds on a logarithmic scale, from the least to the greatest of all functions."""

    def __init__(self, functions: list[dict[str, Any]]) -> None:
        values = [
            max(spread[name], 1.0)
            for function in functions
            for spread in (function["old_us"], function["new_us"])
            if spread is not None
            for name in ("least", "p95")
        ]
        self.low = math.floor(math.log10(min(values, default=1.0)))
        self.high = max(math.ceil(math.log10(max(values, default=10.0))), self.low + 1)

    def x(self, microseconds: float) -> float:
        """The place of a time, in pixels."""
        place = (math.log10(max(microseconds, 1.0)) - self.low) / (self.high - self.low)
        return round(min(max(place, 0.0), 1.0) * LATENCY_WIDTH, 1)

    def ticks(self) -> list[Tick]:
        """A mark for each power of ten."""
        powers = range(self.low, self.high + 1)
        return [Tick(self.x(10.0**power), time_text(10.0**power)) for power in powers]

    def dots(self, functions: list[dict[str, Any]]) -> list[Dots]:
        """One line for each function that has a latency."""
        return [self._dots(f) for f in functions[:MOST_BARS] if f["old_us"] or f["new_us"]]

    def _dots(self, function: dict[str, Any]) -> Dots:
        old, new = function["old_us"], function["new_us"]
        return Dots(function["name"], self._places(old), self._places(new), _text(old), _text(new))

    def _places(self, spread: dict[str, float] | None) -> dict[str, float] | None:
        return None if spread is None else {name: self.x(value) for name, value in spread.items()}


def _text(spread: dict[str, float] | None) -> str:
    if spread is None:
        return "–"
    return f"{time_text(spread['median'])} (p95 {time_text(spread['p95'])})"


def time_text(microseconds: float) -> str:
    """Such as ``850 µs``, ``12.3 ms``, ``1.2 s``."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            value = microseconds / size
            return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
    return f"{microseconds:.0f} µs"
