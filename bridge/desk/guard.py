"""What stands before everything of the page: HTTPS, this machine, this origin, a session. Plain ASGI."""

from __future__ import annotations

import logging
from collections.abc import Callable
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.serving.sockets import is_loopback

log = logging.getLogger(__name__)

PAGE = "/desk"
FILES = "/desk/page/"
API = "/desk/api/"
# The page, which holds nothing, and what checks itself what it is given.
OPEN = (PAGE, f"{PAGE}/", f"{API}link", f"{API}enter")
BEARER = "bearer "
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


class DeskGuard:
    """Refuses what is not from a page of this bridge on this machine (403), and for the page's own paths
    whoever has no session (401). ``admits`` knows the tokens of sessions.

    The page itself, its styles and its program are for everybody of this machine: they hold nothing.
    """

    def __init__(self, app: ASGIApp, admits: Callable[[str], bool]) -> None:
        self._app = app
        self._admits = admits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it; every answer gets the page's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        sent = _with_headers(send)
        if fault := _fault(scope, headers):
            log.warning("desk: refused: %s", fault)
            await JSONResponse({"message": fault}, 403)(scope, receive, sent)
        elif not self._is_open(scope["path"]) and not self._admits(token_of(headers)):
            message = "no session: open the page by cshis-bridge desk"
            await JSONResponse({"message": message}, 401)(scope, receive, sent)
        else:  # what is not found is answered here, and not by the app around it, which knows no such headers
            inner = {name: value for name, value in scope.items() if name != "app"}
            await self._app(inner, receive, sent)

    def _is_open(self, path: str) -> bool:
        return path in OPEN or path.startswith(FILES)


def token_of(headers: Headers) -> str:
    """The token of ``Authorization: Bearer``; "" without one."""
    given = headers.getlist("authorization")
    if len(given) != 1 or not given[0].lower().startswith(BEARER):
        return ""
    return given[0][len(BEARER) :].strip()


def _fault(scope: Scope, headers: Headers) -> str:
    """Why a request is refused before anything of it is looked at; "" for one that is not."""
    if scope["scheme"] != "https":
        return "the page is served over HTTPS only"
    client = scope.get("client")
    if client is None or not _is_here(client[0]):
        return "the page is for this machine alone"
    host = headers.get("host", "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if not is_loopback(name.strip("[]")):
        return "the page is asked for by a name of this machine alone"
    origins = headers.getlist("origin")
    if origins and origins != [f"https://{host}"]:
        return "pages of other origins may not call"
    if scope["path"].startswith(API) and headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "pages of other origins may not call"
    return ""


def _is_here(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return bool((getattr(found, "ipv4_mapped", None) or found).is_loopback)


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return send_with_headers
