"""One line of the console's own record of its answers."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

_FIRST = uuid.uuid4().int
_LAST_DIGITS = (1 << 62) - 1  # of a uuid, which are free to choose


class Noted(NamedTuple):
    """One answer. What nobody looks at costs nothing but this. ``number``: no two have the same."""

    url: str
    at: datetime
    status: int
    number: int

    @property
    def as_json(self) -> dict[str, object]:
        """The answer as the console lists it."""
        mine = (_FIRST & ~_LAST_DIGITS) | ((_FIRST + self.number) & _LAST_DIGITS)
        return {
            "url": self.url,
            "uuid": str(uuid.UUID(int=mine)),
            "timestamp": self.at.isoformat(),
            "statusCode": self.status,
        }
