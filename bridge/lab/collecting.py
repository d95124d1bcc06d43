"""When memory is looked through for what nobody needs any more."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_collected() -> Iterator[None]:
    """For the one short work of a process: nobody looks for what it leaves behind, which is given back when
    the process ends.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # what is new is old now: it is not looked through at the next best moment either
        if was:
            gc.enable()


@contextmanager
def collected_afterwards() -> Iterator[None]:
    """What a short work leaves behind is collected when it ends: looking for it all the time takes an eighth
    of the whole. What was there before, such as the program itself, is not looked through.
    """
    was = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        if was:
            gc.enable()
