"""The way to a service in this process: what is sent, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from bridge.errors import BadReply, Dropped, TimedOut, Unreachable, UpstreamError
from bridge.upstream.in_process import InProcess
from bridge.upstream.transport import FORM, Answer, Pieces, Request


@dataclass
class Service:
    """Answers at once, or after having been asked; ``fails`` with an error, or takes ``seconds``."""

    once: tuple[int, bytes] | None = None
    fails: Exception | None = None
    seconds: float = 0.0
    seen: list[tuple[object, ...]] = field(default_factory=list)

    def at_once(self, method: str, target: str, media_type: str, body: bytes) -> tuple[int, bytes] | None:
        self.seen.append((method, target, media_type, body))
        return self.once

    async def answer(
        self, method: str, target: str, fields: Sequence[tuple[str, str]], body: bytes, most: int
    ) -> tuple[int, bytes]:
        self.seen.append((method, target, dict(fields), body))
        if self.fails is not None:
            raise self.fails
        await asyncio.sleep(self.seconds)
        return 200, b"later"


def way(service: Service, url: str = "https://127.0.0.1/V2000/") -> InProcess:
    return InProcess("centre", url, service)


async def test_what_is_answered_at_once() -> None:
    service = Service(once=(404, b"no"))
    assert await way(service).send(Request("POST", "/a b?q=1", b"{}", 5.0)) == Answer(404, b"no")
    assert service.seen == [("POST", "/V2000/a%20b?q=1", "application/json", b"{}")]


async def test_what_has_to_be_asked_has_the_headers_of_a_connection() -> None:
    service = Service()
    assert await way(service).send(Request("POST", "x", b"a=1", 5.0, FORM)) == Answer(200, b"later")
    *_, (method, target, fields, body) = service.seen
    assert (method, target, body) == ("POST", "/V2000/x", b"a=1")
    assert fields == {
        "Host": "127.0.0.1", "Accept-Encoding": "identity", "Content-Type": FORM, "Accept": "*/*",
        "Content-Length": "3",
    }  # fmt: skip


async def test_a_request_without_a_body_names_no_media_type() -> None:
    service = Service()
    await way(service).send(Request("GET", "x", None, 5.0))
    (_, _, media_type, _), (_, _, fields, _) = service.seen
    assert media_type == ""
    assert isinstance(fields, dict)
    assert not {"Content-Type", "Content-Length"} & set(fields)


async def test_a_body_in_pieces_arrives_whole() -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"{"
        yield b"}"

    service = Service(once=(200, b""))
    await way(service).send(Request("POST", "x", Pieces(content(), 2), 5.0))
    assert service.seen[0][3] == b"{}"


@pytest.mark.parametrize(
    ("fails", "becomes"),
    [
        (ConnectionRefusedError(), Unreachable),
        (ConnectionError(), Dropped),
        (ConnectionResetError(), Dropped),
        (OverflowError(), BadReply),
    ],
)
async def test_each_failure_is_that_of_a_connection(fails: Exception, becomes: type[UpstreamError]) -> None:
    with pytest.raises(becomes):
        await way(Service(fails=fails)).send(Request("GET", "x", None, 5.0))


async def test_nobody_waits_for_ever() -> None:
    with pytest.raises(TimedOut):
        await way(Service(seconds=60)).send(Request("GET", "x", None, 0.01))
