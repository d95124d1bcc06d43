"""Whether an answer that passes through refuses the token that the bridge has lent: only its beginning is
taken for that, and goes on to the program like the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from bridge.bhyt.model import LookupFamily
from bridge.bhyt.passthrough_target import without_parameters
from bridge.upstream.streaming import OpenAnswer

UNAUTHORIZED = 401
MOST_LOOKED_AT = 65_536  # bytes of an answer that are looked through for a refused token
_LEADS = frozenset({b"location", b"content-location", b"refresh"})
_OF_THE_BODY = frozenset({b"content-length", b"content-type", b"content-encoding", b"transfer-encoding"})
_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"


class Seen(NamedTuple):
    """What was taken of an answer's body; ``whole``: that is all of it."""

    begin: bytes
    whole: bool


NOTHING = Seen(b"", False)


def without_lent(answer: OpenAnswer, names: Iterable[str]) -> OpenAnswer:
    """An answer to a request with a token of the bridge's. Where it leads elsewhere, it repeats the request's
    parameters: those of these ``names`` go, and so does its body, which says the same for people.
    """
    if not 300 <= answer.status < 400:
        return answer
    kept = [field for field in answer.fields if field[0] not in _OF_THE_BODY]
    fields = [(name, without_parameters(value, names) if name in _LEADS else value) for name, value in kept]
    return answer._replace(fields=fields, whole=b"")


async def look_at(answer: OpenAnswer) -> Seen:
    """The body of an answer that may be a short JSON object; the beginning of another one. Nothing is taken
    of one that says to be longer. Raises UpstreamError.
    """
    if answer.whole is not None:
        return Seen(answer.whole, True)
    length = dict(answer.fields).get(b"content-length")
    if length is not None and not (length.isdigit() and int(length) <= MOST_LOOKED_AT):
        return NOTHING
    taken = b""
    async for piece in answer.pieces():
        taken += piece
        told = taken.lstrip(_BEFORE_JSON)[:1]
        if len(taken) > MOST_LOOKED_AT or told not in (b"{", b""):
            return Seen(taken, False)
    return Seen(taken, True)


def refuses_token(family: LookupFamily, status: int, seen: Seen) -> bool:
    """Whether the portal refuses token or account: by its HTTP status, or by the result in a short answer,
    under its name in any letter case.
    """
    if status == UNAUTHORIZED:
        return True
    if not seen.whole or not seen.begin or len(seen.begin) > MOST_LOOKED_AT:
        return False
    try:
        reply = json.loads(seen.begin)
    except (ValueError, RecursionError):
        return False
    if not isinstance(reply, dict):
        return False
    wanted = family.reply.result.lower()
    results = {str(value).strip() for name, value in reply.items() if name.strip().lower() == wanted}
    listed = (family.results.get(result) for result in results)
    return any(each is not None and each.about == "account" for each in listed)
