"""The settings that are not left to their defaults, and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bridge.config.places import paths_of
from bridge.config.settings import Settings, sources_of
from bridge.config.sources import all_values, place_of
from bridge.words import Said, said

SECRET = "***"  # noqa: S105 - what stands in the place of one


class InUse(NamedTuple):
    """A setting with its value as text (``SECRET`` for what others should not see) and its place."""

    name: str
    value: str
    place: Said


def in_use(file: Path | None, overrides: Mapping[str, Any]) -> list[InUse]:
    """The settings that somebody has set. In: as :func:`bridge.config.load_settings`. Raises ConfigError."""
    sources = sources_of(file, overrides)
    values = all_values(sources)
    listed = []
    for names in paths_of(values):
        value = _at(values, names)
        if isinstance(value, dict):
            continue
        place = place_of(sources, names)
        text = SECRET if _is_secret(names) else json.dumps(value, ensure_ascii=False, default=str)
        listed.append(InUse(".".join(names), text, place or said("default")))
    return listed


def _at(values: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    found: Any = values
    for name in names:
        found = found[name]
    return found


def _is_secret(names: tuple[str, ...]) -> bool:
    """Whether it is a PIN or a password, or who somebody is."""
    field = _field(Settings, names)
    return field is not None and (
        not field.repr or SecretStr in (field.annotation, *get_args(field.annotation))
    )


def _field(model: type[BaseModel], names: tuple[str, ...]) -> FieldInfo | None:
    """What is known of a setting; of an entry of a table of sections, that of the entry's own setting."""
    field = model.model_fields.get(names[0])
    if field is None or len(names) == 1:
        return field
    kind, further = field.annotation, names[1:]
    if get_origin(kind) is dict:
        kind, further = get_args(kind)[-1], further[1:]
    if further and isinstance(kind, type) and issubclass(kind, BaseModel):
        return _field(kind, further)
    return field
