"""Making a connection: looking the name up, trying its addresses, TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from typing import Any, TypeVar

from bridge.upstream.origin import Origin

HEAD_START = 0.25  # seconds that an address has for itself before the next one is tried as well

Kind = TypeVar("Kind", bound=asyncio.BaseProtocol)
Info = tuple[Any, Any, int, str, Any]  # of getaddrinfo


async def dial(origin: Origin, context: ssl.SSLContext, make: Callable[[], Kind]) -> Kind:
    """Connect. In: ``make`` makes the protocol of the connection. Out: that protocol, ready to be used.

    Raises OSError, and ssl.SSLError (one of those) where the handshake fails. Bounded in time by the caller.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    connected = await _first(list(_in_turn(found)))
    _, protocol = await loop.create_connection(
        make,
        sock=connected,
        ssl=context if origin.encrypted else None,
        server_hostname=origin.host if origin.encrypted else None,
    )
    return protocol


def _in_turn(found: Iterable[Info]) -> Iterable[Info]:
    """The addresses, those of the kind that comes first and those of the other kind in turn."""
    addresses = list(found)
    first = [each for each in addresses if each[0] == addresses[0][0]]
    others = [each for each in addresses if each[0] != addresses[0][0]]
    return (each for each in chain.from_iterable(zip_longest(first, others)) if each is not None)


async def _first(addresses: list[Info]) -> socket.socket:
    """The first address that can be connected to; each next one is tried when those before it have failed, or
    have had some time. Raises the first one's OSError when none can be.
    """
    if len(addresses) == 1:
        return await _connected(addresses[0])
    attempts: list[asyncio.Task[socket.socket]] = []
    try:
        for address in addresses:
            attempts.append(asyncio.create_task(_connected(address)))
            await _some_success(attempts, HEAD_START)
            if any(_succeeded(attempt) for attempt in attempts):
                break
        await _some_success(attempts, None)
        return _taken(attempts)
    finally:
        for attempt in attempts:
            attempt.cancel()
            if _succeeded(attempt):
                attempt.result().close()


async def _connected(address: Info) -> socket.socket:
    family, kind, protocol, _, where = address
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, where)
    except BaseException:
        made.close()
        raise
    return made


async def _some_success(attempts: list[asyncio.Task[socket.socket]], seconds: float | None) -> None:
    """Wait until one has succeeded, all have failed, or the time is over."""
    waiting = {attempt for attempt in attempts if not attempt.done()}
    loop = asyncio.get_running_loop()
    until = None if seconds is None else loop.time() + seconds
    while waiting and not any(_succeeded(attempt) for attempt in attempts):
        left = None if until is None else until - loop.time()
        done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return


def _succeeded(attempt: asyncio.Task[socket.socket]) -> bool:
    return attempt.done() and not attempt.cancelled() and attempt.exception() is None


def _taken(attempts: list[asyncio.Task[socket.socket]]) -> socket.socket:
    """The connection of the first that succeeded, taken out of the list."""
    for attempt in attempts:
        if _succeeded(attempt):
            attempts.remove(attempt)
            return attempt.result()
    return attempts[0].result()  # raises what went wrong with it
