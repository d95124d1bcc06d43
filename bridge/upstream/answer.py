"""One HTTP/1 answer, read from the bytes of a connection as they come.

llhttp parses, strictly. Around it stands what it does not see to: how long an answer may be, and whether its
last byte was also the last that came. A connection with anything behind an answer must not be used again:
what was left over would become the answer to the next request, which may be about another patient.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import httptools

from bridge.upstream.transport import MOST_REPLY_BYTES, Answer

HEAD_END = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
MOST_FRAMING = 65_536  # bytes of an answer that are not its body: heads, chunk sizes, trailers
FRAMING_PER_BODY_BYTE = 16  # ... and as many more as small chunks need
SWITCHING = 101
PACKING = b"content-encoding"


class NoAnswer(Exception):
    """What came is no HTTP, or no answer that could be read to its end."""


class TooLong(Exception):
    """The body is longer than :data:`MOST_REPLY_BYTES`; the rest of it was not taken in."""

    def __init__(self) -> None:
        super().__init__(f"an answer of more than {MOST_REPLY_BYTES} bytes")


class AnswerReader:
    """Reads one answer. ``status``: its HTTP status, 0 while unknown. ``done``: its last byte is there."""

    # what holds until something else is seen
    status = 0
    done = False
    _start = b""  # what came so far, until the end of the head is there
    _last = b""  # what came last, a few bytes at least
    _raw_bytes = _head_bytes = _body_bytes = 0
    _body: bytes | bytearray = b""
    _head_done = _chunked = _preceded = _keep_alive = False
    _packing: bytes | None = None  # what is said of how the body is packed
    most_body: float = MOST_REPLY_BYTES

    def __init__(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self.on_header = self._header_keeper()  # called by the parser
        self._parser = httptools.HttpResponseParser(self)

    def _header_keeper(self) -> Callable[[bytes, bytes], None]:
        """What keeps a header. Nothing of ours runs for each of them."""
        return self._headers.__setitem__

    def feed(self, data: bytes) -> bool:
        """Take in what came. Out: whether the answer is whole. Raises NoAnswer, TooLong."""
        self._raw_bytes += len(data)
        if not self._head_bytes:
            end = data.find(HEAD_END) if not self._start else -1
            self._head_bytes = end + len(HEAD_END) if end >= 0 else self._find_head(data)
        self._last = data if len(data) >= len(LAST_CHUNK) else self._last[1 - len(LAST_CHUNK) :] + data
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # also for what stands behind a whole answer
            if not self.done:
                raise NoAnswer("the answer is no HTTP") from error
            self._keep_alive = False
        if self._raw_bytes > MOST_FRAMING:
            self._check_length()
        return self.done

    def _check_length(self) -> None:
        """Raises TooLong, NoAnswer."""
        if self._body_bytes > self.most_body:
            raise TooLong
        if self._framing_bytes() > MOST_FRAMING + FRAMING_PER_BODY_BYTE * self._body_bytes:
            raise NoAnswer("the answer's head is too long")

    def end(self) -> bool:
        """The connection has ended in order. Out: whether that ends the answer, as it may where nothing says
        how long the body is.
        """
        self._keep_alive = False
        if self._head_done and self._header(b"content-length") is self._header(b"transfer-encoding") is None:
            self.done = True
        return self.done

    @property
    def exact(self) -> bool:
        """Whether the connection can be used again: the other side keeps it, one answer came, and not a byte
        behind it. Where that is not certain, it is not so.
        """
        if not self._keep_alive or self._preceded or not self.done:
            return False
        if self._chunked:
            return self._last.endswith(LAST_CHUNK)
        return self._raw_bytes == self._head_bytes + self._body_bytes

    def answer(self) -> Answer:
        """The whole answer, once; nothing is read after it. Raises NoAnswer when its packing is broken or of
        an unknown kind, TooLong.
        """
        del self._parser  # the two hold each other: what is left of an answer need not wait for the collector
        body = bytes(self._body)
        return Answer(self.status, unpacked(body, self._packing) if self._packing and body else body)

    def _header(self, wanted: bytes) -> bytes | None:
        """The value of a header, None where it is missing. In: its name in small letters."""
        values = [value for name, value in self._headers.items() if name.lower() == wanted]
        return values[-1] if values else None

    def _framing_bytes(self) -> int:
        """How much came beside the body; without what stands behind it, where its end is known."""
        if self.done and not self._chunked and not self._preceded:
            return self._head_bytes
        return self._raw_bytes - self._body_bytes

    def _find_head(self, data: bytes) -> int:
        """The length of the first head, which comes in pieces; 0 while it has no end."""
        self._start += data
        end = self._start.find(HEAD_END)
        return end + len(HEAD_END) if end >= 0 else 0

    # --- called by the parser -------------------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """Note the status, and what is said of the body; trailers say nothing. 1xx comes before the true
        answer.
        """
        if self.done:
            return
        if PACKING in b" ".join(self._headers).lower():  # hardly ever
            self._packing = self._header(PACKING)
        self.status = self._parser.get_status_code()
        self._keep_alive = self._parser.should_keep_alive()
        self._head_done = True

    def on_chunk_header(self) -> None:
        """The body comes in chunks."""
        self._chunked = True

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the body, if it is not too much."""
        if self.done:
            return
        self._body_bytes += len(piece)
        if not self._body:
            self._body = piece
        elif self._body_bytes <= MOST_REPLY_BYTES:
            if isinstance(self._body, bytes):
                self._body = bytearray(self._body)
            self._body += piece

    def on_message_complete(self) -> None:
        """The answer is whole, unless it was one of 1xx: those are passed over."""
        if self.done:
            return
        if 100 <= self.status < 200 and self.status != SWITCHING:
            self._preceded = True
            self._head_done = False
            self._headers.clear()
            self._packing = None
            return
        self.done = True


def unpacked(body: bytes, packed: bytes) -> bytes:
    """A packed body, which nobody asked for, unpacked as far as an answer may be long."""
    kind = packed.strip().lower()
    if kind == b"identity":
        return body
    if kind == b"gzip":
        bits = 16 + zlib.MAX_WBITS
    elif kind == b"deflate":
        bits = zlib.MAX_WBITS if body[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS
    else:
        raise NoAnswer("the answer is packed in an unknown way")
    unpacking = zlib.decompressobj(bits)
    try:
        content = unpacking.decompress(body, MOST_REPLY_BYTES + 1)
    except zlib.error as error:
        raise NoAnswer("the answer is not packed as it says") from error
    if len(content) > MOST_REPLY_BYTES:
        raise TooLong
    if not unpacking.eof:
        raise NoAnswer("the answer is not packed as it says")
    return content
