"""VPN signatures in the order of the old component (VPN認卡元件): the random first, its signature next.

Control software 6.0 gives both at once. So a random is that of a signature which is taken ahead for a guessed
use. Signing for that use gives the signature held: the pair is then right wherever the program sends it.
Signing for another use gives a fresh signature, whose own random only the bridge's upload paths can put in
place of the one the program holds (``real_random``).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Protocol, cast

from bridge.reader.reader import CardKind, SignatureKind
from bridge.reader.vpn_pairs import Pair, Pairs, Use
from bridge.upstream.client import Json

log = logging.getLogger(__name__)

# The ids of a signature, where the console tells who is there now, and what it calls the id there.
CARDS_OF: Mapping[str, tuple[str, str, str]] = {
    "samId": ("sam", "/api/sam/v1/Basic", "samId"),
    "hcId": ("hc", "/api/hc/v1/Basic", "cardId"),
    "hpcId": ("hpc", "/api/hpc/v1/Basic", "cardId"),
}


class Console(Protocol):
    """What is needed of the reader session."""

    async def sign(self, kind: SignatureKind, service_type: str, card: CardKind) -> Json:
        """A fresh signature."""
        ...

    async def request(
        self, needs: tuple[str, ...], card: CardKind, method: str, path: str, body: Mapping[str, Any] | None
    ) -> Json:
        """A console request."""
        ...


class VpnSignatures:
    """Hands out randoms and signs them, always with physical cards. ``pairs``: what belongs together."""

    def __init__(self, console: Console, pairs: Pairs | None = None) -> None:
        self._console = console
        self._pairs = pairs or Pairs()

    async def take_random(self, kind: str, service_type: str) -> Json:
        """Take a signature ahead. In: which cards sign, the service code. Out: ``clientRandom`` alone.

        Raises what the console answers or what reaching it raises.
        """
        use = Use(kind, service_type)
        signature = await self._sign(use)
        self._pairs.hold(use, signature)
        return {"clientRandom": signature["clientRandom"]}

    async def sign_random(self, random: str, kind: str, service_type: str) -> Json:
        """The signature for a random. In: the random as handed out (empty: none), which cards sign, the
        service code. Out: the signature's fields as the console gives them.

        A signature held is given only to the use it was taken for, once, and while the same cards are there.
        Raises as ``take_random``; the random can then be signed another time.
        """
        use = Use(kind, service_type)
        held = self._pairs.held(random)
        if held is not None and held.use == use and await self._same_cards(held) and self._pairs.take(random):
            return dict(held.signature)
        signature = await self._sign(use)
        self._pairs.give(random, use, signature)
        log.warning(
            "a signature of cards %s, service %s, belongs to another random than the program holds (%s): it "
            "is right through the bridge's own upload paths only; settings: [vpn] guess_card_type, "
            "guess_service_code",
            kind,
            service_type,
            "another use was guessed" if held else "none such is held: unknown, used or over one hour old",
        )
        return signature

    def real_random(self, random: str, signature: str) -> str:
        """The random that a signature was made for: another one where it stands in for ``random``, else
        ``random`` itself.
        """
        return self._pairs.real_random(random, signature) or random

    async def _sign(self, use: Use) -> Json:
        return await self._console.sign(cast(SignatureKind, use.kind), use.service_type, "physical")

    async def _same_cards(self, held: Pair) -> bool:
        """Whether the cards that signed are those that are there now: a signature never outlives its card."""
        for name, (need, path, told_as) in CARDS_OF.items():
            if name in held.signature:
                needs = ("console", "sam", need)
                told = await self._console.request(needs, "physical", "GET", path, None)
                if str(told.get(told_as, "")).strip() != held.signature[name]:
                    return False
        return True
