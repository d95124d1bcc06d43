"""The calls of all work places together, for what cannot be done place by place: a patient who goes from one
to another has one card.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from bridge.errors import TraceError
from bridge.parts.progress import Progress
from bridge.trace.format import Header, TracedCall
from bridge.trace.places import WorkPlace, first_line
from bridge.trace.stream import ProgramEnd, calls_by_time
from bridge.words import reason


def calls_of_places(
    places: Sequence[WorkPlace], headers: list[Header], left_out: dict[str, str], progress: Progress
) -> Iterator[TracedCall | ProgramEnd]:
    """The calls of all work places in the order in which they began. Programs of two work places may have
    the same process number; here they have numbers of their own. The headers that come by are added to
    ``headers``; what cannot be read to its end is named in ``left_out``, with the reason for the screen.
    ``progress`` is told of what is read.
    """
    sizes = [_size(place) for place in places]
    progress.begin(len(places), sum(sizes))
    each = [
        _of_place(number, place, headers, left_out, _Reading(size, progress))
        for number, (place, size) in enumerate(zip(places, sizes, strict=True))
    ]
    return heapq.merge(*each, key=_when)


def _size(place: WorkPlace) -> int:
    """Bytes of its files; 0 where one is gone, which is told when it is to be read."""
    with suppress(OSError):
        return place.size
    return 0


class _Reading:
    """How much of a work place has been read, of so many bytes."""

    def __init__(self, size: int, progress: Progress) -> None:
        self._left, self._progress = size, progress

    def more(self, size: int) -> None:
        """So many bytes more."""
        size = min(size, self._left)  # files may grow meanwhile
        self._left -= size
        self._progress.more(size)

    def end(self) -> None:
        """There is no more, or none that can be read."""
        self._progress.add(self._left)


def _of_place(
    number: int, place: WorkPlace, headers: list[Header], left_out: dict[str, str], reading: _Reading
) -> Iterator[TracedCall | ProgramEnd]:
    try:
        for call in calls_by_time(*place.files, headers=headers, read=reading.more):
            yield call._replace(process=number << 32 | (call.process & 0xFFFFFFFF))
    except TraceError as error:
        left_out[place.name] = reason(error)
    reading.end()


def _when(call: TracedCall | ProgramEnd) -> tuple[datetime, int, int]:
    return call.at, call.process, call.number


def unmasked(places: Sequence[WorkPlace]) -> list[str]:
    """Work places that have a file which does not say that its people are invented. Raises TraceError."""
    return [place.name for place in places if not all(_is_masked(first_line(file)) for file in place.files)]


def _is_masked(header: Header | None) -> bool:
    return header is not None and header.masked
