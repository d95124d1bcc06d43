"""HTTP/1.1 messages read whole from a stream: what the proxy needs to know where a request or reply ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Message:
    """A whole request or reply: the head with its blank line, and the body."""

    head: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        return self.head + self.body

    @property
    def start(self) -> list[str]:
        """The words of the first line."""
        return self.head.split(b"\r\n", 1)[0].decode("ascii").split(" ")

    def field(self, name: str) -> object:
        """A name of the JSON object in the body, None where there is none."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return None
        return content.get(name) if isinstance(content, dict) else None

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """All names in the JSON of the body, at any depth, each with the kind of its value."""
        try:
            return frozenset(_names(json.loads(self.body)))
        except ValueError:
            return frozenset()


KINDS = {str: "text", int: "number", float: "number", bool: "truth", list: "list", dict: "object"}


def _names(content: object) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield name, KINDS.get(type(value), "null")
            yield from _names(value)
    elif isinstance(content, list):
        for each in content:
            yield from _names(each)


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Up to the blank line. Raises IncompleteReadError at the end of the connection."""
    return await reader.readuntil(HEAD_END)


async def read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """The body that belongs to a head, as it stands on the wire."""
    headers = dict(_header(line) for line in head.split(b"\r\n")[1:] if line)
    if headers.get(b"transfer-encoding") == b"chunked":
        return await _chunks(reader)
    return await reader.readexactly(int(headers.get(b"content-length", b"0")))


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.strip().lower()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    raw = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        data = await reader.readexactly(int(line.split(b";")[0], 16) + 2)
        raw += line + data
        if data == b"\r\n":
            return raw


def reply(body: bytes, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """A whole HTTP reply. ``more``: further header lines, each with its line end."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}content-length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body
