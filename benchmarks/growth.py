"""How a cost grows with the size of what is done, how often one is in another, and how sure that is. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# Student's t for 95 % on both sides, by degrees of freedom; beyond the last one it falls to 1.960.
T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A value with its interval at 95 %; of one measurement alone the interval is not known (NaN)."""

    value: float
    low: float
    high: float


def growth(sizes: Sequence[float], costs: Sequence[float]) -> Estimate | None:
    """The exponent of the size, by least squares on logarithms: repeats of a size are values of their own,
    and what does not fit a power widens the interval as noise does. None of fewer than three values, of one
    size alone, or where a cost is not above nothing.
    """
    if len(costs) < 3 or len(set(sizes)) < 2 or min(costs) <= 0:
        return None
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    slope, intercept = statistics.linear_regression(xs, ys)
    freedom = len(xs) - 2
    left = sum((y - intercept - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    middle = statistics.fmean(xs)
    error = math.sqrt(left / freedom / sum((x - middle) ** 2 for x in xs))
    margin = _t95(freedom) * error
    return Estimate(slope, slope - margin, slope + margin)


def mean(values: Sequence[float]) -> Estimate:
    """The mean of repeated measurements."""
    middle = statistics.fmean(values)
    if len(values) < 2:
        return Estimate(middle, math.nan, math.nan)
    margin = _t95(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    return Estimate(middle, middle - margin, middle + margin)


def times(over: Sequence[float], under: Sequence[float]) -> Estimate:
    """How many times one cost is another that was measured beside it: the geometric mean of the quotients."""
    quotients = [math.log(each / other) for each, other in zip(over, under, strict=True)]
    found = mean(quotients)
    return Estimate(*(math.exp(each) for each in (found.value, found.low, found.high)))


def _t95(freedom: int) -> float:
    return T95[min(freedom, len(T95)) - 1]
