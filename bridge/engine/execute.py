"""Carry out a plan: ask the reader for what each step needs, send the requests, gather the replies."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from functools import partial

from bridge.calls.plan import Plan, PlannedStep, signed_body
from bridge.calls.reply import ReplyReader, StepReply
from bridge.calls.squeezed_codes import texts_of
from bridge.engine.changes import Change, Changes, Intent, require
from bridge.engine.operations import card_changes, reader_operations
from bridge.engine.refusals import after_refusal
from bridge.engine.step_run import CHANGING, StepRun
from bridge.errors import BadReply, CallError, StatusError
from bridge.reader.reader import Person, Reader, StrangersCard, Use
from bridge.reader.vpn import VpnSignatures
from bridge.records.journal import Journal
from bridge.table.model.rows import ForEach, Signature, Table
from bridge.upstream.client import Json, Upstream
from bridge.words import said

log = logging.getLogger(__name__)

Replies = dict[str, StepReply]


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
        self._operations = reader_operations(reader, self.vpn)
        self._card_changes = card_changes(reader)

    @property
    def operations(self) -> frozenset[str]:
        """Names of the reader operations that a row may use."""
        return frozenset((*self._operations, *self._card_changes))

    def answered_already(self, plan: Plan) -> Replies | None:
        """The replies of a call for which nobody has to be asked: there are no steps, or the console has
        given all their answers for good. None: somebody must be asked.
        """
        replies: Replies = {}
        for planned in plan.steps:
            step = planned.step
            if not step.kept or step.for_each is not None:
                return None
            answer = self._reader.kept_answer(plan.call.caller.program, step.needs, step.path)
            if answer is None:
                return None
            replies[step.id] = StepReply(answer, notice=step.notice)
        return replies

    def use_of(self, plan: Plan) -> Use:
        """The use of the reader by a call that begins."""
        caller, door = plan.call.caller, plan.call.door
        use = Use(caller.program, door.card, caller.client)
        if self._reader.takes_either:
            use.follows, use.changes = door.follows, plan.function.effect in CHANGING
        return use

    async def run(self, plan: Plan, made: list[Intent], use: Use) -> Replies:
        """Run the steps in order. Out: the reply of each by its id. In: ``made`` takes the changes that have
        been carried out, also where a later step fails; ``use`` is that of the call.

        Raises the CallError of the first that fails; CallerGone where nobody waits any more before anything
        has been changed. What has begun to change something goes on to its end.
        """
        replies: Replies = {}
        for planned in plan.steps:
            if not made:
                require(plan.call.caller)
            wanted = planned.step.for_each
            if wanted is not None:
                replies[planned.step.id] = await self._run_for_each(plan, planned, wanted, replies, use)
            else:
                run = StepRun(self._table, plan, planned, replies, use)
                try:
                    reply = await self._ask(run, made)
                except CallError as error:
                    reply = await self._after_failure(run, made, error)
                replies[planned.step.id] = reply
        return replies

    async def _run_for_each(
        self, plan: Plan, planned: PlannedStep, wanted: ForEach, replies: Replies, use: Use
    ) -> StepReply:
        """Ask once for each distinct text. Out: what was found for each."""
        found = {}
        texts = texts_of(plan, wanted, replies)
        if texts and plan.person is not None:  # nothing at all is sent for another person's card
            await self._reader.check_person(use, Person(*plan.person))
        for text in texts:
            run = StepRun(self._table, plan, planned, replies, use, text)
            try:
                reply = await self._ask(run, [])
            except CallError as error:
                reply = await self._after_failure(run, [], error)
            value = reply.content.get(wanted.reply)
            if not isinstance(value, str) or not value.strip():
                raise BadReply(reply.upstream, said("{name} is missing", name=wanted.reply))
            found[text] = value.strip()
        return StepReply(found, "cloud")

    async def _after_failure(self, run: StepRun, made: list[Intent], error: CallError) -> StepReply:
        """Ask on until there is a reply, or no policy knows what else to do: then the error is raised."""
        while True:
            error.contexts += run.step.contexts
            if not isinstance(error, StatusError):
                raise error
            reply = await after_refusal(run, error, self._reader.pins)
            if reply is not None:
                return reply
            try:
                return await self._ask(run, made)
            except CallError as next_error:
                error = next_error

    def _ask(self, run: StepRun, made: list[Intent]) -> Awaitable[StepReply]:
        """Ask once. Raises CallError."""
        signature = run.step.signature
        if signature is None:
            return self._ask_unsigned(run, made)
        return self._ask_signed(run, signature, made)

    async def _ask_unsigned(self, run: StepRun, made: list[Intent]) -> StepReply:
        step = run.step
        reply = await (self._operate(run, step.reader, made) if step.reader else self._ask_console(run))
        return StepReply(reply, notice=step.notice)

    async def _operate(self, run: StepRun, name: str, made: list[Intent]) -> Json:
        """A reader operation; what changes a card has its intent in the journal."""
        if not run.changes:
            return await self._operations[name](run.use, run.body)
        call, change = run.plan.call, self._card_changes[name]
        reply, intent = await self._changes.on_a_card(
            call.name, name, call.caller, lambda wanted: change(run.use, wanted)
        )
        made.append(intent)
        return reply

    async def _ask_console(self, run: StepRun) -> Json:
        step = run.step
        return await self._reader.request(
            run.use,
            needs=step.needs,
            method=step.method,
            path=step.path,
            body=run.body if run.body or step.method in ("POST", "PUT") else None,
            kept=step.kept,
        )

    async def _ask_signed(self, run: StepRun, signature: Signature, made: list[Intent]) -> StepReply:
        """A request to the cloud or the upload centre, with a signature of its own."""
        try:
            return await self._ask_signed_once(run, signature, made)
        except StrangersCard as error:  # nothing was changed with it, and the reader has made room
            log.warning("function=%s: signing anew: %s", run.plan.function.name, error)
            return await self._ask_signed_once(run, signature, made)

    async def _ask_signed_once(self, run: StepRun, signature: Signature, made: list[Intent]) -> StepReply:
        plan, step, upstream = run.plan, run.step, self._upstreams[run.step.target]
        signed = await self._reader.sign(run.use, signature.kind, signature.service_type, run.person)
        signer = signed.fields
        body = signed_body(step, run.body, signer)
        request = self._table.console.signatures.of(signature.kind)
        ids = request.ids(signer)

        if not run.changes:
            try:
                reply = await upstream.request(step.method, step.path, body)
            except CallError:
                await signed.proved()  # what came of the wrong card is thrown away, a refusal as well
                raise
            await signed.proved()
            return StepReply(reply, upstream=upstream.name, signer=ids, notice=step.notice, sent=body)
        await signed.proved()
        as_reply = partial(StepReply, upstream=upstream.name, signer=ids, notice=step.notice, sent=body)
        change = Change(
            function=plan.function.name,
            path=step.path,
            client_random=signer[request.json_name("random")],
            caller=plan.call.caller,
            send=lambda: upstream.request(step.method, step.path, body),
            is_success=run.is_already_so,
            once=step.once,
        )
        reply, intent = await self._changes.carry_out(change, lambda reply: _receipt(run, as_reply(reply)))
        made.append(intent)
        if plan.function.effect == "allocates" and "hc_id" in ids:
            self._reader.visit_opened(run.use)
        return as_reply(reply)


def _receipt(run: StepRun, reply: StepReply) -> str:
    """What proves that the change was carried out; "" where the row knows of nothing. Raises BadReply."""
    if run.step.receipt is None:
        return ""
    receipt = ReplyReader(run.plan.call, reply, run.table.console).value(run.step.receipt, "receipt")
    log.info("function=%s receipt=%s", run.plan.function.name, receipt)
    return receipt
