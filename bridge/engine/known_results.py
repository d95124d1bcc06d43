"""Results that are the same for as long as the console's answer is: each is made once."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.calls.outcome import Outcome
from bridge.calls.plan import Plan, prepared_row
from bridge.calls.reply import StepReply
from bridge.reader.reader import Reader, Use
from bridge.table.model.rows import Function


class KnownResults:
    """The results of rows that are made of one kept answer of the console and of nothing else
    (:class:`bridge.calls.plan.PreparedRow`). Such an answer says nothing about a card or a person.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, str], tuple[object, LegacyResult]] = {}  # by function and door

    def of(self, function: Function, call: LegacyCall) -> LegacyResult | None:
        """The result of a call, where it was made of the very answer that is kept now for its program."""
        step = prepared_row(function).kept_step
        if step is None:
            return None
        known = self._known.get((function.name, call.door.name))
        if known is None:
            return None
        use = Use(call.caller.program, call.door.card)
        return known[1] if known[0] is self._reader.kept_answer(use, step.needs, step.path) else None

    def add(self, plan: Plan, replies: Mapping[str, StepReply], made: Outcome) -> None:
        """Keep what was made of these replies, if it will be the same for the next call. What is worth a line
        in the log is made anew each time.
        """
        step = plan.row.kept_step
        if step is not None and not made.remarks:
            self._known[plan.function.name, plan.call.door.name] = (replies[step.id].content, made.result)
