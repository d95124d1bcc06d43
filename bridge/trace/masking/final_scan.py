"""The last look: values of real people, found wherever they stand in bytes, thousands of them at once."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from struct import Struct as Unpacker

from msgspec import Struct

from bridge.codec.code_page import WINDOWS, windows_private
from bridge.trace.masking.compact import CompactSet

Hit = tuple[int, int]  # first byte, byte behind the last

LEAST_ASCII, LEAST_OTHER = 5, 4  # bytes; two Chinese characters are 4
LEAST_DIGITS, MANY_DIGITS = 7, 5  # digits; different ones of them
START, MOST_STARTS = 7, 4  # digits, by which it is soon known that none stands there; and of how many places
LONG, HEAD = 24, 24  # of texts of at least so many bytes the first ones are looked for
_DIGITS = b"0123456789"
_DIGIT_RUN = re.compile(rb"[0-9]+")
_LONG_DIGITS = re.compile(rb"[0-9]{%d,}" % LEAST_DIGITS)
_HEXADECIMAL_RUN = re.compile(rb"[0-9A-F]{24,}")
_LONG_RUN = re.compile(rb"(?:(?!x{12})[0-9A-Za-z+/=.]){24,}")  # filler is none
_PLAIN_RUN, _FILLER = re.compile(rb"[0-9A-Za-z+/=.]{24,}"), b"x" * 12  # the same where no filler is
_BLANKS = bytes(byte or ord(" ") for byte in range(256))
MOST_KEPT, LONGEST_KEPT = 20_000, 80  # words that are known to be clean, and their bytes
_OTHER = re.compile(rb"[\x80-\xff]")
# the shape of a text: 0 for digits, A for letters; x stands for itself, so that filler is no candidate
_SHAPE = bytes(
    ord("0") if chr(byte).isdigit() else ord("A") if chr(byte).isalpha() and byte != ord("x") else byte
    for byte in range(128)
) + bytes(range(128, 256))


class RealValues:
    """The values that must not remain.

    Short ones are left out: they would be found where they mean nothing. So are values of one character
    repeated. Of what comes anew with every visit only prints are kept (:class:`CompactSet`).
    """

    def __init__(self) -> None:
        self._digits: set[bytes] = set()  # found where they are all the digits that stand together
        self._inside: dict[int, set[bytes]] = {}  # by length: found inside longer numbers, too
        self._starts: _Starts | None = None
        self._shortest = 0
        self._birthdays: set[bytes] = set()
        self._long = CompactSet()
        self._long_digits: set[bytes] = set()  # those that are all digits
        self._long_hexadecimal = True  # whether all are digits and capitals A to F
        self._others: set[bytes] = set()
        self._other_lengths: set[int] = set()
        # by the shape of the first characters, of which there are few, then by length
        self._shaped: dict[bytes, dict[int, set[bytes]]] = {}
        self._passing = CompactSet()
        self._passing_shapes: dict[bytes, set[int]] = {}
        self._spread: RealValues | None = None  # those that have a blank in them, once more
        self._clean: set[bytes] = set()  # words without any of them
        self._clean_digits: set[bytes] = set()  # digits that stand together, without any that are digits

    def add(self, value: bytes, *, passing: bool = False) -> None:
        """A value as it stands in the trace. A Chinese text is looked for in UTF-8, too. ``passing``: of one
        visit, and not of a person.
        """
        if value == value[:1] * len(value) or len(value) < (LEAST_ASCII if value.isascii() else LEAST_OTHER):
            return
        self._forget_clean()
        if not value.isascii():
            self._add_other(value)
        elif len(value) >= LONG and _LONG_RUN.match(value[: HEAD + len(_FILLER)]):
            self._add_long(value[:HEAD])
        elif value.isdigit():
            self._add_digits(value)
        else:
            self._add_shaped(value, passing)

    def add_hexadecimal(self, values: Iterable[bytes]) -> None:
        """Values as :meth:`add` has them: of at least ``LONG`` digits and capitals A to F, and none of one
        character repeated.
        """
        self._forget_clean()
        heads = [value[:HEAD] for value in values]
        self._long.add_all(heads)
        self._note_digits(filter(bytes.isdigit, heads))

    def _forget_clean(self) -> None:
        self._clean.clear()
        self._clean_digits.clear()

    def _add_long(self, head: bytes) -> None:
        self._long.add(head)
        if head.isdigit():
            self._note_digits((head,))
        elif self._long_hexadecimal and not _HEXADECIMAL_RUN.fullmatch(head):
            self._long_hexadecimal = False

    def _note_digits(self, heads: Iterable[bytes]) -> None:
        self._long_digits.update(heads)
        self._starts = None

    def _add_digits(self, value: bytes) -> None:
        if len(value) < LEAST_DIGITS:
            return
        self._shortest = min(self._shortest or len(value), len(value))
        if len(set(value)) < (MANY_DIGITS if len(value) < 10 else MANY_DIGITS - 1):
            # fees and zeros side by side could look like it
            self._digits.add(value)
        else:
            self._inside.setdefault(len(value), set()).add(value)
            self._starts = None

    def _add_shaped(self, value: bytes, passing: bool) -> None:
        passing = passing and value.split(maxsplit=1) == [value] and b"\0" not in value
        for each in {value, value.upper(), value.lower()}:
            if passing:
                self._passing_shapes.setdefault(each[:LEAST_ASCII].translate(_SHAPE), set()).add(len(each))
                self._passing.add(each)
            else:
                self.add_form(each)
                self._note_spread(each)

    def add_birthday(self, value: bytes) -> None:
        """A birthday: found only where it is the whole of a kept value."""
        if value.strip(b"0"):
            self._birthdays.add(value)

    def _add_other(self, value: bytes) -> None:
        texts = {page.decode(value, errors="ignore") for page in (WINDOWS, windows_private())}
        forms = {value, *(text.encode() for text in texts)}
        for each in forms:
            if len(each) >= LEAST_OTHER:
                self.add_form(each)
                self._note_spread(each)

    def _note_spread(self, value: bytes) -> None:
        if value.split(maxsplit=1) != [value] or b"\0" in value:
            self._spread = self._spread or RealValues()
            self._spread.add_form(value)

    def add_form(self, value: bytes) -> None:
        """A value in one of the forms that :meth:`add` gives it, and in no other."""
        if value.isascii():
            self._shaped.setdefault(value[:LEAST_ASCII].translate(_SHAPE), {}).setdefault(
                len(value), set()
            ).add(value)
        else:
            self._others.add(value)
            self._other_lengths.add(len(value))

    # --- the search -----------------------------------------------------------------------------------------

    def clean(self, texts: Sequence[bytes]) -> bool:
        """Whether none of them stands in any of the texts: what :meth:`found` says of each, sooner, for many
        texts made of words that were there before.
        """
        together = b"\n".join(texts)
        words = set(together.translate(_BLANKS).split()) - self._clean
        if words and self._stands_in(b" ".join(words)):
            return False
        if len(self._clean) >= MOST_KEPT:
            self._clean.clear()
        self._clean.update([word for word in words if len(word) <= LONGEST_KEPT])
        return self._spread is None or not self._spread.found(together)

    def _stands_in(self, words: bytes) -> bool:
        """Whether one stands in a word. There are thousands of words, and of nearly all of them it is soon
        known that none does.
        """
        return (
            self._stands_in_digits(set(_LONG_DIGITS.findall(words)) - self._clean_digits)
            or self._stands_in_long(words)
            or any(self._in_shapes(words))
            or (not words.isascii() and any(self._in_others(words)))
        )

    def _stands_in_long(self, words: bytes) -> bool:
        """Whether one stands there that is not all digits."""
        if not self._long:
            return False
        wanted = _PLAIN_RUN if _FILLER not in words else _LONG_RUN
        runs = (_HEXADECIMAL_RUN if self._long_hexadecimal else wanted).findall(words)
        return not self._long.isdisjoint(
            [run[at : at + HEAD] for run in runs for at in range(*_not_all_digits(run))]
        )

    def _stands_in_digits(self, runs: set[bytes]) -> bool:
        if not self._digits.isdisjoint(runs):
            return True
        inside = (*self._inside.items(), (HEAD, self._long_digits))
        if self._starts is None:
            self._starts = _Starts([digits for _, values in inside for digits in values])
        begun = self._starts.begun(b" ".join(runs), max(width for width, _ in inside))
        if not all(values.isdisjoint([each[:width] for each in begun]) for width, values in inside):
            return True
        if len(self._clean_digits) >= MOST_KEPT:
            self._clean_digits.clear()
        self._clean_digits.update([run for run in runs if len(run) <= LONGEST_KEPT])
        return False

    def found(self, data: bytes, *, alone: bool = False) -> list[Hit]:
        """Where one of them stands. ``alone``: the data is a single value, which may be a birthday."""
        if alone and data.strip(b" \0") in self._birthdays:
            return [(0, len(data))]
        hits = {*self._in_digits(data), *self._in_shapes(data), *self._in_others(data), *self._in_long(data)}
        return sorted(hits) if hits else []

    def _in_digits(self, data: bytes) -> Iterator[Hit]:
        for run in _DIGIT_RUN.finditer(data) if self._shortest else ():
            start, end = run.span()
            if end - start < self._shortest:
                continue
            if run[0] in self._digits:
                yield start, end
            for length, values in self._inside.items():
                if values.isdisjoint(
                    [data[place : place + length] for place in range(start, end - length + 1)]
                ):
                    continue
                for place in range(start, end - length + 1):
                    if data[place : place + length] in values:
                        yield place, place + length

    def _in_shapes(self, data: bytes) -> Iterator[Hit]:
        if not self._shaped and not self._passing_shapes:
            return
        text = data.translate(_SHAPE)
        for shape, by_length in self._shaped.items():
            for place in _places(text, shape):
                for length, values in by_length.items():
                    if data[place : place + length] in values:
                        yield place, place + length
        for shape, lengths in self._passing_shapes.items():
            for place in _places(text, shape):
                for length in lengths:
                    if place + length <= len(data) and data[place : place + length] in self._passing:
                        yield place, place + length

    def _in_others(self, data: bytes) -> Iterator[Hit]:
        if self._others and not data.isascii():
            for start in _OTHER.finditer(data):
                for length in self._other_lengths:
                    if data[start.start() : start.start() + length] in self._others:
                        yield start.start(), start.start() + length

    def _in_long(self, data: bytes) -> Iterator[Hit]:
        if not self._long or len(data) < HEAD:
            return
        for run in (_LONG_RUN if _FILLER in data else _PLAIN_RUN).finditer(data):
            if not self._long_digits and run[0].isdigit():
                continue
            for place in range(run.start(), run.end() - HEAD + 1):
                if data[place : place + HEAD] in self._long:
                    yield place, run.end()

    # --- from process to process ----------------------------------------------------------------------------

    def state(self) -> RealState:
        """All of them, as they can be written down: the same bytes whichever came first."""
        inside = (value for values in self._inside.values() for value in values)
        shaped = (value for each in self._shaped.values() for values in each.values() for value in values)
        shapes = {shape: sorted(lengths) for shape, lengths in sorted(self._passing_shapes.items())}
        return RealState(
            digits=sorted([*self._digits, *inside]),
            birthdays=sorted(self._birthdays),
            forms=sorted([*self._others, *shaped]),
            long=array("Q", sorted(self._long.prints())).tobytes(),
            long_digits=sorted(self._long_digits),
            long_hexadecimal=self._long_hexadecimal,
            passing=array("Q", sorted(self._passing.prints())).tobytes(),
            passing_shapes=shapes,
        )

    def learn(self, state: RealState) -> None:
        """Add all that another has."""
        self._forget_clean()
        for value in state.digits:
            self._add_digits(value)
        self._birthdays.update(state.birthdays)
        for value in state.forms:
            self.add_form(value)
            self._note_spread(value)
        self._long.update(array("Q", state.long))
        self._note_digits(state.long_digits)
        self._long_hexadecimal &= state.long_hexadecimal
        self._passing.update(array("Q", state.passing))
        for shape, lengths in state.passing_shapes.items():
            self._passing_shapes.setdefault(shape, set()).update(lengths)


class _Starts:
    """Some digits of each of many numbers, from several places on: as many as the shortest of them allows, so
    that of a number which stands in a text, some stand at a place that is a multiple of ``step``.
    """

    def __init__(self, numbers: Sequence[bytes]) -> None:
        shortest = min(map(len, numbers), default=LEAST_DIGITS)
        width = min(START, shortest - 1)
        self._step = min(shortest - width + 1, MOST_STARTS)
        self._stride = -(-width // self._step) * self._step
        self._windows = Unpacker(f"{width}s{self._stride - width}x").iter_unpack
        self._starts = {number[at : at + width] for number in numbers for at in range(self._step)}

    def begun(self, text: bytes, longest: int) -> set[bytes]:
        """All that may be one of them, or begin with one: as many bytes as the longest of them has."""
        padded = memoryview(text + b" " * self._stride)
        places: list[int] = []
        for shift in range(0, self._stride, self._step):
            end = len(padded) - (len(padded) - shift) % self._stride
            windows = chain.from_iterable(self._windows(padded[shift:end]))
            places += compress(range(shift, end, self._stride), map(self._starts.__contains__, windows))
        return {
            text[at : at + longest]
            for place in places
            for at in range(place, place - self._step, -1)
            if at >= 0
        }


class RealState(Struct):
    """Real values, written down: patients' data. ``long`` and ``passing`` are prints, 8 bytes each."""

    digits: list[bytes]
    birthdays: list[bytes]
    forms: list[bytes]
    long: bytes
    long_digits: list[bytes]
    long_hexadecimal: bool
    passing: bytes
    passing_shapes: dict[bytes, list[int]]


def _not_all_digits(run: bytes) -> tuple[int, int]:
    """From which place on, and up to which one, what is as long as a head has something else than digits in
    it; between two places without, one may have only digits.
    """
    first = len(run) - len(run.lstrip(_DIGITS))
    last = len(run.rstrip(_DIGITS)) - 1
    return max(first - HEAD + 1, 0), min(last, len(run) - HEAD) + 1


def _places(text: bytes, shape: bytes) -> Iterator[int]:
    place = text.find(shape)
    while place >= 0:
        yield place
        place = text.find(shape, place + 1)


def overwritten(data: bytes, hits: list[Hit]) -> bytes:
    """The data with x in place of what was found."""
    made = bytearray(data)
    for start, end in hits:
        made[start:end] = b"x" * (end - start)
    return bytes(made)
