"""JSON as it comes in requests."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from msgspec import DecodeError
from msgspec.json import Decoder

_decode = Decoder().decode


@lru_cache(maxsize=64)
def is_json(media_type: str) -> bool:
    """Whether a Content-Type is that of JSON, whatever its parameters."""
    return media_type.partition(";")[0].strip().lower() == "application/json"


def parsed(content: bytes) -> Any:
    """JSON, whatever it is written in. Raises ValueError, RecursionError."""
    try:
        return _decode(content)
    except DecodeError:
        return json.loads(content)  # which also takes what is no strict JSON, or not in UTF-8
