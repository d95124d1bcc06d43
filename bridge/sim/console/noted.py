"""One line of the console's own record of its answers."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cached_property


class Noted:
    """One answer. What nobody looks at costs nothing but this."""

    def __init__(self, url: str, at: datetime, status: int) -> None:
        self._url, self._at, self._status = url, at, status

    @cached_property
    def as_json(self) -> dict[str, object]:
        """The answer as the console lists it."""
        return {
            "url": self._url,
            "uuid": str(uuid.uuid4()),
            "timestamp": self._at.isoformat(),
            "statusCode": self._status,
        }
