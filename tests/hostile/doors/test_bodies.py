"""Bodies that are too long, too deep, endless, broken, or of another language: an answer, never a 500, and
the bridge goes on with the memory it had.
"""

from __future__ import annotations

import json
import random
import re
import socket
import ssl
import time
from contextlib import suppress

import httpx
import psutil
import pytest

from bridge.rest.guard import READ_SECONDS
from bridge.table.loader import default_table
from tests.hostile.doors.junk import WORDS, damaged
from tests.hostile.doors.raw_http import HEALTH, Answer, Place, ask
from tests.support.bridge_process import Bridge

PATH = "/VHC/VHChisGetBasicData"
LONGEST = 1_048_576
UPLOAD = "/V2000/VNHI_Upload"
BAD_ARGUMENT = 6018
FAULT_OF_THE_BRIDGE = 4000


def post(path: str, body: bytes, length: int | None = None, kind: str = "application/json") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


def only(place: Place, data: bytes) -> Answer:
    (answer,) = ask(place, data)
    return answer


def code(answer: Answer) -> int:
    assert answer.status == 200
    return int(json.loads(answer.body)["errorCode"])


# --- too long -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", [LONGEST + 1, 9_000_000])
def test_a_body_somewhat_too_long_is_told_so(declared: int, place: Place) -> None:
    """A client reads its answer only after it has sent everything."""
    assert only(place, post(PATH, b" " * declared)).status == 413


@pytest.mark.parametrize("declared", [10_000_000, 2**31, 2**63, 10**18])
def test_a_body_much_too_long_is_refused_by_its_declared_length(declared: int, place: Place) -> None:
    assert only(place, post(PATH, b"", declared)).status == 413


def test_the_longest_body_there_may_be(place: Place) -> None:
    body = b"{" + b" " * (LONGEST - 2) + b"}"
    assert code(only(place, post(PATH, body))) == 1019
    assert only(place, post(PATH, body + b" ")).status == 413


def test_chunks_without_end(place: Place) -> None:
    """The door hangs up, though the client would go on."""
    began = time.monotonic()
    with place.connect() as connection, pytest.raises((ConnectionError, ssl.SSLError)):
        send_chunks(connection, began + READ_SECONDS + 10)
    assert time.monotonic() - began < READ_SECONDS


def send_chunks(connection: socket.socket, until: float) -> None:
    connection.sendall(
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    while time.monotonic() < until:
        connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def test_long_bodies_at_once_do_not_take_the_memory(bridge: Bridge, plain: Place) -> None:
    """Uploads may be long; forty of them, each without its last byte, are more than the bridge keeps."""
    process = psutil.Process(bridge_pid(bridge))
    before = process.memory_info().rss
    open_ones = []
    body = b'{"a": "' + b"x" * 8_000_000
    try:
        statuses = []
        for _ in range(40):
            connection = plain.connect()
            open_ones.append(connection)
            with suppress(OSError):
                connection.settimeout(2)
                connection.sendall(post(UPLOAD, body, len(body) + 10))
            connection.settimeout(0.05)
            with suppress(OSError):
                statuses += re.findall(rb"HTTP/1.1 (\d+)", connection.recv(65536))
        used = process.memory_info().rss - before
        assert b"503" in statuses
        assert used < 500_000_000
        assert [answer.status for answer in ask(plain, HEALTH)] == [200]
    finally:
        for connection in open_ones:
            connection.close()


def bridge_pid(bridge: Bridge) -> int:
    """The process that listens on the plain port."""
    port = int(bridge.ready["legacy_http"].rsplit(":", 1)[1])
    for found in psutil.net_connections("tcp4"):
        if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid:
            return found.pid
    raise AssertionError("nobody listens there")


# --- too deep, too strange ----------------------------------------------------------------------------------

STRANGE = {
    "deep lists": b"[" * 500_000,
    "deep objects": b'{"a":' * 150_000,
    "deep and closed": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a long number": b'{"CardType": ' + b"9" * 500_000 + b"}",
    "a long fraction": b'{"CardType": 0.' + b"9" * 500_000 + b"}",
    "a huge exponent": b'{"CardType": 1e999999999}',
    "NaN": b'{"CardType": NaN}',
    "many names": json.dumps({f"n{i}": 0 for i in range(60_000)}).encode(),
    "one name many times": b"{" + b",".join([b'"a": 1'] * 100_000) + b"}",
    "a lone surrogate": b'{"pBuffer": "\\ud800", "CardType": "\\udfff"}',
    "NUL in names": b'{"\\u0000": 1, "Card\\u0000Type": 2}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "cp950": '{"a": "測試"}'.encode("cp950"),
    "gzip": b"\x1f\x8b\x08" + b"\0" * 100,
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
    "no object": b'"text"',
    "a number": b"1",
    "half": b'{"CardType": ',
    "two": b"{} {}",
    "nothing but marks": b"\xef\xbb\xbf" * 3,
}


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "text/plain; charset=x", "\xff"]
)
def test_strange_bodies(name: str, kind: str, plain: Place) -> None:
    data = post("/VHC/VHChisGetCardStatus", STRANGE[name], kind="K").replace(
        b"Type: K", b"Type: " + kind.encode("latin-1")
    )
    assert code(only(plain, data)) != FAULT_OF_THE_BRIDGE


def test_any_json_on_every_path(bridge: Bridge) -> None:
    """Names that the path knows with anything in them: 200 and a code, or the statuses of its document; no
    fault of the bridge behind any of them.
    """
    chance = random.Random(6)
    log_before = bridge.log.stat().st_size
    url = bridge.ready["legacy_http"]
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        document = client.get("/swagger/v1/swagger.json").json()
        schemas = document["components"]["schemas"]
        for path, methods in document["paths"].items():
            for number in range(12):
                body = json.dumps(body_for(methods["post"], schemas, chance)).encode("utf-8", "replace")
                query = {} if number % 3 else {"token": "\u2028", "username": chance.choice(WORDS[:8])}
                reply = client.post(path, content=body, params=query)
                assert reply.status_code in {200, *map(int, methods["post"]["responses"])}, (path, reply.text)
                assert reply.status_code != 500
    with bridge.log.open("rb") as log:
        log.seek(log_before)
        assert b"fault of the bridge" not in log.read()


JUNK = [*WORDS, None, True, 0, -1, 32768, 10**30, 1.5, [], {}, [None], {"a": "\ud800"}, "\ud800", "A" * 5000]


def body_for(operation: dict, schemas: dict, chance: random.Random) -> object:
    """A body with the names of the document, damaged."""
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    names = schemas[reference.rsplit("/", 1)[1]].get("properties", {})
    good = {name: chance.choice(WORDS) for name in names if chance.random() < 0.9}
    return damaged(good, chance, JUNK) if chance.random() < 0.9 else chance.choice(JUNK)


def test_the_table_is_served_whole(bridge: Bridge) -> None:
    """So that the test above has met every path."""
    documented = httpx.get(bridge.ready["legacy_http"] + "/swagger/v1/swagger.json", trust_env=False).json()[
        "paths"
    ]
    assert {route.path for route in default_table().routes} <= set(documented)
