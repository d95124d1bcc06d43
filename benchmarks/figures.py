"""What a measurement says: a figure, its goal, and whether it was met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Figure:
    """One line of the table. ``goal``: the highest (or, with ``at_least``, lowest) value that is good; None
    where the figure only stands beside others. ``old``, ``new``: what a ratio of builds is made of.
    ``spread``: the lowest and the highest of the values whose median it is.
    """

    name: str
    value: float
    unit: str = ""
    goal: float | None = None
    at_least: bool = False
    old: float | None = None
    new: float | None = None
    spread: tuple[float, float] | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal was met; None where there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def beside(
    name: str, old: Sequence[float], new: Sequence[float], unit: str, goal: float | None = None
) -> Figure:
    """Two sides measured in turn: the median of the second over the first, or the second's own where ``unit``
    is not "times".
    """
    values = [after / before for before, after in zip(old, new, strict=True)] if unit == "times" else new
    return Figure(
        name,
        statistics.median(values),
        unit,
        goal,
        old=statistics.median(old),
        new=statistics.median(new),
        spread=(min(values), max(values)),
    )


def median_of(rounds: Sequence[Sequence[Figure]]) -> list[Figure]:
    """The figures of several rounds, each with the median of its values."""
    return [
        replace(same[0], value=statistics.median(figure.value for figure in same))
        for same in zip(*rounds, strict=True)
    ]


def as_table(figures: Sequence[Figure]) -> str:
    """A Markdown table."""
    lines = ["| figure | old | new | measured | spread | goal | |", "|---|---|---|---|---|---|---|"]
    for figure in figures:
        goal = "" if figure.goal is None else f"{'≥' if figure.at_least else '≤'} {_number(figure.goal)}"
        verdict = {None: "", True: "met", False: "missed"}[figure.met]
        measured = f"{_number(figure.value)} {figure.unit}".strip()
        sides = " | ".join("" if side is None else _number(side) for side in (figure.old, figure.new))
        spread = "–".join(map(_number, figure.spread)) if figure.spread else ""
        aim = f"{goal} {figure.unit}".strip() if goal else ""
        lines.append(f"| {figure.name} | {sides} | {measured} | {spread} | {aim} | {verdict} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
