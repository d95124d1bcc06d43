"""How a cost grows with the size of what is done: the exponent, and how sure it is. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# Student's t for 95 % on both sides, by degrees of freedom; beyond the last one it hardly falls.
_T95 = (
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11,
    2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04,
)  # fmt: skip


@dataclass(frozen=True)
class Growth:
    """``exponent``: of a power of the size, with its interval at 95 %."""

    exponent: float
    low: float
    high: float


def growth(sizes: Sequence[float], costs: Sequence[float]) -> Growth | None:
    """The exponent by least squares on logarithms. None of fewer than three values, of one size alone, or
    where a cost is not above nothing.
    """
    if len(costs) < 3 or len(set(sizes)) < 2 or min(costs) <= 0:
        return None
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    slope, intercept = statistics.linear_regression(xs, ys)
    freedom = len(xs) - 2
    left = sum((y - intercept - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    middle = statistics.fmean(xs)
    error = math.sqrt(left / freedom / sum((x - middle) ** 2 for x in xs))
    margin = _T95[min(freedom, len(_T95)) - 1] * error
    return Growth(slope, slope - margin, slope + margin)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval at 95 % of the mean of repeated measurements; of one value that value."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, mean
    freedom = min(len(values) - 1, len(_T95))
    margin = _T95[freedom - 1] * statistics.stdev(values) / math.sqrt(len(values))
    return mean - margin, mean + margin
