"""Which programs of this machine may call over HTTP: the bridge's own user's, on Windows of its session.

The cards in the reader are those of the people whose bridge it is.
"""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.rest.callers import stranger_of
from bridge.rest.replies import Refused, refusal

log = logging.getLogger(__name__)

FOR_ALL = frozenset({"/healthz"})  # says whose bridge it is, and nothing of anybody


class PeopleGuard:
    """Refuses (403) requests of programs that belong to somebody else, as far as the system tells."""

    def __init__(self, app: ASGIApp, refused: Refused) -> None:
        self._app = app
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        why = stranger_of(scope) if scope["type"] == "http" and scope["path"] not in FOR_ALL else ""
        if not why:
            await self._app(scope, receive, send)
            return
        log.warning("refused: an HTTP client: %s (facade.other_users)", why)
        message = f"this bridge is another person's: {why}; /healthz says whose (facade.other_users)"
        await refusal(403, self._refused, scope["path"], message)(scope, receive, send)
