"""The settings in use, for people: each with the place that it comes from, and without anything secret."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from bridge.config import ENVIRONMENT_PREFIX, Settings

HIDDEN = "(hidden)"


def settings_rows(settings: Settings, file: Path | None) -> list[dict[str, str]]:
    """A row for each setting: ``name``, ``value``, ``source`` (``environment``, ``file``, ``elsewhere`` for
    an option or Windows' registry, ``default``). In: the settings in use, and the file that they were read
    from.
    """
    written = dict(_flat(_content(file)))
    unset = dict(_values(Settings(), ""))
    return [
        {"name": name, "value": value, "source": _source(name, value, written, unset)}
        for name, value in _values(settings, "")
    ]


def _source(name: str, value: str, written: Mapping[str, Any], unset: Mapping[str, str]) -> str:
    variable = f"{ENVIRONMENT_PREFIX}{name.upper().replace('.', '__')}"
    if any(variable == each.upper() for each in os.environ):
        return "environment"
    if any(name == each or each.startswith(f"{name}.") for each in written):
        return "file"
    return "default" if unset.get(name) == value else "elsewhere"


def _values(section: BaseModel, outer: str) -> Iterator[tuple[str, str]]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _values(value, f"{outer}{name}.")
        else:
            yield f"{outer}{name}", _shown(value)


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case SecretStr():
            return HIDDEN if value.get_secret_value() else ""
        case BaseModel():
            return "{" + ", ".join(f"{name}: {text}" for name, text in _values(value, "") if text) + "}"
        case Mapping():
            return ", ".join(f"{key} = {_shown(each)}" for key, each in value.items())
        case list() | tuple():
            return ", ".join(map(_shown, value))
    return str(value)


def _content(file: Path | None) -> dict[str, Any]:
    try:
        return {} if file is None else tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _flat(content: Mapping[str, Any], outer: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{outer}{name}.")
        else:
            yield f"{outer}{name}", value
