"""VPN signatures in the order of the old component (VPN認卡元件): the random first, its signature next.

Control software 6.0 gives both at once. So a random is that of a signature which is taken ahead for a guessed
use: that of the client's last signature, for its first one the use that the settings name. Signing for that
use gives the signature held: the pair is then right wherever the program sends it.
Signing for another use gives a fresh signature, whose own random only the bridge's upload paths can put in
place of the one the program holds (``real_random``).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Literal, Protocol, cast

from bridge.errors import StatusError
from bridge.reader.proof import Signature
from bridge.reader.use import Use as ReaderUse
from bridge.reader.vpn_pairs import Pair, Pairs, Signed, Use
from bridge.reader.vpn_uses import LastUses
from bridge.table.model.console import ConsoleProtocol, SignatureKind, SignatureRequest
from bridge.upstream.client import Json

log = logging.getLogger(__name__)

# The ids of a signature (names of console.yaml), and the SAM or card that each belongs to.
SIGNERS: Mapping[str, Literal["sam", "hc", "hpc"]] = {"sam_id": "sam", "hc_id": "hc", "hpc_id": "hpc"}


class Console(Protocol):
    """What is needed of the reader session."""

    protocol: ConsoleProtocol

    async def sign(self, use: ReaderUse, kind: SignatureKind, service_type: str) -> Signature:
        """A fresh signature, whose proof must be awaited."""
        ...

    async def present_id(self, use: ReaderUse, signer: Literal["sam", "hc", "hpc"]) -> str:
        """The number of the SAM or card that is there now; "" where the console names none."""
        ...


class VpnSignatures:
    """Hands out randoms and signs them, always with physical cards. ``clock``: monotonic seconds."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._pairs = Pairs(console.protocol.lifetimes, clock)
        self._uses = LastUses()

    async def take_random(self, who: ReaderUse, kind: str, service_type: str) -> Json:
        """Take a signature ahead, for the use of the client's last one. In: for a client that had none, or
        whose cards of then are not there, which cards sign and the service code. Out: its random alone, under
        the console's name for it.

        Raises what the console answers or what reaching it raises.
        """
        use, signature = await self._ahead(who, Use(kind, service_type))
        self._pairs.hold(use, signature)
        return {self._request(kind).json_name("random"): signature.random}

    async def _ahead(self, who: ReaderUse, usual: Use) -> tuple[Use, Signed]:
        """A signature for what is likely to be asked for next, and its use."""
        learnt = self._uses.of(who.client)
        if learnt is not None and learnt != usual:
            try:
                return learnt, await self._sign(who, learnt)
            except StatusError:  # a card of then is not there, its PIN not verified: the signing will say so
                log.info("no signature of cards %s, as this client had last: the usual one", learnt.kind)
        return usual, await self._sign(who, usual)

    async def sign_random(self, who: ReaderUse, random: str, kind: str, service_type: str) -> Json:
        """The signature for a random. In: the random as handed out (empty: none), which cards sign, the
        service code. Out: the signature's fields as the console gives them.

        A signature held is given only to the use it was taken for, once, and while the same cards are there.
        Raises as ``take_random``; the random can then be signed another time.
        """
        use = Use(kind, service_type)
        held = self._pairs.held(random)
        if (
            held is not None
            and held.use == use
            and await self._same_cards(who, held)
            and self._pairs.take(random)
        ):
            self._pairs.give(random, use, held.signature)
            self._uses.note(who.client, use)
            return dict(held.signature.fields)
        signature = await self._sign(who, use)
        self._pairs.give(random, use, signature)
        self._uses.note(who.client, use)
        log.warning(
            "a signature of cards %s, service %s, belongs to another random than the program holds (%s): it "
            "is right through the bridge's own upload paths only; settings: [vpn] guess_card_type, "
            "guess_service_code",
            kind,
            service_type,
            "another use was guessed" if held else "none such is held: unknown, used or too old",
        )
        return dict(signature.fields)

    def signature_of(self, random: str, signature: str) -> Pair | None:
        """The pair of a random and the signature that a program was given for it, whichever way; None where
        this is none of them, or the signature is not good any more.
        """
        return self._pairs.given(random, signature)

    def real_random(self, random: str, signature: str) -> str:
        """The random that a signature was made for: another one where it stands in for ``random``, else
        ``random`` itself.
        """
        return self._pairs.real_random(random, signature) or random

    def _request(self, kind: str) -> SignatureRequest:
        return self._console.protocol.signatures.of(cast(SignatureKind, kind))

    async def _sign(self, who: ReaderUse, use: Use) -> Signed:
        request = self._request(use.kind)
        signature = await self._console.sign(who, cast(SignatureKind, use.kind), use.service_type)
        await signature.proved()
        fields = signature.fields
        return Signed(fields[request.json_name("random")], fields[request.json_name("signature")], fields)

    async def _same_cards(self, who: ReaderUse, held: Pair) -> bool:
        """Whether the cards that signed are those that are there now: a signature never outlives its card."""
        request = self._request(held.use.kind)
        for name, signer in SIGNERS.items():
            if name in request.reply:
                present = await self._console.present_id(who, signer)
                if present != held.signature.fields[request.json_name(name)]:
                    return False
        return True
