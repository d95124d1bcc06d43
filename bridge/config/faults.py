"""What is wrong with a setting, in words of ours."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from bridge.config.base import model_of
from bridge.errors import ConfigError
from bridge.words import Said, joined, said

LIKE = 0.6


class UnusableSettings(ConfigError):
    """Settings that cannot be used. ``faults``: a line for each thing that is wrong, with its place."""

    def __init__(self, faults: Sequence[Said]) -> None:
        super().__init__(joined(faults))
        self.faults = faults


_BOUNDS: Mapping[str, Callable[[Any], Said]] = {
    "greater_than": lambda bound: said("must be above {bound}", bound=f"{bound['gt']:g}"),
    "greater_than_equal": lambda bound: said("must be {bound} or more", bound=f"{bound['ge']:g}"),
    "less_than": lambda bound: said("must be below {bound}", bound=f"{bound['lt']:g}"),
    "less_than_equal": lambda bound: said("must be at most {bound}", bound=f"{bound['le']:g}"),
    "literal_error": lambda known: said("must be one of: {choices}", choices=known["expected"]),
    "string_pattern_mismatch": lambda known: said("must have the form {pattern}", pattern=known["pattern"]),
    "string_too_short": lambda known: said(
        "must have {length} characters or more", length=known["min_length"]
    ),
}
_KINDS: Mapping[str, Said] = {
    "missing": said("is needed here"),
    "finite_number": said("must be a number"),
    "int_parsing": said("must be a whole number"),
    "int_type": said("must be a whole number"),
    "int_from_float": said("must be a whole number"),
    "float_parsing": said("must be a number"),
    "float_type": said("must be a number"),
    "bool_parsing": said("must be true or false"),
    "bool_type": said("must be true or false"),
    "string_type": said("must be a text"),
    "path_type": said("must be the path of a file"),
    "dict_type": said("must be a table"),
    "tuple_type": said("must be a list"),
    "model_type": said("is a section: it has settings, not a value"),
}


def faults_of(
    error: ValidationError, model: type[BaseModel], place: Callable[[tuple[str, ...]], Said | None]
) -> list[Said]:
    """A line for each fault. ``place``: where a setting stands, None where nobody says it."""
    lines = []
    for each in error.errors():
        names = tuple(str(part) for part in each["loc"])
        told = said("{setting}: {what}", setting=".".join(names), what=_what(dict(each), names, model))
        where = place(names)
        lines.append(told if where is None else said("{place}: {fault}", place=where, fault=told))
    return lines


def _what(fault: Mapping[str, Any], names: tuple[str, ...], model: type[BaseModel]) -> Said | str:
    kind, known = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_setting(names, model)
    if kind in _BOUNDS:
        return _BOUNDS[kind](known)
    if kind == "value_error":
        told = known["error"].args
        return str(told[0]) if told and not isinstance(told[0], Said) else told[0]
    return _KINDS.get(kind, str(fault["msg"]))


def unknown_setting(names: tuple[str, ...], model: type[BaseModel]) -> Said:
    """That there is no such setting, and which one may have been meant: in its section, else anywhere."""
    around = model_of(model, names[:-1])
    close = difflib.get_close_matches(names[-1].lower(), list(around.model_fields) if around else [], 3, LIKE)
    meant = [".".join((*names[:-1], name)) for name in close] or _elsewhere(names[-1], model)
    if not meant:
        return said("there is no such setting")
    return said("there is no such setting; did you mean {names}?", names=", ".join(meant))


def _elsewhere(name: str, model: type[BaseModel], outer: str = "") -> list[str]:
    """Settings of exactly this name in other sections."""
    found = []
    for each, field in model.model_fields.items():
        if each == name.lower():
            found.append(f"{outer}{each}")
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _elsewhere(name, kind, f"{outer}{each}.")
    return found
