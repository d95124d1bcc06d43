"""The channel: the loopback door of the native library (native/PROTOCOL.md)."""

from __future__ import annotations

import asyncio
import logging
import time

from bridge.channel.admission import Admission
from bridge.channel.connection import Connection
from bridge.channel.dispatch import Dispatcher
from bridge.channel.tokenfile import load_token
from bridge.config import ChannelSettings
from bridge.engine.face import CallEngine
from bridge.serving.sockets import is_loopback, open_listener

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 256
MOST_LEAVING = 256  # that were sent away and have not closed yet
FRAME_SECONDS = 10.0
STOP_SECONDS = 1.5  # for calls under way; what comes after them must fit into two
ARRIVING_SECONDS = 0.05
TELLING_SECONDS = 10.0  # between two lines that connections were turned away


class ChannelServer:
    """Serves call frames on ``settings.host``:``settings.port``; each connection in order, many at once.

    A connection may stay idle for as long as it likes: a hospital program makes no call at night, and TCP
    tells when it ends. Where there is no room for one more, the one idle longest goes, those first that have
    not said who they are; the library opens another when it needs one. Who has connected, and a frame that
    has begun, have ``frame_seconds``. A call is run to its end even if its caller goes away.

    ``evictions``: how many connections had to go, of which there may be ``most_connections``; also those that
    had to go at once, because each of the others had a call under way.
    """

    def __init__(
        self,
        engine: CallEngine,
        settings: ChannelSettings,
        *,
        most_connections: int = MOST_CONNECTIONS,
        frame_seconds: float = FRAME_SECONDS,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self.most_connections = most_connections
        self._frame_seconds = frame_seconds
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._leaving: dict[Connection, None] = {}  # the first to go in front
        self.evictions = 0
        self._turned_away = 0  # since that was last told
        self._told = -TELLING_SECONDS
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        return self._server is not None and self._server.is_serving()

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    async def start(self) -> tuple[str, int]:
        """Listen. Out: host and port (the real one where 0 was set).

        Raises ConfigError when the address or the token file cannot be used.
        """
        token = load_token(self._settings.token_file) if self._settings.token_file else None
        dispatcher = Dispatcher(self._engine)
        host, port = self._settings.host, self._settings.port
        if not is_loopback(host):
            log.warning("the channel listens on %s: other machines can use the cards of this one", host)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self, dispatcher, Admission(token), self._frame_seconds),
            sock=open_listener(host, port),
        )
        bound = self._server.sockets[0].getsockname()
        return str(bound[0]), int(bound[1])

    async def stop(self) -> None:
        """Accept nothing more, close idle connections, give running calls up to 1.5 s, then cancel them.

        A call whose bytes are here already counts as running.
        """
        if self._server is None:
            return
        self._server.close()
        await asyncio.sleep(ARRIVING_SECONDS)
        self._server = None
        for connection in tuple(self._connections):
            connection.finish()
        if self._calls:
            await asyncio.wait(self._calls, timeout=STOP_SECONDS)
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        for connection in (*self._connections, *self._leaving):
            connection.abort()

    # --- for its connections --------------------------------------------------------------------------------

    def make_room(self) -> bool:
        """Whether one more connection may stay, though another may have to go for it."""
        if self._server is None:
            return False
        if len(self._connections) < self.most_connections:
            return True
        idle = [(patience, each) for each in self._connections if (patience := each.patience) is not None]
        if not idle:
            return False
        evicted = min(idle, key=lambda pair: pair[0])[1]
        self._connections.discard(evicted)
        self._evict(evicted)
        return True

    def turn_away(self, connection: Connection) -> None:
        """One that has just come, and for which there is no room: it hears so, as one that has to go."""
        if self._server is None:
            connection.close()
            return
        self._turned_away += 1
        if (now := time.monotonic()) >= self._told + TELLING_SECONDS:
            log.error(
                "the channel has %d calls under way, as many as it takes: %d connection(s) were turned away; "
                "their programs try again for about a second, then their calls fail with 4000 or -1",
                self.connections,
                self._turned_away,
            )
            self._told, self._turned_away = now, 0
        self._evict(connection)

    def _evict(self, connection: Connection) -> None:
        self.evictions += 1
        self._leaving[connection] = None
        if len(self._leaving) > MOST_LEAVING:
            next(iter(self._leaving)).abort()
        connection.evict()

    def opened(self, connection: Connection) -> None:
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._leaving.pop(connection, None)

    def began(self, call: asyncio.Task[None]) -> None:
        """A call runs; it is waited for at the stop, though its connection may have ended."""
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
