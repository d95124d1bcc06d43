"""Carries lookups of insurance cards out: token, request, renewal, reply. Whatever happens, a client gets a
JSON object with a result code, and one about a card only from the portal.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable

from bridge.bhyt.fills import Fills
from bridge.bhyt.model import Lookup, LookupFamily
from bridge.bhyt.plan import Given, LookupPlan, own_account, plan_lookup, request_of
from bridge.bhyt.portal import MOST_RENEWALS, Portal, Token
from bridge.bhyt.reply import Reply, failure_reply, read_reply, tidy, told
from bridge.config import BhytSettings
from bridge.engine.limits import Limits
from bridge.errors import (
    BadArgument,
    BadReply,
    CallError,
    InternalFault,
    LookupFault,
    NoAccount,
    NoOfficer,
    OverDeadline,
    StatusError,
)
from bridge.records.call_lines import CallRecord
from bridge.records.call_log import CallLog
from bridge.records.timers import UpstreamTimer

log = logging.getLogger(__name__)
DOOR = "bhyt"
TOKEN = "token"  # noqa: S105 - how the log and the journal call it


class LookupService:
    """Answers lookups by the table's ``family`` and the settings, from one portal. ``calls``: where they are
    counted.
    """

    def __init__(
        self,
        family: LookupFamily,
        settings: BhytSettings,
        portal: Portal,
        calls: CallLog,
        deadline: float = 100.0,
    ) -> None:
        self.family = family
        self._settings = settings
        self._portal = portal
        self.calls = calls
        self._limits = Limits(deadline)
        self._fills = Fills(family, self._ask, self._limits, calls, settings.visits_timeout)

    async def look_up(self, lookup: Lookup, given: Given, client: str) -> Reply:
        """Look a card up.

        In: which of the lookups; what the client sent, query and body, by lower-case name; the address it
        calls from. Out: the portal's reply as this lookup's clients read it, or a result code of ours. Never
        raises but for cancellation.
        """
        return await self._answered(lookup.name, lookup, self._look_up(lookup, given, client))

    async def take_token(self, given: Given) -> Reply:
        """Take a token for the client's own account. Out: the portal's reply, or a result code of ours. An
        account of the settings is never lent: its token would serve without the bridge, too.
        """
        return await self._answered(TOKEN, None, self._take_token(given))

    def refuse(self, lookup: Lookup | None, error: BadArgument) -> Reply:
        """The reply to a request that could not be read (``lookup`` None: of a token)."""
        return self._in_its_codes(lookup, self._failed(lookup, error))

    def cut_short(self) -> None:
        """The bridge stops: end the lookups under way, so that clients get a result while they listen."""
        self._limits.cut_short()

    async def _answered(self, name: str, lookup: Lookup | None, work: Awaitable[Reply]) -> Reply:
        number, started = self.calls.begin(), time.perf_counter()
        timer = UpstreamTimer.start(number)
        try:
            reply = await work
        except TimeoutError:
            reply = self._failed(lookup, OverDeadline(f"no end within {self._limits.seconds:g} s"))
        except (CallError, LookupFault) as error:
            reply = self._failed(lookup, error)
        except Exception:
            log.exception("call=%d function=%s: fault of the bridge", number, name)
            reply = self._failed(lookup, InternalFault("see the trace above"))
        finally:
            self.calls.end()
            timer.end()
        result = int(reply[self.family.reply.result])
        milliseconds = (time.perf_counter() - started) * 1000
        self.calls.note(
            CallRecord(
                number=number,
                at=time.time(),
                door=DOOR,
                function=name,
                code=result,
                milliseconds=milliseconds,
                upstream_milliseconds=timer.seconds * 1000,
            )
        )
        return self._in_its_codes(lookup, reply)

    def _in_its_codes(self, lookup: Lookup | None, reply: Reply) -> Reply:
        """The reply with the lookup's own result code, where it has such ones."""
        if lookup is None or not lookup.results:
            return reply
        name = self.family.reply.result
        return {**reply, name: lookup.code(str(reply[name]))}

    async def _look_up(self, lookup: Lookup, given: Given, client: str) -> Reply:
        plan = plan_lookup(self.family, lookup, given, self._settings, client)
        if plan.officer.ignored:
            log.info(
                "%s looks up; the program's officer does not count: %s",
                plan.officer.whose,
                plan.officer.ignored,
            )
        with self._limits.new():
            answer, token = await self._ask(plan)
        reply = read_reply(self.family, plan, answer)
        return told(self.family, plan, await self._fills.fill(plan, reply, token))

    async def _ask(self, plan: LookupPlan) -> tuple[Reply, Token]:
        """Ask the portal, once more with a new token where it refuses the first; and again where that was
        one at hand and is refused as well. Out: its reply, and the token that it was given to.
        Raises CallError.
        """
        started = time.monotonic()
        token = plan.token or await self._portal.token(plan.account)
        reply = await self._portal.ask(plan.request.path, *request_of(plan, token), plan.request.content)
        for _ in range(MOST_RENEWALS):
            if self._about(reply) != "account":
                break
            log.info("the portal refuses the token; a new one is taken")
            token = await self._portal.token(plan.account, refused=token)
            reply = await self._portal.ask(plan.request.path, *request_of(plan, token), plan.request.content)
            if token.taken >= started:
                break
        self._report(plan, str(reply[self.family.reply.result]))
        return reply, token

    async def _take_token(self, given: Given) -> Reply:
        account = own_account(self.family, given)
        if account is None:
            raise NoAccount("a token is given for the client's own user name and password only")
        with self._limits.new():
            reply: Reply = tidy(self.family.reply, await self._portal.take(account))
        return reply

    def _about(self, reply: Reply) -> str:
        result = self.family.results.get(str(reply[self.family.reply.result]))
        return result.about if result is not None else ""

    def _report(self, plan: LookupPlan, result: str) -> None:
        """An officer whom the portal does not accept is a fault of the settings, or of what the program sent:
        never of the person at the window.
        """
        listed = self.family.results.get(result)
        if listed is None:
            log.warning("the portal answered %s, which bhyt.yaml does not list", result[:10])
        elif listed.officer is not None:
            log.error(
                "%s: the portal answered %s to %s: correct its %s, or have the officer registered for the "
                "account that asks",
                "configuration error" if plan.officer.entry else "error of the program",
                result,
                plan.officer.whose,
                listed.officer,
            )

    def _failed(self, lookup: Lookup | None, error: CallError | LookupFault) -> Reply:
        level = logging.ERROR if isinstance(error, NoOfficer) else logging.WARNING  # a fault of the settings
        log.log(level, "%s: %s: %s", lookup.name if lookup else TOKEN, type(error).__name__, error)
        if isinstance(error, StatusError):  # the portal gives no token
            listed = self.family.results.get(error.status)
            if listed is not None and listed.about != "card":
                return failure_reply(self.family, error.status, lookup=lookup)
            error = BadReply("portal", f"{error.status} is no answer to a request for a token")
        fault = self.family.faults[error.status]
        return failure_reply(self.family, fault.result, fault.note, lookup)
