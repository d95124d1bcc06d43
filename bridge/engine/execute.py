"""Carry out a plan: ask the reader for what each step needs, send the requests, gather the replies."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.engine.lookups import lookups_of, texts_of
from bridge.engine.outcome import failure_code
from bridge.engine.plan import Plan, PlannedStep, make_body, signed_body
from bridge.engine.reply import ReplyReader, StepReply
from bridge.errors import BadReply, CallError, Dropped, HttpFault, StatusError, TimedOut
from bridge.journal import Journal
from bridge.reader.session import Person, Reader
from bridge.reader.vpn import VpnSignatures
from bridge.table.model import ForEach, Signature, Step, Table
from bridge.upstream.client import Json, Upstream

log = logging.getLogger(__name__)

Operation = Callable[[Mapping[str, Any]], Awaitable[Json]]
SIGNATURE_USED = 3245
READ = "01"  # the service type of a step that only looks something up, also within a write
PIN_NOT_VERIFIED = frozenset({("console", 1511), ("cloud", 3200)})
ADVICE_UNKNOWN = (
    "No usable answer came: look in the cloud whether the request was carried out before it is done again."
)
ADVICE_DONE = (
    "The request was carried out, but its answer was lost: read the visit back; do not do it a second time."
)


@dataclass(frozen=True, slots=True)
class _Change:
    """A state-changing request and its intent in the journal."""

    plan: Plan
    step: Step
    upstream: Upstream
    body: Mapping[str, Any]
    intent: int | None

    async def send(self) -> Json:
        return await self.upstream.request(self.step.method, self.step.path, self.body)


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
        self._journal = journal
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
        """Run a step; where the card's PIN stands in its way, have it verified and run the step once more.

        The person is asked once. The refusal did nothing, so the second run signs afresh; also a write.
        """
        try:
            return await self._attempt(plan, step, body)
        except StatusError as error:
            missing = (error.source, error.number) in PIN_NOT_VERIFIED
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
                return StepReply(await self._operations[step.reader](body), notice=step.notice)
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
        intent = self._journal.begin(plan.function.name, step.path, signer["clientRandom"])
        change = _Change(plan, step, upstream, body, intent)
        made = StepReply(await self._change(change), upstream.name, ids, step.notice, body)
        self._journal.end(intent, "done", receipt=self._receipt(change, made))
        return made

    async def _change(self, change: _Change) -> Json:
        """Send a state-changing request, and note in the journal how it failed.

        One whose answer is lost is repeated once with the SAME signature, never with a fresh one.
        """
        intent = change.intent
        try:
            return await change.send()
        except (TimedOut, Dropped):
            if change.step.once:
                self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
                raise
            return await self._repeat(change)
        except (BadReply, HttpFault) as error:
            refused = isinstance(error, HttpFault) and error.http_status < 500
            self._journal.end(intent, "failed" if refused else "ambiguous", "" if refused else ADVICE_UNKNOWN)
            raise
        except StatusError as error:
            done = self._is_success(change.plan, change.step, error)
            self._journal.end(intent, "done" if done else "failed")
            raise
        except CallError:
            self._journal.end(intent, "failed")
            raise

    async def _repeat(self, change: _Change) -> Json:
        """A refusal does not prove that nothing was done: it may be what the first request left behind."""
        intent = change.intent
        try:
            return await change.send()
        except StatusError as error:
            if self._is_success(change.plan, change.step, error):
                self._journal.end(intent, "done")
            else:
                used = error.number == SIGNATURE_USED
                self._journal.end(intent, "ambiguous", ADVICE_DONE if used else ADVICE_UNKNOWN)
            raise
        except CallError:
            self._journal.end(intent, "ambiguous", ADVICE_UNKNOWN)
            raise

    def _receipt(self, change: _Change, reply: StepReply) -> str:
        """What proves that the change was carried out; "" where the row knows of nothing. Raises BadReply."""
        if change.step.receipt is None:
            return ""
        try:
            receipt = ReplyReader(change.plan.call, reply).value(change.step.receipt, "receipt")
        except BadReply:
            self._journal.end(change.intent, "ambiguous", ADVICE_UNKNOWN)
            raise
        log.info("function=%s receipt=%s", change.plan.function.name, receipt)
        return receipt
