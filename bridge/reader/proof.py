"""Whether the card that answered is the one that is meant: by its number at once, by its kind with one
request beside what it is needed for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass

from bridge.errors import BadReply, CallError, CardChanged
from bridge.reader import state as events
from bridge.reader.console_client import SOURCE
from bridge.reader.session import Session
from bridge.reader.state import PresentCard
from bridge.reader.use import Use
from bridge.upstream.client import Json
from bridge.words import said

log = logging.getLogger(__name__)


class StrangersCard(CardChanged):
    """A virtual card answered where a physical one is meant: another program has presented it. What it
    brought is thrown away; the session knows of it, so that the next attempt logs it out.
    """


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature for one request. ``fields``: by their JSON names (console.yaml), all text."""

    fields: Mapping[str, str]
    proof: asyncio.Task[CallError | None] | None = None

    async def proved(self) -> None:
        """Wait until it is known whether the card that signed is the one that is meant. To be awaited before
        anything is changed with the signature, and before what it brought is used.

        Raises StrangersCard or CardChanged where it is not, what the console answers where it cannot tell.
        """
        if self.proof is not None and (fault := await asyncio.shield(self.proof)) is not None:
            raise fault


class Proof:
    """The checks of one session. Whoever calls them has the turn. ``require_read``: what a change is compared
    with beside that, if anything; it raises WrongPerson.
    """

    def __init__(self, session: Session, shared: bool) -> None:
        self._session = session
        self._shared = shared
        self.require_read: Callable[[Use, str], None] | None = None
        self._asking: set[asyncio.Task[CallError | None]] = set()

    def check_ids(self, use: Use, ids: Mapping[str, str]) -> None:
        """Compare who signed, by our names (``sam_id``, ``hc_id``), with who should have.

        Raises NoVirtualCard where it is not the virtual card that was presented, CardChanged where it is not
        the card that the call began with, PortBusy where the console works with another device.
        """
        self._check_sam(ids["sam_id"])
        if "hc_id" in ids:
            self.check_card(use, ids["hc_id"])

    def check_card(self, use: Use, number: str) -> None:
        """Compare a health card's number; see :meth:`check_ids`."""
        session = self._session
        if use.card == "virtual":
            if number != session.state.virtual_id:
                raise session.not_the_presented_card()
            use.proved = True
        if use.card_id and number != use.card_id:
            raise CardChanged(said("the health card was exchanged while the call ran"))
        use.card_id = number
        if self.require_read is not None:
            self.require_read(use, number)
        if session.state.logged_out:
            session.state = events.card_answered(session.state)
        if session.state.pin_card and number != session.state.pin_card:
            session.state = events.pin_gone(session.state)

    def _check_sam(self, number: str) -> None:
        session = self._session
        if not session.state.sam_id:
            session.state = events.sam_named(session.state, number)
        elif number != session.state.sam_id:
            raise session.moved()

    def is_due(self, use: Use) -> bool:
        """Whether the kind of the card that answered must still be asked for."""
        return self._shared and not use.proved

    def beside(self, use: Use, release: Callable[[], None]) -> asyncio.Task[CallError | None]:
        """Ask for the card's kind while the caller goes on; then ``release`` the turn. Its time is nobody's:
        whoever waits for something else meanwhile has it counted there.
        """
        task = asyncio.create_task(self._asked(use, release), context=Context())
        self._asking.add(task)  # it releases the turn, so it must live to its end
        task.add_done_callback(self._asking.discard)
        return task

    async def _asked(self, use: Use, release: Callable[[], None]) -> CallError | None:
        try:
            await self.ask(use)
        except CallError as error:
            return error
        finally:
            release()
        return None

    async def of_reply(self, use: Use, method: str, path: str, reply: Json) -> None:
        """Whether what the console answered about a health card is about the one that is meant. In: the
        request that was made. Raises as :meth:`check_ids` and :meth:`Signature.proved`.
        """
        console = self._session.console
        request, field = console.identity("hc")
        if (request.method, request.path) == (method, path):
            self.check_card(use, str(field.of(reply)).strip())
        elif use.card == "virtual":
            self.check_card(use, (await console.read_health_card()).card_id)
        if self.is_due(use):
            await self.ask(use)

    async def ask(self, use: Use) -> None:
        """Ask for the kind of the card that has answered. Raises as :meth:`Signature.proved`."""
        session = self._session
        before = use.card_id
        use.card_id = ""  # until it is proved to be the card of this call
        status = await session.console.status()
        if type(status.health_card_kind) is not int:
            raise BadReply(SOURCE, said("the status does not tell of which kind the health card is"))
        session.look_at(status)
        if session.state.card is PresentCard.VIRTUAL:
            session.others.note("it presented a virtual card")
            log.warning("another program has presented a virtual card: what it answered is thrown away")
            raise StrangersCard("a virtual card answered in place of the one in the slot")
        use.card_id, use.proved = before, True
