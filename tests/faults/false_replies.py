"""Replies that an upstream, or something between, gives in place of the true one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator

from tests.faults.messages import Message, reply

Answer = Callable[[Message], Iterable[bytes]]
PAGE = "<html><body><h1>502</h1>閘道錯誤</body></html>".encode()
PIECE = b"a" * 65_536
FLOOD_BYTES = 512 * 1024 * 1024
BOMB = gzip.compress(b'{"statusCode": 0, "a": "' + b"0" * 300_000_000 + b'"}', compresslevel=1)


def http(status: int) -> Answer:
    """An HTTP status with the page of a gateway; a redirection leads to where nobody should go."""
    more = "location: https://127.0.0.1:9/\r\n" if status in (301, 302, 307, 308) else ""
    return lambda _: [reply(PAGE, f"{status} Because", "text/html; charset=utf-8", more)]


def no_content(_: Message) -> Iterable[bytes]:
    """HTTP 204, which has no body."""
    return [b"HTTP/1.1 204 No Content\r\n\r\n"]


def body(content: bytes, kind: str = "application/json", more: str = "") -> Answer:
    """HTTP 200 with this body."""
    return lambda _: [reply(content, kind=kind, more=more)]


def changed(change: Callable[[dict[str, object]], object]) -> Answer:
    """The true reply's JSON, changed."""

    def answer(true: Message) -> Iterable[bytes]:
        content = json.loads(true.body)
        found = change(content)
        return [reply(json.dumps(content if found is None else found).encode())]

    return answer


def without(name: str) -> Answer:
    """The true reply without one name, wherever it stands in it."""
    return changed(lambda content: _pruned(content, name))


def mistyped(name: str, value: object) -> Answer:
    """The true reply with another value for one name, wherever it stands in it."""
    return changed(lambda content: _replaced(content, name, value))


def cut(true: Message) -> Iterable[bytes]:
    """The true JSON without its last character, and a length that agrees."""
    return [reply(true.body[:-1])]


def flood(_: Message) -> Iterator[bytes]:
    """A reply of half a gigabyte that announces itself."""
    yield b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    yield b"content-length: %d\r\n\r\n" % FLOOD_BYTES
    yield from (PIECE for _ in range(FLOOD_BYTES // len(PIECE)))


def endless(_: Message) -> Iterator[bytes]:
    """A reply in chunks that does not end."""
    yield b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    yield from (b"%x\r\n%s\r\n" % (len(PIECE), PIECE) for _ in range(FLOOD_BYTES // len(PIECE)))


def header_flood(_: Message) -> Iterator[bytes]:
    """A head of 64 MB."""
    yield b"HTTP/1.1 200 OK\r\n"
    yield from (b"x-%d: %s\r\n" % (number, PIECE[:1000]) for number in range(64_000))


def no_http(_: Message) -> Iterable[bytes]:
    """Not HTTP at all."""
    return [b"\x16\x03\x01\x02\x00 220 mail.example ESMTP\r\n\r\n" * 20]


DEEP = body(b'{"statusCode": 0, "a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")
PACKED = body(BOMB, more="content-encoding: gzip\r\n")
FALSELY_PACKED = body(b'{"statusCode": 0}', more="content-encoding: gzip\r\n")


def _pruned(content: object, name: str) -> object:
    if isinstance(content, dict):
        return {key: _pruned(value, name) for key, value in content.items() if key != name}
    if isinstance(content, list):
        return [_pruned(each, name) for each in content]
    return content


def _replaced(content: object, name: str, value: object) -> object:
    if isinstance(content, dict):
        return {key: value if key == name else _replaced(each, name, value) for key, each in content.items()}
    if isinstance(content, list):
        return [_replaced(each, name, value) for each in content]
    return content
