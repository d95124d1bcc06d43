"""Names of JSON as ASP.NET writes them unless told otherwise: ``statusCode`` for the member ``StatusCode``.

A server that leaves this out (its old default, or one line of its settings) sends the members' own names.
"""

from __future__ import annotations

from typing import Any


def camel_cased(value: Any) -> Any:
    """The value with its objects' names as ASP.NET writes them by default, to any depth."""
    if isinstance(value, dict):
        return {camel_name(name): camel_cased(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [camel_cased(inner) for inner in value]
    return value


def camel_name(name: str) -> str:
    """The capitals with which a name begins in small letters, but for one that begins its next word: HcId is
    hcId, SAMId is samId, ID is id.
    """
    capitals = len(name) - len(name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    small = capitals if capitals in (1, len(name)) else max(capitals - 1, 0)
    return name[:small].lower() + name[small:]
