"""What an upstream, or something between, may put on the wire in place of an answer or around it: each has
one right outcome, and whatever is left over never becomes the answer to another request.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from bridge.errors import Dropped, HttpFault, TimedOut, UpstreamError
from tests.hostile.upstreams.answers import CASES, MINE, STRANGERS, Case, answer, chunked, head
from tests.hostile.upstreams.raw_upstream import Tls, Upstream, asking, outcome


def assert_right(case: Case, found: str | UpstreamError) -> None:
    if isinstance(case.outcome, str):
        assert found == case.outcome
        return
    assert type(found) is case.outcome, repr(found)
    assert isinstance(found, UpstreamError)
    assert found.sent
    if isinstance(found, HttpFault):
        assert found.http_status == case.http_status


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_has_its_outcome_and_leaves_nothing_behind(case: Case, encrypted: bool, tls: Tls) -> None:
    upstream = Upstream(case.raw, case.then)
    async with asking(upstream, tls if encrypted else None) as client:
        assert_right(case, await outcome(client))
        for path in ("/b", "/c"):
            assert (await client.request("POST", path, {}))["whose"] == path
    assert [path for path, _ in upstream.asked] == ["/a", "/b", "/c"], "each was sent once"
    connections = [number for _, number in upstream.asked]
    assert connections == ([1, 1, 1] if case.kept else [1, 2, 2])


@pytest.mark.parametrize("case", [case for case in CASES if len(case.raw) < 3000], ids=lambda case: case.name)
async def test_it_is_the_same_when_it_comes_byte_by_byte(case: Case) -> None:
    upstream = Upstream(case.raw, case.then, pace=1)
    async with asking(upstream) as client:
        assert_right(case, await outcome(client))
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [path for path, _ in upstream.asked] == ["/a", "/b"]


def cuts() -> Iterator[tuple[str, bytes]]:
    for name, whole in (
        ("length", answer()),
        ("chunks", chunked(MINE, 20)),
        ("late", head(start="HTTP/1.1 100 C") + answer()),
    ):
        for position in range(len(whole)):
            yield f"{name} at {position}", whole[:position]


@pytest.mark.parametrize("then", ["close", "reset"])
async def test_an_answer_cut_at_any_byte_is_none(then: str) -> None:
    upstream = Upstream(then=then)
    async with asking(upstream) as client:
        for where, raw in cuts():
            upstream.raw = raw
            found = await outcome(client)
            assert type(found) is Dropped, where
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"


async def test_an_answer_that_stops_at_any_byte_times_out() -> None:
    whole = answer()
    stops = [Upstream(whole[:position]) for position in range(0, len(whole), 9)]

    async def one(upstream: Upstream) -> None:
        async with asking(upstream, read_timeout=0.3) as client:
            assert type(await outcome(client)) is TimedOut
            assert (await client.request("POST", "/b", {}))["whose"] == "/b"
        assert [number for _, number in upstream.asked] == [1, 2]

    await asyncio.gather(*(one(upstream) for upstream in stops))


async def test_bytes_by_chance_never_become_anybodys_answer() -> None:
    """Answers damaged at one place: they are taken in whole, or refused; the next one is never touched."""
    chance = random.Random(11)
    upstream = Upstream(then="close")
    forms = [answer(), chunked(MINE), answer(MINE, "connection: close"), answer() + answer(STRANGERS)]
    async with asking(upstream) as client:
        for number in range(600):
            raw = bytearray(chance.choice(forms))
            place = chance.randrange(len(raw))
            match chance.randrange(3):
                case 0:
                    raw[place] = chance.randrange(256)
                case 1:
                    del raw[place : place + chance.randrange(1, 9)]
                case _:
                    raw[place:place] = chance.randbytes(chance.randrange(1, 9))
            upstream.raw = bytes(raw)
            found = await outcome(client)
            assert found != STRANGERS.decode(), number
            path = f"/b{number}"
            assert (await client.request("POST", path, {}))["whose"] == path
