"""Changes of state, each with its intent in the journal, so that no unclear end is ever forgotten.

Every way out of here leaves the intent ``done``, ``failed`` (certainly not carried out) or ``ambiguous``, the
last with advice; only the end of the process leaves it ``begun``.

Nothing leaves for a caller that has gone: its program has got a failure and may have begun anew.
That holds for the repeat of a request whose answer was lost, too. The same signature would clear up whether
the first one had arrived; but where it had not, the repeat would make a change that nobody waits for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from bridge.calls.caller import Caller
from bridge.engine.operations import CardChange
from bridge.errors import BadReply, CallerGone, CallError, Dropped, StatusError, TimedOut, UpstreamError
from bridge.records.journal import Entry, Journal
from bridge.upstream.client import Json
from bridge.words import said

log = logging.getLogger(__name__)

SIGNATURE_USED = 3245
ADVICE_UNKNOWN = said(
    "No usable answer came: look in the cloud whether the request was carried out before it is done again."
)
ADVICE_DONE = said(
    "The request was carried out, but its answer was lost: read the visit back; do not do it a second time."
)
ADVICE_NOT_REPEATED = said(
    "The answer was lost, and the caller had left before the request could be repeated: look in the cloud "
    "whether it was carried out before it is done again."
)
ADVICE_FAILED_LATER = said(
    "The request was carried out, but the call failed after it: read the visit back; do not do it a second "
    "time."
)
ADVICE_CALLER_LEFT = said(
    "The request was carried out, but its caller had left before the answer: the program does not know of "
    "it. Read the visit back; do not do it a second time."
)
ADVICE_CARD_CALLER_LEFT = said(
    "The card took the change of its PIN, but its caller had left before the answer: tell whoever typed the "
    "new PIN that it counts."
)
ADVICE_CARD = said(
    "It is not known whether the card took the change of its PIN: try the new PIN, then the old one, before "
    "it is changed again; a card locks itself after a few wrong ones."
)


class Change(NamedTuple):
    """A state-changing request to the cloud or the upload centre.

    ``send`` sends it, with the same signature each time; ``once`` forbids a second time. ``is_success`` tells
    whether a status means that what was asked for is already so. ``caller``: who waits for it.
    """

    function: str
    path: str
    client_random: str
    caller: Caller
    send: Callable[[], Awaitable[Json]]
    is_success: Callable[[StatusError], bool]
    once: bool = False


class Intent:
    """What the journal holds of one change. Where the journal cannot be written, an unclear end stands in the
    log with all that a person needs.
    """

    def __init__(self, journal: Journal, entry: Entry) -> None:
        self._journal, self._entry = journal, entry
        self.if_unheard = ADVICE_CALLER_LEFT  # what to do where the caller has left

    @classmethod
    async def noted(cls, journal: Journal, function: str, path: str, client_random: str = "") -> Intent:
        """A change that is about to be made, once the journal has it, or cannot have it."""
        intent = cls(journal, journal.begin(function, path, client_random))
        written = intent._entry.written
        try:
            if not written.done():
                await asyncio.wrap_future(written)
        except BaseException:
            intent.failed()  # it will not be made
            raise
        return intent

    def done(self, receipt: str = "") -> None:
        self._journal.end(self._entry, "done", receipt=receipt)

    def failed(self) -> None:
        """It was certainly not carried out."""
        self._journal.end(self._entry, "failed")

    def unclear(self, advice: str) -> None:
        """Nobody knows; a person must look."""
        self._journal.end(self._entry, "ambiguous", advice)
        self._log(advice)

    def doubt(self, advice: str) -> None:
        """It was carried out, and its caller does not know."""
        self._journal.flag(self._entry, advice)
        self._log(advice)

    def _log(self, advice: str) -> None:
        entry = self._entry
        if entry.number is not None:
            log.warning("function=%s change=%d: %s", entry.function, entry.number, advice)
        else:
            log.error(
                "function=%s: %s It is NOT in the journal, which cannot be written: %s, clientRandom %s",
                entry.function, advice, entry.path, entry.client_random or "-",
            )  # fmt: skip


class Changes:
    """Carries changes out and notes in the journal how they ended."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def carry_out(self, change: Change, receipt: Callable[[Json], str]) -> tuple[Json, Intent]:
        """Send a state-changing request. Out: the reply, and the intent.

        One whose answer is lost is repeated once with the SAME signature, never with a fresh one. ``receipt``
        takes out of the reply what proves the change, or raises BadReply. Raises CallError; CallerGone where
        nobody waits for the answer any more: then nothing is sent.
        """
        require(change.caller)
        intent = await Intent.noted(self._journal, change.function, change.path, change.client_random)
        try:
            reply = await _send(change, intent)
            intent.done(_proof(receipt, reply, intent))
        except CallError:
            raise
        except BaseException:  # the call's deadline, the end of the bridge, a fault of its own
            intent.unclear(ADVICE_UNKNOWN)
            raise
        return reply, intent

    async def on_a_card(
        self, function: str, operation: str, caller: Caller, run: CardChange
    ) -> tuple[Json, Intent]:
        """Run a reader operation that changes a card. Out: as :meth:`carry_out`, which raises the same.

        ``run`` asks once more whether somebody waits for it, when it has the reader and the person has typed.
        """
        require(caller)
        intent = await Intent.noted(self._journal, function, operation)
        intent.if_unheard = ADVICE_CARD_CALLER_LEFT
        try:
            reply = await run(lambda: require(caller))
        except CallError as error:
            if isinstance(error, UpstreamError) and error.changing and error.maybe_done:
                intent.unclear(ADVICE_CARD)
            else:
                intent.failed()
            raise
        except BaseException:
            intent.unclear(ADVICE_CARD)
            raise
        intent.done()
        return reply, intent


