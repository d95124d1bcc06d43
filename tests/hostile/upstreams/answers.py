"""Answers byte by byte, and what is right to come of each."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

from bridge.errors import BadReply, Dropped, HttpFault, UpstreamError

MINE = b'{"statusCode":0,"whose":"mine"}'
STRANGERS = b'{"statusCode":0,"whose":"a stranger\'s"}'


def answer(body: bytes = MINE, *more: str, start: str = "HTTP/1.1 200 OK") -> bytes:
    """A whole answer with its length."""
    lines = [start, "content-type: application/json", *more, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def head(*lines: str, start: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([start, *lines, "", ""]).encode()


def chunked(body: bytes, size: int = 7, *, extension: str = "", trailers: str = "") -> bytes:
    pieces = [body[position : position + size] for position in range(0, len(body), size)]
    chunks = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension.encode(), piece) for piece in pieces)
    return head("transfer-encoding: chunked") + chunks + f"0{extension}\r\n{trailers}\r\n".encode()


@dataclass(frozen=True)
class Case:
    """What is sent for one request. ``outcome``: "mine" where the answer is taken, else our exception;
    ``kept``: whether the connection may be asked again.
    """

    name: str
    raw: bytes
    outcome: str | type[UpstreamError] = "mine"
    kept: bool = False
    then: str = "keep"
    http_status: int = 0


UPGRADE = ("upgrade: websocket", "connection: upgrade")
BIG = 70_000
PACKED = gzip.compress(MINE)
CASES = [
    # taken in, and the connection is good for more
    Case("ordinary", answer(), kept=True),
    Case("header names in capitals", answer().replace(b"content-length", b"CONTENT-LENGTH"), kept=True),
    Case("header names in any case", answer().replace(b"content-length", b"cOnTeNt-LeNgTh"), kept=True),
    Case("no reason behind the status", answer(start="HTTP/1.1 200"), kept=True),
    Case("in chunks", chunked(MINE), kept=True),
    Case("in chunks of one byte", chunked(MINE, 1), kept=True),
    Case("in chunks with extensions", chunked(MINE, extension=";a=b;c"), kept=False),
    Case("in chunks, named in capitals", chunked(MINE).replace(b"chunked", b"CHUNKED"), kept=True),
    Case(
        "HTTP/1.0 that says it stays",
        answer(MINE, "connection: keep-alive", start="HTTP/1.0 200 OK"), kept=True,
    ),
    Case("an empty header", answer(MINE, "x-empty:"), kept=True),
    Case("a head of 30 kB", answer(MINE, "x: " + "y" * 30_000), kept=True),
    Case("packed by gzip, unasked", answer(PACKED, "content-encoding: gzip"), kept=True),
    Case("packed by deflate, unasked", answer(zlib.compress(MINE), "content-encoding: deflate"), kept=True),
    Case("packed by raw deflate", answer(zlib.compress(MINE)[2:-4], "Content-Encoding: Deflate"), kept=True),
    Case("called identity", answer(MINE, "content-encoding: identity"), kept=True),
    # taken in, and the connection ends
    Case("connection: close", answer(MINE, "Connection: close"), then="close"),
    Case("connection: close, and it stays open", answer(MINE, "Connection: close")),
    Case("HTTP/1.0", answer(start="HTTP/1.0 200 OK")),
    Case("HTTP/1.0 until the end", head(start="HTTP/1.0 200 OK") + MINE, then="close"),
    Case("until the end", head() + MINE, then="close"),
    Case("trailers", chunked(MINE, trailers="x-checksum: 1\r\n")),
    Case("100 before it", head(start="HTTP/1.1 100 Continue") + answer()),
    Case(
        "102 and 103 before it",
        head(start="HTTP/1.1 102 P") + head("link: x", start="HTTP/1.1 103 E") + answer(),
    ),
    Case("100 that names a length", head("content-length: 5", start="HTTP/1.1 100 Continue") + answer()),
    Case("blank lines before it", b"\r\n\r\n" + answer()),
    Case("200 that offers an upgrade", answer(MINE, "upgrade: h2c"), kept=True),
    Case("a second answer", answer() + answer(STRANGERS)),
    Case("a second answer behind chunks", chunked(MINE) + answer(STRANGERS)),
    Case("an error behind it", answer() + answer(STRANGERS, start="HTTP/1.1 500 Oops")),
    Case("half an answer behind it", answer() + answer(STRANGERS)[:30]),
    Case("a byte behind it", answer() + b"x"),
    Case("a line end behind it", answer() + b"\r\n"),
    Case("a line end behind chunks", chunked(MINE) + b"\r\n"),
    Case("the end of chunks behind it", answer() + b"0\r\n\r\n"),
    Case("a megabyte behind it", answer() + b"y" * 1_000_000),
    Case("bytes behind the last answer", answer(MINE, "Connection: close") + answer(STRANGERS)),
    # answers without a body
    Case("204", head(start="HTTP/1.1 204 No Content"), HttpFault, True, http_status=204),
    Case(
        "204 with a length",
        head("content-length: 0", start="HTTP/1.1 204 No"), HttpFault, True, http_status=204,
    ),
    Case("204 with a body", answer(start="HTTP/1.1 204 No Content"), HttpFault, http_status=204),
    Case(
        "304",
        head("content-length: 31", start="HTTP/1.1 304 Not Modified"), HttpFault, True, http_status=304,
    ),
    Case("nothing in it", answer(b""), BadReply, True),
    Case("no chunk in it", chunked(b""), BadReply, True),
    Case(
        "101",
        head(*UPGRADE, start="HTTP/1.1 101 Switching Protocols") + b"\x81\x05hello", HttpFault,
        http_status=101,
    ),
    Case(
        "101 without an upgrade", head(start="HTTP/1.1 101 Switching Protocols"), HttpFault, http_status=101,
    ),
    Case("404", answer(start="HTTP/1.1 404 Not Found"), HttpFault, True, http_status=404),
    Case("999", answer(start="HTTP/1.1 999 Odd"), HttpFault, True, http_status=999),
    # not to be taken in
    Case("only line feeds", answer().replace(b"\r\n", b"\n"), Dropped),
    Case("a line feed alone in the head", answer().replace(b"json\r\n", b"json\n"), Dropped),
    Case("a line feed alone behind a chunk's size", chunked(MINE).replace(b"7\r\n", b"7\n", 1), Dropped),
    Case("a carriage return alone", answer().replace(b"json\r\n", b"json\r"), Dropped),
    Case("a null in a header", answer(MINE, "x: a\0b"), Dropped),
    Case("a space before the colon", answer().replace(b"content-length:", b"content-length :"), Dropped),
    Case("a folded header", answer(MINE, "x: a", " b"), Dropped),
    Case("a header without a name", answer(MINE, ": a"), Dropped),
    Case("a head of 70 kB", answer(MINE, "x: " + "y" * BIG), Dropped),
    Case("a head of many headers", answer(MINE, *(f"x-{number}: y" for number in range(8000))), Dropped),
    Case("a reason of 70 kB", answer(start="HTTP/1.1 200 " + "y" * BIG), Dropped),
    Case("a chunk's extension of 70 kB", chunked(MINE, 31, extension=";" + "y" * BIG), Dropped),
    Case("trailers of 70 kB", chunked(MINE, 31, trailers="x: " + "y" * BIG + "\r\n"), Dropped),
    Case("1xx without end", head(start="HTTP/1.1 100 Continue") * 5000, Dropped),
    Case("a length and chunks", chunked(MINE).replace(b"\r\n", b"\r\ncontent-length: 3\r\n", 1), Dropped),
    Case(
        "chunks and a length",
        chunked(MINE).replace(b"chunked\r\n", b"chunked\r\ncontent-length: 3\r\n"), Dropped,
    ),
    Case("a trailer that names a length", chunked(MINE, trailers="content-length: 3\r\n"), Dropped),
    Case("two lengths", answer(MINE, "content-length: 3"), Dropped),
    Case("a negative length", answer().replace(b"length: ", b"length: -"), Dropped),
    Case("a length in hexadecimal", answer().replace(b"length: 31", b"length: 0x1f"), Dropped),
    Case("a length beyond all numbers", answer().replace(b"length: 31", b"length: " + b"9" * 30), Dropped),
    Case("a chunk's size that is none", chunked(MINE).replace(b"7\r\n", b"z\r\n", 1), Dropped),
    Case(
        "a chunk's size beyond all numbers", chunked(MINE).replace(b"7\r\n", b"f" * 20 + b"\r\n", 1), Dropped,
    ),
    Case("a chunk longer than it says", chunked(MINE).replace(b"7\r\n", b"6\r\n", 1), Dropped),
    Case("no HTTP", b"220 mail.example ESMTP\r\n", Dropped),
    Case("TLS in plain HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Dropped),
    Case("a request", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Dropped),
    Case("HTTP/2's own beginning", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Dropped),
    Case("a status in letters", answer(start="HTTP/1.1 2OO OK"), Dropped),
    Case("nothing, and closed", b"", Dropped, then="close"),
    Case("nothing, and reset", b"", Dropped, then="reset"),
    Case("100 and closed", head(start="HTTP/1.1 100 Continue"), Dropped, then="close"),
    Case("chunks without their end", chunked(MINE)[:-5], Dropped, then="close"),
    Case("chunked, and closed before the first", head("transfer-encoding: chunked"), Dropped, then="close"),
    Case("shorter than its length", answer()[:-1], Dropped, then="close"),
    Case("a body cut, without a length", head() + MINE[:-1], BadReply, then="close"),
    Case("said to be packed", answer(MINE, "content-encoding: gzip"), Dropped, then="keep"),
    Case("packed and cut", answer(PACKED[:-9], "content-encoding: gzip"), Dropped),
    Case("packed in an unknown way", answer(MINE, "content-encoding: br"), Dropped),
    Case("a bomb", answer(gzip.compress(bytes(40_000_000)), "content-encoding: gzip"), BadReply),
]  # fmt: skip
