"""Paths as clients write them: any letter case and slashes too many reach their route, a refusal names the
nearest.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from difflib import get_close_matches

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]

_SLASHES = re.compile("/{2,}")  # a base address that ends with one, and a path that begins with one
_MOST_COMPARED = 200  # characters; comparing takes time that grows with the square


class KnownPaths:
    """ASGI layer that gives a path its documented letter case (routes know one spelling only), and hands a
    POST to one of ``direct`` straight to its endpoint.

    The same endpoints stand in the app, which documents them and answers every other method; but looking for
    one among fifty patterns, and asking what it depends on, takes longer than all else that the door does.
    """

    def __init__(self, app: ASGIApp, paths: Iterable[str], direct: Mapping[str, Endpoint]) -> None:
        self._app = app
        self._paths = {path.lower(): path for path in paths}
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under the documented path, if there is one; slashes too many do not count."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = self._paths.get(known_form(scope["path"]))
        if path is not None:
            scope = {**scope, "path": path, "raw_path": path.encode("ascii")}
        endpoint = self._direct.get(path or "") if scope["method"] == "POST" else None
        if endpoint is None:
            await self._app(scope, receive, send)
        else:
            response = await endpoint(Request(scope, receive))
            await response(scope, receive, send)


def known_form(path: str) -> str:
    """A path in small letters, with one slash where there are several, and none at its end."""
    small = path.lower().rstrip("/")
    return _SLASHES.sub("/", small) if "//" in small else small


def nearest(path: str, paths: Iterable[str]) -> str | None:
    """The path that looks most like ``path``, whatever its letter case; None where there are none."""
    by_lower = {known.lower(): known for known in paths}
    found = get_close_matches(path[:_MOST_COMPARED].lower(), by_lower, n=1, cutoff=0.0)
    return by_lower[found[0]] if found else None
