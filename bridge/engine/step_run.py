"""One step of a call under way: what is asked now, and what may still be asked in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.calls.outcome import is_already_so
from bridge.calls.plan import Plan, PlannedStep, make_body
from bridge.calls.reply import StepReply
from bridge.calls.squeezed_codes import lookups_of
from bridge.errors import StatusError
from bridge.reader.reader import Person, Use
from bridge.table.model.rows import Step, Table

READ = "01"  # the service type of a step that only looks something up, also within a write
CHANGING = ("write", "allocates")


class StepRun:
    """A step of ``plan`` with its ``body``, after the ``replies`` of those before it, by step id. Its body is
    the planned one, unless texts have been found that belong into it.

    ``alternatives``: the steps that may still run in its place. ``item``: of a step that runs for each of
    several texts, the one of now. ``use``: the call's use of the reader. ``pin_asked``: the card's PIN was
    asked for because of this step.
    """

    __slots__ = ("alternatives", "body", "item", "pin_asked", "plan", "replies", "step", "table", "use")

    def __init__(
        self,
        table: Table,
        plan: Plan,
        planned: PlannedStep,
        replies: Mapping[str, StepReply],
        use: Use,
        item: str = "",
    ) -> None:
        self.table = table
        self.plan = plan
        self.step = planned.step
        self.replies = replies
        self.alternatives = planned.alternatives if planned.step.for_each is None else ()
        self.item = item
        self.use = use
        self.pin_asked = False
        self.body = self._made_body() if item or plan.row.looks_up else planned.body

    def replace_by(self, step: Step) -> None:
        """Go on with an alternative, and those behind it."""
        self.alternatives = self.alternatives[1:]
        self.step, self.pin_asked = step, False
        self.body = self._made_body()

    def _made_body(self) -> Mapping[str, Any]:
        lookups = {} if self.item else lookups_of(self.plan, self.replies)
        return make_body(self.plan, self.step, lookups, self.item)

    def is_already_so(self, error: StatusError) -> bool:
        """Whether a refusal means that what was asked for is already so."""
        return is_already_so(self.table, self.plan, self.step, error)

    @property
    def changes(self) -> bool:
        """Whether the step changes something outside."""
        signature = self.step.signature
        if signature is None:
            return self.plan.function.effect in CHANGING
        return self.plan.function.effect != "read" and signature.service_type != READ

    @property
    def person(self) -> Person | None:
        """Whom the health card that signs must belong to; None where the row does not say."""
        signature = self.step.signature
        if self.plan.person is None or signature is None or signature.kind not in ("hc", "hpchc"):
            return None
        return Person(*self.plan.person)
