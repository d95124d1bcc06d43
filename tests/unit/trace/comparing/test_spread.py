"""How times are spread, in little room."""

from __future__ import annotations

import json
import random

import pytest

from bridge.trace.comparing.spread import MOST_EXACT, Spread


def spread(times: list[float]) -> Spread:
    made = Spread()
    for time in times:
        made.add(time)
    return made


def nearest_rank(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


@pytest.mark.parametrize("count", [1, 2, 7, MOST_EXACT])
def test_a_few_are_exact(count: int) -> None:
    times = [random.Random(count).uniform(1, 1e6) for _ in range(count)]
    for share in (0.0, 0.5, 0.95, 1.0):
        assert spread(times).quantile(share) == nearest_rank(times, share)


@pytest.mark.parametrize("seed", range(5))
def test_many_are_right_to_half_a_hundredth(seed: int) -> None:
    chance = random.Random(seed)
    times = [chance.lognormvariate(9, 2) for _ in range(MOST_EXACT * 5)]
    made = spread(times)
    for share in (0.01, 0.5, 0.95, 0.999):
        assert made.quantile(share) == pytest.approx(nearest_rank(times, share), rel=0.0051)
    assert (made.least, made.most, made.count) == (min(times), max(times), len(times))
    assert len(json.dumps(made.plain())) < 40_000


@pytest.mark.parametrize("cut", [0, 1, 300, 700])
def test_two_make_what_one_would_have_made(cut: int) -> None:
    chance = random.Random(cut)
    times = [chance.uniform(0.5, 9000) for _ in range(700)]
    both = spread(times[:cut])
    both.merge(Spread.of(json.loads(json.dumps(spread(times[cut:]).plain()))))
    assert both.plain() == spread(times).plain()
    assert both.count == 700


def test_nothing_has_no_quantile() -> None:
    assert (Spread().quantile(0.5), Spread().plain(), Spread.of({}).count) == (0.0, {}, 0)
