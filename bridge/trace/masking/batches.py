"""The lines of a file in batches: those that may be calls as recorders write them, and all others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
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


BLOCK_BYTES = 512 * 1024  # in larger ones there are not many more lines of a kind
Years = Callable[[bytes], int | None]  # by the hour of a line; None: there is no such hour


class Batch:
    """Lines that follow one another. ``first``: the number of the first of them in its file, from 1;
    ``size``: their bytes. ``left``: says which calls are not done together; None: none of them is left.
    """

    def __init__(
        self, lines: list[Line], first: int, size: int, left: Callable[[Line], bool] | None = None
    ) -> None:
        self.lines, self.first, self.size = lines, first, size
        self._left = left

    def line(self, place: int) -> bytes:
        """A line as it stands in the file."""
        return whole(self.lines[place])

    def sides(self, group: Alike) -> tuple[list[bytes], list[bytes]]:
        """The values before the calls, and after them."""
        lines = [self.lines[place] for place in group.lines]
        return [line[4] for line in lines], [line[7] for line in lines]

    def done(self, functions: Functions, years: Years, do: Callable[[Alike], object]) -> list[int]:
        """Do all calls, those that are alike together. Where there is doubt, they are taken apart. Out: the
        places of the lines that were not done.
        """
        waiting, rest = self._alike(functions, years)
        while waiting:
            group = waiting.pop()
            try:
                do(group)
            except Doubt:
                if len(group.lines) == 1:
                    rest += group.lines
                else:
                    waiting += self._apart(group)
        return sorted(rest)

    def _alike(self, functions: Functions, years: Years) -> tuple[list[Alike], list[int]]:
        """The calls, by what they look like; and the places of the lines that nobody can do together."""
        found: defaultdict[tuple[bytes, bytes, int | None, int, int], list[int]] = defaultdict(list)
        if not self.lines:
            return [], []
        _, hours, _, names, given, _, codes, after, _ = zip(*self.lines, strict=True)
        moved_by = {hour: years(hour) for hour in set(hours)}
        moved = map(moved_by.__getitem__, hours)
        for place, key in enumerate(zip(names, codes, moved, map(len, given), map(len, after), strict=True)):
            found[key].append(place)
        groups: list[Alike] = []
        rest: list[int] = []
        for (function, code, years_moved, _, _), places in found.items():
            together = places if self._left is None or not function else self._not_left(places, rest)
            recipes = functions.usable.get(function)
            if recipes is None or years_moved is None:
                rest += together
            elif together:
                filled = functions.filled(function, code)
                groups.append(Alike(recipes, function, filled, years_moved, together))
        return groups, rest

    def _not_left(self, places: list[int], rest: list[int]) -> list[int]:
        """The places whose calls may be done together; the others are added to ``rest``."""
        together: list[int] = []
        for place in places:
            left = self._left is not None and self._left(self.lines[place])
            (rest if left else together).append(place)
        return together

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
    left = (lambda line: answered.may_come(number_in(line[0]))) if answered.any else None
    for block in blocks(file, BLOCK_BYTES):
        split, size = split_lines(block, MOST_LINE_BYTES), len(block)
        while split and not lines.headed:
            first = len(whole(split[0]))
            yield Batch(split[:1], number, first, lambda line: True)
            del split[0]
            number, size = number + 1, size - first
        yield Batch(split, number, size, left)
        number += len(split)
