"""One answer is read the same however it is cut, and only its true head says how its body comes."""

from __future__ import annotations

import gzip
import weakref

import pytest

from bridge.upstream.answer import AnswerReader, NoAnswer
from bridge.upstream.transport import Answer

BODY = b'{"statusCode":0}'
PACKED = gzip.compress(BODY, mtime=0)
HEAD = b"HTTP/1.1 200 OK\r\n"
SIZED = b"Content-Length: %d\r\n"
CHUNKED = b"%x\r\n%b\r\n0\r\n"
PLAIN = HEAD + SIZED % len(BODY) + b"\r\n" + BODY
HINT = b"HTTP/1.1 103 Early Hints\r\nContent-Encoding: gzip\r\nLink: </a>\r\n\r\n"

WHOLE = {
    "plain": (PLAIN, True),
    "names in capitals": (HEAD + b"CONTENT-LENGTH: 16\r\nX: content-encoding\r\n\r\n" + BODY, True),
    "packed": (HEAD + b"cOnTeNt-EnCoDiNg: gzip\r\n" + SIZED % len(PACKED) + b"\r\n" + PACKED, True),
    "packed in chunks": (
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
        + CHUNKED % (len(PACKED), PACKED) + b"\r\n",
        True,
    ),
    "chunks whose trailer speaks of packing": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        + CHUNKED % (16, BODY) + b"Content-Encoding: gzip\r\n\r\n",
        False,
    ),
    "a hint before it that speaks of packing": (HINT + PLAIN, False),
    "the last of two packings": (
        HEAD + b"Content-Encoding: gzip\r\nContent-Encoding: identity\r\n" + SIZED % 16 + b"\r\n" + BODY,
        True,
    ),
    "closing": (HEAD + b"Connection: close\r\n" + SIZED % 16 + b"\r\n" + BODY, False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n" + SIZED % 16 + b"\r\n" + BODY, False),
}  # fmt: skip


@pytest.mark.parametrize("step", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize(("data", "exact"), WHOLE.values(), ids=WHOLE)
def test_however_it_is_cut(data: bytes, exact: bool, step: int) -> None:
    reader = AnswerReader()
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    assert [reader.feed(piece) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert reader.exact is exact
    assert reader.answer() == Answer(200, BODY)


@pytest.mark.parametrize("step", [1, 10_000])
def test_what_stands_behind_it_is_none_of_it(step: int) -> None:
    reader, data = AnswerReader(), PLAIN + HEAD + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"
    for at in range(0, len(data), step):
        reader.feed(data[at : at + step])
    assert not reader.exact
    assert reader.answer() == Answer(200, BODY)


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        (HEAD + b"\r\n" + BODY, True),
        (HEAD + b"X: Content-Length\r\n\r\n" + BODY, True),
        (HEAD + b"CONTENT-length: 17\r\n\r\n" + BODY, False),
        (HEAD + b"transfer-ENCODING: chunked\r\n\r\n10\r\n" + BODY, False),
        (HEAD + b"X: y\r\n", False),
        (HINT, False),
        (HINT + HEAD + b"\r\n" + BODY, True),
    ],
)
def test_the_end_of_the_connection_ends_only_an_answer_without_a_length(data: bytes, ends: bool) -> None:
    reader = AnswerReader()
    assert not reader.feed(data)
    assert reader.end() is ends
    assert not reader.exact
    if ends:
        assert reader.answer() == Answer(200, BODY)


def test_a_packing_that_nobody_knows_is_no_answer() -> None:
    reader = AnswerReader()
    reader.feed(HEAD + b"Content-Encoding: br\r\n" + SIZED % 16 + b"\r\n" + BODY)
    with pytest.raises(NoAnswer, match="unknown"):
        reader.answer()


def test_nothing_of_it_stays_when_it_was_given_out() -> None:
    reader = AnswerReader()
    reader.feed(PLAIN)
    reader.answer()
    gone = weakref.ref(reader)
    del reader
    assert gone() is None  # at once: it may hold a patient's data
