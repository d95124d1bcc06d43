"""What was made last of what came last: a dictionary that forgets what nobody asked for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
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

    def find(self, sort: Hashable, keys: Iterable[KeyT], size: int) -> tuple[dict[KeyT, ValueT], list[KeyT]]:
        """What was kept under a sort and each of these keys; and the keys under which nothing was. ``size``:
        bytes of each.
        """
        known: dict[KeyT, ValueT] = {}
        new: list[KeyT] = []
        newer = self._new
        for key in dict.fromkeys(keys):
            found = newer.get((sort, key)) or self.get((sort, key), size)
            if found is None:
                new.append(key)
            else:
                known[key] = found
        return known, new

    def keep_all(self, sort: Hashable, values: Mapping[KeyT, ValueT], size: int) -> None:
        """Keep what :meth:`find` finds."""
        for key, value in values.items():
            self.keep((sort, key), value, size)

    def keep(self, key: Hashable, value: ValueT, size: int) -> None:
        """Keep something of so many bytes."""
        if self._size + size > self._most:
            self._old, self._new, self._size = self._new, {}, 0
        self._new[key] = value
        self._size += size


def all_new(keys: Iterable[KeyT]) -> tuple[dict[KeyT, Any], list[KeyT]]:
    """What :meth:`Recent.find` says of keys under which nothing was kept."""
    return {}, list(dict.fromkeys(keys))
