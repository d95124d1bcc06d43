"""What an upstream sends at another time than it should: before it is asked, too early, afterwards."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from bridge.errors import HttpFault, Unreachable
from bridge.upstream import pool
from tests.hostile.upstreams.answers import STRANGERS, answer
from tests.hostile.upstreams.raw_upstream import Tls, Upstream, asking, outcome


async def settled() -> None:
    """The event loop has seen what there is to be seen."""
    for _ in range(5):
        await asyncio.sleep(0.01)


async def test_an_answer_that_nobody_asked_for_ends_the_idle_connection() -> None:
    upstream = Upstream(answer())
    async with asking(upstream) as client:
        assert await outcome(client) == "mine"
        upstream.writers[0].write(answer(STRANGERS))
        await settled()
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [number for _, number in upstream.asked] == [1, 2]


@pytest.mark.parametrize("what", [answer(STRANGERS), b"\r\n", b""], ids=["answer", "line end", "end"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
async def test_what_the_event_loop_has_not_seen_yet_counts_as_well(
    what: bytes, encrypted: bool, tls: Tls
) -> None:
    """It lies in the system's buffer when the next request is about to leave."""
    upstream = Upstream(answer())
    async with asking(upstream, tls if encrypted else None) as client:
        assert await outcome(client) == "mine"
        await settled()
        theirs = upstream.writers[0].get_extra_info("socket")
        again = socket.socket(fileno=socket.dup(theirs.fileno()))
        with again:
            again.setblocking(True)
            if what:
                again.send(what)
            else:
                again.shutdown(socket.SHUT_WR)
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [number for _, number in upstream.asked] == [1, 2]


@pytest.mark.parametrize("seen", [True, False], ids=["seen by the event loop", "not yet seen"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
async def test_who_speaks_before_being_asked_is_asked_nothing(
    seen: bool, encrypted: bool, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = Upstream()
    dialled = pool.dial

    async def dial(*arguments: Any) -> Any:
        made = await dialled(*arguments)
        await upstream.connected.wait()
        upstream.writers[-1].write(answer(STRANGERS))
        if seen:
            await settled()
        return made

    monkeypatch.setattr(pool, "dial", dial)
    async with asking(upstream, tls if encrypted else None) as client:
        found = await outcome(client)
    assert type(found) is Unreachable
    assert upstream.asked == []


@pytest.mark.parametrize("size", [5_000_000, 60_000])
async def test_an_answer_before_the_request_has_left_is_taken_in(size: int) -> None:
    """The connection, on which the rest of the request may still be on its way, is not used again."""
    upstream = Upstream(answer(), early=True)
    body = {"content": "x" * size}
    async with asking(upstream) as client:
        assert await outcome(client, body) == "mine"
        upstream.early = False
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    if size > 1_000_000:
        assert [number for _, number in upstream.asked] == [1, 2]


async def test_a_refusal_in_the_middle_of_a_long_request_is_taken_in() -> None:
    upstream = Upstream(answer(start="HTTP/1.1 413 Too Large"), early=True)
    async with asking(upstream) as client:
        found = await outcome(client, {"content": "x" * 5_000_000})
    assert isinstance(found, HttpFault)
    assert found.http_status == 413


async def test_a_call_that_is_given_up_ends_its_connection() -> None:
    """Its answer may still come: nobody may take it for theirs."""
    upstream = Upstream(b"")
    async with asking(upstream) as client:
        given_up = asyncio.create_task(outcome(client))
        await upstream.reached.wait()
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        upstream.writers[0].write(answer(STRANGERS))
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [number for _, number in upstream.asked] == [1, 2]


async def test_many_at_once_get_their_own_answers_among_hostile_ones() -> None:
    """Callers that share kept connections, every third answer with somebody else's behind it."""
    upstream = Upstream(answer() + answer(STRANGERS))

    async with asking(upstream) as client:

        async def caller(number: int) -> None:
            for turn in range(20):
                if (turn + number) % 3 == 0:
                    assert await outcome(client) == "mine"
                path = f"/p{number}-{turn}"
                assert (await client.request("POST", path, {}))["whose"] == path

        await asyncio.gather(*(caller(number) for number in range(20)))
