"""The text that lines of a trace have in common, and the pattern that knows many such lines at once.

A template is what a line is made of: texts, and holes for what differs between lines that mean the same to
whoever judges them. All that stands in a hole is written in one way only, so that a line which fits is read
without any doubt: base64 of so many bytes, a number, a time (but for its hour).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TOOK = (rb"[1-9][0-9]{0,10}+\.[0-9]", rb"0\.[0-9]", rb"[1-9][0-9]{0,10}+")  # in microseconds
_HEAD = (
    rb'\{"call":([1-9][0-9]{0,14}+),"time":"'
    rb"([1-9][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}+)"
    rb'Z","thread":[1-9][0-9]{0,9}+,'
)
NUMBER, TIME = 1, 2  # groups of every pattern: number of the call, and when it began

_VALUE = rb'"[A-Za-z0-9+/=]*"|null|\{[^{}"]*(?:"[^"\\]*"[^{}"]*)*\}'
_MEMBER = re.compile(rb'"([A-Za-z0-9_]+)":(%b)' % _VALUE)
_MEMBERS = rb'(?:"[A-Za-z0-9_]+":(?:%b),?)*' % _VALUE
_LINE = re.compile(
    _HEAD + rb'((?:"door":"[a-z]+",)?"function":"[A-Za-z0-9_]+","in":\{)(%b)(\},"code":-?[0-9]+,"us":)'
    rb'([0-9.]+)(,"out":\{)(%b)(\}\}\r?\n)' % (_MEMBERS, _MEMBERS)
)
_THREAD_AND_TOOK = re.compile(rb'Z","thread":([0-9]+),.*?\},"code":-?[0-9]+,"us":([0-9.]+),', re.DOTALL)
_NUMBER = re.compile(rb'(\{"i16":-?[0-9]+,"i32":)(-?[0-9]+)\}')
_DIRTY = tuple(
    sign + digits
    for sign in (b"", b"-")
    for digits in (rb"[1-9][0-9]{5,8}+", rb"1[0-9]{9}+", rb"2[01][0-9]{8}+")
)
_BASE64 = re.compile(rb'"((?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2,4})(={0,2})"')


@dataclass(frozen=True, slots=True)
class Hole:
    """What differs: a pattern without groups; ``name``: by which it is asked for, "" where it is not. Without
    a pattern: the same text again as in the hole of that name.
    """

    pattern: bytes
    name: str = ""


Unit = bytes | Hole
Template = tuple[Unit, ...]
Fate = Callable[[str, str], int | str]  # of an argument's bytes, see template_of


def template_of(line: bytes, fate: Fate) -> Template | None:
    """The template of a call's line; None of one that is not written as recorders do.

    ``fate`` says, of "in" or "out" and the name of an argument, what becomes of its bytes: a number: they
    differ but for so many at their beginning; a text: all of them differ, and are asked for by that name.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    head, given, middle, took, behind, answered, end = found.group(3, 4, 5, 6, 7, 8, 9)
    before, after = _members(given), _members(answered)
    usual = next((pattern for pattern in _TOOK if re.fullmatch(pattern, took)), None)
    if before is None or after is None or usual is None:
        return None
    dirty = {
        name: pattern
        for name, value in before.items()
        if (pattern := _dirty(value)) and (not after.get(name, b"").startswith(b"{") or after[name] == value)
    }
    given_units = _units(
        "in", before, {name: Hole(dirty[name], f"wide {name.decode()}") for name in dirty}, fate
    )
    units = _units("out", after, {name: Hole(b"", f"wide {name.decode()}") for name in dirty}, fate)
    return _joined([head, *given_units, middle, Hole(usual), behind, *units, end])


def thread_and_microseconds(line: bytes) -> tuple[int, float]:
    """Of a line that fits a template: the thread, and how long the call took."""
    found = _THREAD_AND_TOOK.search(line)
    assert found is not None  # noqa: S101 - every template has them
    return int(found[1]), float(found[2])


