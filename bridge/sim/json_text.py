"""JSON as it comes in requests."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # what raw_decode calls; typeshed lacks it


@lru_cache(maxsize=64)
def is_json(media_type: str) -> bool:
    """Whether a Content-Type is that of JSON, whatever its parameters."""
    return media_type.partition(";")[0].strip().lower() == "application/json"


def parsed(content: bytes) -> Any:
    """JSON, whatever it is written in; UTF-8 without blanks around it, as nearly always, without detours.
    Raises ValueError, RecursionError.
    """
    try:
        text = content.decode()
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except (ValueError, StopIteration):
        pass  # what is wrong with it, or different, is found out below
    return json.loads(content)
