"""The calls of all work places together, for what cannot be done place by place: a patient who goes from one
to another has one card.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime

from bridge.errors import TraceError
from bridge.trace.format import Header, TracedCall
from bridge.trace.places import WorkPlace, first_line
from bridge.trace.stream import ProgramEnd, calls_by_time
from bridge.words import reason


def calls_of_places(
    places: Sequence[WorkPlace], headers: list[Header], left_out: dict[str, str]
) -> Iterator[TracedCall | ProgramEnd]:
    """The calls of all work places in the order in which they began. Programs of two work places may have
    the same process number; here they have numbers of their own. The headers that come by are added to
    ``headers``; what cannot be read to its end is named in ``left_out``, with the reason for the screen.
    """
    each = [_of_place(number, place, headers, left_out) for number, place in enumerate(places)]
    return heapq.merge(*each, key=_when)


def _of_place(
    number: int, place: WorkPlace, headers: list[Header], left_out: dict[str, str]
) -> Iterator[TracedCall | ProgramEnd]:
    try:
        for call in calls_by_time(*place.files, headers=headers):
            yield call._replace(process=number << 32 | (call.process & 0xFFFFFFFF))
    except TraceError as error:
        left_out[place.name] = reason(error)


def _when(call: TracedCall | ProgramEnd) -> tuple[datetime, int, int]:
    return call.at, call.process, call.number


def unmasked(places: Sequence[WorkPlace]) -> list[str]:
    """Work places that have a file which does not say that its people are invented. Raises TraceError."""
    return [place.name for place in places if not all(_is_masked(first_line(file)) for file in place.files)]


def _is_masked(header: Header | None) -> bool:
    return header is not None and header.masked
