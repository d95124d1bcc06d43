"""Telemedicine (視訊診療): an access token that the patient must agree to before a virtual card is given
out (seed 002).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from bridge.sim.clock import Clock
from bridge.sim.codes import Cloud
from bridge.sim.errors import StatusError

LIFETIME = timedelta(minutes=30)
REFUSALS = {"pending": Cloud.ACCESS_TOKEN_PENDING, "no": Cloud.ACCESS_TOKEN_REFUSED}


class Consents:
    """Access tokens given out, each for one health card."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, tuple[str, datetime]] = {}

    def request(self, card_number: str) -> str:
        """Give out an access token for a card."""
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (card_number, self._clock.now())
        return token

    def card_number(self, token: str, consent: str) -> str:
        """Return the card an access token opens; 3237 unknown, 3238 expired, 3239 not yet allowed, 3240
        refused.
        """
        found = self._tokens.get(token)
        if found is None:
            raise StatusError(Cloud.NO_ACCESS_TOKEN)
        card_number, asked_at = found
        if self._clock.now() - asked_at > LIFETIME:
            raise StatusError(Cloud.ACCESS_TOKEN_EXPIRED)
        if consent in REFUSALS:
            raise StatusError(REFUSALS[consent])
        return card_number
