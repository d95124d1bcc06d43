"""Scenarios as YAML texts, piece by piece.

A world made of a hospital's trace has tens of thousands of cards, all of short plain values. They are written
here, byte for byte as PyYAML writes them, which takes ten times as long; whatever is not plain is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

WIDTH = 110
MOST_KEPT = 8192
LONGEST = 40  # characters: these are never wrapped
_InC: Any = getattr(
    yaml, "CSafeDumper", yaml.SafeDumper
)  # a package without libyaml has none; its texts are the same
_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][0-9A-Za-z_\u4e00-\u9fff]{0,39}")
_DIGITS = re.compile(r"[0-9]{1,40}")
_NUMBER = re.compile(r"0|0[0-7]+|[1-9][0-9]*")  # what YAML would take for one
_WORDS = frozenset({"yes", "no", "true", "false", "on", "off", "null"})


class _Dumper(_InC):  # type: ignore[misc]
    """Without references, which scenarios do not take."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _NotPlainError(Exception):
    """Something that is left to PyYAML."""


def scenario_text(document: Mapping[str, Any]) -> str:
    """A scenario as YAML."""
    return "".join(scenario_pieces(document.items()))


def scenario_pieces(items: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The YAML of a scenario's keys and values, which may give its cards one by one."""
    for key, value in items:
        if key != "cards" or isinstance(value, str | Mapping) or not isinstance(value, Iterable):
            yield _dumped({key: value})
            continue
        head = f"{key}:\n"
        for entry in value:
            yield head + _entry_text(entry)
            head = ""
        if head:
            yield f"{key}: []\n"


def _dumped(value: object) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH))


def _entry_text(entry: object) -> str:
    """An entry of a list."""
    lines: list[str] = []
    try:
        _write(entry, "", "- ", lines)
    except _NotPlainError:
        return _dumped([entry])
    return "\n".join(lines) + "\n"


def _write(value: Any, indent: str, first: str, lines: list[str]) -> None:
    """Add the lines of an entry; ``first`` stands before its first line, ``indent`` before what follows."""
    if not isinstance(value, dict) or not value:
        lines.append(first + _scalar(value))
        return
    inner = indent + "  "
    for key, each in value.items():
        if not (isinstance(key, str) and _PLAIN.fullmatch(key)):
            raise _NotPlainError
        head = f"{first}{_scalar(key)}:"
        first = inner
        if isinstance(each, dict) and each:
            lines.append(head)
            _write(each, inner, inner + "  ", lines)
        elif isinstance(each, list) and each:
            lines.append(head)
            for item in each:
                _write(item, inner, inner + "- ", lines)
        else:
            lines.append(f"{head} {_scalar(each)}")


def _scalar(value: object) -> str:
    if type(value) is str:
        return _TEXTS[value]
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    if value is None:
        return "null"
    if value == [] or value == {}:
        return str(value)
    raise _NotPlainError


class _Texts(dict[str, str]):
    """Texts as they are written. Raises _NotPlainError for one that may need several lines."""

    def __missing__(self, text: str) -> str:
        if len(self) >= MOST_KEPT:
            self.clear()
        self[text] = written = _written(text)
        return written


def _written(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if _DIGITS.fullmatch(text):
        return f"'{text}'" if _NUMBER.fullmatch(text) else text
    written = _dumped([text])[2:-1]
    if len(written) > LONGEST or "\n" in written:
        raise _NotPlainError
    return written


_TEXTS = _Texts()
