"""Requests that the bridge does not answer itself: they go to the portal as they are, and its answers back,
both as fast as the slower side takes them.

Each is sent once. Only one that the portal has refused for a token of the bridge's own goes a second time,
with a new token.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.bhyt.accounts import lent_account
from bridge.bhyt.model import LookupFamily
from bridge.bhyt.passthrough_answer import (
    NOTHING,
    UNAUTHORIZED,
    Seen,
    look_at,
    refuses_token,
    without_lent,
)
from bridge.bhyt.passthrough_body import IncomingBody
from bridge.bhyt.passthrough_given import GivenReader
from bridge.bhyt.passthrough_headers import handed_back, sent_on
from bridge.bhyt.passthrough_model import PASSED
from bridge.bhyt.passthrough_target import portal_target, with_parameters
from bridge.bhyt.plan import own_account
from bridge.bhyt.portal import MOST_RENEWALS, Portal
from bridge.bhyt.reply import failure_reply
from bridge.bhyt.tokens import Account, Token
from bridge.config import BhytSettings, PassThroughSettings
from bridge.engine.limits import Limits
from bridge.errors import (
    BadArgument,
    CallerGone,
    CallError,
    InternalFault,
    LookupFault,
    MethodRefused,
    NoAccount,
    OverDeadline,
    StatusError,
    UpstreamError,
)
from bridge.records.call_log import CallLog
from bridge.records.timers import add_seconds
from bridge.rest.callers import allow_time, break_off, has_gone, join_answer, pausing
from bridge.rest.paths import known_form
from bridge.upstream.streaming import Flow, OpenAnswer, OpenConnections, Passage

log = logging.getLogger(__name__)
DOOR = "bhyt"
OTHER = "other"  # how log and metrics call a path that no row names
NOBODY_WAITS = 499  # as nginx notes a client that has gone; it is never sent
PROTOCOL_SECONDS = 20.0  # that the listener waits longer than the body's own bound, which answers better
READS = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_PASSED = frozenset({"TRACE"})


class Lent(NamedTuple):
    """A token that the bridge adds to a request, and the account that it belongs to."""

    account: Account
    token: Token


class PassThrough:
    """ASGI layer around the app that answers what the bridge knows. ``served``: its paths, small letters."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        family: LookupFamily,
        settings: BhytSettings,
        portal: Portal,
        connections: OpenConnections,
        calls: CallLog,
        limits: Limits,
        served: frozenset[str],
    ) -> None:
        self._app = app
        self._family = family
        self._row = family.pass_through
        self._settings = settings
        self._bounds = settings.pass_through
        self._portal = portal
        self._connections = connections
        self._calls = calls
        self._limits = limits
        self._served = served
        self._names = {name.lower(): f"{PASSED}{name}" for name in self._row.names}
        self._brought = GivenReader(family.client)
        client = family.client
        self._lent_names = (client.access_token, client.id_token, client.username, client.password_md5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the portal, if it is meant for it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = known_form(scope["path"])
        if path in self._served or not path.startswith(self._row.prefix):
            await self._app(scope, receive, send)
            return
        name = self._names.get(path.rpartition("/")[2], f"{PASSED}{OTHER}")
        with self._calls.measured(DOOR, name, NOBODY_WAITS) as outcome:
            outcome.code = await self._answer(scope, receive, send, name)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, name: str) -> int:
        """Answer a request, whatever happens. Out: the HTTP status that was sent."""
        sending = _Sending(send)
        incoming = _incoming(scope, receive, self._bounds)
        error: CallError | LookupFault
        try:
            with self._limits.new():
                await self._pass(scope, incoming, sending)
                return sending.status
        except TimeoutError:
            error = OverDeadline(f"no end within {self._limits.seconds:g} s, or the bridge stops")
        except (CallError, LookupFault) as caught:
            error = caught
        except Exception:
            log.exception("%s: fault of the bridge", name)
            error = InternalFault("see the trace above")
        if isinstance(error, CallerGone):
            log.info("%s: %s", name, error)
            return NOBODY_WAITS
        log.warning("%s: %s: %s", name, type(error).__name__, error)
        if sending.status:
            break_off(scope)
            return NOBODY_WAITS
        return await self._refuse(scope, incoming, sending, error)

    async def _pass(self, scope: Scope, incoming: IncomingBody, sending: _Sending) -> None:
        if scope["method"] in NOT_PASSED:
            raise MethodRefused("its answer would tell the program the bridge's token")
        target = portal_target(self._row.prefix, scope["raw_path"], scope["query_string"])
        body = await incoming.begin()
        if isinstance(body, Flow):
            allow_time(scope, self._bounds.upload_timeout + PROTOCOL_SECONDS)
        lent = await self._lent(scope, incoming.first, self._bounds.upload_timeout if incoming.flows else 0.0)
        incoming.first = b""  # it waits in memory no longer than the rest
        begun = time.monotonic()
        renewals = 0 if lent is None or incoming.flows else MOST_RENEWALS
        while True:
            passage = self._passage(scope, target, body, lent)
            started = time.perf_counter()
            answer, end = await self._connections.begin(passage)
            add_seconds(time.perf_counter() - started)
            try:
                if lent is None:
                    await self._hand_back(scope, incoming, answer, sending, NOTHING)
                    return
                answer = without_lent(answer, self._lent_names)
                seen = await look_at(answer)
                refused = refuses_token(self._family, answer.status, seen)
                if refused:
                    await self._portal.forget(lent.account, lent.token)
                if not refused or not renewals:
                    await self._hand_back(scope, incoming, answer, sending, seen)
                    return
            finally:
                end()
            log.info("the portal refuses the token; a new one is taken")
            lent = Lent(lent.account, await self._portal.token(lent.account, refused=lent.token))
            renewals = 0 if lent.token.taken >= begun else renewals - 1

    def _passage(self, scope: Scope, target: bytes, body: bytes | Flow | None, lent: Lent | None) -> Passage:
        if lent is not None:
            target = with_parameters(target, self._credentials(lent))
        return Passage(
            scope["method"].encode(),
            target,
            sent_on(scope["headers"], packed=lent is None),
            body,
            self._bounds.upload_timeout,
            self._bounds.answer_timeout,
        )

    # --- tokens of the bridge's own -------------------------------------------------------------------------

    async def _lent(self, scope: Scope, first: bytes, seconds: float) -> Lent | None:
        """What the bridge adds for a program that brings no token; it does not expire within ``seconds`` if
        the portal's live that long. ``first``: the body, or its first piece. None where the program brings a
        token, where the portal wants none in the query, and where no account is the program's. Raises
        UpstreamError, StatusError.
        """
        query: bytes = scope["query_string"]
        if self._brought.has_token(query) or not self._takes_tokens(scope):
            return None
        given = self._brought.read(query, first, _content_type(scope))
        if given is None:
            return None
        try:
            account = own_account(self._family, given)
            if account is None:
                named = str(given.get(self._family.client.username.lower(), ""))
                account = lent_account(self._settings, named, (scope.get("client") or ("",))[0])
        except (NoAccount, BadArgument):
            return None
        return Lent(account, await self._portal.token(account, seconds=seconds))

    def _takes_tokens(self, scope: Scope) -> bool:
        path = "/" + scope["path"].lower().lstrip("/")
        return path.startswith(self._row.tokens_under) and all(
            name != b"authorization" for name, _ in scope["headers"]
        )

    def _credentials(self, lent: Lent) -> dict[str, str]:
        """Token and account as parameters: all four of one account, whatever part the program brings."""
        token, account = lent.token, lent.account
        values = (token.access_token, token.id_token, account.username, account.password_md5)
        return dict(zip(self._lent_names, values, strict=True))

    # --- answers --------------------------------------------------------------------------------------------

    async def _hand_back(
        self, scope: Scope, incoming: IncomingBody, answer: OpenAnswer, sending: _Sending, seen: Seen
    ) -> None:
        """Send the portal's answer to the client. ``seen``: what has been taken of it already."""
        fields = handed_back(answer.fields, answer.status, self._connections.address)
        if not incoming.ended:
            await incoming.discard()
            fields.append((b"connection", b"close"))  # otherwise the server goes on taking the body
        whole = seen.begin if seen.whole else answer.whole
        if whole is not None and scope["method"] != "HEAD":
            join_answer(scope)
        sending.status, send = answer.status, sending.send
        await send({"type": "http.response.start", "status": answer.status, "headers": fields})
        if whole is None:
            if seen.begin:
                await send({"type": "http.response.body", "body": seen.begin, "more_body": True})
            async for piece in answer.pieces():
                if has_gone(scope):
                    raise CallerGone("the client went away before the answer was complete")
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": whole or b"", "more_body": False})

    async def _refuse(
        self, scope: Scope, incoming: IncomingBody, sending: _Sending, error: CallError | LookupFault
    ) -> int:
        """An answer of the bridge's own, in the portal's shape."""
        result, note = self._words(error)
        if isinstance(error, UpstreamError) and error.maybe_done and scope["method"] not in READS:
            note = f"{note}; {self._row.unclear}"
        status = UNAUTHORIZED if isinstance(error, StatusError) else self._row.http_status(error.status)
        content = json.dumps(failure_reply(self._family, result, note), ensure_ascii=False)
        headers = {} if incoming.ended else {"connection": "close"}
        await incoming.discard()
        response = Response(content, status, headers, "application/json; charset=utf-8")
        await response(scope, incoming.receive, sending.send)
        return status

    def _words(self, error: CallError | LookupFault) -> tuple[str, str]:
        """Result code and note of a failure."""
        if isinstance(error, StatusError):  # the portal gives no token
            listed = self._family.results.get(error.status)
            if listed is not None and listed.about != "card":
                return error.status, ""
        fault = self._row.faults.get(error.status) or self._family.faults.get(error.status)
        fault = fault or self._family.faults[InternalFault.status]
        return fault.result, fault.note


@dataclass(slots=True)
class _Sending:
    """The answer to a client. ``status``: its HTTP status, 0 until it has begun."""

    send: Send
    status: int = 0


def _incoming(scope: Scope, receive: Receive, bounds: PassThroughSettings) -> IncomingBody:
    length: int | None = None
    chunked = awaited = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            chunked = True
        elif name == b"expect":
            awaited = value.lower() == b"100-continue"
    return IncomingBody(receive, bounds, length, chunked, pausing(scope), awaited=awaited)


def _content_type(scope: Scope) -> str:
    values: list[bytes] = [value for name, value in scope["headers"] if name == b"content-type"]
    return values[0].decode("latin-1") if values else ""
