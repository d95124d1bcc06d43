"""Whether the other side of a connection has gone, though the event loop has not said so yet."""

from __future__ import annotations

import select
import sys


def has_hung_up(number: int) -> bool:
    """Whether the socket of this number has heard the other side's end. It takes a microsecond.

    False where the system cannot be asked in this way (Windows): there the event loop's word has to do.
    """
    if sys.platform != "linux":
        return False
    asked = select.poll()
    asked.register(number, select.POLLRDHUP)
    return bool(asked.poll(0))
