"""Carry out a plan: ask the reader for what each step needs, send the requests, gather the replies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.engine.outcome import StepReply, failure_code
from bridge.engine.plan import Plan, PlannedStep
from bridge.errors import BadReply, CallError, Dropped, HttpFault, StatusError, TimedOut
from bridge.journal import Journal
from bridge.reader.session import Person, Reader
from bridge.table.model import Step, Table
from bridge.upstream.client import Json, Upstream

Operation = Callable[[Mapping[str, Any]], Awaitable[Json]]
SIGNATURE_USED = 3245
ADVICE_UNKNOWN = "No usable answer came: look in the cloud whether the request was carried out before it is done again."
ADVICE_DONE = (
    "The request was carried out, but its answer was lost: read the visit back; do not do it a second time."
)


class Executor:
    """Carries out plans against one reader and one cloud."""

    def __init__(self, table: Table, reader: Reader, cloud: Upstream, journal: Journal) -> None:
        self._table = table
        self._reader = reader
        self._cloud = cloud
        self._journal = journal
        self._operations: dict[str, Operation] = {
            "open": lambda body: reader.open(int(body["port"])),
            "close": lambda body: reader.close(),
            "verify_sam": lambda body: reader.verify_sam(),
            "present_virtual_card": lambda body: reader.present_virtual_card(str(body["token"])),
        }

    @property
    def operations(self) -> frozenset[str]:
        """Names of the reader operations that a row may use."""
        return frozenset(self._operations)

    async def run(self, plan: Plan) -> dict[str, StepReply]:
        """Run the steps in order. Out: the reply of each by its id.

        Raises the CallError of the first step that fails.
        """
        replies = {}
        for planned in plan.steps:
            replies[planned.step.id] = await self._run_step(plan, planned)
        return replies

    async def _run_step(self, plan: Plan, planned: PlannedStep) -> StepReply:
        step = planned.step
        try:
            if step.cloud is not None:
                return await self._ask_cloud(plan, planned)
            if step.reader is not None:
                return StepReply(await self._operations[step.reader](planned.body))
            return StepReply(await self._ask_console(plan, planned))
        except StatusError as error:
            if error.number in step.tolerate or self._is_success(plan, step, error):
                return StepReply({}, error.source)
            error.contexts = step.contexts
            raise
        except CallError as error:
            error.contexts = step.contexts
            raise

    def _is_success(self, plan: Plan, step: Step, error: StatusError) -> bool:
        """Some statuses mean that what was asked for is already so (1001, 3209); the table says which."""
        contexts = (*step.contexts, *plan.call.door.contexts)
        return failure_code(self._table, plan.function, contexts, error) == 0

    async def _ask_console(self, plan: Plan, planned: PlannedStep) -> Json:
        step = planned.step
        body = planned.body if planned.body or step.method in ("POST", "PUT") else None
        return await self._reader.request(step.needs, plan.call.door.card, step.method, step.path, body)

    async def _ask_cloud(self, plan: Plan, planned: PlannedStep) -> StepReply:
        step = planned.step
        if step.signature is None:
            raise TypeError(f"step {step.id} has no signature")
        person = Person(*plan.person) if plan.person else None
        signer = await self._reader.sign(
            step.signature.kind, step.signature.service_type, plan.call.door.card, person
        )
        body = {**signer, **planned.body}
        if plan.function.effect == "read":
            reply = await self._cloud.request(step.method, step.path, body)
        else:
            reply = await self._change(plan, step, body)
        return StepReply(
            reply, "cloud", {name: signer[name] for name in signer if name.endswith(("Id", "IdNo"))}
        )

    async def _change(self, plan: Plan, step: Step, body: Mapping[str, Any]) -> Json:
        """Send a state-changing request.

        One whose answer is lost is repeated once with the SAME signature, never with a fresh one.
        """
        intent = self._journal.begin(plan.function.name, step.path, str(body["clientRandom"]))
        try:
            reply = await self._cloud.request(step.method, step.path, body)
        except (TimedOut, Dropped):
            reply = await self._repeat(intent, step, body)
        except (BadReply, HttpFault) as error:
            refused = isinstance(error, HttpFault) and error.http_status < 500
            self._journal.end(intent, "failed" if refused else "ambiguous", "" if refused else ADVICE_UNKNOWN)
            raise
        except CallError:
            self._journal.end(intent, "failed")
            raise
        self._journal.end(intent, "done")
        return reply

    async def _repeat(self, intent: int | None, step: Step, body: Mapping[str, Any]) -> Json:
        try:
            return await self._cloud.request(step.method, step.path, body)
        except StatusError as error:
            if error.number == SIGNATURE_USED:
                self._journal.end(intent, "ambiguous", ADVICE_DONE)
            else:
                self._journal.end(intent, "failed")
            raise
        except CallError:
            self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
            raise
