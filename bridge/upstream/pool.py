"""Kept connections to one upstream, and the way of a request over them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import cached_property

from bridge.config import UpstreamSettings
from bridge.errors import Unreachable
from bridge.upstream.connection import Connection
from bridge.upstream.dialing import dial
from bridge.upstream.origin import Origin, head
from bridge.upstream.places import Places
from bridge.upstream.tls import check_trust, tls_context, tls_failure
from bridge.upstream.transport import Answer, Pieces, Request, most_seconds
from bridge.words import said

KEEP_ALIVE_SECONDS = (
    600.0  # a clinic is quiet for minutes; a new TLS connection costs more than a call itself
)
MOST_CONNECTIONS = 256  # as many as the native library may have calls under way
MOST_HEADS = 512

Check = Callable[[tuple[str, int]], str]


class KeptConnections:
    """The way to console, cloud and portal: HTTP/1.1 over connections that are kept. A Transport.

    A request is sent once, over one connection. Proxies of the environment are not used (one meant for
    browsers must not see patients' data), redirections are not followed, cookies are not kept. Raises
    ConfigError when the settings' ``ca_file`` cannot be used.
    """

    _kind = Connection

    def __init__(self, name: str, settings: UpstreamSettings, check: Check | None = None) -> None:
        """``check`` tells, by the address that was reached, why it must not be asked; "" where it may be."""
        self._check = check
        self._name = name
        self._url = settings.url
        self._seconds = settings.connect_timeout
        self._ca_file = settings.ca_file
        check_trust(self._ca_file)
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._places = Places(MOST_CONNECTIONS)
        self._heads: dict[tuple[str, str, str | None], tuple[bytes, bytes]] = {}

    async def send(self, request: Request) -> Answer:
        """Send a request, once, and wait for its answer. The settings' ``connect_timeout`` bounds getting a
        connection.
        """
        method, path, body, patience, media_type = request
        kind = None if body is None else media_type
        before, behind = self._heads.get((method, path, kind)) or self._head(method, path, kind)
        length = 0 if body is None else body.length if isinstance(body, Pieces) else len(body)
        whole_head = b"%s%d%s" % (before, length, behind) if behind else before
        connection = self._taken_at_once() or await self._take()
        try:
            most = most_seconds(self._seconds, patience, length)
            answer = await connection.ask(whole_head, body or b"", patience, most)
        except BaseException:
            self._places.give_back()
            connection.drop()
            raise
        self._give_back(connection)
        return answer

    async def aclose(self) -> None:
        """Close all connections. Requests under way end as Dropped."""
        await asyncio.gather(*(connection.aclose() for connection in tuple(self._all)))

    # --- connections ----------------------------------------------------------------------------------------

    def _taken_at_once(self) -> Connection | None:
        """A kept connection, where there is one and nobody has to wait for it."""
        if not self._idle or not self._places.take_now():
            return None
        connection = self._idle.pop()
        if connection.fit():
            return connection
        connection.abort()
        kept = self._kept()
        if kept is None:
            self._places.give_back()
        return kept

    async def _take(self) -> Connection:
        """A connection that stands: a kept one where there is one. Raises NeverSent."""
        reason = said("all connections are in use")
        try:
            async with asyncio.timeout(self._seconds):
                await self._places.take()
                reason = said("no connection in time")
                try:
                    return self._kept() or await self._made()
                except BaseException:
                    self._places.give_back()
                    raise
        except TimeoutError as error:
            raise Unreachable(self._name, reason) from error

    def _kept(self) -> Connection | None:
        """The kept connection that was used last, so that those too many grow old."""
        while self._idle:
            connection = self._idle.pop()
            if connection.fit():
                return connection
            connection.abort()
        return None

    async def _made(self) -> Connection:
        try:
            trust = tls_context(self._ca_file)
            made = await dial(self._origin, trust, lambda: self._kind(self._name, self._lost))
        except ssl.SSLError as error:
            raise tls_failure(self._name, error) from error
        except TimeoutError:
            raise
        except (OSError, UnicodeError) as error:
            raise Unreachable(self._name, said("nobody answers there")) from error
        self._all.add(made)
        if self._check is not None and (why := self._check(made.peer)):
            made.abort()
            raise Unreachable(self._name, why)
        if not await made.seen():  # it ended at once, or speaks without having been asked
            raise Unreachable(self._name, said("the connection broke before anything was sent"))
        return made

    def _give_back(self, connection: Connection) -> None:
        self._places.give_back()
        if connection.usable:
            connection.rest(KEEP_ALIVE_SECONDS)
            self._idle.append(connection)
        else:
            connection.drop()

    def _lost(self, connection: Connection) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    # --- heads ----------------------------------------------------------------------------------------------

    @cached_property
    def _origin(self) -> Origin:
        try:
            return Origin.of(self._url)
        except ValueError as error:
            raise Unreachable(self._name, said("its configured URL is not valid")) from error

    def _head(self, method: str, path: str, media_type: str | None) -> tuple[bytes, bytes]:
        """The head of a request around the length of its body. What is asked again and again is made once,
        but for queries: those hold people's data.
        """
        made = head(self._origin, method, path, media_type)
        if "?" not in path and len(self._heads) < MOST_HEADS:
            self._heads[method, path, media_type] = made
        return made
