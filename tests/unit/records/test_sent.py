"""What a call has sent is kept where somebody watches, without what may name a person."""

from __future__ import annotations

from bridge.records.timers import Sent, UpstreamTimer, add_seconds
from bridge.upstream.transport import Request


def test_requests_are_kept_without_their_query_where_somebody_watches() -> None:
    timer = UpstreamTimer.start(1, watched=True)
    add_seconds(0.25, "cloud", Request("GET", "/api/v1/Person?id=Z299999929", None, 1.0))
    add_seconds(0.5)  # of one that says no more
    assert timer.sent == [Sent("cloud", "GET", "/api/v1/Person", 0.25)]
    assert timer.seconds == 0.75
    timer.end()


def test_nothing_is_kept_where_nobody_does() -> None:
    timer = UpstreamTimer.start(2)
    add_seconds(0.25, "cloud", Request("GET", "/api/v1/Person", None, 1.0))
    assert (timer.sent, timer.seconds) == (None, 0.25)
    timer.end()
