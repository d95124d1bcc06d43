"""Carry out a plan: ask the reader for what each step needs, send the requests, gather the replies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.engine.lookups import lookups_of, texts_of
from bridge.engine.outcome import failure_code
from bridge.engine.plan import Plan, PlannedStep, make_body
from bridge.engine.reply import StepReply
from bridge.errors import BadReply, CallError, Dropped, HttpFault, StatusError, TimedOut
from bridge.journal import Journal
from bridge.reader.session import Person, Reader
from bridge.table.model import ForEach, Step, Table
from bridge.upstream.client import Json, Upstream

Operation = Callable[[Mapping[str, Any]], Awaitable[Json]]
SIGNATURE_USED = 3245
ADVICE_UNKNOWN = (
    "No usable answer came: look in the cloud whether the request was carried out before it is done again."
)
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
            "log_out_sam": lambda body: reader.log_out_sam(),
            "log_out_practitioner": lambda body: reader.log_out_practitioner(),
            "log_out_health_card": lambda body: reader.log_out_health_card(),
            "present_virtual_card": lambda body: reader.present_virtual_card(str(body["token"])),
        }

    @property
    def operations(self) -> frozenset[str]:
        """Names of the reader operations that a row may use."""
        return frozenset(self._operations)

    async def run(self, plan: Plan) -> dict[str, StepReply]:
        """Run the steps in order. Out: the reply of each by its id.

        Raises the CallError of the first that fails.
        """
        replies: dict[str, StepReply] = {}
        for planned in plan.steps:
            wanted = planned.step.for_each
            if wanted is not None:
                replies[planned.step.id] = await self._run_for_each(plan, planned.step, wanted, replies)
            else:
                replies[planned.step.id] = await self._run_alternatives(plan, planned, replies)
        return replies

    async def _run_alternatives(
        self, plan: Plan, planned: PlannedStep, replies: Mapping[str, StepReply]
    ) -> StepReply:
        """Run a step; where it ends with a status that an alternative stands for, run that in its place."""
        current = planned.step
        for alternative in planned.alternatives:
            try:
                return await self._run_step(
                    plan, current, make_body(plan, current, lookups_of(plan, replies))
                )
            except StatusError as error:
                if error.number not in alternative.after:
                    raise
                current = alternative
        return await self._run_step(plan, current, self._body(plan, current, replies))

    @staticmethod
    def _body(plan: Plan, step: Step, replies: Mapping[str, StepReply]) -> dict[str, Any]:
        return make_body(plan, step, lookups_of(plan, replies))

    async def _run_for_each(
        self, plan: Plan, step: Step, wanted: ForEach, replies: Mapping[str, StepReply]
    ) -> StepReply:
        """Ask once for each distinct text. Out: what was found for each."""
        found = {}
        texts = texts_of(plan, wanted, replies)
        if texts and plan.person is not None:  # nothing at all is sent for another person's card
            await self._reader.check_person(Person(*plan.person), plan.call.door.card)
        for text in texts:
            reply = await self._run_step(plan, step, make_body(plan, step, {}, text))
            value = reply.content.get(wanted.reply)
            if not isinstance(value, str) or not value.strip():
                raise BadReply(reply.upstream, f"{wanted.reply} is missing")
            found[text] = value.strip()
        return StepReply(found, "cloud")

    async def _run_step(self, plan: Plan, step: Step, body: Mapping[str, Any]) -> StepReply:
        try:
            if step.cloud is not None:
                return await self._ask_cloud(plan, step, body)
            if step.reader is not None:
                return StepReply(await self._operations[step.reader](body), notice=step.notice)
            return StepReply(await self._ask_console(plan, step, body), notice=step.notice)
        except StatusError as error:
            if error.number in step.tolerate or self._is_success(plan, step, error):
                return StepReply({}, error.source)
            error.contexts += step.contexts
            raise
        except CallError as error:
            error.contexts += step.contexts
            raise

    def _is_success(self, plan: Plan, step: Step, error: StatusError) -> bool:
        """Some statuses mean that what was asked for is already so (1001, 3209); the table says which."""
        contexts = (*step.contexts, *plan.call.door.contexts)
        return failure_code(self._table, plan.function, contexts, error) == 0

    async def _ask_console(self, plan: Plan, step: Step, body: Mapping[str, Any]) -> Json:
        content = body if body or step.method in ("POST", "PUT") else None
        return await self._reader.request(step.needs, plan.call.door.card, step.method, step.path, content)

    async def _ask_cloud(self, plan: Plan, step: Step, values: Mapping[str, Any]) -> StepReply:
        if step.signature is None:
            raise TypeError(f"step {step.id} has no signature")
        of_health_card = step.signature.kind in ("hc", "hpchc")
        person = Person(*plan.person) if plan.person and of_health_card else None
        signer = await self._reader.sign(
            step.signature.kind, step.signature.service_type, plan.call.door.card, person
        )
        body = {**signer, **values}
        if plan.function.effect == "read":
            reply = await self._cloud.request(step.method, step.path, body)
        else:
            reply = await self._change(plan, step, body)
        ids = {name: signer[name] for name in signer if name.endswith(("Id", "IdNo"))}
        return StepReply(reply, "cloud", ids, step.notice)

    async def _change(self, plan: Plan, step: Step, body: Mapping[str, Any]) -> Json:
        """Send a state-changing request.

        One whose answer is lost is repeated once with the SAME signature, never with a fresh one.
        """
        intent = self._journal.begin(plan.function.name, step.path, str(body["clientRandom"]))
        try:
            reply = await self._cloud.request(step.method, step.path, body)
        except (TimedOut, Dropped):
            if step.once:
                self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
                raise
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
