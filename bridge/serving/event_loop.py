"""The event loop that the bridge listens in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")

# What Windows says of a caller that has gone before its connection was accepted: ERROR_NETNAME_DELETED,
# ERROR_CONNECTION_ABORTED, WSAECONNABORTED, WSAECONNRESET, WSAENOTCONN.
CALLER_GONE = frozenset({64, 1236, 10053, 10054, 10057})


def new_event_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose listeners stay open when a caller goes away while it is accepted.

    asyncio's own on Windows closes them for good then (CPython issue 93821): one program that is ended at
    the wrong moment would cut off all others. Elsewhere it is uvloop's, which costs half as much a call.
    """
    if sys.platform == "win32":
        return asyncio.ProactorEventLoop(_Proactor())
    import uvloop  # there is none for Windows

    return uvloop.new_event_loop()


async def accept_until_one_stays(accept: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """The first connection that can be accepted. Raises the OSErrors that are not the caller's."""
    while True:
        try:
            return await accept()
        except OSError as error:
            if getattr(error, "winerror", None) not in CALLER_GONE:
                raise


if sys.platform == "win32":
    import socket
    from typing import Any

    class _Proactor(asyncio.IocpProactor):
        def accept(self, listener: socket.socket) -> asyncio.Future[Any]:
            accept = super().accept
            return asyncio.ensure_future(accept_until_one_stays(lambda: accept(listener)))
