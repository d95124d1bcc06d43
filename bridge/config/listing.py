"""The settings with the place that each comes from: those that somebody has set, and all of a bridge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from bridge.config.places import paths_of
from bridge.config.settings import Settings, sources_of
from bridge.config.sources import Names, Source, all_values, place_of
from bridge.errors import ConfigError
from bridge.words import Said, said

DEFAULT = said("default")
OTHERWISE = said("command line, or changed since the start")
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
        listed.append(InUse(".".join(names), _text(names, value), place or DEFAULT))
    return listed


def of_running(settings: Settings, file: Path | None) -> list[InUse]:
    """All settings of a bridge that runs, those that are left to their defaults as well. In: the settings,
    and the file that they were read from. A place is told where what stands there now is what the bridge has;
    else it is ``OTHERWISE``. A setting without a value has the text "".
    """
    sources, said_now = _sources_now(file)
    given = set(paths_of(all_values(sources)))
    values = settings.model_dump(mode="json")
    listed = []
    for names in paths_of(values):
        value = _at(values, names)
        if isinstance(value, dict):
            continue
        place = (place_of(sources, names) if names in given else None) or DEFAULT
        agreed = _at(said_now, names) == value
        text = "" if value is None else _text(names, value)
        listed.append(InUse(".".join(names), text, place if agreed else OTHERWISE))
    return listed


def _sources_now(file: Path | None) -> tuple[list[Source], dict[str, Any]]:
    """What the sources say at this moment, and the settings that this makes; a file that can no longer be
    used says nothing.
    """
    try:
        sources = sources_of(file, {})
        return sources, Settings.model_validate(all_values(sources)).model_dump(mode="json")
    except (ConfigError, ValidationError):
        return [], Settings().model_dump(mode="json")


def _text(names: Names, value: Any) -> str:
    return SECRET if _is_secret(names) else json.dumps(value, ensure_ascii=False, default=str)


def _at(values: Mapping[str, Any], names: Names) -> Any:
    """The value of a setting; None where there is none."""
    found: Any = values
    for name in names:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def _is_secret(names: Names) -> bool:
    """Whether it is a PIN or a password, or who somebody is."""
    field = _field(Settings, names)
    return field is not None and (
        not field.repr or SecretStr in (field.annotation, *get_args(field.annotation))
    )


def _field(model: type[BaseModel], names: Names) -> FieldInfo | None:
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
