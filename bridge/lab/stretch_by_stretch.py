"""Replays a trace against one target, stretch by stretch, so that none is held whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.lab.replay_target import Prepared
from bridge.serving.stop_signals import on_stop
from bridge.table.default import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Header, TracedCall
from bridge.trace.reading import Trace
from bridge.trace.replaying.replay import Limits, Replay
from bridge.trace.replaying.stretches import Stretch, going_on, read_stretch
from bridge.trace.reporting.differences import noting
from bridge.trace.reporting.report import Told


@dataclass(frozen=True, slots=True)
class Source:
    """A trace in stretches. ``only``: its only one, where that has been read."""

    stretches: Sequence[Stretch]
    only: Trace | None = None

    def read(self, stretch: Stretch) -> Trace:
        """A stretch. Raises TraceError."""
        return read_stretch(stretch) if self.only is None else self.only

    def calls(self) -> Iterator[TracedCall]:
        """All calls from the beginning on. Raises TraceError."""
        return (call for stretch in self.stretches for call in self.read(stretch).calls)


@dataclass(slots=True)
class Made:
    """What came of the calls. ``prepared``: the target as it was. ``interrupted``: not all were made."""

    prepared: Prepared
    tally: Tally
    told: Told = field(default_factory=Told)
    headers: list[Header] = field(default_factory=list)
    interrupted: bool = False

    def leave_out(self, stretch: Stretch) -> None:
        """None of its calls was made."""
        self.told.calls += stretch.calls
        for function, calls in stretch.functions:
            self.tally.skip(function, "interrupted", calls)


@dataclass
class Ending:
    """What a signal ends: ``task``. Before and after the calls that is the whole command, which then closes
    and removes what it has made.
    """

    task: asyncio.Future[Any] | None = None
    asked: bool = False

    def stop(self) -> None:
        """End it."""
        self.asked = True
        if self.task is not None:
            self.task.cancel()


async def replay_stretches(
    source: Source,
    target: AbstractAsyncContextManager[Prepared],
    limits: Limits,
    differences: Path | None,
    progress: Callable[[], None],
) -> Made:
    """Make all calls. A signal ends that, and what was done stays; before the first call it raises
    CancelledError. ``differences``: folder for all of them; ``progress`` is called after each call.

    Raises TraceError where the target or a file turns out to be unusable, OSError where there is no room.
    """
    ending = Ending(asyncio.current_task())
    with on_stop(ending.stop):
        async with target as prepared:
            with noting(differences, 1) as tally:
                run = Replay(
                    default_table(), prepared.target, Comparer(default_table(), default_rules()), limits,
                    tally, prepared.before, prepared.prepare, progress,
                )  # fmt: skip
                made = Made(prepared, tally)
                for stretch, more in zip(source.stretches, going_on(source.stretches), strict=True):
                    made.interrupted = made.interrupted or ending.asked
                    if made.interrupted:
                        made.leave_out(stretch)
                    else:
                        await _take(made, run, source.read(stretch), more, ending)
            return made


async def _take(
    made: Made, run: Replay, trace: Trace, more: frozenset[tuple[int, int]], ending: Ending
) -> None:
    made.told.add(Told.of(trace))
    made.headers += trace.headers
    made.prepared.take_up(trace)
    made.interrupted = not await until_interrupted(run, trace, ending, more)


async def until_interrupted(
    run: Replay, trace: Trace, ending: Ending, going_on: frozenset[tuple[int, int]] = frozenset()
) -> bool:
    """Make the calls of a stretch. Out: whether no signal has ended that. ``going_on``: see
    :meth:`bridge.trace.replaying.replay.Replay.run`.
    """
    making = ending.task = asyncio.ensure_future(run.run(trace.calls, going_on))
    await asyncio.sleep(0)  # it has begun: what is cancelled now counts what it leaves
    try:
        await making
    except asyncio.CancelledError:
        if not ending.asked:
            raise
        return False
    return True
