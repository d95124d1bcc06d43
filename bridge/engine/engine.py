"""One legacy call from door to door: row, plan, execution, outcome, journal.

Whatever happens, a code comes back, and 0 only on success.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter, time
from typing import Any

from bridge.calls.call import DOORS, Answered, CallObserver, LegacyCall, LegacyResult, of_kind
from bridge.calls.context import UNSET, CallContext
from bridge.calls.outcome import Outcome, call_failure, make_outcome
from bridge.calls.plan import Plan, make_plan
from bridge.calls.reply import StepReply
from bridge.codec.code_page import WINDOWS, CodePage
from bridge.engine.changes import Intent, doubt_all, doubt_unheard
from bridge.engine.execute import Executor
from bridge.engine.given import decrypt
from bridge.engine.known_results import KnownResults
from bridge.engine.limits import Limits
from bridge.errors import CallError, InternalFault, NotSupported, OverDeadline, StatusError
from bridge.reader.reader import Reader
from bridge.reader.vpn import VpnSignatures
from bridge.records.call_lines import CallRecord
from bridge.records.call_log import CallLog
from bridge.records.journal import Journal
from bridge.records.timers import Sent, UpstreamTimer
from bridge.table.model.rows import Function, Table
from bridge.upstream.centre import Centre
from bridge.upstream.client import Upstream
from bridge.words import in_both, said, text_of

log = logging.getLogger(__name__)
MOST_REMARKS = 5  # of a call, in its line of the log


class Engine:
    """Executes legacy calls against one reader, one cloud and one upload centre. ``table`` is what it works
    by, ``journal`` where it notes them.

    ``serve_dropped``: whether rows that are ``beyond`` 6.0 are served or answer -2. ``centre``: needed only
    where ``settings`` (see :func:`bridge.engine.given.row_settings`) choose rows that ask it.
    ``page``: the code page, with the site's own characters. ``observer``: who hears of every call, if
    anybody.
    """

    def __init__(
        self,
        table: Table,
        reader: Reader,
        cloud: Upstream,
        journal: Journal,
        deadline: float = 100.0,
        serve_dropped: bool = True,
        centre: Centre | None = None,
        settings: Mapping[str, str] | None = None,
        page: CodePage = WINDOWS,
    ) -> None:
        self.table = table
        self._executor = Executor(table, reader, cloud, journal, centre)
        self._reader = reader
        self.calls = CallLog(journal, table.texts.by_door(DOORS) if table.texts is not None else None)
        self._settings = settings or UNSET
        self._page = page
        self.journal = journal
        self._limits = Limits(deadline)
        self._known = KnownResults(reader)
        self._serve_dropped = serve_dropped
        self.observer: CallObserver | None = None
        self._said: set[tuple[str, str]] = set()

    @property
    def vpn(self) -> VpnSignatures:
        """The signatures that programs were given; services that pass through must know them, too."""
        return self._executor.vpn

    @property
    def session_open(self) -> bool:
        """Whether a console session is open, as far as the bridge knows; nobody is asked."""
        return self._reader.session_open

    @property
    def other_programs(self) -> Mapping[str, object]:
        """Signs of another program at the console; see :class:`bridge.engine.face.ObservedEngine`."""
        return self._reader.other_programs.told()

    @property
    def takes_either(self) -> bool:
        """Whether programs work with virtual cards that are presented here."""
        return self._reader.takes_either

    def presented(self) -> list[dict[str, Any]]:
        """What is presented; see :class:`bridge.engine.face.ObservedEngine`."""
        return self._reader.virtual.presented()

    def present(self, code: str, reader: str = "") -> Awaitable[LegacyResult]:
        """Present a virtual card; see :class:`bridge.engine.face.ObservedEngine`."""
        return self._of_our_own("present", code, reader)

    def withdraw(self, reader: str = "") -> Awaitable[LegacyResult]:
        """Take the presented card out; see :class:`bridge.engine.face.ObservedEngine`."""
        return self._of_our_own("withdraw", reader)

    def _of_our_own(self, operation: str, *texts: str) -> Awaitable[LegacyResult]:
        """A call of the row that has this operation, its arguments in their order."""
        row = self.table.row_of_operation(operation)
        given = zip((argument.name for argument in row.arguments), texts, strict=True)
        return self.call(
            LegacyCall(row.name, {name: text.encode("ascii", "replace") for name, text in given})
        )

    def call(self, call: LegacyCall) -> Awaitable[LegacyResult]:
        """Make one call. Where nobody has to be asked, the answer is there at once (:class:`Answered`).

        Out: its legacy code and, where the row says so, the bytes of its out-arguments. Never raises but for
        cancellation: every failure is a code of the table, with a line in the log that says why.
        """
        if self.observer is not None:
            return self._observed(call, self.observer)
        return self._begin(call)

    async def _observed(self, call: LegacyCall, observer: CallObserver) -> LegacyResult:
        begun, result = observer.begin(call), None
        try:
            result = await self._begin(call)
        finally:
            observer.end(begun, result)
        return result

    def _begin(self, call: LegacyCall) -> Awaitable[LegacyResult]:
        """Plan the call, and answer it if nobody has to be asked."""
        if self._reader.takes_either and call.door.follows:
            call = replace(call, door=of_kind(call.door, self._reader.card_meant(call.caller.program)))
        number, started = self.calls.next_number(), perf_counter()
        function = self.table.functions.get(call.name)
        if function is None:
            log.error("call=%d door=%s function=%s: there is no such row", number, call.door.name, call.name)
            code = self.table.statuses.legacy(NotSupported.source, NotSupported.status)
            answer = Answered(LegacyResult(code))
        else:
            try:
                known = self._known.of(call)
                if known is None:
                    plan = self._planned(number, function, call)
                    replies = self._executor.answered_already(plan)
                    if replies is None:
                        return self._asked(number, started, plan)
                    outcome = self._made(number, plan, replies)
                    self._known.add(plan, replies, outcome)
                    known = Answered(outcome.result)
                answer = known
            except Exception as error:
                answer = Answered(self._fail(number, function, call, error))
        self._note(number, started, call, answer.result, 0.0)
        return answer

    async def _asked(self, number: int, started: float, plan: Plan) -> LegacyResult:
        """The answer to a call for which somebody has to be asked."""
        self.calls.running += 1
        timer = UpstreamTimer.start(number, self.calls.watcher is not None)
        made: list[Intent] = []
        try:
            with self._limits.new():
                try:
                    use = self._executor.use_of(plan)
                    result = self._made(number, plan, await self._executor.run(plan, made, use)).result
                    if plan.function.effect == "read" and plan.function.outputs:
                        self._reader.has_read(use)
                except BaseException:
                    doubt_all(made)
                    raise
                doubt_unheard(made, plan.call.caller)
        except TimeoutError:
            error = OverDeadline(said("no end within {seconds:g} s", seconds=self._limits.seconds))
            result = self._fail(number, plan.function, plan.call, error)
        except Exception as error:
            result = self._fail(number, plan.function, plan.call, error)
        finally:
            self.calls.end()
            timer.end()
        self._note(number, started, plan.call, result, timer.seconds, timer.sent)
        return result

    def cut_short(self) -> None:
        """The bridge stops: end the calls under way, so that they get a code while they can be reached."""
        self._limits.cut_short()

    def _planned(self, number: int, function: Function, call: LegacyCall) -> Plan:
        """The plan of a call. Raises CallError."""
        if function.status == "beyond":
            if not self._serve_dropped:
                raise NotSupported(
                    said("6.0 dropped this function, and the settings refuse it (dropped_functions)")
                )
            log.warning(
                "call=%d function=%s: 6.0 dropped this function; served as %s",
                number, call.name, function.provenance,
            )  # fmt: skip
        plan = make_plan(
            self.table, function, call, CallContext(self._settings, decrypt=decrypt, page=self._page)
        )
        for name in plan.left_over:
            self._say_once(number, call.name, name)
        return plan

    def _say_once(self, number: int, function: str, argument: str) -> None:
        """What a program does at every call would fill the log."""
        if (function, argument) not in self._said:
            self._said.add((function, argument))
            log.warning(
                "call=%d function=%s: %s brings more than its width or its name has; that is not looked at",
                number,
                function,
                argument,
            )

    def _made(self, number: int, plan: Plan, replies: Mapping[str, StepReply]) -> Outcome:
        """The answer that the replies make. Raises CallError."""
        outcome = make_outcome(self.table, plan, replies)
        if outcome.remarks:
            log.warning("call=%d function=%s: %s", number, plan.function.name, _shortened(outcome.remarks))
        return outcome

    def _note(
        self,
        number: int,
        started: float,
        call: LegacyCall,
        result: LegacyResult,
        upstream: float,
        sent: Sequence[Sent] | None = None,
    ) -> None:
        milliseconds = (perf_counter() - started) * 1000
        # by place: by name it would take twice as long, and each call makes one
        values = (number, time(), call.door.name, call.name, result.code, milliseconds, upstream * 1000)
        record = CallRecord(*values)
        self.calls.note(record)
        if self.calls.watcher is not None:
            self.calls.watcher.noted(record, call.caller.client, result.reason, sent or (), result.outputs)

    def _fail(self, number: int, function: Function, call: LegacyCall, error: Exception) -> LegacyResult:
        """The code of a failure, which the log explains."""
        if not isinstance(error, CallError):
            log.error("call=%d function=%s: fault of the bridge", number, call.name, exc_info=error)
            error = InternalFault(said("see the trace above"))
        code = call_failure(self.table, function, call, error)
        meaning, status = self._in_words(code, error)
        text = text_of(error)
        why = said("{error} ({meaning})", error=text, meaning=status) if status else text
        log.warning(
            "call=%d door=%s function=%s code=%d%s %s: %s",
            number, call.door.name, call.name, code, meaning, type(error).__name__, why,
        )  # fmt: skip
        return LegacyResult(code, reason=why)

    def _in_words(self, code: int, error: CallError) -> tuple[str, str]:
        """What a code means, in brackets, and what the status means that led to it; "" where nobody knows."""
        texts = self.table.texts
        if texts is None:
            return "", ""
        meaning = texts.english(code)
        code_text = f" ({meaning})" if meaning else ""
        if not isinstance(error, StatusError):
            return code_text, ""
        english = texts.status_english(error.source, error.status)
        known = self.table.statuses.sources.get(error.source, {}).get(error.status)
        return code_text, in_both(english, known.meaning) if english and known is not None else english


def _shortened(remarks: Sequence[str]) -> str:
    """The remarks of a call in one line; a record may have hundreds of fields."""
    more = len(remarks) - MOST_REMARKS
    return "; ".join([*remarks[:MOST_REMARKS], *([f"and {more} more"] if more > 0 else [])])
