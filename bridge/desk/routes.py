"""The paths of the desk: the page's own files, and what the page asks for, in JSON.

What makes the desk itself is loaded when the first page is open.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from bridge.desk.access import Access
from bridge.desk.guard import API, FILES, PAGE, DeskGuard, token_of
from bridge.errors import BridgeError
from bridge.reader.pin.page import PagePins
from bridge.reader.pin.policy import PinPolicy
from bridge.rest.guard import LongBodies

if TYPE_CHECKING:
    from bridge.desk.desk import Desk
    from bridge.desk.simulator import Simulators

log = logging.getLogger(__name__)

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
Answer = Callable[[Mapping[str, Any]], Awaitable[Any]]


class BadRequest(Exception):
    """What the page sent cannot be used; the text says why, and never what it was."""


class NotAdmitted(Exception):
    """Whoever asks may not; the text says why."""


class DeskRoutes:
    """The page and its paths, as further routes of the HTTP doors. ``make_desk`` makes the desk when it is
    wanted first. ``simulators``: their data directory, None where none run. ``pins``: who is asked for PINs.
    """

    paths: tuple[str, ...] = ()
    longer: dict[str, LongBodies] = {}  # noqa: RUF012 - none here

    def __init__(
        self, access: Access, make_desk: Callable[[], Desk], simulators: Path | None, pins: PinPolicy
    ) -> None:
        self._access = access
        if isinstance(pins.provider, PagePins):
            pins.provider.attach()
        self._make_desk = make_desk
        self._simulators_at = simulators
        self._desk: Desk | None = None
        self._simulators: Simulators | None = None

    def refused(self, path: str, http_status: int) -> Mapping[str, object] | None:
        """A refusal of one of these paths has a message alone."""
        return {} if path == PAGE or path.startswith(f"{PAGE}/") else None

    def add_to(self, app: FastAPI) -> dict[str, Any]:
        """Give ``app`` the routes; the document of the HTTP doors says nothing of them."""
        guarded = DeskGuard(Router(self._routes()), self._access.admits)
        app.router.routes += [Route(PAGE, guarded), Route(f"{PAGE}/{{rest:path}}", guarded)]
        return {}

    def stop(self) -> None:
        """The bridge stops: streams end, so that their pages do not hold it up."""
        if self._desk is not None:
            self._desk.stop()

    @property
    def desk(self) -> Desk:
        """The desk, made when it is wanted first."""
        if self._desk is None:
            self._desk = self._make_desk()
        return self._desk

    # --- paths ----------------------------------------------------------------------------------------------

    def _routes(self) -> list[Route]:
        asked: dict[str, Answer] = {
            "words": self._words,
            "calls": self._calls,
            "changes": self._changes,
            "settings": self._settings,
            "doctor": self._doctor,
            "explain": self._explain,
            "functions": self._functions,
            "function": self._function,
        }
        done: dict[str, Answer] = {
            "changes/resolve": self._resolve,
            "changes/result": self._result,
            "card": self._card,
            "pin": self._pin,
        }
        if self._simulators_at is not None:
            asked["simulator"] = self._simulator
            done |= {"simulator/do": self._steer, "simulator/qr": self._qr}
        return [
            Route(PAGE, _page, methods=["GET"]),
            Route(f"{PAGE}/", _page, methods=["GET"]),
            Route(f"{FILES}{{name}}", _file, methods=["GET"]),
            Route(f"{API}link", _done(self._link), methods=["POST"]),
            Route(f"{API}enter", self._enter, methods=["POST"]),
            Route(f"{API}leave", self._leave, methods=["POST"]),
            Route(f"{API}events", self._events, methods=["GET"]),
            Route(f"{API}bundle", self._bundle, methods=["POST"]),
            *(Route(API + name, _asked(answer), methods=["GET"]) for name, answer in asked.items()),
            *(Route(API + name, _done(answer), methods=["POST"]) for name, answer in done.items()),
        ]

    async def _link(self, given: Mapping[str, Any]) -> Any:
        token = self._access.link(str(given.get("key", "")))
        if token is None:
            raise NotAdmitted("that is not the key of this bridge")
        return {"token": token}

    async def _enter(self, request: Request) -> Response:
        session = self._access.enter(token_of(request.headers))
        if session is None:
            return JSONResponse({"message": "the link was used already, or is too old"}, 401)
        return JSONResponse({"session": session})

    async def _leave(self, request: Request) -> Response:
        self._access.leave(token_of(request.headers))
        return JSONResponse({})

    async def _events(self, request: Request) -> Response:
        return StreamingResponse(self._stream(token_of(request.headers)), media_type="text/event-stream")

    async def _stream(self, token: str) -> AsyncIterator[str]:
        """Events for as long as the session lasts, which an open page prolongs."""
        desk = self.desk
        with desk.hub.listening() as stream:
            for kind, content in desk.welcome():
                stream.put(kind, content)
            async for text in stream.texts():
                if not self._access.admits(token):
                    return
                yield text

    async def _bundle(self, request: Request) -> Response:
        content, left_out = await self.desk.bundle()
        headers = {
            "content-disposition": 'attachment; filename="cshis-bridge-support.zip"',
            "x-left-out": json.dumps(left_out),
        }
        return Response(content, media_type="application/zip", headers=headers)

    # --- what is looked at ----------------------------------------------------------------------------------

    async def _words(self, given: Mapping[str, Any]) -> Any:
        return self.desk.words()

    async def _calls(self, given: Mapping[str, Any]) -> Any:
        return await self.desk.calls()

    async def _changes(self, given: Mapping[str, Any]) -> Any:
        return await self.desk.changes()

    async def _settings(self, given: Mapping[str, Any]) -> Any:
        return self.desk.settings()

    async def _doctor(self, given: Mapping[str, Any]) -> Any:
        return await self.desk.examined()

    async def _explain(self, given: Mapping[str, Any]) -> Any:
        from bridge.desk.tools import explained

        return explained(self.desk.table, str(given.get("word", "")))

    async def _functions(self, given: Mapping[str, Any]) -> Any:
        from bridge.desk.tools import functions_with

        return functions_with(self.desk.table, str(given.get("word", "")))

    async def _function(self, given: Mapping[str, Any]) -> Any:
        from bridge.desk.tools import function_of

        found = function_of(self.desk.table, str(given.get("name", "")))
        if found is None:
            raise BadRequest("there is no such function")
        return found

    async def _simulator(self, given: Mapping[str, Any]) -> Any:
        return await self._steered().show()

    # --- what is done ---------------------------------------------------------------------------------------

    async def _resolve(self, given: Mapping[str, Any]) -> Any:
        return {"resolved": await self.desk.resolve(_number(given, "id"))}

    async def _result(self, given: Mapping[str, Any]) -> Any:
        receipt = given.get("receipt")
        if not isinstance(receipt, str):
            raise BadRequest("receipt: a text is needed")
        return await self.desk.result(receipt)

    async def _card(self, given: Mapping[str, Any]) -> Any:
        from bridge.desk.cards import OPERATIONS

        what, text, reader = given.get("what"), given.get("text", ""), given.get("reader", "")
        if what not in OPERATIONS or not isinstance(text, str) or not isinstance(reader, str):
            raise BadRequest("what: one of " + ", ".join(OPERATIONS))
        return await self.desk.cards.do(what, text, reader)

    async def _pin(self, given: Mapping[str, Any]) -> Any:
        digits = given.get("pin")
        if digits is not None and not isinstance(digits, str):
            raise BadRequest("pin: digits, or null")
        return {"taken": self.desk.answer(_number(given, "number"), digits)}

    async def _steer(self, given: Mapping[str, Any]) -> Any:
        from bridge.desk.simulator import Refused

        try:
            await self._steered().do(str(given.get("what")), given)
        except Refused as error:
            raise BadRequest(str(error)) from error
        return {}

    async def _qr(self, given: Mapping[str, Any]) -> Any:
        from bridge.desk.simulator import Refused

        try:
            return await self._steered().qr(str(given.get("card")))
        except Refused as error:
            raise BadRequest(str(error)) from error

    def _steered(self) -> Simulators:
        if self._simulators is None:
            from bridge.desk.simulator import Simulators

            if self._simulators_at is None:
                raise BadRequest("no simulator runs")
            self._simulators = Simulators(self._simulators_at)
        return self._simulators


def _asked(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await _answered(answer, request.query_params)

    return endpoint


def _done(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            given = json.loads(await request.body())
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            return JSONResponse({"message": "the body is no JSON object"}, 400)
        return await _answered(answer, given)

    return endpoint


async def _answered(answer: Answer, given: Mapping[str, Any]) -> Response:
    try:
        return JSONResponse(await answer(given))
    except NotAdmitted as error:
        return JSONResponse({"message": str(error)}, 401)
    except BadRequest as error:
        return JSONResponse({"message": str(error)}, 400)
    except BridgeError as error:
        from bridge.desk.both import both

        return JSONResponse({"message": both(error)}, 503)


def _number(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    if type(value) is not int:
        raise BadRequest(f"{name}: a whole number is needed")
    return value


async def _page(request: Request) -> Response:
    return _of_page("index.html")


async def _file(request: Request) -> Response:
    return _of_page(request.path_params["name"])


def _of_page(name: str) -> Response:
    content = _files().get(name)
    if content is None:
        return JSONResponse({"message": "there is no such file"}, 404)
    return Response(content, media_type=KINDS[Path(name).suffix])


@cache
def _files() -> dict[str, bytes]:
    """The page's files by name."""
    folder = resources.files("bridge.desk").joinpath("page")
    return {each.name: each.read_bytes() for each in folder.iterdir() if Path(each.name).suffix in KINDS}
