"""Changes of state, each with its intent in the journal, so that no unclear end is ever forgotten.

Every way out of here leaves the intent ``done``, ``failed`` (certainly not carried out) or ``ambiguous``, the
last with advice; only the end of the process leaves it ``begun``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bridge.errors import BadReply, CallError, Dropped, StatusError, TimedOut, UpstreamError
from bridge.journal import Journal
from bridge.upstream.client import Json

SIGNATURE_USED = 3245
ADVICE_UNKNOWN = (
    "No usable answer came: look in the cloud whether the request was carried out before it is done again."
)
ADVICE_DONE = (
    "The request was carried out, but its answer was lost: read the visit back; do not do it a second time."
)
ADVICE_FAILED_LATER = (
    "The request was carried out, but the call failed after it: read the visit back; do not do it a second "
    "time."
)
ADVICE_CARD = (
    "It is not known whether the card took the change of its PIN: try the new PIN, then the old one, before "
    "it is changed again; a card locks itself after a few wrong ones."
)


@dataclass(frozen=True, slots=True)
class Change:
    """A state-changing request to the cloud or the upload centre.

    ``send`` sends it, with the same signature each time; ``once`` forbids a second time. ``is_success`` tells
    whether a status means that what was asked for is already so.
    """

    function: str
    path: str
    client_random: str
    send: Callable[[], Awaitable[Json]]
    is_success: Callable[[StatusError], bool]
    once: bool = False


class Changes:
    """Carries changes out and notes in the journal how they ended."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def carry_out(self, change: Change, receipt: Callable[[Json], str]) -> tuple[Json, int | None]:
        """Send a state-changing request. Out: the reply, and the intent's id in the journal.

        One whose answer is lost is repeated once with the SAME signature, never with a fresh one. ``receipt``
        takes out of the reply what proves the change, or raises BadReply. Raises CallError.
        """
        intent = self._journal.begin(change.function, change.path, change.client_random)
        try:
            reply = await self._send(change, intent)
            proof = self._proof(receipt, reply, intent)
        except CallError:
            raise
        except BaseException:  # the call's deadline, the end of the bridge, a fault of its own
            self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
            raise
        self._journal.end(intent, "done", receipt=proof)
        return reply, intent

    async def on_a_card(self, function: str, operation: str, run: Callable[[], Awaitable[Json]]) -> Json:
        """Run a reader operation that changes a card. Raises CallError."""
        intent = self._journal.begin(function, operation, "")
        try:
            reply = await run()
        except UpstreamError as error:
            unclear = error.changing and error.maybe_done
            self._journal.end(intent, "ambiguous" if unclear else "failed", ADVICE_CARD if unclear else "")
            raise
        except CallError:
            self._journal.end(intent, "failed")
            raise
        except BaseException:
            self._journal.end(intent, "ambiguous", ADVICE_CARD)
            raise
        self._journal.end(intent, "done")
        return reply

    @contextmanager
    def doubting(self, made: Callable[[], list[int]]) -> Iterator[None]:
        """Where the block fails, flag the changes that were ``made`` before it: the program hears of a
        failure.
        """
        try:
            yield
        except BaseException:
            for intent in made():
                self._journal.flag(intent, ADVICE_FAILED_LATER)
            raise

    def _proof(self, receipt: Callable[[Json], str], reply: Json, intent: int | None) -> str:
        try:
            return receipt(reply)
        except BadReply:
            self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
            raise

    async def _send(self, change: Change, intent: int | None) -> Json:
        try:
            return await change.send()
        except (TimedOut, Dropped) as error:
            if not change.once:
                return await self._repeat(change, intent, error)
            self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
            raise
        except StatusError as error:
            self._journal.end(intent, "done" if change.is_success(error) else "failed")
            raise
        except UpstreamError as error:
            unclear = error.maybe_done
            self._journal.end(intent, "ambiguous" if unclear else "failed", ADVICE_UNKNOWN if unclear else "")
            raise
        except CallError:
            self._journal.end(intent, "failed")
            raise

    async def _repeat(self, change: Change, intent: int | None, first: UpstreamError) -> Json:
        """A refusal does not prove that nothing was done: it may be what the first request left behind."""
        try:
            return await change.send()
        except StatusError as error:
            if change.is_success(error):
                self._journal.end(intent, "done")
            else:
                used = error.number == SIGNATURE_USED
                self._journal.end(intent, "ambiguous", ADVICE_DONE if used else ADVICE_UNKNOWN)
            raise
        except UpstreamError as error:
            self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
            if not error.maybe_done:
                raise first from error  # "nothing was sent" would be said of the repeat only
            raise
        except CallError:
            self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
            raise