def _members(text: bytes) -> dict[bytes, bytes] | None:
    """The arguments of one side, as they are written; None where one stands there twice."""
    members = [(each[1], each[2]) for each in _MEMBER.finditer(text)]
    if len({name for name, _ in members}) < len(members):
        return None
    return dict(members) if b",".join(b'"%b":%b' % member for member in members) == text else None


def _dirty(value: bytes) -> bytes | None:
    """For a number whose upper half is neither empty nor a sign: the pattern of numbers of which that holds,
    whatever their lower half is.
    """
    found = _NUMBER.fullmatch(value)
    if found is None:
        return None
    for pattern in _DIRTY:
        if re.fullmatch(pattern, found[2]):
            return pattern
    return None


def _units(
    side: str, members: Mapping[bytes, bytes], wide: Mapping[bytes, Hole], fate: Fate
) -> Iterator[Unit]:
    for place, (name, value) in enumerate(members.items()):
        yield b'%b"%b":' % (b"," if place else b"", name)
        number = _NUMBER.fullmatch(value) if name in wide else None
        if number is not None:
            yield number[1]
            yield wide[name]
            yield b"}"
        else:
            yield from _value(value, fate(side, name.decode()))


def _value(value: bytes, fate: int | str) -> Iterator[Unit]:
    text = _BASE64.fullmatch(value)
    if text is None or len(text[1] + text[2]) % 4:
        yield value
        return
    kept = -(-fate // 3) * 4 if isinstance(fate, int) else 0
    name = "" if isinstance(fate, int) else fate
    yield b'"' + text[1][:kept]
    if text[1][kept:]:
        yield Hole(b"[A-Za-z0-9+/]{%d}+%b" % (len(text[1][kept:]), text[2]), name)
    else:
        yield text[2]
    yield b'"'


def _joined(units: Sequence[Unit]) -> Template:
    """Without texts that follow one another."""
    joined: list[Unit] = []
    for unit in units:
        if joined and isinstance(unit, bytes) and isinstance(joined[-1], bytes):
            joined[-1] += unit
        else:
            joined.append(unit)
    return tuple(joined)


# --- many of them -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """Templates as one pattern, of a line that fits one of them. ``places``: by the number of the last group
    of a match, which template it is, and the groups of its holes by their names.
    """

    pattern: re.Pattern[bytes]
    places: Mapping[int, tuple[Template, Mapping[str, int]]]


def known(templates: Sequence[Template]) -> Known:
    """The pattern of these templates; of two that a line fits, the one that comes first counts."""
    tree: _Tree = {}
    for template in templates:
        node = tree
        for unit in template:
            for each in [unit] if isinstance(unit, Hole) else unit:
                node = node.setdefault(each, {})
        node[None] = template
    writer = _Writer()
    return Known(re.compile(b"%b%b" % (_HEAD, writer.written(tree, {}))), writer.places)


_Tree = dict[Any, Any]  # by the next byte or hole, what may follow; a template where it ends


class _Writer:
    """Writes a tree of templates as a pattern, and notes which group is what."""

    def __init__(self) -> None:
        self.places: dict[int, tuple[Template, Mapping[str, int]]] = {}
        self._groups = TIME

    def written(self, node: _Tree, names: Mapping[str, int]) -> bytes:
        """The pattern of a tree below holes with these names."""
        text, own = b"", False  # own: whether the last group is that of one template
        while len(node) == 1:
            ((unit, below),) = node.items()
            if unit is None:
                self._groups += not own
                self.places[self._groups] = below, names
                return text if own else text + b"()"
            node = below
            if isinstance(unit, Hole) and not unit.pattern:
                text += b"(?:\\%d)" % names[unit.name]
            elif isinstance(unit, Hole) and unit.name:
                self._groups += 1
                names, own = {**names, unit.name: self._groups}, True
                text += b"(%b)" % unit.pattern
            else:
                text += unit.pattern if isinstance(unit, Hole) else re.escape(bytes((unit,)))
        branches = [self.written({unit: below}, names) for unit, below in node.items()]
        return text + b"(?:%b)" % b"|".join(branches)
