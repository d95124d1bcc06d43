"""The groups of a cut-over must be whole: known exports, each in one group that fits what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bridge.table.model.cutover import Cutover
from bridge.table.model.rows import Function, Table

PATIENTS_CARD = ("hc", "hpchc")  # signatures and needs that a health card must be there for


def check_cutover(table: Table) -> Iterator[str]:
    """Faults of cutover.yaml; none where a table has no such file."""
    if table.cutover is None:
        return
    cutover, exported = table.cutover, {row.name: row for row in table.exported()}
    named = Counter(name for group in cutover.groups.values() for name in group.functions)
    yield from (f"{name} stands {times} times" for name, times in named.items() if times > 1)
    known = (*named, *cutover.varies, cutover.roles.open, cutover.roles.close, cutover.roles.identity)
    yield from (f"{name} is no export" for name in dict.fromkeys(known) if name not in exported)
    if cutover.rest not in cutover.groups:
        yield f"rest: there is no group {cutover.rest}"
        return
    for row in exported.values():
        yield from _check_row(cutover, row)
    identity = exported.get(cutover.roles.identity)
    if identity is not None and [argument.kind for argument in identity.arguments] != ["record", "length"]:
        yield f"{identity.name}: whose card it is must be read by a record and its length alone"


def _check_row(cutover: Cutover, row: Function) -> Iterator[str]:
    group = cutover.group_of(row.name)
    kind = cutover.groups[group].kind
    if row.status == "unsupported":
        if kind not in ("dropped", "free"):
            yield f"{row.name}: 6.0 has dropped it, and {group} is a group of what 6.0 has"
        return
    touches = any(_touches(step.needs, step.signature.kind if step.signature else "") for step in row.steps)
    if kind in ("free", "together") and touches:
        yield f"{row.name}: it touches the health card, and {group} does not"
    if kind == "free" and row.effect != "read":
        yield f"{row.name}: it is no read, and only reads are free"
    if kind == "dropped":
        yield f"{row.name}: 6.0 has it, and {group} is of what 6.0 dropped"


def _touches(needs: tuple[str, ...], signature: str) -> bool:
    return bool({*needs, signature} & {*PATIENTS_CARD})
