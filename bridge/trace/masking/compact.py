"""A set of texts that takes some 24 bytes for each: what comes anew with every visit comes by the million."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from zlib import crc32

_LEAST_PLACES = 1024  # a power of two, as every size


class CompactSet:
    """Texts, of which only a print of 64 bits is kept. A text that was never added is taken for one that was
    with a chance of one in 2**64 for each that is in it; one that was added is always found.
    """

    def __init__(self, prints: Iterable[int] = ()) -> None:
        self._places = array("Q", bytes(8 * _LEAST_PLACES))
        self._count = 0
        self.update(prints)

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self._places) * self._places.itemsize

    def __contains__(self, text: bytes) -> bool:
        places = self._places
        last = len(places) - 1
        found = print_of(text)
        at = found & last
        while kept := places[at]:
            if kept == found:
                return True
            at = (at + 1) & last
        return False

    def isdisjoint(self, texts: Iterable[bytes]) -> bool:
        """Whether none of the texts is in it."""
        places = self._places
        last = len(places) - 1
        # nearly always, the place is enough to know that it is not there
        doubted = [text for text in texts if places[crc32(text) & last]]
        return not any(map(self.__contains__, doubted))

    def add(self, text: bytes) -> None:
        """Add a text."""
        self._put(print_of(text))

    def add_all(self, texts: Iterable[bytes]) -> None:
        """Add texts."""
        self.update(map(print_of, texts))

    def update(self, prints: Iterable[int]) -> None:
        """Add texts by their prints."""
        for each in prints:
            self._put(each)

    def prints(self) -> array[int]:
        """The prints of all texts, in any order."""
        return array("Q", filter(None, self._places))

    def _put(self, print_: int) -> None:
        if self._count * 2 >= len(self._places):
            self._grow()
        places = self._places
        last = len(places) - 1
        at = print_ & last
        while kept := places[at]:
            if kept == print_:
                return
            at = (at + 1) & last
        places[at] = print_
        self._count += 1

    def _grow(self) -> None:
        prints = self.prints()
        self._places = array("Q", bytes(16 * len(self._places)))
        self._count = 0
        self.update(prints)


def print_of(text: bytes) -> int:
    """64 bits of a text, the same ones in every process; never 0, which is an empty place."""
    return (crc32(text[::-1]) or 1) << 32 | crc32(text)
