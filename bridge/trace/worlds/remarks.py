"""What a world lacks, for people: the same remark about many calls is one."""

from __future__ import annotations

import re
from itertools import islice
from typing import Self

MOST_REMARKS = 300
_CALL = re.compile(r"call (\d+) ")


class Remarks:
    """Remarks in the order in which they came, as few as say the same."""

    def __init__(self) -> None:
        self._same: dict[
            str, tuple[str, set[object]]
        ] = {}  # the first of them, and the calls that it is about

    def add(self, *remarks: str) -> None:
        """Add remarks. One about a call has "call NUMBER " in it."""
        for remark in remarks:
            same, calls = _CALL.sub("", remark), [int(number) for number in _CALL.findall(remark)]
            found = self._same.get(same)
            if found is None:
                found = self._same[same] = remark, set()
            found[1].add(calls[0] if len(calls) == 1 else tuple(calls))

    def copy(self) -> Self:
        """The same, to go on with."""
        made = type(self)()
        made._same = {same: (first, calls.copy()) for same, (first, calls) in self._same.items()}
        return made

    def told(self) -> list[str]:
        """Each remark once: of several calls it names the first, and how many more."""
        shown = [_shown(first, len(calls) - 1) for first, calls in islice(self._same.values(), MOST_REMARKS)]
        left = len(self._same) - len(shown)
        return [*shown, f"... and {left} more like these"] if left else shown


def _shown(first: str, more: int) -> str:
    return f"{first} (and {more} more)" if more else first
