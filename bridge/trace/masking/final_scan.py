"""The last look: values of real people, found wherever they stand in bytes, thousands of them at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from bridge.codec.code_page import WINDOWS, windows_private

Hit = tuple[int, int]  # first byte, byte behind the last

LEAST_ASCII, LEAST_OTHER = 5, 4  # bytes; two Chinese characters are 4
LEAST_DIGITS, MANY_DIGITS = 7, 5  # digits; different ones of them
LONG, HEAD = 24, 24  # of texts of at least so many bytes the first ones are looked for
_DIGIT_RUN = re.compile(rb"[0-9]+")
_LONG_RUN = re.compile(rb"(?:(?!x{12})[0-9A-Za-z+/=.]){24,}")  # filler is none
_OTHER = re.compile(rb"[\x80-\xff]")
# the shape of a text: 0 for digits, A for letters; x stands for itself, so that filler is no candidate
_SHAPE = bytes(
    ord("0") if chr(byte).isdigit() else ord("A") if chr(byte).isalpha() and byte != ord("x") else byte
    for byte in range(128)
) + bytes(range(128, 256))


class RealValues:
    """The values that must not remain.

    Short ones are left out: they would be found where they mean nothing. So are values of one character
    repeated.
    """

    def __init__(self) -> None:
        self._digits: set[bytes] = set()  # found where they are all the digits that stand together
        self._inside: dict[int, set[bytes]] = defaultdict(set)  # by length: found inside longer numbers, too
        self._shortest = 0
        self._birthdays: set[bytes] = set()
        self._long: set[bytes] = set()
        self._others: set[bytes] = set()
        self._other_lengths: set[int] = set()
        # by the shape of the first characters, of which there are few, then by length
        self._shaped: dict[bytes, dict[int, set[bytes]]] = defaultdict(lambda: defaultdict(set))

    def add(self, value: bytes) -> None:
        """A value as it stands in the trace. A Chinese text is looked for in UTF-8, too."""
        if len(set(value)) < 2 or len(value) < (LEAST_ASCII if value.isascii() else LEAST_OTHER):
            return
        if not value.isascii():
            self._add_other(value)
        elif len(value) >= LONG and _LONG_RUN.match(value):
            self._long.add(value[:HEAD])
        elif value.isdigit():
            self._add_digits(value)
        else:
            for each in {value, value.upper(), value.lower()}:
                self._shaped[each[:LEAST_ASCII].translate(_SHAPE)][len(each)].add(each)

    def _add_digits(self, value: bytes) -> None:
        if len(value) < LEAST_DIGITS:
            return
        self._shortest = min(self._shortest or len(value), len(value))
        if len(set(value)) < (MANY_DIGITS if len(value) < 10 else MANY_DIGITS - 1):
            # fees and zeros side by side could look like it
            self._digits.add(value)
        else:
            self._inside[len(value)].add(value)

    def add_birthday(self, value: bytes) -> None:
        """A birthday: found only where it is the whole of a kept value."""
        if value.strip(b"0"):
            self._birthdays.add(value)

    def _add_other(self, value: bytes) -> None:
        texts = {page.decode(value, errors="ignore") for page in (WINDOWS, windows_private())}
        forms = {value, *(text.encode() for text in texts)}
        for each in forms:
            if len(each) >= LEAST_OTHER:
                self._others.add(each)
                self._other_lengths.add(len(each))

    def found(self, data: bytes, *, alone: bool = False) -> list[Hit]:
        """Where one of them stands. ``alone``: the data is a single value, which may be a birthday."""
        if alone and data.strip(b" \0") in self._birthdays:
            return [(0, len(data))]
        return sorted({*self._in_digits(data), *self._in_shapes(data), *self._rest(data)})

    def _in_digits(self, data: bytes) -> Iterator[Hit]:
        for run in _DIGIT_RUN.finditer(data) if self._shortest else ():
            start, end = run.span()
            if end - start < self._shortest:
                continue
            if run[0] in self._digits:
                yield start, end
            for length, values in self._inside.items():
                for place in range(start, end - length + 1):
                    if data[place : place + length] in values:
                        yield place, place + length

    def _in_shapes(self, data: bytes) -> Iterator[Hit]:
        text = data.translate(_SHAPE)
        for shape, by_length in self._shaped.items():
            place = text.find(shape)
            while place >= 0:
                for length, values in by_length.items():
                    if data[place : place + length] in values:
                        yield place, place + length
                place = text.find(shape, place + 1)

    def _rest(self, data: bytes) -> Iterator[Hit]:
        if self._others and not data.isascii():
            for start in _OTHER.finditer(data):
                for length in self._other_lengths:
                    if data[start.start() : start.start() + length] in self._others:
                        yield start.start(), start.start() + length
        for run in _LONG_RUN.finditer(data) if self._long else ():
            for place in range(run.start(), run.end() - HEAD + 1):
                if data[place : place + HEAD] in self._long:
                    yield place, run.end()


def overwritten(data: bytes, hits: list[Hit]) -> bytes:
    """The data with x in place of what was found."""
    made = bytearray(data)
    for start, end in hits:
        made[start:end] = b"x" * (end - start)
    return bytes(made)
