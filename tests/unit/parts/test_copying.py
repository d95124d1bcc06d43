"""Processes that begin as copies of this one: what of it they must not have."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from bridge.parts.copying import copy_of_this
from bridge.serving.stop_signals import interrupting

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others begin anew")

IGNORED, USUAL = str(signal.SIG_IGN), str(signal.SIG_DFL)
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def ignored_hangup() -> Iterator[None]:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


def tells_itself(pipe: Connection) -> None:
    """Who it is, what its signals do, and which of them wait."""
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    pipe.send((os.getpid(), [str(signal.getsignal(number)) for number in ENDING], waiting & set(ENDING)))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for a thread of the tests' own."""
    monkeypatch.setattr("bridge.parts.copying.is_alone", lambda: True)


def told() -> tuple[int, list[str], set[int]]:
    ours, theirs = multiprocessing.Pipe()
    process = copy_of_this(tells_itself, theirs)
    assert process is not None
    theirs.close()
    found: tuple[int, list[str], set[int]] = ours.recv()
    process.join()
    assert (process.pid, process.exitcode) == (found[0], 0)
    return found


@pytest.mark.usefixtures("alone")
def test_a_copy_hears_signals_as_a_new_process_does() -> None:
    with interrupting():
        _, handlers, waiting = told()
        assert callable(signal.getsignal(signal.SIGTERM))  # here they are heard as before
    assert handlers == [IGNORED, USUAL, USUAL]
    assert waiting == set()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()).isdisjoint(ENDING)


@pytest.mark.usefixtures("alone", "ignored_hangup")
def test_what_nohup_ignores_stays_ignored() -> None:
    assert told()[1] == [IGNORED, USUAL, IGNORED]


def test_beside_another_thread_there_is_no_copy() -> None:
    """A lock that it holds would never be opened there."""
    go_on = threading.Event()
    thread = threading.Thread(target=go_on.wait)
    thread.start()
    try:
        assert copy_of_this(tells_itself, multiprocessing.Pipe()[1]) is None
    finally:
        go_on.set()
        thread.join()
