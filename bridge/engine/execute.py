"""Carry out a plan: ask the reader for what each step needs, send the requests, gather the replies."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from bridge.calls.outcome import failure_code
from bridge.calls.plan import Plan, PlannedStep, make_body, signed_body
from bridge.calls.reply import ReplyReader, StepReply
from bridge.calls.squeezed_codes import lookups_of, texts_of
from bridge.engine.changes import Change, Changes, doubting
from bridge.errors import BadReply, CallError, StatusError
from bridge.reader.reader import Person, Reader
from bridge.reader.vpn import VpnSignatures
from bridge.records.journal import Journal
from bridge.table.model.rows import ForEach, Signature, Step, Table
from bridge.upstream.client import Json, Upstream

log = logging.getLogger(__name__)

Operation = Callable[[Mapping[str, Any]], Awaitable[Json]]
READ = "01"  # the service type of a step that only looks something up, also within a write
CHANGING = ("write", "allocates")


class Executor:
    """Carries out plans against one reader, one cloud and, where there is one, one upload centre.

    ``vpn`` holds the signatures that programs were given, for as long as the executor lives.
    """

    def __init__(
        self, table: Table, reader: Reader, cloud: Upstream, journal: Journal, centre: Upstream | None = None
    ) -> None:
        self._table = table
        self._reader = reader
        self._upstreams = {"cloud": cloud, **({"centre": centre} if centre is not None else {})}
        self._changes = Changes(journal)
        self.vpn = VpnSignatures(reader)
        self._operations: dict[str, Operation] = {
            "open": lambda body: reader.open(int(body["port"])),
            "close": lambda body: reader.close(),
            "verify_sam": lambda body: reader.verify_sam(),
            "log_out_sam": lambda body: reader.log_out_sam(),
            "log_out_practitioner": lambda body: reader.log_out_practitioner(),
            "log_out_health_card": lambda body: reader.log_out_health_card(),
            "present_virtual_card": lambda body: reader.present_virtual_card(str(body["token"])),
            "export_virtual_card": lambda body: reader.export_virtual_card(),
            "import_virtual_card": lambda body: reader.import_virtual_card(str(body["transferToken"])),
            "log_out_virtual_card": lambda body: reader.log_out_virtual_card(),
            "verify_hc_pin": lambda body: reader.pins.verify_hc(),
            "change_hc_pin": lambda body: reader.pins.change_hc(),
            "disable_hc_pin": lambda body: reader.pins.disable_hc(),
            "verify_hpc_pin": lambda body: reader.pins.verify_hpc(),
            "change_hpc_pin": lambda body: reader.pins.change_hpc(),
            "unlock_hpc": lambda body: reader.pins.unlock_hpc(),
            "take_random": lambda body: self.vpn.take_random(body["kind"], body["service_type"]),
            "sign_random": lambda body: self.vpn.sign_random(
                body["random"], body["kind"], body["service_type"]
            ),
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
        with self.doubting(replies):
            for planned in plan.steps:
                wanted = planned.step.for_each
                if wanted is not None:
                    replies[planned.step.id] = await self._run_for_each(plan, planned.step, wanted, replies)
                else:
                    replies[planned.step.id] = await self._run_alternatives(plan, planned, replies)
        return replies

    def doubting(self, replies: Mapping[str, StepReply]) -> AbstractContextManager[None]:
        """What runs inside and fails makes the changes doubtful that stand behind ``replies``: they were
        carried out, and the program is told of a failure. The journal flags them.
        """
        return doubting(lambda: [reply.intent for reply in replies.values() if reply.intent is not None])

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
        """Run a step; where the card's PIN stands in its way, have it verified and run the step once more.

        The person is asked once. The refusal did nothing, so the second run signs afresh; also a write.
        """
        try:
            return await self._attempt(plan, step, body)
        except StatusError as error:
            missing = self._table.console.statuses.pin_not_verified.holds(error.source, error.number)
            if not missing or step.reader is not None or plan.call.door.card != "physical":
                raise
        log.info("function=%s: the card's PIN is asked for", plan.function.name)
        await self._reader.pins.verify_hc()
        return await self._attempt(plan, step, body, keep_card=True)

    async def _attempt(
        self, plan: Plan, step: Step, body: Mapping[str, Any], keep_card: bool = False
    ) -> StepReply:
        try:
            if step.signature is not None:
                return await self._ask_signed(plan, step, step.signature, body, keep_card)
            if step.reader is not None:
                return StepReply(await self._operate(plan, step.reader, body), notice=step.notice)
            return StepReply(await self._ask_console(plan, step, body, keep_card), notice=step.notice)
        except StatusError as error:
            if error.number in step.tolerate or self._is_success(plan, step, error):
                return StepReply({}, error.source)
            error.contexts += step.contexts
            raise
        except CallError as error:
            error.contexts += step.contexts
            raise

    def _is_success(self, plan: Plan, step: Step, error: StatusError) -> bool:
        """Some statuses mean that what was asked for is already so (1001, 3209); the table says which.

        Only the one who was asked can say so: a console that answers so to a signature has signed nothing.
        """
        if step.reader is None and not (step.cloud is not None and error.source == "cloud"):
            return False
        contexts = (*step.contexts, *plan.call.door.contexts)
        return failure_code(self._table, plan.function, contexts, error) == 0

    async def _operate(self, plan: Plan, name: str, body: Mapping[str, Any]) -> Json:
        """A reader operation; what changes a card has its intent in the journal."""
        operation = self._operations[name]
        if plan.function.effect not in CHANGING:
            return await operation(body)
        return await self._changes.on_a_card(plan.function.name, name, lambda: operation(body))

    async def _ask_console(self, plan: Plan, step: Step, body: Mapping[str, Any], keep_card: bool) -> Json:
        content = body if body or step.method in ("POST", "PUT") else None
        return await self._reader.request(
            step.needs, plan.call.door.card, step.method, step.path, content, keep_card, step.kept
        )

    async def _ask_signed(
        self, plan: Plan, step: Step, signature: Signature, values: Mapping[str, Any], keep_card: bool
    ) -> StepReply:
        """A request to the cloud or the upload centre, with a signature of its own."""
        upstream = self._upstreams[step.target]
        of_health_card = signature.kind in ("hc", "hpchc")
        person = Person(*plan.person) if plan.person and of_health_card else None
        signer = await self._reader.sign(
            signature.kind, signature.service_type, plan.call.door.card, person, keep_card
        )
        body = signed_body(step, values, signer)
        ids = {name: signer[name] for name in signer if name.endswith(("Id", "IdNo"))}
        if plan.function.effect == "read" or signature.service_type == READ:
            reply = await upstream.request(step.method, step.path, body)
            return StepReply(reply, upstream.name, ids, step.notice, body)
        change = Change(
            plan.function.name,
            step.path,
            signer[self._table.console.signatures.of(signature.kind).json_name("random")],
            lambda: upstream.request(step.method, step.path, body),
            lambda error: self._is_success(plan, step, error),
            step.once,
        )

        def receipt(reply: Json) -> str:
            return self._receipt(plan, step, StepReply(reply, upstream.name, ids, sent=body))

        reply, intent = await self._changes.carry_out(change, receipt)
        return StepReply(reply, upstream.name, ids, step.notice, body, intent)

    @staticmethod
    def _receipt(plan: Plan, step: Step, reply: StepReply) -> str:
        """What proves that the change was carried out; "" where the row knows of nothing. Raises BadReply."""
        if step.receipt is None:
            return ""
        receipt = ReplyReader(plan.call, reply).value(step.receipt, "receipt")
        log.info("function=%s receipt=%s", plan.function.name, receipt)
        return receipt
