"""The lines of a file in batches: those that may be calls as recorders write them, and all others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from bridge.trace.masking.answered import Answered
from bridge.trace.masking.columns import Doubt, looks
from bridge.trace.masking.functions import Functions
from bridge.trace.masking.recipes import Recipes
from bridge.trace.masking.split_lines import Line, number_in, split_lines, whole
from bridge.trace.reading import MOST_LINE_BYTES, FileLines, blocks


class Alike(NamedTuple):
    """Lines of one function with one code, whose values take as many bytes. ``years``: by how much years
    move; ``lines``: their places in the batch.
    """

    recipes: Recipes
    function: bytes
    filled: bool
    years: int
    lines: list[int]

    def apart(self, different: Iterable[object]) -> list[Alike]:
        """Those with the same thing together."""
        found: dict[object, list[int]] = {}
        for place, each in zip(self.lines, different, strict=True):
            found.setdefault(each, []).append(place)
        return [self._replace(lines=places) for places in found.values()]


Years = Callable[[bytes], int | None]  # by the hour of a line; None: there is no such hour


class Batch:
    """Lines that follow one another. ``first``: the number of the first of them in its file, from 1;
    ``calls``: the places of those that may be done together; ``others``: of the rest.
    """

    def __init__(self, lines: list[Line], first: int, calls: list[int]) -> None:
        self.lines, self.first, self.calls = lines, first, calls
        taken = set(calls)
        self.others = [place for place in range(len(lines)) if place not in taken]

    @property
    def size(self) -> int:
        """Bytes of the lines."""
        return sum(map(len, chain.from_iterable(self.lines)))

    def line(self, place: int) -> bytes:
        """A line as it stands in the file."""
        return whole(self.lines[place])

    def sides(self, group: Alike) -> tuple[list[bytes], list[bytes]]:
        """The values before the calls, and after them."""
        lines = [self.lines[place] for place in group.lines]
        return [line[4] for line in lines], [line[7] for line in lines]

    def done(self, functions: Functions, years: Years, do: Callable[[Alike], object]) -> list[int]:
        """Do all calls, those that are alike together. Where there is doubt, they are taken apart. Out: the
        places of those that stay in doubt.
        """
        waiting, doubted = self._alike(functions, years)
        while waiting:
            group = waiting.pop()
            try:
                do(group)
            except Doubt:
                if len(group.lines) == 1:
                    doubted += group.lines
                else:
                    waiting += self._apart(group)
        return doubted

    def _alike(self, functions: Functions, years: Years) -> tuple[list[Alike], list[int]]:
        """The calls, by what they look like; and the places of those that nobody can do together."""
        found: dict[tuple[bytes, bytes, int | None, int, int], list[int]] = {}
        lines = self.lines
        for place in self.calls:
            _, hour, _, function, given, _, code, after, _ = lines[place]
            key = function, code, years(hour), len(given), len(after)
            if key in found:
                found[key].append(place)
            else:
                found[key] = [place]
        groups: list[Alike] = []
        doubted: list[int] = []
        for (function, code, moved, _, _), places in found.items():
            recipes = functions.usable.get(function)
            if recipes is None or moved is None:
                doubted += places
            else:
                groups.append(Alike(recipes, function, functions.filled(function, code), moved, places))
        return groups, doubted

    def _apart(self, group: Alike) -> list[Alike]:
        """By what the values are, but for bytes; or else line by line."""
        given, after = self.sides(group)
        parts = group.apart(zip(map(looks, given), map(looks, after), strict=True))
        return parts if len(parts) > 1 else group.apart(group.lines)


def batches(file: Path, lines: FileLines, answered: Answered) -> Iterator[Batch]:
    """All lines of a file; one by one until ``lines``, which read them meanwhile, know who wrote them. Calls
    to which a second answer comes are not done together. Raises TraceError for an unreadable file.
    """
    number = 1
    for block in blocks(file):
        split = split_lines(block, MOST_LINE_BYTES)
        at = 0
        while at < len(split) and not lines.headed:
            yield Batch(split[at : at + 1], number + at, [])
            at += 1
        rest = split[at:]
        calls = [place for place, line in enumerate(rest) if line[3]]
        if answered.any:
            calls = [place for place in calls if not answered.may_come(number_in(rest[place][0]))]
        yield Batch(rest, number + at, calls)
        number += len(split)
