"""Clients that send slowly, not at all, too many at once, or do not take their answers. All at the same time:
meanwhile others are answered at once, and in the end every slow one has been let go.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bridge.rest.guard import READ_SECONDS
from bridge.serving.acceptor import HANDSHAKE_SECONDS, MOST_OPENING
from bridge.serving.http_protocol import HEAD_SECONDS, MOST_CONNECTIONS
from tests.hostile.doors.raw_http import HEALTH, Place, answers, ask, received
from tests.support.bridge_process import Bridge

PAGE = b"GET /swagger/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /VHC/VHChisGetBasicData HTTP/1.1\r\nHost: localhost\r\n"
OTHER_HOST = POST.replace(b"localhost", b"evil.example")
AT_ONCE = 3.0  # seconds; milliseconds on a quiet machine
SLACK = 8.0
EACH = 12


def assert_answered_at_once(*places: Place) -> None:
    for place in places:
        began = time.monotonic()
        assert [answer.status for answer in ask(place, HEALTH)] == [200]
        assert time.monotonic() - began < AT_ONCE


@contextmanager
def many(count: int, connect: Callable[[], socket.socket]) -> Iterator[list[socket.socket]]:
    """So many connections, closed at the end."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect()) for _ in range(count)]


def endless(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def test_slow_heads_bodies_and_silence(plain: Place, secure: Place) -> None:
    """Head: 408 after 10 s. Body: 408 after 20 s. Nothing: closed after 10 s, also before TLS has begun."""
    begun = {
        "head": (POST, endless(b"X-A: b\r\n")),
        "half a line": (b"P", endless(b"")),
        "body": (POST + b"Content-Length: 100000\r\n\r\n", endless(b" ")),
        "chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n", endless(b"1\r\n \r\n")),
        "extension": (POST + b"Transfer-Encoding: chunked\r\n\r\n1;", endless(b"a")),
        "trailers": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n", endless(b"A: b\r\n")),
        "refused body": (OTHER_HOST + b"Content-Length: 100000\r\n\r\n", endless(b" ")),
        "silence": (b"", endless(b"")),
    }
    began = time.monotonic()
    with ExitStack() as stack:
        slow = {}
        for name, (head, _) in begun.items():
            slow[name] = stack.enter_context(many(EACH, plain.connect))
            for connection in slow[name]:
                connection.sendall(head)
        no_handshake = stack.enter_context(
            many(EACH, lambda: socket.create_connection((secure.host, secure.port)))
        )
        assert_answered_at_once(plain, secure)
        everything = [connection for some in slow.values() for connection in some] + no_handshake
        names = [name for name, some in slow.items() for _ in some] + ["TLS"] * EACH
        pieces = {name: piece for name, (_, piece) in begun.items()}
        ended = trickle_each(everything, names, pieces, began + 2 * READ_SECONDS + 2 * SLACK)
        took = {
            name: max(t for n, (t, _) in zip(names, ended, strict=True) if n == name) for name in set(names)
        }
    statuses = {
        name: {
            tuple(a.status for a in answers(data))
            for n, (_, data) in zip(names, ended, strict=True)
            if n == name
        }
        for name in set(names)
    }
    for name in ("head", "half a line", "body", "chunks", "extension", "trailers"):
        assert statuses[name] == {(408,)}, name
    assert statuses["refused body"] == {(400,)}  # and nothing more, though its body never ended
    assert statuses["silence"] == statuses["TLS"] == {()}
    for name in ("head", "half a line", "silence"):
        assert took[name] - began < HEAD_SECONDS + SLACK, name
    assert took["TLS"] - began < HANDSHAKE_SECONDS + SLACK
    for name in ("body", "chunks", "extension", "trailers"):
        assert READ_SECONDS - 1 < took[name] - began < READ_SECONDS + SLACK, name


def trickle_each(
    connections: list[socket.socket], names: list[str], pieces: dict[str, Iterator[bytes]], until: float
) -> list[tuple[float, bytes]]:
    """Send each connection a piece of its kind every half second until all are ended.

    Out: when each ended, and its answer. Fails for one that did not end.
    """
    ended: dict[int, tuple[float, bytes]] = {}
    heard = dict.fromkeys(range(len(connections)), b"")
    with selectors.DefaultSelector() as selector:
        for index, connection in enumerate(connections):
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ, index)
        while len(ended) < len(connections):
            assert time.monotonic() < until, {names[i] for i in range(len(names)) if i not in ended}
            for index, name in enumerate(names):
                piece = next(pieces[name]) if name in pieces else b""
                if piece and index not in ended:
                    with contextlib.suppress(OSError):
                        connections[index].send(piece)
            hear(selector, connections, heard, ended)
    return [ended[index] for index in range(len(connections))]


def hear(
    selector: selectors.DefaultSelector,
    connections: list[socket.socket],
    heard: dict[int, bytes],
    ended: dict[int, tuple[float, bytes]],
) -> None:
    """Half a second of listening to all of them."""
    deadline = time.monotonic() + 0.5
    while (left := deadline - time.monotonic()) > 0 and selector.get_map():
        for key, _ in selector.select(left):
            index, data = key.data, b""
            with contextlib.suppress(OSError):
                data = connections[index].recv(65536)
            heard[index] += data
            if not data:
                selector.unregister(key.fileobj)
                ended[index] = (time.monotonic(), heard[index])


def test_more_connections_than_there_may_be(plain: Place, secure: Place) -> None:
    """Idle ones give way, the longest idle first; whoever comes is answered at once."""
    with many(MOST_CONNECTIONS + 100, plain.connect) as idle:
        assert_answered_at_once(plain, secure)
        idle[-1].sendall(HEALTH)
        assert [answer.status for answer in answers(received(idle[-1]))] == [200]
        assert received(idle[0]) == b""  # let go at once, long before its ten seconds


def test_more_handshakes_than_there_may_be(secure: Place) -> None:
    with many(MOST_OPENING + 100, lambda: socket.create_connection((secure.host, secure.port), 5)) as silent:
        assert_answered_at_once(secure)
        assert received(silent[0]) == b""


def test_answered_connections_give_way_too(plain: Place) -> None:
    """Connections that are kept alive after an answer do not shut others out."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS + 20):
            connection = stack.enter_context(plain.connect())
            connection.sendall(request)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert_answered_at_once(plain)


def test_clients_that_do_not_take_their_answers(bridge: Bridge, plain: Place, secure: Place) -> None:
    """Pages of megabytes asked for again and again and never read: the bridge holds no more of them than its
    buffers take, and answers others.
    """
    with many(64, plain.connect) as deaf:
        for connection in deaf:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall((PAGE + b"\r\n") * 10)
        assert_answered_at_once(plain, secure)
        time.sleep(2)
        assert_answered_at_once(plain, secure)


@pytest.mark.parametrize("bytes_at_once", [1, 7])
def test_a_slow_but_honest_client_is_answered(bytes_at_once: int, place: Place) -> None:
    """A request in pieces of few bytes, as over a bad line."""
    data = POST + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    with place.connect() as connection:
        for at in range(0, len(data), bytes_at_once):
            connection.sendall(data[at : at + bytes_at_once])
            time.sleep(0.002)
        assert [answer.status for answer in answers(received(connection))] == [200]