def require(caller: Caller) -> None:
    """Raises CallerGone where nobody waits for the answer any more."""
    if reason := caller.gone():
        raise CallerGone(said("{reason}: nothing was changed", reason=reason))


def doubt_unheard(made: Iterable[Intent], caller: Caller) -> None:
    """The call has succeeded. Flag its changes where nobody waits for the answer any more, at once or as soon
    as that turns out.
    """

    def flag() -> None:
        for intent in made:
            intent.doubt(intent.if_unheard)

    if not made:
        return
    if caller.gone():
        flag()
    else:
        caller.if_unheard(flag)


def doubt_all(made: Iterable[Intent]) -> None:
    """The call has failed after these changes were carried out: its program hears of a failure. Flag them."""
    for intent in made:
        intent.doubt(ADVICE_FAILED_LATER)


def _proof(receipt: Callable[[Json], str], reply: Json, intent: Intent) -> str:
    try:
        return receipt(reply)
    except BadReply:
        intent.unclear(ADVICE_UNKNOWN)
        raise


async def _send(change: Change, intent: Intent) -> Json:
    try:
        require(change.caller)  # noting the intent takes its time
        return await change.send()
    except (TimedOut, Dropped) as error:
        if not change.once:
            return await _repeat(change, intent, error)
        intent.unclear(ADVICE_UNKNOWN)
        raise
    except StatusError as error:
        if change.is_success(error):
            intent.done()
        else:
            intent.failed()
        raise
    except CallError as error:
        if isinstance(error, UpstreamError) and error.maybe_done:
            intent.unclear(ADVICE_UNKNOWN)
        else:
            intent.failed()
        raise


async def _repeat(change: Change, intent: Intent, first: UpstreamError) -> Json:
    """A refusal does not prove that nothing was done: it may be what the first request left behind."""
    if change.caller.gone():
        intent.unclear(ADVICE_NOT_REPEATED)
        raise first
    try:
        return await change.send()
    except StatusError as error:
        if change.is_success(error):
            intent.done()
        else:
            error.unclear = True
            intent.unclear(ADVICE_DONE if error.number == SIGNATURE_USED else ADVICE_UNKNOWN)
        raise
    except CallError as error:
        intent.unclear(ADVICE_UNKNOWN)
        if isinstance(error, UpstreamError) and not error.maybe_done:
            raise first from error  # "nothing was sent" would be said of the repeat only
        raise
