"""Settings from texts by name: CSHIS_BRIDGE_CLOUD__READ_TIMEOUT of the environment is ``read_timeout`` of
``[cloud]``, and so is ``cloud.read_timeout`` of Windows' registry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from bridge.config.machine import PLACE
from bridge.errors import ConfigError

ENVIRONMENT_PREFIX = "CSHIS_BRIDGE_"
_BETWEEN_NAMES = "__"
_WANTED = "JSON is needed, such as {...} or [...]; texts also as one;two or 5=COM3;6=COM4"
_WORD = r"[^\s,;=\"'{}\[\]]+"
_ENTRY = rf"(?:{_WORD}|\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\](?::\d+)?)"  # such as [::1]
_LIST = re.compile(rf"{_ENTRY}(?:;{_ENTRY})*")
_TABLE = re.compile(rf"{_WORD}={_WORD}(?:;{_WORD}={_WORD})*")


def settings_of_environment(environment: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """The settings that stand in an environment, sections as dictionaries; letter case does not count.

    A whole section, a table or a list is written in JSON, anything else as it is; lists and tables of texts
    also as plain entries: ``one;two``, ``5=COM3;6=COM4``. A first name that ``model``
    does not have belongs to somebody else, such as CSHIS_BRIDGE_TIMEOUT to the native library.
    Raises ConfigError, with the variable's name, where it is neither.
    """
    found: dict[str, Any] = {}
    for variable in sorted(environment):  # a section before its settings, which win
        if not variable.upper().startswith(ENVIRONMENT_PREFIX):
            continue
        names = variable[len(ENVIRONMENT_PREFIX) :].lower().split(_BETWEEN_NAMES)
        if names[0] in model.model_fields:
            _put(found, names, _value(_kind(model, names), variable, environment[variable]))
    return found


def settings_of_machine(texts: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """The settings that stand in the registry: ``cloud.url`` by name. Unlike the environment all of it is the
    bridge's own, so a name that ``model`` does not have stays in and is an error later, as in a file.
    Raises ConfigError, with place and name, as above.
    """
    found: dict[str, Any] = {}
    for name in sorted(texts):
        names = name.lower().split(".")
        _put(found, names, _value(_kind(model, names), f"{PLACE}: {name}", texts[name]))
    return found


def merged(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    """Both, section by section."""
    both = dict(weaker)
    for name, value in stronger.items():
        below = both.get(name)
        both[name] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def _kind(model: type[BaseModel], names: list[str]) -> Any:
    """The type of the setting with these names; text where there is none: that is found as an error later."""
    kind: Any = model
    for name in names:
        if _is_section(kind):
            field = kind.model_fields.get(name)
            kind = field.annotation if field is not None else str
        else:
            kind = get_args(kind)[-1] if get_origin(kind) is dict else str
    return kind


def _value(kind: Any, variable: str, text: str) -> Any:
    if not _is_section(kind) and get_origin(kind) not in (dict, tuple):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        plain = None if _is_section(kind) else _plain_entries(kind, text)
        if plain is None:
            raise ConfigError(f"{variable}: {_WANTED}") from error
        return plain


def _plain_entries(kind: Any, text: str) -> list[str] | dict[str, str] | None:
    """Entries with ; between them, where they are texts: a command line does not lose them as it does the
    quotes of JSON. None where it is something else.
    """
    if str not in get_args(kind)[:1] or _is_section(get_args(kind)[-1]):
        return None
    if get_origin(kind) is tuple:
        return text.split(";") if _LIST.fullmatch(text) else None
    if not _TABLE.fullmatch(text):
        return None
    return dict(entry.split("=", 1) for entry in text.split(";"))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _put(settings: dict[str, Any], names: list[str], value: Any) -> None:
    for name in reversed(names[1:]):
        value = {name: value}
    settings.update(merged(settings, {names[0]: value}))
