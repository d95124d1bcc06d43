"""A simulated service asked in this process, without a connection: the same app, the same handlers.

Most requests are plain: a known path, no fault armed. Those are answered at once by the handler of the path.
All others go through the whole app, as they would over a connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from msgspec.json import Encoder
from starlette.responses import Response
from starlette.types import ASGIApp, Message

from bridge.sim.world import World

Reply = tuple[int, dict[str, Any] | Response]
Plain = Callable[[str, bytes], Reply]  # in: media type and body; out: HTTP status and content
BROKEN = "Internal Server Error"  # as a web server says it
log = logging.getLogger(__name__)


_encode = Encoder().encode  # the bytes that the app writes


class AtHand:
    """The service ``name`` (console, cloud, centre, portal). ``app`` gives it where it is needed. ``plain``:
    what answers plain requests, by method and path. ``listening``: whether anybody would be reached.
    ``noted``: whether plain requests stand in the journal of requests, too, where somebody may look at it.
    """

    def __init__(
        self,
        name: str,
        app: Callable[[], ASGIApp],
        world: World,
        plain: Mapping[tuple[str, str], Plain] | None = None,
        *,
        noted: bool = True,
    ) -> None:
        self._name, self._app, self._world, self._plain = name, app, world, plain or {}
        self._noted = noted
        self.listening = True

    def at_once(self, method: str, target: str, media_type: str, body: bytes) -> tuple[int, bytes] | None:
        """HTTP status and body of the answer to a plain request; None where it is none."""
        run = self._plain.get((method, target))
        world = self._world
        if run is None or not self.listening or world.faults.any:
            return None
        try:
            http, reply = run(media_type, body)
        except Exception:
            log.exception("%s %s", method, target)
            http, reply = 500, Response(BROKEN)
        if isinstance(reply, Response):
            content, status = bytes(reply.body), None
            http = max(http, reply.status_code)
        else:
            content, status = _encode(reply), reply.get("statusCode")
        if self._noted:
            world.requests.add(
                time=world.clock.now(), service=self._name, method=method, path=target, http=http,
                status=status, known=True, fault="",
            )  # fmt: skip
        return http, content

    async def answer(
        self, method: str, target: str, fields: Sequence[tuple[str, str]], body: bytes, most: int
    ) -> tuple[int, bytes]:
        """HTTP status and body of the answer to any request, from the whole app.

        Raises ConnectionRefusedError where the service is down, ConnectionError where the answer breaks off,
        OverflowError where it has more than ``most`` bytes.
        """
        if not self.listening:
            raise ConnectionRefusedError
        path, _, query = target.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "https", "path": unquote(path), "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "server": ("127.0.0.1", 443), "client": ("127.0.0.1", 0),
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields],
        }  # fmt: skip
        answer = _Answer(most)

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            await self._app()(scope, receive, answer.take)
        except (ConnectionError, OverflowError):
            raise
        except Exception:
            log.exception("%s %s", method, target)
            if not answer.begun:
                return 500, BROKEN.encode()
        return answer.whole()


class _Answer:
    """An answer as the app sends it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._status = self._length = 0
        self._body = bytearray()
        self._done = False

    @property
    def begun(self) -> bool:
        """Whether its status has come."""
        return bool(self._status)

    async def take(self, message: Message) -> None:
        """The next message. Raises OverflowError."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            return
        self._body += message.get("body", b"")
        if len(self._body) > self._most:
            raise OverflowError
        self._done = not message.get("more_body", False)

    def whole(self) -> tuple[int, bytes]:
        """HTTP status and body. Raises ConnectionError where the end is missing."""
        if not self._done:
            raise ConnectionError("the service broke off in the middle of its answer")
        return self._status, bytes(self._body)
