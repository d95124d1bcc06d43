"""Settings from texts by name: CSHIS_BRIDGE_CLOUD__READ_TIMEOUT of the environment is ``read_timeout`` of
``[cloud]``, and so is ``cloud.read_timeout`` of Windows' registry.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from bridge.config.machine import PLACE
from bridge.errors import ConfigError
from bridge.words import Said, said

ENVIRONMENT_PREFIX = "CSHIS_BRIDGE_"
OTHERS = (
    "CSHIS_BRIDGE_CONFIG",  # the settings file
    "CSHIS_BRIDGE_CUTOVER_DIR",  # of the native library
    "CSHIS_BRIDGE_TIMEOUT",  # likewise
    "CSHIS_BRIDGE_TOKEN_FILE",  # likewise
    "CSHIS_BRIDGE_PYTHONPATH",  # of the library with the engine inside
    "CSHIS_BRIDGE_SUPERVISED",  # of the program that starts at log-on on Windows
    "CSHIS_BRIDGE_WHEEL",  # of the build
)
"""Variables that begin like those of settings and are none; ``data_dir`` is a setting."""
_BETWEEN_NAMES = "__"
_LIKE = 0.75
_WORD = r"[^\s,;=\"'{}\[\]]+"
_ENTRY = rf"(?:{_WORD}|\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\](?::\d+)?)"  # such as [::1]
_LIST = re.compile(rf"{_ENTRY}(?:;{_ENTRY})*")
_TABLE = re.compile(rf"{_WORD}={_WORD}(?:;{_WORD}={_WORD})*")


def settings_of_environment(environment: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """The settings that stand in an environment, sections as dictionaries; letter case does not count.

    A whole section, a table or a list is written in JSON, anything else as it is; lists and tables of texts
    also as plain entries: ``one;two``, ``5=COM3;6=COM4``. Raises ConfigError, with the variable's name, where
    it is neither, and where nobody reads a variable of this name.
    """
    found: dict[str, Any] = {}
    for names, variable in variables(environment, model).items():
        _put(found, [*names], _value(_kind(model, [*names]), variable, environment[variable]))
    return found


def variables(environment: Mapping[str, str], model: type[BaseModel]) -> dict[tuple[str, ...], str]:
    """The variables that hold settings, by the names of what they set; a section before its settings, which
    win. Raises ConfigError for one that begins like ours and that nobody reads: it is misspelt.
    """
    found: dict[tuple[str, ...], str] = {}
    for variable in sorted(environment):
        if not variable.upper().startswith(ENVIRONMENT_PREFIX):
            continue
        names = tuple(variable[len(ENVIRONMENT_PREFIX) :].lower().split(_BETWEEN_NAMES))
        if names[0] in model.model_fields:
            found[names] = variable
        elif variable.upper() not in OTHERS:
            raise ConfigError(_misspelt(variable, model))
    return found


def _misspelt(variable: str, model: type[BaseModel]) -> Said:
    others = [name.removeprefix(ENVIRONMENT_PREFIX) for name in OTHERS]
    typed = variable.upper().removeprefix(ENVIRONMENT_PREFIX)
    close = difflib.get_close_matches(typed, [*others, *_all_variables(model, "")], 3, _LIKE)
    if not close:
        return said("environment variable {name}: there is no such setting", name=variable)
    return said(
        "environment variable {name}: there is no such setting; did you mean {names}?",
        name=variable,
        names=", ".join(f"{ENVIRONMENT_PREFIX}{name}" for name in close),
    )


def _all_variables(model: type[BaseModel], outer: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield f"{outer}{name.upper()}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _all_variables(field.annotation, f"{outer}{name.upper()}{_BETWEEN_NAMES}")


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
            raise ConfigError(
                said(
                    "{name}: JSON is needed, such as {{...}} or [...]; texts also as one;two or "
                    "5=COM3;6=COM4",
                    name=variable,
                )
            ) from error
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
