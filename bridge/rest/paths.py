"""Paths as clients write them: any letter case reaches its route, an unknown one is told the nearest."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from starlette.types import ASGIApp, Receive, Scope, Send

_MOST_COMPARED = 200  # characters; comparing takes time that grows with the square


class AnyCase:
    """ASGI layer that gives a path its documented letter case: routes know one spelling only."""

    def __init__(self, app: ASGIApp, paths: Iterable[str]) -> None:
        self._app = app
        self._paths = {path.lower(): path for path in paths}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under the documented path, if there is one; a trailing slash does not count."""
        if scope["type"] == "http":
            path = self._paths.get(scope["path"].lower().rstrip("/"))
            if path is not None:
                scope = {**scope, "path": path, "raw_path": path.encode("ascii")}
        await self._app(scope, receive, send)


def nearest(path: str, paths: Iterable[str]) -> str | None:
    """The path that looks most like ``path``, whatever its letter case; None where there are none."""
    by_lower = {known.lower(): known for known in paths}
    found = get_close_matches(path[:_MOST_COMPARED].lower(), by_lower, n=1, cutoff=0.0)
    return by_lower[found[0]] if found else None
