"""Signs that another program works at the same console: only what nothing else explains.

A console session that has ended is no sign: the console may have been restarted. Nor is a session that was
there already: a bridge that was killed may have left it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Sign = Literal[
    "it presented a virtual card",
    "it took the place of the virtual card that was presented",
    "it used a card before a QR code was presented",
    "it opened another device in the session",
]


@dataclass(slots=True)
class OtherPrograms:
    """How often there was a sign since the start, and which was the last, when (seconds since 1970)."""

    signs: int = 0
    last_sign: str = ""
    last_at: float = 0.0

    def note(self, sign: Sign) -> None:
        """There was one just now."""
        self.signs += 1
        self.last_sign, self.last_at = sign, time.time()

    def told(self) -> dict[str, object]:
        """For people: ``signs``, ``last`` (ISO 8601, None for none), ``last_sign``."""
        last = datetime.fromtimestamp(self.last_at, UTC).isoformat(timespec="seconds") if self.signs else None
        return {"signs": self.signs, "last": last, "last_sign": self.last_sign}
