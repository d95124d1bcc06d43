"""Where a request that passes through goes at the portal: the path as it came, if nothing in it could lead
elsewhere. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes, urlencode

from bridge.errors import PathRefused

MOST_ROUNDS = 3  # of %-escapes within %-escapes
_PLAIN = re.compile(rb"(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)+/?")
_HALF_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UNFIT = re.compile(rb"[^\x21-\x7e]")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f\\]")


def portal_target(prefix: str, path: bytes, query: bytes) -> bytes:
    """The target of a request at the portal.

    In: the ``prefix`` of all paths, in small letters; path and query as the client wrote them. Slashes too
    many at the beginning do not count: programs put a base address with a slash before a path with one.
    Out: ASCII; what was escaped stays so. Raises PathRefused for a path that is not below the prefix, or
    that somebody on the way may read as another one: steps up (``..``, however they are written), empty
    steps, escaped slashes, backslashes, control characters.
    """
    path = b"/" + path.lstrip(b"/")
    if not path.lower().startswith(prefix.encode()):
        raise PathRefused("it is not below the portal's prefix")
    if not _PLAIN.fullmatch(path):
        _check(path)
    target = path + b"?" + query if query else path
    return _UNFIT.sub(_escaped, target) if _UNFIT.search(target) else target


def with_parameters(target: bytes, values: Mapping[str, str]) -> bytes:
    """The target with these parameters. One of the same name that stands there already, in any letter case
    and however it is written, goes: portals read the first of two, or both as one text.
    """
    target = without_parameters(target, values)
    return target + (b"&" if b"?" in target else b"?") + urlencode(values).encode()


def without_parameters(target: bytes, names: Iterable[str]) -> bytes:
    """The target, or the address of one, without parameters of these names, however they are written."""
    path, _, query = target.partition(b"?")
    dropped = {name.lower().encode() for name in names}
    given = query.split(b"&") if query else []
    kept = [part for part in given if unquote_to_bytes(part.partition(b"=")[0]).lower() not in dropped]
    return path + b"?" + b"&".join(kept) if kept else path


def _check(path: bytes) -> None:
    """Raises PathRefused."""
    steps = path.count(b"/")
    for _ in range(MOST_ROUNDS):
        if _HALF_ESCAPE.search(path):
            raise PathRefused("a % without two hexadecimal digits")
        if _CONTROL.search(path):
            raise PathRefused("a backslash or a control character")
        if any(_leads_elsewhere(step) for step in path.removesuffix(b"/").split(b"/")[1:]):
            raise PathRefused("an empty step, or one up")
        plain = unquote_to_bytes(path)
        if plain == path:
            break
        path = plain
    else:
        raise PathRefused("escapes within escapes")
    if path.count(b"/") != steps:
        raise PathRefused("an escaped slash")
    try:
        path.decode()
    except UnicodeDecodeError as error:
        raise PathRefused("no UTF-8") from error


def _leads_elsewhere(step: bytes) -> bool:
    """Whether nothing but dots and blanks is left of a step; some servers cut off what follows a ``;``."""
    return not step.partition(b";")[0].strip(b". ")


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"%%%02X" % found[0][0]
