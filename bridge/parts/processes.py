"""Workers that are processes of this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for

from bridge.parts.part import Died, Outcome, Part, Work, do
from bridge.words import spoken, tr


class LocalProcesses:
    """So many processes. Each is a pool of one, so that the death of one is told from that of its
    neighbours, and costs the part that it was at and no other.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pools: list[ProcessPoolExecutor] = []

    @property
    def name(self) -> str:
        """For people."""
        return tr("{count} processes", count=self._count)

    def outcomes(self, work: Work, parts: Sequence[Part]) -> Iterator[tuple[Part, Outcome]]:
        """See :class:`bridge.parts.workers.Workers`. The greatest parts come first: none is waited for at the
        end.
        """
        waiting = sorted(parts, key=lambda part: part.size)
        running: dict[Future[Outcome], tuple[Part, ProcessPoolExecutor]] = {}
        while waiting or running:
            while waiting and len(running) < self._count:
                part = waiting.pop()
                future, pool = self._submitted(work, part, [pool for _, pool in running.values()])
                running[future] = part, pool
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                part, pool = running.pop(future)
                yield part, self._outcome(future, pool)

    def _outcome(self, future: Future[Outcome], pool: ProcessPoolExecutor) -> Outcome:
        try:
            return future.result()
        except BrokenProcessPool:
            self._forget(pool)
            return Died(tr("its process ended"))

    def _submitted(
        self, work: Work, part: Part, busy: Sequence[ProcessPoolExecutor]
    ) -> tuple[Future[Outcome], ProcessPoolExecutor]:
        while True:
            pool = self._idle(busy)
            try:
                return pool.submit(do, work, part, spoken()), pool
            except BrokenProcessPool:  # its process ended while it had nothing to do
                self._forget(pool)

    def _forget(self, pool: ProcessPoolExecutor) -> None:
        self._pools.remove(pool)
        pool.shutdown(wait=False)

    def _idle(self, busy: Sequence[ProcessPoolExecutor]) -> ProcessPoolExecutor:
        for pool in self._pools:
            if pool not in busy:
                return pool
        made = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_begin)
        self._pools.append(made)
        return made

    def close(self) -> None:
        """End the processes."""
        for pool in self._pools:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
        self._pools.clear()


def _begin() -> None:
    """In a new process: it ends when the one that started it does, and leaves Ctrl-C to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(
        20_000, 20, 20
    )  # a part makes much and hardly anything that only the collector could free
    threading.Thread(target=_end_with_parent, daemon=True).start()


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
