"""What a program had done before its trace begins: a recording that starts at noon has no morning's PIN."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bridge.calls.call import LegacyCall
from bridge.table.model.rows import Function, Table
from bridge.trace.format import TracedCall
from bridge.trace.replaying.rebuild_call import legacy_call
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.telling import Telling
from bridge.trace.worlds.told import needs

_OPENS, _VERIFIES = "open", "verify_hpc_pin"  # operations of the reader


Calls = Callable[[], Iterable[TracedCall]]


def beforehand(calls: Calls, table: Table, opened: TracedCall | None = None) -> list[LegacyCall]:
    """The calls to make before the first one of a trace. ``calls``: gives those of the trace from its
    beginning on. ``opened``: the one that had opened the port before, where it is a stretch of a longer one.

    Where calls that need a verified practitioner's card (醫事人員卡) succeed before any that verifies one, or
    name the practitioner in their answer, the port is opened as in the trace, and the PIN verified.
    """
    verified = _was_verified(calls(), table)
    if opened is None and verified:
        opened = next((call for call in calls() if _does(table, call, _OPENS)), None)
    opening = [legacy_call(table, table.functions[opened.function], opened)] if opened is not None else []
    verifying = (row for row in table.exported() if verified and _operations(row) == {_VERIFIES})
    return [*opening, *(LegacyCall(row.name, {}) for row in verifying)]


def _was_verified(calls: Iterable[TracedCall], table: Table) -> bool:
    telling = Telling(table, default_rules())
    for call in calls:
        row = table.functions.get(call.function)
        if row is None:
            continue
        if _VERIFIES in _operations(row):
            return False
        if table.succeeded(row.name, call.answer.code16) and (
            needs(row, "practitioner") or telling.told(call).of("practitioner")
        ):
            return True
    return False


def _does(table: Table, call: TracedCall, operation: str) -> bool:
    row = table.functions.get(call.function)
    return row is not None and operation in _operations(row)


def _operations(row: Function) -> set[str]:
    return {step.reader for step in row.steps if step.reader is not None}
