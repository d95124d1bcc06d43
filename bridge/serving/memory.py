"""Memory of a process that lives for long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def settle_memory() -> None:
    """What was made at start stays: the garbage collector need not look at it again and again, nor as often
    as after every 700 new objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def without_collector() -> Iterator[None]:
    """For long work that makes no references in circles: the more it keeps, the more it costs to look for
    some.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
