"""Cards in use by the console: what it remembers of a card between two calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.sim.cards import HealthCard, PractitionerCard


@dataclass
class HpcSession:
    """A practitioner's card in use; ``mobile`` for a mobile certificate (行動憑證), which lies in no slot.
    ``expires_at``: until when its PIN counts as verified; None: as long as it lies there.
    """

    card: PractitionerCard
    insertion: int = 0
    pin_verified: bool = False
    mobile: bool = False
    expires_at: datetime | None = None


@dataclass
class HcSession:
    """A health card in use; ``qr_id``, ``expires_at`` and ``pin_refused`` only for a virtual card: its holder
    has set a PIN and has not agreed in the app.
    """

    card: HealthCard
    insertion: int = 0
    fields_read: bool = False
    pin_verified: bool = False
    with_hpc: bool = False
    qr_id: str | None = None
    expires_at: datetime | None = None
    pin_refused: bool = False

    @property
    def virtual(self) -> bool:
        """Whether the card came from a QR code."""
        return self.qr_id is not None

    @property
    def pin_open(self) -> bool:
        """Whether no PIN stands in the way of the records."""
        if self.virtual:
            return not self.pin_refused
        return self.card.pin is None or self.pin_verified
