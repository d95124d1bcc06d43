"""One line of the console's own record of its answers."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from bridge.sim.clock import moment_of

_FIRST = uuid.uuid4().int
_LAST_DIGITS = (1 << 62) - 1  # of a uuid, which are free to choose


class Noted(NamedTuple):
    """One answer. What nobody looks at costs nothing but this. ``at``: seconds since 1970 of the simulated
    clock. ``number``: no two have the same.
    """

    url: str
    at: float
    status: int
    number: int

    @property
    def as_json(self) -> dict[str, object]:
        """The answer as the console lists it."""
        mine = (_FIRST & ~_LAST_DIGITS) | ((_FIRST + self.number) & _LAST_DIGITS)
        return {
            "url": self.url,
            "uuid": str(uuid.UUID(int=mine)),
            "timestamp": moment_of(self.at).isoformat(),
            "statusCode": self.status,
        }
