"""What a refusal by HTTP says of a request: the names of the fields that it finds fault with, nothing else.

ASP.NET answers a body that does not fit its model by HTTP 400 with ``{"title": ..., "errors": {"token": ["The
token field is required."]}}`` (RFC 7807), before 2.2 with what stands in ``errors`` alone. The sentences may
repeat what was sent; the names cannot.
"""

from __future__ import annotations

import json
import re

LONGEST = 65_536
MOST_FIELDS = 10
_NAME = re.compile(r"(?:\$\.)?[A-Za-z_][A-Za-z_0-9.\[\]]{0,40}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{4}")  # names have none; an id or a number that stands there has


def blamed_fields(body: bytes) -> tuple[str, ...]:
    """The fields' names, none where the body is of another kind."""
    if not body or len(body) > LONGEST:
        return ()
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    errors = said.get("errors", said) if isinstance(said, dict) else None
    if not isinstance(errors, dict) or not all(isinstance(each, list) for each in errors.values()):
        return ()
    return tuple(name for name in errors if _NAME.fullmatch(name) and not _DIGITS.search(name))[:MOST_FIELDS]
