"""Which web pages may call, whatever their browser says of them: Origin, Sec-Fetch-Site, Referer."""

from __future__ import annotations

import logging
import re
from fnmatch import fnmatchcase

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.rest.replies import Refused, refusal

log = logging.getLogger(__name__)

PREFLIGHT_SECONDS = "600"
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
OWN_SITE = ("same-origin", "none")  # "none": a person typed the address
PAGE_HEADERS = frozenset({b"origin", b"sec-fetch-site", b"referer"})
_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?", re.IGNORECASE
)
_REFERER = re.compile(r"(?P<origin>https?://(?P<authority>[^/?#]*))(?:[/?#].*)?", re.IGNORECASE)


class OriginGuard:
    """Refuses (403) pages of origins that are not allowed and gives allowed ones the CORS headers, preflights
    included.

    A page of the very origin that is asked, over HTTPS, is the bridge's own.

    ``allowed``: host patterns (``*.nhi.gov.tw``), any port. One without a scheme means https, and http too
    for this machine; ``http://his.example`` means http. A request without Origin comes from no page, unless
    Sec-Fetch-Site or Referer say so: browsers leave Origin out of some forms and of links. A link that a
    person follows is let through.
    """

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...], refused: Refused) -> None:
        self._app = app
        self._allowed = tuple(pattern.lower() for pattern in allowed)
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, answer its preflight or refuse it."""
        if scope["type"] != "http" or PAGE_HEADERS.isdisjoint([name for name, _ in scope["headers"]]):
            await self._app(scope, receive, send)  # no browser: most requests
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        fault = self._fault(scope, headers, origins)
        if fault:
            log.warning("refused: the %s header is not in facade.allowed_origins", fault)
            message = f"pages of this {fault} may not call (facade.allowed_origins)"
            await refusal(403, self._refused, scope["path"], message)(scope, receive, send)
        elif not origins:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(headers)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_origin(send, origins[0]))

    def _fault(self, scope: Scope, headers: Headers, origins: list[str]) -> str:
        """Which header names a page that may not call; "" for none."""
        if origins:
            known = len(origins) == 1 and (_is_of(scope, headers, origins[0]) or self._is_allowed(origins[0]))
            return "" if known else "Origin"
        sites, referers = headers.getlist("sec-fetch-site"), headers.getlist("referer")
        if not sites and not referers:
            return ""  # no browser
        if (sites and all(site in OWN_SITE for site in sites)) or _is_link(scope, headers):
            return ""
        if referers and all(self._is_own(each, headers) for each in referers):
            return ""
        return "Referer" if referers else "Sec-Fetch-Site"

    def _is_own(self, referer: str, headers: Headers) -> bool:
        """Whether a Referer is a page of the bridge itself or of an origin that is allowed."""
        match = _REFERER.fullmatch(referer)
        if match is None:
            return False
        own = match["authority"].lower() == headers.get("host", "").lower()  # the Host guard has let it pass
        return own or self._is_allowed(match["origin"])

    def _is_allowed(self, origin: str) -> bool:
        match = _ORIGIN.fullmatch(origin)
        if match is None:  # "null": a sandboxed frame or a local file
            return False
        scheme, host = match["scheme"].lower(), match["host"].lower()
        return any(_fits(scheme, host, pattern) for pattern in self._allowed)


def _is_of(scope: Scope, headers: Headers, origin: str) -> bool:
    """Whether an origin is the very one that is asked, over HTTPS: nobody else can have put a page there. The
    Host guard has let its name pass.
    """
    return scope["scheme"] == "https" and origin == f"https://{headers.get('host', '')}"


def _fits(scheme: str, host: str, pattern: str) -> bool:
    """Whether an origin is one that a pattern of the settings means; all in small letters."""
    named, separator, hosts = pattern.rpartition("://")
    schemes = (named,) if separator else ("https", "http") if host in THIS_MACHINE else ("https",)
    return scheme in schemes and (host == hosts or fnmatchcase(host, hosts))


def _is_link(scope: Scope, headers: Headers) -> bool:
    """Whether a person follows a link to a page: nothing is changed by that, and no other page reads it."""
    whole_page = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return whole_page and scope["method"] == "GET"


def _preflight(headers: Headers) -> Response:
    """The answer to a browser that asks before it sends. Headers asked for are granted: JSON needs Content-
    Type.
    """
    granted = {
        "Access-Control-Allow-Origin": headers["origin"],
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": headers.get("access-control-request-headers", "content-type"),
        "Access-Control-Max-Age": PREFLIGHT_SECONDS,
        "Vary": "Origin",
    }
    if headers.get("access-control-request-private-network", "").lower() == "true":
        granted["Access-Control-Allow-Private-Network"] = "true"
    return Response(status_code=204, headers=granted)


def _with_origin(send: Send, origin: str) -> Send:
    async def send_with_origin(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers.add_vary_header("Origin")
        await send(message)

    return send_with_origin
