"""The sections ``[routes]`` and ``[moved]`` of cshis-bridge.ini, as native/cutover/routes.c reads them.

A file with one wrong line is refused as a whole, here before it is placed and there before it is obeyed.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bridge.errors import ConfigError
from bridge.installing.ini import SECTIONS, from_ansi
from bridge.table.codegen.sources import is_comparable
from bridge.table.model.cutover import Cutover, GroupKind
from bridge.table.model.rows import Table
from bridge.words import Said, said

ORIGINAL, BRIDGE = "original", "bridge"
BRIDGE_COMPARED, ORIGINAL_COMPARED = "bridge, compared", "original, compared"
BRIDGE_ELSE_ORIGINAL = "bridge, original if unreachable"
ROUTES = (BRIDGE, ORIGINAL, BRIDGE_COMPARED, ORIGINAL_COMPARED, BRIDGE_ELSE_ORIGINAL)
COMPARED = (BRIDGE_COMPARED, ORIGINAL_COMPARED)
STAGE = "stage"
MOST_BYTES = 65536
MOST_STAGE = 63  # bytes of a stage's name
BLANKS = " \t\r"
MARK = "\ufeff"
TAKEN: Mapping[GroupKind, tuple[str, ...]] = {
    "session": (),
    "card": (ORIGINAL, BRIDGE, *COMPARED),
    "free": ROUTES,
    "together": (ORIGINAL, BRIDGE),
    "dropped": (ORIGINAL, BRIDGE),
}


@dataclass(frozen=True, slots=True)
class Routing:
    """What a file says: the stage's name, "" where it gives none; the route of each group and function that
    it names; the side of each function that is done with the card moved.
    """

    stage: str = ""
    routes: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_original(self) -> bool:
        """Whether it names the old software anywhere."""
        return any(ORIGINAL in route for route in (*self.routes.values(), *self.moved.values()))


def text_of_file(data: bytes) -> str:
    """The file as the library reads it. Raises ConfigError for one that it refuses before its first line."""
    if len(data) > MOST_BYTES:
        raise ConfigError(said("it is longer than {most} bytes", most=MOST_BYTES))
    if b"\0" in data:
        raise ConfigError(said("it is no plain text: save it as ANSI or UTF-8"))
    if data.startswith(BOM_UTF8):
        return data.removeprefix(BOM_UTF8).decode("utf-8", errors="replace")
    return from_ansi(data)


def read_routing(text: str, table: Table) -> Routing | None:
    """In: the whole file. Out: None where it says nothing about routes. Raises ConfigError with the number of
    the first wrong line.
    """
    reader = _Reader(table)
    for number, line in enumerate(text.removeprefix(MARK).split("\n"), start=1):
        fault = reader.take(line.strip(BLANKS))
        if fault is not None:
            raise ConfigError(said("line {number}: {fault}", number=number, fault=fault))
    return Routing(reader.stage, reader.routes, reader.moved) if reader.section else None


def written(routing: Routing) -> str:
    """The sections as text, with CR LF."""
    return "".join(f"{line}\r\n" for line in _lines(routing))


def _lines(routing: Routing) -> Iterator[str]:
    yield SECTIONS[0]
    if routing.stage:
        yield f"{STAGE}={routing.stage}"
    yield from (f"{name}={route}" for name, route in routing.routes.items())
    if routing.moved:
        yield SECTIONS[1]
        yield from (f"{name}={side}" for name, side in routing.moved.items())


class _Reader:
    """Takes one line after the other."""

    def __init__(self, table: Table) -> None:
        if table.cutover is None:
            raise ConfigError(said("this table has no cutover.yaml"))
        self._table, self._cutover = table, table.cutover
        self._rows = {row.name: row for row in table.exported()}
        self.section = self.stage = ""
        self.routes: dict[str, str] = {}
        self.moved: dict[str, str] = {}

    def take(self, line: str) -> Said | None:
        """Out: what is wrong with it, None for nothing."""
        if not line or line[0] in ";#":
            return None
        if line.startswith("["):
            if line not in SECTIONS:
                return said("the sections are [routes] and [moved]")
            self.section = line
            return None
        if not self.section:
            return None
        key, equals, value = (part.strip(BLANKS) for part in line.partition("="))
        if not equals:
            return said("a line is FUNCTION=ROUTE")
        if self.section == SECTIONS[0] and key == STAGE:
            self.stage = value
            too_long = len(value.encode()) > MOST_STAGE
            return said("the stage's name is too long") if too_long else None
        return self._pair(key, value)

    def _pair(self, key: str, value: str) -> Said | None:
        known = key in self._rows or (key in self._cutover.groups and self.section == SECTIONS[0])
        if not known:
            return said("there is no such function or group")
        if value not in ROUTES:
            return said("there is no such route")
        if self.section == SECTIONS[1]:
            return self._moved(key, value)
        fault = self._row_fault(key, value) if key in self._rows else self._group_fault(key, value)
        if fault is None and key in self.routes:
            fault = said("it stands there twice")
        self.routes[key] = value
        return fault

    def _moved(self, key: str, value: str) -> Said | None:
        if _kind(self._cutover, key) != "card":
            return said("only a function that touches the card is done with the card moved")
        if value not in (ORIGINAL, BRIDGE):
            return said("here the route is original or bridge")
        fault = said("it stands there twice") if key in self.moved else None
        self.moved[key] = value
        return fault

    def _group_fault(self, key: str, value: str) -> Said | None:
        kind = self._cutover.groups[key].kind
        if kind == "session":
            return said("this group has no route of its own: it is carried out wherever the others need it")
        return None if value in TAKEN[kind] else said("this group cannot have that route")

    def _row_fault(self, key: str, value: str) -> Said | None:
        row, kind = self._rows[key], _kind(self._cutover, key)
        if kind in ("session", "together"):
            return said("this function goes with its group")
        if value not in TAKEN[kind] or (kind != "free" and value in COMPARED):
            return said("this function cannot have that route")
        if value in COMPARED and not is_comparable(self._table, row):
            return said("the answers of this function cannot be compared")
        if value == BRIDGE_ELSE_ORIGINAL and row.status == "unsupported":
            return said("6.0 has no such function: its route is original or bridge")
        return None


def _kind(cutover: Cutover, name: str) -> GroupKind:
    return cutover.groups[cutover.group_of(name)].kind
