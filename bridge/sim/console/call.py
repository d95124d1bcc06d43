"""One request to the console, and how its handlers are run: HTTP 200 with a statusCode, whatever happens."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.sim.codes import Console
from bridge.sim.console.record import note_call
from bridge.sim.errors import StatusError
from bridge.sim.json_text import is_json, parsed
from bridge.sim.world import World

OK = int(Console.OK)


class ConsoleCall(NamedTuple):
    """What a handler gets: the world, the JSON body (empty for none), path and query parameters."""

    world: World
    body: Mapping[str, Any]
    path: Mapping[str, str]
    query: Mapping[str, str]

    def text(self, name: str, pattern: str = ".+") -> str:
        """Return a text field of the body that matches ``pattern`` whole; StatusError 1704 otherwise."""
        value = self.body.get(name)
        if not isinstance(value, str) or _compiled(pattern).fullmatch(value) is None:
            raise StatusError(Console.BAD_REQUEST)
        return value


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Of the few that handlers have; ``re`` looks for its own at length."""
    return re.compile(pattern, re.DOTALL)


# A handler returns the reply without its statusCode, or a whole response for the few replies of another form.
ConsoleHandler = Callable[[ConsoleCall], dict[str, Any] | Response]
ConsoleRoute = tuple[str, str, ConsoleHandler]


def endpoint(world: World, handler: ConsoleHandler) -> Callable[[Request], Awaitable[Response]]:
    """Make the Starlette endpoint that runs a handler and notes the call in the console's own record."""

    async def run(request: Request) -> Response:
        asked = (request.path_params, request.query_params)
        media_type = request.headers.get("content-type", "")
        reply = answer(world, handler, request.url.path, media_type, await request.body(), *asked)
        return reply if isinstance(reply, Response) else JSONResponse(reply)

    return run


def answer(
    world: World,
    handler: ConsoleHandler,
    url_path: str,
    media_type: str,
    content: bytes,
    path: Mapping[str, str] = MappingProxyType({}),
    query: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any] | Response:
    """What a handler replies to a request, as JSON's object or a whole response; the call is noted."""
    code = OK
    reply: dict[str, Any] | Response
    try:
        reply = handler(ConsoleCall(world, _body(media_type, content), path, query))
        if not isinstance(reply, Response):
            reply = {"statusCode": OK, **reply}
    except StatusError as refusal:
        code = refusal.code
        reply = {"statusCode": code}
    note_call(world, url_path, code)
    return reply


def _body(media_type: str, content: bytes) -> Mapping[str, Any]:
    if not content:
        return {}
    if not is_json(media_type):
        raise StatusError(Console.BAD_REQUEST)
    try:
        body = parsed(content)
    except (ValueError, RecursionError):
        raise StatusError(Console.BAD_REQUEST) from None
    if not isinstance(body, dict):
        raise StatusError(Console.BAD_REQUEST)
    return body
