"""Exponents, quotients and their intervals: as a textbook has them, and as sure as they say."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from benchmarks.growth import T95, Estimate, growth, mean, times

SIZES = [10_000.0, 100_000.0, 1_000_000.0] * 3  # as they are measured: three sizes, three repeats
TRIALS = 2_000


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.7])
def test_the_exponent_of_a_power(exponent: float) -> None:
    found = growth(SIZES, [3 * size**exponent for size in SIZES])
    assert found is not None
    assert found.value == pytest.approx(exponent)
    assert found.high - found.low < 1e-6


def test_an_exponent_is_as_sure_as_its_values() -> None:
    found = growth([10, 10, 100, 100, 1000, 1000], [9, 11, 90, 110, 900, 1100])
    assert found is not None
    assert found.low < 1 < found.high
    # by hand: slope 1, residuals ln 1.1 and ln 0.9 about their mean; t(4) = 2.776
    assert found.high - found.value == pytest.approx(0.0740, abs=1e-4)


@pytest.mark.parametrize(
    ("sizes", "costs"), [([1, 2], [1, 2]), ([5, 5, 5], [1, 2, 3]), ([1, 2, 3], [0, 1, 2])]
)
def test_what_tells_no_exponent(sizes: list[float], costs: list[float]) -> None:
    assert growth(sizes, costs) is None


def test_what_does_not_fit_a_power_makes_it_less_sure() -> None:
    straight = growth(SIZES, [size * noise for size, noise in zip(SIZES, [0.99, 1.0, 1.01] * 3, strict=True)])
    bent = growth(SIZES, [size + size**2 / 1e6 for size in SIZES])
    assert straight is not None
    assert bent is not None
    assert bent.high - bent.low > 5 * (straight.high - straight.low)
    assert bent.high > 1.05


def test_the_interval_of_three_repeats() -> None:
    found = mean([1.0, 2.0, 3.0])
    assert (found.value, found.high) == (pytest.approx(2), pytest.approx(2 + 4.303 / 3**0.5))
    assert found.low == pytest.approx(2 - 4.303 / 3**0.5)
    alone = mean([5.0])
    assert alone.value == 5.0
    assert math.isnan(alone.low)


def test_a_quotient_is_of_what_was_measured_beside_each_other() -> None:
    """A repeat in which everything took twice as long is as good as another."""
    found = times([8.0, 16.0, 8.0], [1.0, 2.0, 1.0])
    assert (found.low, found.value, found.high) == pytest.approx((8, 8, 8))
    found = times([2.0, 8.0], [1.0, 1.0])
    assert found.value == pytest.approx(4)
    assert found.low == pytest.approx(16 / found.high)


@pytest.mark.parametrize("freedom", [1, 2, 4, 7, 16, 30])
def test_the_table_is_students(freedom: int) -> None:
    """Between the bounds lie 95 % of the distribution: by Simpson's rule, over the angle of which it is the
    tangent.
    """
    factor = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    limit, steps = math.atan(T95[freedom - 1] / math.sqrt(freedom)), 2_000
    values = [math.cos(limit * step / steps) ** (freedom - 1) for step in range(steps + 1)]
    inside = sum(
        value * (1 if step in (0, steps) else 4 if step % 2 else 2) for step, value in enumerate(values)
    )
    assert 2 * factor * inside * limit / steps / 3 == pytest.approx(0.95, abs=1e-4)


def found_growth(chance: random.Random) -> Estimate | None:
    return growth(SIZES, [size * math.exp(chance.gauss(0, 0.03)) for size in SIZES])


def found_mean(chance: random.Random) -> Estimate | None:
    return mean([chance.gauss(1, 0.1) for _ in range(3)])


def found_times(chance: random.Random) -> Estimate | None:
    return times(*([math.exp(chance.gauss(0, 0.05)) for _ in range(3)] for _ in range(2)))


@pytest.mark.parametrize("find", [found_growth, found_mean, found_times])
def test_nineteen_of_twenty_intervals_hold_what_is_true(
    find: Callable[[random.Random], Estimate | None],
) -> None:
    chance = random.Random(19)
    found = [find(chance) for _ in range(TRIALS)]
    held = sum(each is not None and each.low <= 1 <= each.high for each in found)
    assert 0.935 < held / TRIALS < 0.965
