"""What a program had done before its trace begins: a recording that starts at noon has no morning's PIN."""

from __future__ import annotations

from bridge.calls.call import LegacyCall
from bridge.table.model.rows import Function, Table
from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace
from bridge.trace.replaying.rebuild_call import legacy_call
from bridge.trace.worlds.told import needs

_OPENS, _VERIFIES = "open", "verify_hpc_pin"  # operations of the reader


def beforehand(trace: Trace, table: Table) -> list[LegacyCall]:
    """The calls to make before the first one of the trace.

    Where calls that need a verified practitioner's card (醫事人員卡) succeed before any that verifies one,
    the port is opened as in the trace, and the PIN verified.
    """
    if not _was_verified(trace, table):
        return []
    first = next((call for call in trace.calls if _does(table, call, _OPENS)), None)
    opened = [legacy_call(table, table.functions[first.function], first)] if first is not None else []
    verifying = (row for row in table.exported() if _operations(row) == {_VERIFIES})
    return [*opened, *(LegacyCall(row.name, {}) for row in verifying)]


def _was_verified(trace: Trace, table: Table) -> bool:
    for call in trace.calls:
        row = table.functions.get(call.function)
        if row is None:
            continue
        if _VERIFIES in _operations(row):
            return False
        if needs(row, "practitioner") and table.succeeded(row.name, call.answer.code16):
            return True
    return False


def _does(table: Table, call: TracedCall, operation: str) -> bool:
    row = table.functions.get(call.function)
    return row is not None and operation in _operations(row)


def _operations(row: Function) -> set[str]:
    return {step.reader for step in row.steps if step.reader is not None}
