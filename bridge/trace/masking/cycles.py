"""Python looks for objects that refer to one another in a circle, now and then, among all that there are."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """While masking, nobody looks for them: what a line is made of refers to nothing that refers back, and
    there are millions of lines.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()
