"""What was made last of what came last: a dictionary that forgets what nobody asked for."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


class Recent(Generic[ValueT]):
    """At most about ``most`` bytes, as callers count them, in each of two halves: the older half is dropped
    when the newer one is full.
    """

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._new: dict[Hashable, ValueT] = {}
        self._old: dict[Hashable, ValueT] = {}

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def get(self, key: Hashable, size: int) -> ValueT | None:
        """What was kept under the key."""
        found = self._new.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.keep(key, found, size)
        return found

    def keep(self, key: Hashable, value: ValueT, size: int) -> None:
        """Keep something of so many bytes."""
        if self._size + size > self._most:
            self._old, self._new, self._size = self._new, {}, 0
        self._new[key] = value
        self._size += size
