"""What Windows' service control manager is told, in which order."""

from __future__ import annotations

import pytest

from bridge.windows.service_control import (
    HINT_MILLISECONDS,
    INTERROGATE,
    PRESHUTDOWN,
    RUNNING,
    SHUTDOWN,
    STARTING,
    STOP,
    STOPPED,
    STOPPING,
    Progress,
)

PAUSE = 0x2


class Manager:
    """Gathers what it is told: state, checkpoint, hint, code."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int, int]] = []
        self.asked = 0
        self.service = Progress(lambda *words: self.told.append(words))

    def stop(self) -> None:
        self.asked += 1


@pytest.fixture
def manager() -> Manager:
    return Manager()


def test_a_start_that_takes_a_while_says_that_it_goes_on(manager: Manager) -> None:
    manager.service.tick()
    manager.service.tick()
    manager.service.runs()
    manager.service.tick()  # nothing goes on any more
    assert manager.told == [
        (STARTING, 1, HINT_MILLISECONDS, 0),
        (STARTING, 2, HINT_MILLISECONDS, 0),
        (RUNNING, 0, 0, 0),
    ]


@pytest.mark.parametrize("number", [STOP, SHUTDOWN, PRESHUTDOWN])
def test_the_end_is_asked_for_once_and_told_until_it_is_over(manager: Manager, number: int) -> None:
    manager.service.runs()
    with manager.service.on_stop(manager.stop):
        assert manager.service.control(number)
        assert manager.service.control(SHUTDOWN)
    manager.service.tick()
    manager.service.ended(0)
    manager.service.ended(1)  # the first word counts
    manager.service.tick()
    assert manager.asked == 1
    assert manager.told[1:] == [
        (STOPPING, 0, HINT_MILLISECONDS, 0),
        (STOPPING, 1, HINT_MILLISECONDS, 0),
        (STOPPED, 0, 0, 0),
    ]


def test_an_end_that_is_asked_for_while_it_starts_is_not_lost(manager: Manager) -> None:
    assert manager.service.control(STOP)
    manager.service.runs()  # too late: it does not run any more
    with manager.service.on_stop(manager.stop):
        assert manager.asked == 1
    assert manager.service.state == STOPPING


def test_what_is_not_understood_is_said_so(manager: Manager) -> None:
    manager.service.runs()
    assert not manager.service.control(PAUSE)
    assert manager.service.control(INTERROGATE)
    assert manager.service.state == RUNNING


def test_nobody_is_called_after_the_end(manager: Manager) -> None:
    with manager.service.on_stop(manager.stop):
        pass
    manager.service.control(STOP)
    assert manager.asked == 0


def test_a_failure_has_its_code(manager: Manager) -> None:
    manager.service.ended(3)
    assert manager.told == [(STOPPED, 0, 0, 3)]
