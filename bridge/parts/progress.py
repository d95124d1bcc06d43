"""How far long work is, in a line on standard error: parts, share, time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from bridge.words import tr

EVERY_SECONDS = 30.0  # between lines where there is no terminal
LIVE_SECONDS = 0.2  # between changes of a terminal's line while parts are being done


class Progress:
    """Lines on a stream; None: nobody is told. A terminal has one line that changes, anything else a new
    line once in a while. ``label``: what is done, such as the command.
    """

    def __init__(
        self, label: str, stream: TextIO | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._label, self._stream, self._clock = label, stream, clock
        self._live = stream is not None and stream.isatty()
        self._begun = self._told = 0.0
        self._parts = self._all_parts = self._size = self._all_size = 0
        self._width = 0

    def begin(self, parts: int, size: int) -> None:
        """So many parts of so many bytes in all are to be done."""
        self._begun = self._clock()
        self._told = self._begun - EVERY_SECONDS
        self._parts, self._size, self._all_parts, self._all_size = 0, 0, parts, size
        self._tell()

    def add(self, size: int) -> None:
        """A part is done."""
        self._parts += 1
        self._size += size
        self._tell()

    def more(self, size: int) -> None:
        """So many bytes are done of parts that are not finished yet."""
        self._size += size
        if not self._live or self._clock() - self._told >= LIVE_SECONDS:
            self._tell()

    def end(self) -> None:
        """Leave the line."""
        if self._live and self._stream is not None and self._width:
            self._stream.write("\n")
            self._stream.flush()

    def line(self) -> str:
        """Such as ``readiness: 12 of 200 parts, 31 %, 4 min left``."""
        share = self._size / self._all_size if self._all_size else 1.0
        told = tr(
            "{label}: {done} of {all} parts, {share} %",
            label=self._label,
            done=self._parts,
            all=self._all_parts,
            share=int(100 * share),
        )
        taken = self._clock() - self._begun
        if not 0 < share < 1:
            return told
        return f"{told}, {_left(taken / share - taken)}"

    def _tell(self) -> None:
        if self._stream is None or not self._all_parts:
            return
        if not self._live:
            last = self._parts == self._all_parts
            if not last and self._clock() - self._told < EVERY_SECONDS:
                return
            self._told = self._clock()
            self._stream.write(f"{self.line()}\n")
        else:
            line = self.line()
            self._stream.write(f"\r{line:<{self._width}}")
            self._width = len(line)
            self._told = self._clock()
        self._stream.flush()


def _left(seconds: float) -> str:
    if seconds < 90:
        return tr("{count} s left", count=max(round(seconds), 1))
    if seconds < 90 * 60:
        return tr("{count} min left", count=round(seconds / 60))
    return tr("{count} h left", count=round(seconds / 3600, 1))
