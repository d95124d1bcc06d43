"""Where an upstream is, and the head of a request to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

KEPT_IN_PATH = "/%:@!$&'()*+,;=~[]"  # what is not escaped in a path, beside letters, digits and - . _
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an upstream listens. ``base``: the path that stands before that of each request, without a slash
    at its end.
    """

    scheme: str
    host: str
    port: int
    base: str

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an address. Raises ValueError where it is none."""
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        if not host or parts.scheme not in PORTS:
            raise ValueError("not an address to ask")
        return cls(parts.scheme, host, parts.port or PORTS[parts.scheme], parts.path.rstrip("/"))

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken there."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and, where it is not the usual one, port: the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def target(self, path: str) -> str:
        """The target of a request below this origin, escaped; what was escaped already stays."""
        whole, _, query = f"{self.base}/{path.lstrip('/')}".partition("#")[0].partition("?")
        escaped = quote(whole, safe=KEPT_IN_PATH)
        return f"{escaped}?{quote(query, safe=KEPT_IN_PATH + '?')}" if query else escaped


def headers(origin: Origin, method: str, length: int | None, media_type: str) -> Iterator[tuple[str, str]]:
    """The headers of a request with a body of so many bytes, None without one."""
    yield "Host", origin.authority
    yield "Accept-Encoding", "identity"  # small replies; nothing to unpack, nothing to burst
    if length is not None:
        yield "Content-Type", media_type
    yield "Accept", "*/*"
    if length is not None or method != "GET":
        yield "Content-Length", str(length or 0)


def head(origin: Origin, method: str, path: str, media_type: str | None) -> tuple[bytes, bytes]:
    """The head of a request with a body of ``media_type`` (None: without one), in two parts: between them
    stands the number of bytes of its body. The second part is empty for a request that names none.
    """
    length = None if media_type is None else 0
    named = [f"{name}: {value}" for name, value in headers(origin, method, length, media_type or "")]
    lines = "\r\n".join([f"{method} {origin.target(path)} HTTP/1.1", *named, "", ""]).encode("ascii")
    before, mark, behind = lines.rpartition(b"Content-Length: 0")
    return (before + mark[:-1], behind) if mark else (lines, b"")
