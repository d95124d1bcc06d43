"""Results that are the same for as long as the console's answer is: each is made once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bridge.calls.call import Answered, LegacyCall
from bridge.calls.outcome import Outcome
from bridge.calls.plan import Plan
from bridge.calls.reply import StepReply
from bridge.reader.reader import Reader
from bridge.table.model.rows import Step


class _Known(NamedTuple):
    """An answer to a call, and the console's reply to a step that it is made of."""

    answer: Answered
    step: Step
    made_of: object


class KnownResults:
    """The results of rows that are made of one kept answer of the console and of nothing else
    (:class:`bridge.calls.plan.PreparedRow`). Such an answer says nothing about a card or a person.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, str], _Known] = {}  # by function and door

    def of(self, call: LegacyCall) -> Answered | None:
        """The answer to a call, where it was made of the very answer that is kept now for its program."""
        known = self._known.get((call.name, call.door.name))
        if known is None:
            return None
        answer, step, made_of = known
        kept = self._reader.kept_answer(call.caller.program, step.needs, step.path)
        return answer if kept is made_of else None

    def add(self, plan: Plan, replies: Mapping[str, StepReply], made: Outcome) -> None:
        """Keep what was made of these replies, if it will be the same for the next call. What is worth a line
        in the log is made anew each time.
        """
        step = plan.row.kept_step
        if step is not None and not made.remarks:
            known = _Known(Answered(made.result, lasts=True), step, replies[step.id].content)
            self._known[plan.function.name, plan.call.door.name] = known
