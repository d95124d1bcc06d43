"""Makes the calls of a trace again, in the recorded order of their beginnings and ends."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence, Set
from dataclasses import dataclass, field
from heapq import heappop, heappush

from bridge.calls.call import LegacyCall
from bridge.channel.frame import FrameError
from bridge.table.model.rows import Function, Table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Answer, TracedCall
from bridge.trace.recording import answer_of
from bridge.trace.replaying.rebuild_call import NotAgain, asks_pin, legacy_call, may_change, takes_file
from bridge.trace.replaying.targets import Target
from bridge.trace.replaying.within import within

NOT_OFFERED = Answer(-2, 0.0)
Before = Callable[[TracedCall], Awaitable[None]]


Prepare = Callable[[TracedCall, LegacyCall], Awaitable[LegacyCall]]


async def _nothing(call: TracedCall) -> None:
    """Nothing has to be done before a call."""


async def _as_it_is(call: TracedCall, made: LegacyCall) -> LegacyCall:
    """Nothing has to be put into a call."""
    return made


@dataclass(frozen=True, slots=True)
class Limits:
    """``changes``: whether calls that change data are made, too; ``pins``: those for which a person types a
    PIN; ``http``: those that came by HTTP. ``seconds``: for each call.
    """

    changes: bool = False
    pins: bool = False
    http: bool = False
    seconds: float = 120.0


@dataclass
class Replay:
    """Runs calls against a target and compares the answers.

    A call begins when every call has ended that had ended before it in the recording, and never before the
    one before it in its thread; calls that overlapped then may overlap now. ``before`` is awaited ahead of
    each call that is made (such as putting a card into the reader), ``prepare`` gives the call as it is
    made, or raises NotAgain; ``progress`` is called after each call.
    """

    table: Table
    target: Target
    comparer: Comparer
    limits: Limits = field(default_factory=Limits)
    tally: Tally = field(default_factory=Tally)
    before: Before = _nothing
    prepare: Prepare = _as_it_is
    progress: Callable[[], None] = lambda: None
    _reasons: dict[tuple[str, str], str | None] = field(default_factory=dict)

    async def run(self, calls: Sequence[TracedCall], going_on: Set[tuple[int, int]] = frozenset()) -> None:
        """Make all calls, which come in the order in which they began. When cancelled, the calls that have
        not been made are counted as skipped. ``going_on``: threads, by process and number, that have more
        calls after these.

        Raises TraceError where the target turns out to be unusable.
        """
        try:
            await self._run(calls, going_on)
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _run(self, calls: Sequence[TracedCall], going_on: Set[tuple[int, int]]) -> None:
        left = Counter(_lane(call) for call in calls)
        left.update(going_on)
        under_way: list[tuple[float, int, asyncio.Task[None]]] = []
        by_lane: dict[Hashable, asyncio.Task[None]] = {}
        done: set[int] = set()
        try:
            async with asyncio.TaskGroup() as group:
                for index, call in enumerate(calls):
                    lane = _lane(call)
                    while under_way and under_way[0][0] <= call.at.timestamp():
                        await heappop(under_way)[2]
                    if lane in by_lane:
                        await by_lane[lane]
                    left[lane] -= 1
                    if not under_way and _alone(calls, index):  # as nearly always: no task is needed for it
                        await self._one(index, call, done, last=not left[lane])
                        continue
                    task = group.create_task(self._one(index, call, done, last=not left[lane]))
                    heappush(under_way, (call.ended, index, task))
                    by_lane[lane] = task
                    if not left[lane]:
                        del by_lane[lane]
        finally:
            for index, call in enumerate(calls):
                if index not in done:
                    self.tally.skip(call.function, "interrupted")

    async def _one(self, index: int, call: TracedCall, done: set[int], *, last: bool) -> None:
        try:
            await self._made(call)
            done.add(index)
        finally:
            if last:
                await self.target.leave(_lane(call))
            self.progress()

    async def _made(self, call: TracedCall) -> None:
        function = self.table.functions.get(call.function)
        if function is None:
            self.tally.skip(call.function, "unknown")
            return
        reason = self._reason(function, call.door)
        if reason is not None:
            self.tally.skip(call.function, reason)
            return
        if (
            function.status == "unsupported" and function.export and call.door != "vhc"
        ):  # the library answers by itself, no bridge is asked
            self.tally.by_library += 1
            self.tally.add(self.comparer.compare(call, NOT_OFFERED))
            return
        now = self.comparer.carried.substitute(function, call)
        try:
            made = legacy_call(self.table, function, now)
            await self.before(call)
            made = await self.prepare(call, made)
        except NotAgain as error:
            self.tally.skip(call.function, error.reason)
            return
        started = time.perf_counter()
        try:
            result = await within(self.limits.seconds, self.target.call(_lane(call), made))
        except (OSError, FrameError):  # TimeoutError is an OSError
            self.tally.add(self.comparer.compare(call, None))
            return
        microseconds = (time.perf_counter() - started) * 1e6
        answer = answer_of(function, made, result, microseconds)
        self.tally.add(self.comparer.compare(call, answer))

    def _reason(self, function: Function, door: str) -> str | None:
        """Why the calls of a function by a door are not made, None where they are; found out once."""
        found = self._reasons.get((function.name, door), "")
        if found == "":
            found = self._reasons[function.name, door] = self._found_reason(function, door)
        return found

    def _found_reason(self, function: Function, door: str) -> str | None:
        if takes_file(function):
            return "file"
        if not self.limits.http and (door == "vhc" or not function.export):
            return "http_door"
        if not self.limits.pins and asks_pin(function):
            return "asks_pin"
        if not self.limits.changes and may_change(function):
            return "changes_data"
        return None


def overlapping(calls: Sequence[TracedCall]) -> bool:
    """Whether any two calls were under way at the same time."""
    return not all(_alone(calls, index) for index in range(len(calls)))


def _alone(calls: Sequence[TracedCall], index: int) -> bool:
    """Whether a call had ended before the next one began."""
    if index + 1 == len(calls):
        return True
    call = calls[index]
    return (calls[index + 1].at - call.at).total_seconds() >= call.answer.microseconds / 1e6


def _lane(call: TracedCall) -> tuple[int, int]:
    return call.process, call.thread
