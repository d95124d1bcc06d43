"""Fills what an answer about a card leaves open: since 2025 the portal tells the visits (lịch sử KCB) in an
answer of its own. A failure there never spoils the answer about the card.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bridge.bhyt.model import LookupFamily, LookupFill
from bridge.bhyt.plan import LookupPlan, plan_fill
from bridge.bhyt.portal import Token
from bridge.bhyt.reply import Reply, filling, open_fills, read_reply
from bridge.engine.limits import Limits
from bridge.errors import CallError, InternalFault, LookupFault, TimedOut
from bridge.records.call_lines import CallRecord
from bridge.records.call_log import CallLog

log = logging.getLogger(__name__)
DOOR = "bhyt-fill"  # under which these requests are counted, beside the calls of the door bhyt

Ask = Callable[[LookupPlan], Awaitable[tuple[Reply, Token]]]


class Fills:
    """Asks further requests and puts their lists into a reply. ``ask``: asks the portal what a plan says, and
    gives its reply with the token it was given to. ``seconds``: how long all of it may take.
    """

    def __init__(
        self, family: LookupFamily, ask: Ask, limits: Limits, calls: CallLog, seconds: float
    ) -> None:
        self._family = family
        self._ask = ask
        self._limits = limits
        self._calls = calls
        self._seconds = seconds

    async def fill(self, plan: LookupPlan, reply: Reply, token: Token) -> Reply:
        """The reply with the lists that it left null, as far as they are told. Never raises but for
        cancellation.
        """
        result = str(reply[self._family.reply.result])
        for name, fill in open_fills(plan, result, reply):
            found = await self._one(plan, fill, token)
            if found is not None:
                reply = {**reply, name: found}
        return reply

    async def _one(self, plan: LookupPlan, fill: LookupFill, token: Token) -> list[object] | None:
        number, started = self._calls.next_number(), time.perf_counter()
        code, found = self._family.faults[InternalFault.status].result, None
        try:
            with self._limits.new():  # one of its own: the end of this one is not that of the lookup
                async with asyncio.timeout(self._seconds):
                    code, found = await self._asked(plan, fill, token)
        except TimeoutError:
            code = self._failed(plan, fill, TimedOut("portal", f"no end within {self._seconds:g} s"))
        except (CallError, LookupFault) as error:
            code = self._failed(plan, fill, error)
        except Exception:
            log.exception("%s: fault of the bridge; the visits stay open", plan.lookup.name)
        self._note(number, fill, code, (time.perf_counter() - started) * 1000)
        return found

    def _failed(self, plan: LookupPlan, fill: LookupFill, error: CallError | LookupFault) -> str:
        """Log it. Out: the result code under which it is counted."""
        name = plan.lookup.name
        log.warning("%s: %s stays open: %s: %s", name, fill.list, type(error).__name__, error)
        fault = self._family.faults.get(error.status)
        return fault.result if fault is not None else error.status

    async def _asked(
        self, plan: LookupPlan, fill: LookupFill, token: Token
    ) -> tuple[str, list[object] | None]:
        family = self._family
        further = plan_fill(plan, family.requests[fill.request], token)
        answer, _ = await self._ask(further)
        reply = read_reply(family, further, answer)
        return str(reply[family.reply.result]), filling(family, fill, reply)

    def _note(self, number: int, fill: LookupFill, code: str, milliseconds: float) -> None:
        self._calls.note(
            CallRecord(
                number=number,
                at=time.time(),
                door=DOOR,
                function=fill.request,
                code=int(code),
                milliseconds=milliseconds,
                upstream_milliseconds=milliseconds,
            )
        )
