"""Whether calls were under way at the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.trace.format import Answer, TracedCall
from bridge.trace.replaying.replay import overlapping

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def call(at: float, seconds: float) -> TracedCall:
    answer = Answer(0, seconds * 1e6)
    return TracedCall(
        number=1, at=NOON + timedelta(seconds=at), thread=1, function="csOpenCom", given={}, answer=answer
    )


@pytest.mark.parametrize(
    ("times", "found"),
    [
        ([], False),
        ([(0, 9)], False),
        ([(0, 1), (1, 1), (5, 1)], False),
        ([(0, 1), (0.5, 1)], True),
        ([(0, 1), (2, 3), (4, 1), (9, 1)], True),
    ],
)
def test_calls_that_were_under_way_together(times: list[tuple[float, float]], found: bool) -> None:
    assert overlapping([call(*each) for each in times]) is found
