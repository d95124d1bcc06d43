"""What the measurements of a migration come to: Markdown tables of goals, growth and costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.growth import Estimate, growth, mean, times

DATABASE = "DuckDB"
MASK_TIMES, WORLD_TIMES, REPLAY_TIMES = 8.0, 6.0, 8.0  # calls per processor second, new over old
DATABASE_TIMES, READINESS_MB, MOST_EXPONENT = 3.0, 150.0, 1.05
ROUNDING = 1e-9  # of values that went through their logarithms
LEAST_CALLS = 20  # a trace of fewer is of one visit: it tells what a command costs whatever it is given


@dataclass(frozen=True)
class Cost:
    """What a command took: processor seconds, MB of its largest process, seconds by the clock."""

    cpu: float
    peak: float
    wall: float


@dataclass(frozen=True)
class Measured:
    """All repeats of a step, by a build (or DuckDB), of a trace of so many calls."""

    step: str
    side: str
    calls: int
    costs: tuple[Cost, ...]

    @property
    def cpus(self) -> list[float]:
        """The processor seconds of each repeat."""
        return [cost.cpu for cost in self.costs]

    @property
    def peak(self) -> float:
        """The greatest memory of all repeats, in MB."""
        return max(cost.peak for cost in self.costs)


def costs_table(measured: Sequence[Measured]) -> Iterator[str]:
    """What each step took."""
    yield "| step | side | calls | processor s (95 %) | calls per processor s | peak MB | s by the clock |"
    yield "|---|---|---|---|---|---|---|"
    for each in measured:
        if each.calls < LEAST_CALLS:
            continue
        cpu, wall = mean(each.cpus), mean([cost.wall for cost in each.costs])
        yield (
            f"| {each.step} | {each.side} | {each.calls:,} | {_text(cpu, 2)} "
            f"| {each.calls / cpu.value:,.0f} | {each.peak:,.0f} | {wall.value:.1f} |"
        )


def goals_table(measured: Sequence[Measured]) -> Iterator[str]:
    """What the new build is held to."""
    yield "| goal | measured (95 %) | bound | |"
    yield "|---|---|---|---|"
    found = {(each.step, each.side, each.calls): each for each in measured if each.calls >= LEAST_CALLS}
    for step, bound in (("mask", MASK_TIMES), ("from-trace", WORLD_TIMES), ("replay", REPLAY_TIMES)):
        both = [calls for name, side, calls in found if name == step and side == "old"]
        if both:
            calls = max(both)
            gain = times(found[step, "old", calls].cpus, found[step, "new", calls].cpus)
            name = f"{step}: calls per processor second, new over old ({calls:,})"
            yield f"| {name} | {_text(gain, 2)} times | ≥ {bound:g} | {_at_least(gain, bound)} |"
    for calls in sorted(calls for name, side, calls in found if (name, side) == ("readiness", DATABASE)):
        new = found["readiness", "new", calls]
        slower = times(new.cpus, found["readiness", DATABASE, calls].cpus)
        name = f"readiness over DuckDB's read-and-group ({calls:,})"
        goal = _at_most(slower, DATABASE_TIMES)
        yield f"| {name} | {_text(slower, 2)} times | ≤ {DATABASE_TIMES:g} | {goal} |"
        peak = "met" if new.peak <= READINESS_MB else "missed"
        yield f"| readiness: peak ({calls:,}) | {new.peak:.0f} MB | ≤ {READINESS_MB:g} | {peak} |"


def growth_table(measured: Sequence[Measured]) -> Iterator[str]:
    """How the processor seconds of each step grow. What the same repeat took with a trace of one visit is
    taken off: loading the program grows with nothing.
    """
    yield "| growth | exponent (95 %) | from | to | bound | |"
    yield "|---|---|---|---|---|---|"
    for step, side in dict.fromkeys((each.step, each.side) for each in measured):
        own = [each for each in measured if (each.step, each.side) == (step, side)]
        fixed = min(own, key=lambda each: each.calls)
        larger = [each for each in own if each.calls >= LEAST_CALLS]
        points = [
            (each.calls, cpu - base)
            for each in larger
            for cpu, base in zip(each.cpus, fixed.cpus, strict=True)
        ]
        found = growth([calls for calls, _ in points], [cpu for _, cpu in points])
        if found is None:
            continue
        first, last = min(each.calls for each in larger), max(each.calls for each in larger)
        goal, bound = (_at_most(found, MOST_EXPONENT), f"≤ {MOST_EXPONENT}") if side == "new" else ("", "")
        yield f"| {step}, {side} | {_text(found, 3)} | {first:,} | {last:,} | {bound} | {goal} |"


def _text(found: Estimate, places: int) -> str:
    """The value, and its interval where it is known."""
    if math.isnan(found.low):
        return f"{found.value:.{places}f}"
    return f"{found.value:.{places}f} ({found.low:.{places}f}–{found.high:.{places}f})"


def _at_most(found: Estimate, bound: float) -> str:
    """Whether a goal is met, as far as the interval says; of one repeat, as far as that says."""
    low, high = (found.value, found.value) if math.isnan(found.low) else (found.low, found.high)
    if high <= bound + ROUNDING:
        return "met"
    return "missed" if low > bound + ROUNDING else "not sure: measure more sizes or repeats"


def _at_least(found: Estimate, bound: float) -> str:
    """The same of a value that is to be great."""
    return _at_most(Estimate(-found.value, -found.high, -found.low), -bound)
