"""What native/cutover must know of each export to send it to the old software or to the bridge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.table.codegen.abi import declared
from bridge.table.model.arguments import RecordArgument
from bridge.table.model.cutover import Cutover, CutoverGroup, GroupKind, Places, Words
from bridge.table.model.layout import places
from bridge.table.model.records import FieldSpec
from bridge.table.model.rows import Function, Table

MOST_NOTICES = 2  # of struct cshis_row
GROUPS_OF_NONE: Mapping[str, CutoverGroup] = {
    "card": CutoverGroup(kind="card", title=Words(en="all", zh="全部"), functions=())
}
"""Of a table that says nothing about a cut-over: everything goes together."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: position of an in-string (-1: none), or position of an out-record (-1: none) and
    the bytes before it.
    """

    argument: int = -1
    record: int = -1
    at: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one export. ``group``: its position; ``role``: a member of enum cshis_role; ``changes``: it may
    change something; ``notices``: codes that come
    with a filled buffer, 0 where there are fewer; ``places``: card number, id, birthday, time of the visit.
    """

    group: int
    role: str
    changes: bool
    allocates: bool
    notices: tuple[int, ...]
    places: tuple[Place, ...]


def facts_of(table: Table, row: Function) -> Facts:
    """In: a table, one of its exports. Raises KeyError for a record that does not exist."""
    cutover = table.cutover
    found = [*(notice.code for notice in row.notices), *(s.notice for s in row.steps if s.notice is not None)]
    return Facts(
        group=0 if cutover is None else list(cutover.groups).index(cutover.group_of(row.name)),
        role=_role(cutover, row),
        changes=row.effect in ("write", "allocates") or row.status == "unsupported",
        allocates=row.effect == "allocates",
        notices=tuple([*dict.fromkeys(found), 0, 0][:MOST_NOTICES]),
        places=_places(table, cutover, row),
    )


def kind_names(kind: GroupKind) -> str:
    """The member of enum cshis_group_kind."""
    return f"CSHIS_{kind.upper()}_GROUP"


def role_of(table: Table, role: str) -> str:
    """The export of a role; "" where there is none."""
    return "" if table.cutover is None else str(getattr(table.cutover.roles, role))


def _role(cutover: Cutover | None, row: Function) -> str:
    if cutover is not None and row.name == cutover.roles.close:
        return "CSHIS_CLOSES"
    opens = row.name == cutover.roles.open if cutover is not None else "open" in row.contexts
    return "CSHIS_OPENS" if opens else "CSHIS_NO_ROLE"


def _places(table: Table, cutover: Cutover | None, row: Function) -> tuple[Place, ...]:
    if cutover is None:
        return (Place(),) * 4
    person = (cutover.person.card_no, cutover.person.id, cutover.person.birthday)
    made = [_place(table, row, each) for each in person]
    if any(place.record < 0 for place in made):  # the number of just any card says nothing
        made = [Place(place.argument) for place in made]
    when = _place(table, row, cutover.visit_time)
    return (*made, when if row.effect == "allocates" else Place(when.argument))


def _has_length_behind(record: RecordArgument, names: list[str]) -> bool:
    """The only place where native/cutover looks for it."""
    return names[names.index(record.name) + 1 :][:1] == [record.length]


def _place(table: Table, row: Function, wanted: Places) -> Place:
    names = [slot.name for slot in declared(table, row)]
    argument = next((names.index(name) for name in wanted.arguments if name in names), -1)
    for each in row.arguments:
        if isinstance(each, RecordArgument) and _has_length_behind(each, names):
            record = table.records_out[each.record]
            for place in places(record, table.records_out):
                if (
                    isinstance(place.item, FieldSpec)
                    and place.group is None
                    and place.item.name in wanted.fields
                ):
                    return Place(argument, names.index(each.name), place.offset)
    return Place(argument)
