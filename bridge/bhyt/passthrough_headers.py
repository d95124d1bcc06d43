"""Which headers pass through: all that are meant for the other end, none about the way there. Pure."""

from __future__ import annotations

from collections.abc import Iterable

Fields = list[tuple[bytes, bytes]]

_OF_ONE_CONNECTION = frozenset({
    b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te",
    b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings",
})  # fmt: skip
# Written anew, or about the way to the bridge, which the portal need not know and clients could invent.
_NOT_SENT_ON = _OF_ONE_CONNECTION | {
    b"host", b"content-length", b"expect", b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host",
    b"x-forwarded-port", b"x-forwarded-proto", b"x-real-ip",
}  # fmt: skip
# Written anew, or a promise of the portal's about its own name: a browser would hold the bridge to it.
_NOT_HANDED_BACK = _OF_ONE_CONNECTION | {
    b"date", b"strict-transport-security", b"alt-svc", b"public-key-pins",
}  # fmt: skip
_ORDINARY = (b"keep-alive", b"close")
WITHOUT_LENGTH = (204, 304)


def sent_on(fields: Iterable[tuple[bytes, bytes]], packed: bool = True) -> Fields:
    """The headers of a request for the portal. In: names in small letters; ``packed`` False: the answer is
    to be read here and must not be packed.
    """
    kept = _kept(fields, _NOT_SENT_ON)
    if not packed:
        kept = [field for field in kept if field[0] != b"accept-encoding"]
        kept.append((b"accept-encoding", b"identity"))
    return kept


def handed_back(fields: Iterable[tuple[bytes, bytes]], status: int, portal: bytes) -> Fields:
    """The headers of an answer for the client. A redirection within the ``portal`` (scheme and host) becomes
    one within the bridge.
    """
    kept = _kept(fields, _NOT_HANDED_BACK)
    if status in WITHOUT_LENGTH:
        kept = [field for field in kept if field[0] != b"content-length"]
    if 300 <= status < 400:
        kept = [(name, _within(value, portal) if name == b"location" else value) for name, value in kept]
    return kept


def _kept(fields: Iterable[tuple[bytes, bytes]], dropped: frozenset[bytes]) -> Fields:
    """All but those of these names, and those that Connection names as its own."""
    named: set[bytes] = set()
    kept = []
    for field in fields:
        if field[0] not in dropped:
            kept.append(field)
        elif field[0] == b"connection" and field[1].lower() not in _ORDINARY:
            named |= {token.strip().lower() for token in field[1].split(b",")}
    return [field for field in kept if field[0] not in named] if named else kept


def _within(location: bytes, portal: bytes) -> bytes:
    if location.lower().startswith(portal + b"/"):
        return location[len(portal) :]
    return location
