"""Carries lookups of insurance cards out: token, request, renewal, reply. Whatever happens, a client gets a
JSON object with a result code, and one about a card only from the portal.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable
from typing import Any

from bridge.bhyt.model import Lookup, LookupFamily
from bridge.bhyt.plan import (
    Given,
    LookupPlan,
    failure_reply,
    own_account,
    plan_lookup,
    reply_for,
    request_of,
)
from bridge.bhyt.portal import Portal
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
Reply = dict[str, Any]


class LookupService:
    """Answers lookups by the table's ``family`` and the settings, from one portal."""

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
        self._calls = calls
        self._limits = Limits(deadline)

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
        return self._failed(lookup, error)

    def cut_short(self) -> None:
        """The bridge stops: end the lookups under way, so that clients get a result while they listen."""
        self._limits.cut_short()

    async def _answered(self, name: str, lookup: Lookup | None, work: Awaitable[Reply]) -> Reply:
        number, started = self._calls.begin(), time.perf_counter()
        timer = UpstreamTimer.start(number)
        try:
            with self._limits.new():
                reply = await work
        except TimeoutError:
            reply = self._failed(lookup, OverDeadline(f"no end within {self._limits.seconds:g} s"))
        except (CallError, LookupFault) as error:
            reply = self._failed(lookup, error)
        except Exception:
            log.exception("call=%d function=%s: fault of the bridge", number, name)
            reply = self._failed(lookup, InternalFault("see the trace above"))
        finally:
            self._calls.end()
            timer.end()
        result = int(reply[self.family.reply.result])
        milliseconds = (time.perf_counter() - started) * 1000
        self._calls.note(
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
        return reply

    async def _look_up(self, lookup: Lookup, given: Given, client: str) -> Reply:
        plan = plan_lookup(self.family, lookup, given, self._settings, client)
        token = plan.token or await self._portal.token(plan.account)
        reply = await self._portal.ask(*request_of(self.family, plan, token))
        if self._about(reply) == "account":
            log.info("the portal refuses the token; a new one is taken")
            token = await self._portal.token(plan.account, refused=token)
            reply = await self._portal.ask(*request_of(self.family, plan, token))
        self._report(plan, str(reply[self.family.reply.result]))
        return reply_for(self.family, plan, reply)

    async def _take_token(self, given: Given) -> Reply:
        account = own_account(self.family, given)
        if account is None:
            raise NoAccount("a token is given for the client's own user name and password only")
        return await self._portal.take(account)

    def _about(self, reply: Reply) -> str:
        result = self.family.results.get(str(reply[self.family.reply.result]))
        return result.about if result is not None else ""

    def _report(self, plan: LookupPlan, result: str) -> None:
        """An officer whom the portal does not accept is a fault of the settings, not of the client."""
        listed = self.family.results.get(result)
        if listed is None:
            log.warning("the portal answered %s, which bhyt.yaml does not list", result[:10])
        elif listed.officer is not None:
            log.error(
                "configuration error: the portal answered %s to bhyt.officers, entry %d: correct its %s, or "
                "have the officer registered for the account that asks",
                result,
                plan.officer.entry,
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
