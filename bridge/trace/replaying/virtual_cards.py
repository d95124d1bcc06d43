"""Which virtual card a recorded QR code was of: it is good for minutes only, a replay needs a fresh one."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.table.model.rows import Function, Table
from bridge.trace.comparing.rules import Rules
from bridge.trace.format import TracedCall
from bridge.trace.records import records_out

PRESENTING = "present_virtual_card"  # the reader's operation, see mappings/README.md
Presented = dict[tuple[int, int], str]


def qr_argument(function: Function) -> str | None:
    """The argument with the text of a QR code, of a row that presents a virtual card; else None."""
    for step in function.steps:
        if step.reader == PRESENTING:
            return next((v.argument for v in step.body.values() if v.argument is not None), None)
    return None


def presented_cards(calls: Sequence[TracedCall], table: Table, rules: Rules) -> Presented:
    """The card numbers of presented virtual cards, by process and call number, as later reads tell them."""
    found: Presented = {}
    waiting: dict[int, tuple[int, int]] = {}
    presenting = {name for name, row in table.functions.items() if qr_argument(row) is not None}
    for call in calls:
        function = table.functions.get(call.function)
        if function is None:
            continue
        if function.name in presenting:
            waiting[call.process] = call.process, call.number
        elif call.door == "vhc" and call.process in waiting:
            number = _card_number(table, rules, function, call)
            if number:
                found[waiting.pop(call.process)] = number
    return found


def _card_number(table: Table, rules: Rules, function: Function, call: TracedCall) -> str:
    for view in records_out(table, function, call.given, call.answer):
        for span in view.spans:
            rule = rules.person(function.name, view.argument, view.record, span.name)
            if rule is not None and span.name == rule.number:
                return span.of(view.data).decode("ascii", errors="replace").strip()
    return ""
