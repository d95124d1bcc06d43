"""One legacy call from door to door: row, plan, execution, outcome, journal.

Whatever happens, a code comes back, and 0 only on success.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from bridge.calls.call import CallObserver, LegacyCall, LegacyResult
from bridge.calls.context import UNSET, CallContext
from bridge.calls.outcome import call_failure, make_outcome
from bridge.calls.plan import make_plan
from bridge.engine.changes import Intent, doubt_all
from bridge.engine.execute import Executor
from bridge.engine.given import decrypt
from bridge.engine.limits import Limits
from bridge.errors import CallError, InternalFault, NotSupported, OverDeadline
from bridge.reader.reader import Reader
from bridge.reader.vpn import VpnSignatures
from bridge.records.call_log import CallLog, CallRecord
from bridge.records.journal import Journal
from bridge.records.timers import UpstreamTimer
from bridge.table.model.rows import Function, Table
from bridge.upstream.centre import Centre
from bridge.upstream.client import Upstream

log = logging.getLogger(__name__)


class Engine:
    """Executes legacy calls against one reader, one cloud and one upload centre. ``table`` is what it works
    by, ``journal`` where it notes them.

    ``serve_dropped``: whether rows that are ``beyond`` 6.0 are served or answer -2. ``centre``: needed only
    where ``settings`` (see :func:`bridge.engine.given.row_settings`) choose rows that ask it.
    ``witness``: who is told of every call, if anybody.
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
    ) -> None:
        self.table = table
        self._executor = Executor(table, reader, cloud, journal, centre)
        self._reader = reader
        self.calls = CallLog(journal)
        self._settings = settings or UNSET
        self.journal = journal
        self._limits = Limits(deadline)
        self._serve_dropped = serve_dropped
        self.witness: CallObserver | None = None

    @property
    def vpn(self) -> VpnSignatures:
        """The signatures that programs were given; services that pass through must know them, too."""
        return self._executor.vpn

    @property
    def session_open(self) -> bool:
        """Whether a console session is open, as far as the bridge knows; nobody is asked."""
        return self._reader.session_open

    async def call(self, call: LegacyCall) -> LegacyResult:
        """Make one call.

        Out: its legacy code and, where the row says so, the bytes of its out-arguments. Never raises but for
        cancellation: every failure is a code of the table, with a line in the log that says why.
        """
        if self.witness is None:
            return await self._noted(call)
        begun, result = self.witness.begin(call), None
        try:
            result = await self._noted(call)
        finally:
            self.witness.end(begun, result)
        return result

    async def _noted(self, call: LegacyCall) -> LegacyResult:
        """The answer to a call, which then stands in the call log."""
        number, started = self.calls.begin(), time.perf_counter()
        meter = UpstreamTimer.start(number)
        try:
            result = await self._answer(number, call)
        finally:
            self.calls.end()
            meter.end()
        milliseconds = (time.perf_counter() - started) * 1000
        self.calls.note(
            CallRecord(
                number=number, at=time.time(), door=call.door.name, function=call.name, code=result.code,
                milliseconds=milliseconds, upstream_milliseconds=meter.seconds * 1000,
            )
        )  # fmt: skip
        return result

    async def _answer(self, number: int, call: LegacyCall) -> LegacyResult:
        function = self.table.functions.get(call.name)
        if function is None:
            log.error("call=%d door=%s function=%s: there is no such row", number, call.door.name, call.name)
            return LegacyResult(self.table.statuses.legacy(NotSupported.source, NotSupported.status))
        try:
            async with self._limits.new():
                return await self._run(number, function, call)
        except TimeoutError:
            return self._fail(
                number, function, call, OverDeadline(f"no end within {self._limits.seconds:g} s")
            )
        except CallError as error:
            return self._fail(number, function, call, error)
        except Exception:
            log.exception("call=%d function=%s: fault of the bridge", number, call.name)
            return self._fail(number, function, call, InternalFault("see the trace above"))

    def cut_short(self) -> None:
        """The bridge stops: end the calls under way, so that they get a code while they can be reached."""
        self._limits.cut_short()

    async def _run(self, number: int, function: Function, call: LegacyCall) -> LegacyResult:
        if function.status == "beyond":
            if not self._serve_dropped:
                raise NotSupported(
                    "6.0 dropped this function, and the settings refuse it (dropped_functions)"
                )
            log.warning(
                "call=%d function=%s: 6.0 dropped this function; served as %s",
                number,
                call.name,
                function.provenance,
            )
        plan = make_plan(self.table, function, call, CallContext(self._settings, decrypt=decrypt))
        made: list[Intent] = []
        try:
            outcome = make_outcome(plan, await self._executor.run(plan, made))
        except BaseException:
            doubt_all(made)
            raise
        for remark in outcome.remarks:
            log.warning("call=%d function=%s: %s", number, call.name, remark)
        return outcome.result

    def _fail(self, number: int, function: Function, call: LegacyCall, error: CallError) -> LegacyResult:
        code = call_failure(self.table, function, call, error)
        log.warning(
            "call=%d door=%s function=%s code=%d %s: %s",
            number, call.door.name, call.name, code, type(error).__name__, error,
        )  # fmt: skip
        return LegacyResult(code)
