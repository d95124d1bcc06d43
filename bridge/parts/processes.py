"""Workers that are processes of this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import wait as wait_for
from multiprocessing.process import BaseProcess

from bridge.parts.copying import copy_of_this
from bridge.parts.part import Died, Outcome, Part, Work, do
from bridge.parts.pipe import End
from bridge.words import spoken, tr

END_SECONDS = 10  # that a process which was asked to end is waited for


class LocalProcesses:
    """So many processes, each at one part. The death of one costs the part that it was at and no other.

    ``copies``: they begin as copies of this one where that is safe. Only for work whose modules hold nothing
    that a copy must not share, such as open connections.
    """

    def __init__(self, count: int, *, copies: bool = False) -> None:
        self._count, self._copies = count, copies
        self._workers: list[_Worker] = []

    @property
    def name(self) -> str:
        """For people."""
        return tr("{count} processes", count=self._count)

    def outcomes(self, work: Work, parts: Sequence[Part]) -> Iterator[tuple[Part, Outcome]]:
        """See :class:`bridge.parts.workers.Workers`. The greatest parts come first: none is waited for at the
        end.
        """
        waiting = sorted(parts, key=lambda part: part.size)
        running: dict[_Worker, Part] = {}
        while waiting or running:
            while waiting and len(running) < self._count:
                part = waiting.pop()
                running[self._given(work, part, running)] = part
            for worker in _ready(running):
                yield running.pop(worker), self._outcome(worker)

    def _given(self, work: Work, part: Part, busy: Collection[_Worker]) -> _Worker:
        """Who does the part from now on."""
        for worker in [worker for worker in self._workers if worker not in busy]:
            try:
                worker.give(work, part)
            except OSError:  # its process ended while it had nothing to do
                self._forget(worker)
            else:
                return worker
        worker = _Worker(self._copies)
        self._workers.append(worker)
        with suppress(OSError):  # its process has ended already: there will be no outcome
            worker.give(work, part)
        return worker

    def _outcome(self, worker: _Worker) -> Outcome:
        try:
            return worker.outcome()
        except (EOFError, OSError):
            self._forget(worker)
            return Died(tr("its process ended"))

    def _forget(self, worker: _Worker) -> None:
        with suppress(ValueError):  # all of them were ended meanwhile
            self._workers.remove(worker)
        worker.end()

    def close(self) -> None:
        """End the processes."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.ask_to_end()
        for worker in workers:
            worker.end()


class _Worker:
    """A process and a pipe to it. A ProcessPoolExecutor (seen with Python 3.11.7) waits without end for the
    rest of a result whose process died while it wrote it: it holds the other end of the pipe open itself.
    """

    def __init__(self, copy: bool) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self._process = (copy_of_this(_serve, theirs) if copy else None) or _begun(theirs)
        theirs.close()  # the process holds the only other end, so that the pipe ends with it

    def give(self, work: Work, part: Part) -> None:
        """Have the part done. Raises OSError where the process has ended."""
        self.pipe.send((work, part, spoken()))

    def outcome(self) -> Outcome:
        """What came of the part. Raises EOFError or OSError where the process has ended before."""
        outcome: Outcome = self.pipe.recv()
        return outcome

    def ask_to_end(self) -> None:
        """It may be amid a part."""
        self._process.terminate()

    def end(self) -> None:
        """Wait until the process has ended."""
        self._process.terminate()
        self._process.join(END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _begun(pipe: End) -> BaseProcess:
    """A process that begins anew and loads what it needs."""
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(pipe,), daemon=True)
    process.start()
    return process


def _ready(workers: Collection[_Worker]) -> list[_Worker]:
    """Those that have done their parts, or have ended; one at least."""
    ready = wait_for([worker.pipe for worker in workers])
    return [worker for worker in workers if worker.pipe in ready]


def _serve(pipe: End) -> None:
    """In a new process: do parts until there are no more. It ends when the process that started it does, and
    leaves Ctrl-C to that one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A part makes much, and hardly anything that only the collector could free.
    gc.set_threshold(20_000, 20, 20)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(do(*pipe.recv()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def usual_count() -> int:
    """A process for each processor that may be used."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
