"""Making a connection: looking the name up, trying its addresses, TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterable
from itertools import chain, zip_longest
from typing import Any

from bridge.upstream.connection import Connection
from bridge.upstream.origin import Origin

HEAD_START = 0.25  # seconds that an address has for itself before the next one is tried as well
Info = tuple[Any, Any, int, str, Any]  # of getaddrinfo
Attempt = asyncio.Task[Connection]


async def dial(origin: Origin, context: ssl.SSLContext, make: Callable[[], Connection]) -> Connection:
    """Connect; each next address is tried when those before it have failed, or have had some time.

    In: ``make`` makes a connection that does not stand yet. Out: the first one that stands.
    Raises OSError, and ssl.SSLError (one of those) where the handshake fails. Bounded in time by the caller.
    """
    loop = asyncio.get_running_loop()

    async def one(address: Info) -> Connection:
        host, port = address[4][:2]
        name = origin.host if origin.encrypted else None
        tls = context if origin.encrypted else None
        # The event loop makes the socket: uvloop once gave one of ours the error of another, closed one.
        _, made = await loop.create_connection(make, host, port, ssl=tls, server_hostname=name)
        return made

    found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    return await _first([one(address) for address in _in_turn(found)])


def _in_turn(found: Iterable[Info]) -> Iterable[Info]:
    """The addresses, those of the kind that comes first and those of the other kind in turn."""
    addresses = list(found)
    first = [each for each in addresses if each[0] == addresses[0][0]]
    others = [each for each in addresses if each[0] != addresses[0][0]]
    return (each for each in chain.from_iterable(zip_longest(first, others)) if each is not None)


async def _first(tries: list[Coroutine[Any, Any, Connection]]) -> Connection:
    """The first that succeeds. The others are given up."""
    if len(tries) == 1:
        return await tries[0]
    attempts: list[Attempt] = []
    try:
        for number, each in enumerate(tries):
            attempts.append(asyncio.create_task(each))
            await _some_success(attempts, HEAD_START if number + 1 < len(tries) else None)
            if any(_succeeded(attempt) for attempt in attempts):
                break
        return _taken(attempts)
    finally:
        for each in tries[len(attempts) :]:
            each.close()
        for attempt in attempts:
            attempt.cancel()
            if _succeeded(attempt):
                attempt.result().abort()


async def _some_success(attempts: list[Attempt], seconds: float | None) -> None:
    """Wait until one has succeeded, all have failed, or the time is over."""
    waiting = {attempt for attempt in attempts if not attempt.done()}
    loop = asyncio.get_running_loop()
    until = None if seconds is None else loop.time() + seconds
    while waiting and not any(_succeeded(attempt) for attempt in attempts):
        left = None if until is None else until - loop.time()
        done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return


def _succeeded(attempt: Attempt) -> bool:
    return attempt.done() and not attempt.cancelled() and attempt.exception() is None


def _taken(attempts: list[Attempt]) -> Connection:
    """The connection of the first that succeeded, taken out of the list; where none did, what went wrong: a
    certificate that is not trusted rather than an address at which nobody listens.
    """
    for attempt in attempts:
        if _succeeded(attempt):
            attempts.remove(attempt)
            return attempt.result()
    refused = (attempt for attempt in attempts if isinstance(attempt.exception(), ssl.SSLError))
    return next(refused, attempts[0]).result()
