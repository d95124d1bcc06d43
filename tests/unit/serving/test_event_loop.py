"""A listener outlives callers that go away while they are accepted."""

from __future__ import annotations

import pytest

from bridge.serving.event_loop import accept_until_one_stays, new_event_loop


def windows_error(number: int) -> OSError:
    error = OSError(22, "as Windows says it")
    error.winerror = number  # type: ignore[attr-defined, unused-ignore]
    return error


class Callers:
    """Connections as they come: an error for each caller that has gone already."""

    def __init__(self, *outcomes: OSError | str) -> None:
        self.outcomes = list(outcomes)

    async def accept(self) -> str:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome


@pytest.mark.parametrize("number", [64, 1236, 10053, 10054, 10057])
async def test_callers_that_have_gone_are_passed_over(number: int) -> None:
    callers = Callers(windows_error(number), windows_error(number), "a caller", "another")
    assert await accept_until_one_stays(callers.accept) == "a caller"
    assert callers.outcomes == ["another"]


@pytest.mark.parametrize(
    "error", [windows_error(995), windows_error(10038), OSError(9, "Bad file descriptor")]
)
async def test_a_listener_that_is_closed_ends_it(error: OSError) -> None:
    callers = Callers(error, "never asked for")
    with pytest.raises(OSError, match=str(error.strerror)) as caught:
        await accept_until_one_stays(callers.accept)
    assert caught.value is error


def test_the_loop_runs() -> None:
    async def answer() -> int:
        return 7

    loop = new_event_loop()
    try:
        assert loop.run_until_complete(answer()) == 7
    finally:
        loop.close()
