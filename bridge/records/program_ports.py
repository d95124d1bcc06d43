"""Which port each program works at, in a file: a bridge that was ended, or killed, and started again must not
give a program the card of another reader. Process numbers and names of ports, nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

import psutil

from bridge.private_files import open_private, write_private

log = logging.getLogger(__name__)

FILE_NAME = "programs.json"  # in the data directory
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux counts a process's beginning from the boot
CLOSE_SECONDS = 1.0

Places = Mapping[str, Mapping[str, str]]  # kind of place -> program ("PROCESS:BEGINNING") -> device


class ProgramPorts:
    """One such file. A thread of its own writes it, so that a slow disk holds up nobody who does not wait."""

    def __init__(self, file: Path, *, expected: bool = False) -> None:
        """``expected``: a bridge has worked here before, so that a missing file is one that was lost."""
        self._file = file
        self._expected = expected
        self._boot = _boot()
        self._forgotten: frozenset[int] = frozenset()
        self._queue: SimpleQueue[tuple[Places, Future[None]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def load(self) -> dict[str, dict[str, str]]:
        """The places of the programs that still run. Where the file cannot be read, or was lost, there are
        none, with a line in the log, and whatever runs now :meth:`is_forgotten`.
        """
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            if found["boot"] != self._boot:
                return {}
            places = {
                kind: {
                    str(program): str(device) for program, device in programs.items() if self.runs(program)
                }
                for kind, programs in found["places"].items()
            }
            self._forgotten = frozenset(map(int, found.get("forgotten", []))).intersection(psutil.pids())
            return places
        except FileNotFoundError as error:
            if self._expected:
                self._forget(error)
            self._write({})
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self._forget(error)
            return {}

    def _forget(self, error: Exception) -> None:
        log.warning(
            "%s cannot be read (%s): programs that run must open their ports again", self._file, error
        )
        self._forgotten = frozenset(psutil.pids())

    def is_forgotten(self, program: str) -> bool:
        """Whether the program may have named a port that is not known any more."""
        number = program.partition(":")[0]
        return number.isdecimal() and int(number) in self._forgotten

    def save(self, places: Places) -> Future[None]:
        """Write them. Out: done when these or later ones stand in the file, or cannot be written, which the
        log tells; it never fails.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="program-ports", daemon=True)
            self._thread.start()
        written: Future[None] = Future()
        self._queue.put((places, written))
        return written

    @staticmethod
    def runs(program: str) -> bool:
        """Whether the process is there; callers that no door can tell apart ("") always are."""
        number = program.partition(":")[0]
        return not program or (number.isdecimal() and psutil.pid_exists(int(number)))

    def close(self) -> None:
        """Write what waits, within a second."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(CLOSE_SECONDS)

    def _work(self) -> None:
        last = False
        while not last:
            found = [self._queue.get()]
            try:
                while True:
                    found.append(self._queue.get_nowait())
            except Empty:
                pass
            last = None in found
            work = [each for each in found if each is not None]
            if work:
                self._write(work[-1][0])
            for _, written in work:
                written.set_result(None)

    def _write(self, places: Places) -> None:
        document = {"boot": self._boot, "places": places, "forgotten": sorted(self._forgotten)}
        try:
            write_private(self._file, json.dumps(document))
        except OSError as error:
            log.error("%s cannot be written (%s): after a restart programs must open their ports again",
                      self._file, error.strerror)  # fmt: skip
            self._spoil()

    def _spoil(self) -> None:
        """An old port is worse than none: leave an empty file. A full disk has room for that."""
        with suppress(OSError):
            os.close(open_private(self._file, os.O_RDWR | os.O_TRUNC))


def _boot() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""  # where a process's beginning is a time of day
