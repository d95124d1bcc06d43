"""How a site moves to 6.0 in stages: which exports go together, and where calls and answers name whom."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bridge.table.model.spec import Identifier, Spec

GroupKind = Literal["session", "card", "free", "together", "dropped"]


class Words(Spec):
    """A text in both languages."""

    en: str
    zh: str


class CutoverGroup(Spec):
    """Exports that go together. ``kind``: what a route may say of them (mappings/cutover.yaml)."""

    kind: GroupKind
    title: Words
    functions: tuple[Identifier, ...]


class Stage(Spec):
    """What the routing file says in a stage: the route of each group or function that it names, and the side
    of each function that is done with the card moved to the other reader.
    """

    title: Words
    routes: dict[Identifier, str]
    moved: dict[Identifier, str] = Field(default_factory=dict)


class Roles(Spec):
    """The exports that the routing itself needs: which opens and closes, and which reads who a card is of."""

    open: Identifier
    close: Identifier
    identity: Identifier


class Places(Spec):
    """Where a value stands: fields of out-records, names of in-strings."""

    fields: tuple[Identifier, ...] = ()
    arguments: tuple[Identifier, ...] = ()


class PersonPlaces(Spec):
    """Where calls and answers say whose card it is."""

    card_no: Places
    id: Places
    birthday: Places


class Cutover(Spec):
    """The content of cutover.yaml. ``rest``: the group of exports that stand in none. ``varies``: exports
    whose answers are not compared.
    """

    rest: Identifier
    groups: dict[Identifier, CutoverGroup] = Field(min_length=1)
    roles: Roles
    varies: tuple[Identifier, ...] = ()
    person: PersonPlaces
    visit_time: Places
    stages: dict[Identifier, Stage] = Field(default_factory=dict)

    def group_of(self, name: str) -> str:
        """The group of an export."""
        return next((group for group, each in self.groups.items() if name in each.functions), self.rest)
