"""What a measurement gives: a value with its unit, and the goal it is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the results. ``goal`` in words, empty where there is none; ``met`` is None then."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = "" if self.met is None else f" ({self.goal}: {'met' if self.met else 'MISSED'})"
        shown = f"{self.value:,.0f}" if abs(self.value) >= 100 else f"{self.value:.3g}"
        return f"{self.name}: {shown} {self.unit}{verdict}"
