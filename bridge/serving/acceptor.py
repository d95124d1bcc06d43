"""Accepts connections for a listener, with a bound on TLS handshakes: in number and in time.

asyncio's own servers accept any number and give each a minute for its handshake.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable

log = logging.getLogger(__name__)

MOST_OPENING = 128  # connections whose TLS handshake is under way
HANDSHAKE_SECONDS = 10.0
SHUTDOWN_SECONDS = 1.0  # that a client has for its goodbye over TLS; what it still sends is thrown away
CLOSE_SECONDS = 0.5
RETRY_SECONDS = 0.2  # after an accept that failed: usually too many open files


class Acceptor:
    """Accepts on one socket that listens, until :meth:`close`; each connection gets a protocol of its own."""

    def __init__(
        self,
        listener: socket.socket,
        make_protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
    ) -> None:
        self._listener = listener
        self._make_protocol = make_protocol
        self._tls = tls
        self._port = listener.getsockname()[1]
        self._opening: dict[asyncio.Task[None], socket.socket] = {}  # oldest first
        self._loop = asyncio.get_running_loop()
        listener.setblocking(False)
        self._pause: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        try:
            self._loop.add_reader(listener, self._accept_one)
        except (
            NotImplementedError
        ):  # Windows' own loop, which tells of connections, not of a socket that has some
            self._task = asyncio.create_task(self._accept())

    @property
    def is_opening(self) -> bool:
        """Whether a connection is accepted and not open yet."""
        return bool(self._opening)

    def close(self) -> None:
        """Accept nothing more and close the socket; connections that are open stay, and so do those that
        have been accepted.
        """
        if self._task is not None:
            self._task.cancel()
            return
        if self._listener.fileno() < 0:
            return  # closed before
        self._loop.remove_reader(self._listener)
        if self._pause is not None:
            self._pause.cancel()
        self._listener.close()

    def end_opening(self) -> None:
        """End the connections that are accepted and not open yet."""
        for connection in self._opening.values():
            _end(connection)

    async def wait_closed(self) -> None:
        """Until nothing is accepted any more."""
        left = {*self._opening, *([self._task] if self._task is not None else [])}
        if left:
            await asyncio.wait(left, timeout=CLOSE_SECONDS)

    def _accept_one(self) -> None:
        """Take a connection in one step. A task that waits for one can be cancelled with it in its hands."""
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker was faster, or the caller has gone again
        except OSError as error:
            log.error("a connection could not be accepted: %s", error.strerror)
            self._loop.remove_reader(self._listener)
            self._pause = self._loop.call_later(
                RETRY_SECONDS, self._loop.add_reader, self._listener, self._accept_one
            )
            return
        connection.setblocking(False)
        self._begin(connection)

    async def _accept(self) -> None:
        try:
            await self._accept_all()
        finally:
            self._listener.close()

    async def _accept_all(self) -> None:
        while True:
            try:
                connection, _ = await self._loop.sock_accept(self._listener)
            except OSError as error:
                log.error("a connection could not be accepted: %s", error.strerror)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        if len(self._opening) >= MOST_OPENING:  # an honest handshake takes milliseconds
            _end(next(iter(self._opening.values())))
        task = self._loop.create_task(self._open(connection))
        self._opening[task] = connection
        task.add_done_callback(self._opening.pop)

    async def _open(self, connection: socket.socket) -> None:
        times = {"ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": SHUTDOWN_SECONDS}
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(
                self._make_protocol, connection, ssl=self._tls, **(times if self._tls else {})
            )
        except ssl.SSLError as error:
            log.warning(
                "port %d: a TLS handshake failed (%s)", self._port, error.reason or type(error).__name__
            )
            connection.close()
        except OSError as error:  # it went away, or took too long
            log.debug("a connection ended before it was open: %s", type(error).__name__)
            connection.close()


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
