"""Requests as they are written, byte for byte: nothing is tidied on the way."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    fields: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field.lower() == name]


def ask(
    address: str,
    method: str,
    target: str,
    body: bytes | Iterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = 20.0,
) -> Answer:
    """One request on a connection of its own. An iterable goes in chunks."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=seconds)
    try:
        chunked = body is not None and not isinstance(body, bytes)
        given = dict(headers or {})
        if chunked:
            given["Transfer-Encoding"] = "chunked"
        connection.request(method, target, body, given, encode_chunked=chunked)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()
