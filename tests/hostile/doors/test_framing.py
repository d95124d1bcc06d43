"""Requests that two programs on the way could read in two ways (request smuggling), and what is no HTTP.

Behind every request stands one more, which ends the connection. Each case says which answers may come. A
request is answered once or not at all; an ambiguous one is the last that is answered.
"""

from __future__ import annotations

import json
import random

import pytest

from tests.hostile.doors.raw_http import HEALTH, Place, answers, ask, received
from tests.support.bridge_process import Bridge

PATH = b"/VHC/VHChisGetBasicData"
POST = b"POST " + PATH + b" HTTP/1.1\r\nHost: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
TE = POST + b"Transfer-Encoding: "
TWO = b"Content-Length: 2\r\n\r\n{}"
NOTHING = b"\r\n\r\n0\r\n\r\n"
LOCAL = b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
NO_CARD = 1019  # the VHC code without a QR code: the call was made

BOTH = [200, 200]
BAD = [400]

CASES: dict[str, tuple[bytes, list[int]]] = {
    # as clients do it
    "plain": (POST + TWO, BOTH),
    "chunked": (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", BOTH),
    "chunk extension": (CHUNKED + b"2;a=b\r\n{}\r\n0\r\n\r\n", BOTH),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\nHost: evil\r\nOrigin: https://evil.example\r\n\r\n", BOTH),
    "expects 100": (POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", BOTH),
    "body of a GET": (GET + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED, BOTH),
    "pipelined": ((POST + TWO) * 3 + GET + b"\r\n", [200] * 5),
    "empty lines before": (b"\r\n\r\n" + POST + TWO, BOTH),
    "absolute form": (b"GET %(scheme)s://localhost/healthz" + LOCAL, BOTH),
    "refused, with a body": (
        b"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        [400, 200],
    ),
    # an upgrade is not granted, and the body is still a body (Java's client asks so with every first POST)
    "h2c": (POST + H2C + TWO, BOTH),
    "h2c, smuggling": (
        POST + H2C + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        BOTH,
    ),
    "h2c, chunked": (
        POST + H2C + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        BOTH,
    ),
    "websocket": (GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", BOTH),
    # two lengths
    "length and chunked": (POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked" + NOTHING, BAD),
    "chunked and length": (TE + b"chunked\r\nContent-Length: 4" + NOTHING, BAD),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", BAD),
    "the same length twice": (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", BAD),
    "a list of lengths": (POST + b"Content-Length: 2, 2\r\n\r\n{}", BAD),
    "chunked under 1.0": (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked" + NOTHING, BAD),
    # lengths that are none
    "a length with a sign": (POST + b"Content-Length: +2\r\n\r\n{}", BAD),
    "a negative length": (POST + b"Content-Length: -2\r\n\r\n{}", BAD),
    "a length beyond 64 bits": (POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}", BAD),
    "a length in hexadecimal": (POST + b"Content-Length: 0x2\r\n\r\n{}", BAD),
    "an empty length": (POST + b"Content-Length:\r\n\r\n{}", BAD),
    # codings
    "an unknown coding": (TE + b"xchunked" + NOTHING, [501]),
    "gzip first": (TE + b"gzip, chunked" + NOTHING, [501]),
    "chunked is not last": (TE + b"chunked, identity" + NOTHING, BAD),
    "chunked twice": (TE + b"chunked\r\nTransfer-Encoding: chunked" + NOTHING, BAD),
    "coding with a vertical tab": (TE + b"\x0bchunked" + NOTHING, BAD),
    "coding with a blank before the colon": (POST + b"Transfer-Encoding : chunked" + NOTHING, BAD),
    # chunks
    "a chunk of no size": (CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", BAD),
    "a chunk longer than said": (CHUNKED + b"2\r\n{}XX\r\n0\r\n\r\n", BAD),
    "a chunk of negative size": (CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", BAD),
    "a chunk size with 0x": (CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n", BAD),
    "a chunk size beyond 64 bits": (CHUNKED + b"fffffffffffffffff2\r\n{}\r\n0\r\n\r\n", BAD),
    "chunks with bare LF": (CHUNKED + b"2\n{}\n0\n\n", BAD),
    "an extension with bare LF": (CHUNKED + b"2;a\n{}\r\n0\r\n\r\n", BAD),
    # lines and headers
    "bare LF": (POST.replace(b"\r\n", b"\n") + b"Content-Length: 2\n\n{}", BAD),
    "bare CR": (POST + b"X: a\rContent-Length: 30\r\nContent-Length: 2\r\n\r\n{}", BAD),
    "a folded header": (POST + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", BAD),
    "a folded coding": (POST + b"Transfer-Encoding:\r\n chunked" + NOTHING, BAD),
    "a folded first header": (b"GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n", BAD),
    "NUL in a value": (POST + b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}", BAD),
    "NUL in a name": (POST + b"X\0Y: a\r\nContent-Length: 2\r\n\r\n{}", BAD),
    "a header without a colon": (POST + b"Content-Length 2\r\n\r\n", BAD),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", [400, 200]),
    "two hosts": (GET + b"Host: evil.example\r\n\r\n", [400, 200]),
    "a host with a user": (GET.replace(b"localhost", b"localhost@evil.example") + b"\r\n", [400, 200]),
    # targets
    "absolute form of another host": (b"GET %(scheme)s://evil.example/healthz" + LOCAL, BAD),
    "absolute form without a path": (b"GET %(scheme)s://localhost" + LOCAL, BAD),
    "another scheme": (b"GET ftp://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD),
    "authority form": (b"GET localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD),
    "CONNECT": (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", [501]),
    "a blank in the target": (b"GET /healthz x HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD),
    "bytes in the target": (b"GET /\xe5\x81\xa5 HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", [404, 200]),
    "GET *": (b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD),
    # other versions
    "HTTP/0.9": (b"GET /healthz\r\n", BAD),
    "HTTP/0.9 by name": (b"GET /healthz HTTP/0.9\r\n\r\n", BAD),
    "HTTP/1.2": (GET.replace(b"1.1", b"1.2") + b"\r\n", BAD),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BAD),
    "small letters": (b"get /healthz http/1.1\r\nhost: localhost\r\n\r\n", BAD),
    # too much
    "a header of a megabyte": (GET + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n", [431]),
    "a target of a megabyte": (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", [431]),
    "a header that does not end": (GET + b"X: " + b"a" * 3_000_000, [431]),
    "20,000 headers": (GET + b"".join(b"X%d: a\r\n" % n for n in range(20_000)) + b"\r\n", [431]),
    "a chunk extension of a megabyte": (CHUNKED + b"2;" + b"a" * 1_000_000 + b"\r\n{}\r\n0\r\n\r\n", BAD),
    "trailers of a megabyte": (CHUNKED + b"0\r\n" + b"X: a\r\n" * 200_000 + b"\r\n", BAD),
    # a good request, then what is no HTTP: the good one is answered first, and by its own answer
    "garbage behind": (POST + b"Content-Length: 2\r\n\r\n{}\0\0garbage\r\n\r\n", [200, 400]),
    "half a chunk behind": (POST + TWO + CHUNKED + b"zz\r\n", [200, 400]),
    "closed, and more behind": (GET + b"Connection: close\r\n\r\n" + GET + b"\r\n", [200]),
}


@pytest.mark.parametrize("name", CASES)
def test_each_request_is_answered_once(name: str, place: Place) -> None:
    data, expected = CASES[name]
    data = data.replace(b"%(scheme)s", b"https" if place.tls else b"http")
    found = ask(place, data + HEALTH)
    assert [answer.status for answer in found] == expected
    if expected[-1] != 200:
        assert found[-1].headers["connection"] == "close"


def test_the_call_behind_an_upgrade_gets_its_body(place: Place) -> None:
    """A body with a value that cannot be used proves that it was read."""
    body = json.dumps({"pBuffer": 1, "CardType": "x"}).encode()
    head = b"POST /VHC/VHChisGetCardStatus HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n" % len(body)
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    usual, upgraded = (ask(place, head + more + b"\r\n" + body + HEALTH)[0] for more in (b"", upgrade))
    assert json.loads(usual.body) == json.loads(upgraded.body)


def test_the_good_request_gets_its_own_answer(place: Place) -> None:
    good = POST + b"Content-Length: 2\r\n\r\n{}"
    first, second = ask(place, good + b"\xff\xfe\0" * 100)
    assert json.loads(first.body)["errorCode"] == NO_CARD
    assert (second.status, second.body) == (400, b"Bad Request")


def test_requests_sent_ahead_are_bounded(place: Place, bridge: Bridge) -> None:
    """The first of them waits for the console; meanwhile at most 16 more are kept."""
    bridge.sim.reset()
    found = ask(place, (GET + b"\r\n") * 3_000 + HEALTH)
    statuses = [answer.status for answer in found]
    assert statuses[-1] == 503
    assert set(statuses[:-1]) == {200}
    assert 17 <= len(statuses) < 100


@pytest.mark.parametrize("seed", range(8))
def test_requests_changed_at_random(seed: int, place: Place) -> None:
    """Bytes exchanged, left out, doubled: at most one answer for each request that could be meant."""
    chance = random.Random(seed)
    for _ in range(25):
        data = bytearray(
            chance.choice([POST + b"Content-Length: 2\r\n\r\n{}", CHUNKED + b"2\r\n{}\r\n0\r\n\r\n"])
        )
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            piece = bytes([chance.choice(b"\r\n \t:;,\0\x0b\xff09azPGH/")])
            data[at : at + chance.randint(0, 2)] = piece * chance.randint(0, 2)
        with place.connect(timeout=60) as connection:
            connection.sendall(bytes(data) + b"\r\n\r\n" + HEALTH + HEALTH)
            found = answers(received(connection))
            assert all(answer.status < 500 or answer.status == 501 for answer in found)
