"""mappings/migration/readiness.yaml: what 6.0 changes for a function, and what habits mean there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Literal

from pydantic import Field

from bridge.errors import TableError
from bridge.table.model.rows import Function, Table
from bridge.table.model.spec import Identifier, Provenance, Spec
from bridge.trace.data import load_data

Level = Literal["stop", "check", "note"]
LEVELS: tuple[Level, ...] = ("stop", "check", "note")
FILE = "readiness.yaml"


class Advice(Spec):
    """A text for people in both languages. ``level``: it does not work any more (stop), it works otherwise
    than before (check), it is good to know (note).
    """

    level: Level
    en: str = Field(min_length=10)
    zh: str = Field(min_length=5)
    provenance: Provenance


class Change(Advice):
    """What 6.0 changes for some functions."""

    functions: tuple[Identifier, ...] = Field(min_length=1)


class Way(Spec):
    """A way that a program needs once in a while, by ``functions``. It is looked for where the program calls
    one of ``wanted_by``: ``known`` or ``unknown`` is what is then said.
    """

    functions: tuple[Identifier, ...] = Field(min_length=1)
    wanted_by: tuple[Identifier, ...] = Field(min_length=1)
    known: Advice
    unknown: Advice

    def judged(self, called: Collection[str]) -> Advice | None:
        """What there is to say of a program that calls these functions; None where it needs no such way."""
        if not any(name in called for name in self.wanted_by):
            return None
        return self.known if any(name in called for name in self.functions) else self.unknown


class ReadinessData(Spec):
    """The whole file. ``statuses``: by a row's status, for functions that no change is about. ``site``: what
    holds whatever the program does.
    """

    statuses: dict[Literal["unsupported", "beyond", "assumed"], Advice]
    changes: tuple[Change, ...]
    ways: dict[Identifier, Way]
    site: tuple[Advice, ...]
    habits: dict[Identifier, Advice]

    def about(self, row: Function) -> Iterator[Advice]:
        """What there is to say of a function."""
        found = [change for change in self.changes if row.name in change.functions]
        yield from found
        if row.status != "mapped" and (row.status == "assumed" or not found):
            yield self.statuses[row.status]


@cache
def readiness_data() -> ReadinessData:
    """The project's own file, read once. Raises TableError."""
    return load_data(FILE, ReadinessData)


def check_readiness(data: ReadinessData, table: Table) -> None:
    """Raises TableError for a change, or a way, that is about no function of the table."""
    named = [("changes", name) for change in data.changes for name in change.functions]
    named += [("ways", name) for way in data.ways.values() for name in (*way.functions, *way.wanted_by)]
    unknown = sorted({(where, name) for where, name in named if name not in table.functions})
    if unknown:
        raise TableError([f"{FILE}: {where}: there is no function {name}" for where, name in unknown])
