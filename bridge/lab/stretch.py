"""Replays one stretch of a trace in a world of its own: for a process of this machine or of a cluster."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bridge.lab.collecting import collected_afterwards
from bridge.lab.replay_target import simulators
from bridge.parts.part import Part, Result
from bridge.serving.event_loop import new_event_loop
from bridge.serving.stop_signals import on_stop
from bridge.sim.scenario.model import Scenario
from bridge.table.default import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.kept_tally import packed
from bridge.trace.comparing.rules import default_rules
from bridge.trace.reading import Trace
from bridge.trace.replaying.replay import Limits, Replay
from bridge.trace.replaying.stretches import Stretch, call_of, read_stretch
from bridge.trace.reporting.differences import noting
from bridge.trace.reporting.report import Told
from bridge.trace.worlds.check import default_rules as rules_of_worlds

MOST_EXAMPLES = 5  # of a kind of difference in one of many stretches
EVERYTHING = {"changes": True, "pins": True, "http": True}  # may be done to simulators


@dataclass(frozen=True, slots=True)
class How:
    """``over_http``: whether the simulators are asked over TLS and HTTP. ``seconds``: for each call. ``log``:
    level of what is logged on the way to standard error. ``differences``: folder for all of them, None: they
    are only counted, and the first ones kept.
    """

    over_http: bool = False
    seconds: float = 120.0
    log: int = logging.CRITICAL
    differences: Path | None = None


@dataclass(frozen=True, slots=True)
class StretchPart(Part):
    """A stretch as a part of long work (:mod:`bridge.parts`). ``place``: the work place, where there are
    several.
    """

    stretch: Stretch
    place: str = ""

    @classmethod
    def of(cls, stretch: Stretch, place: str = "") -> StretchPart:
        """The part that a stretch is, named by its work place, its first file and its number."""
        files = tuple(dict.fromkeys(piece.file for piece in stretch.pieces))
        name = f"{files[0].name}, {stretch.number}"
        return cls(f"{place}: {name}" if place else name, files, stretch.size, stretch, place)


def make_ready() -> None:
    """Make what every part needs: processes that begin as copies of this one need not make it again."""
    default_table()
    default_rules()
    rules_of_worlds()
    Scenario.model_rebuild()


def replay_part(how: How, part: StretchPart) -> Result:
    """Replay a stretch, from beginning to end. With ``functools.partial(replay_part, how)`` it is a
    :data:`bridge.parts.part.Work`.

    Out, as plain values: ``told`` (calls, notes, problems, unreadable, as of
    :class:`bridge.trace.reporting.report.Told`), ``masked``, ``world``, ``target``, ``remarks``, and
    ``tally`` (:func:`bridge.trace.comparing.kept_tally.unpacked`). Some kilobytes, however long the stretch
    is. Raises TraceError; SystemExit where the process is asked to end: what it has made on the disk is gone.
    """
    logging.basicConfig(level=how.log)
    with collected_afterwards():
        return _part(how, part)  # with which the trace is gone: it need not be looked through


def _part(how: How, part: StretchPart) -> Result:
    trace = read_stretch(part.stretch)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        try:
            made = runner.run(_replayed(how, part, trace))
        except asyncio.CancelledError:
            raise SystemExit(1) from None
    return {**made, "told": asdict(Told.of(trace)), "masked": trace.masked or not trace.headers}


def _folder(how: How, part: StretchPart) -> Path | None:
    """Where the differences go: of several work places a folder for each."""
    if how.differences is None or not part.place:
        return how.differences
    return how.differences / re.sub(r"[^\w.-]+", "_", part.place)


async def _replayed(how: How, part: StretchPart, trace: Trace) -> dict[str, Any]:
    stretch, me = part.stretch, asyncio.current_task()
    assert me is not None  # noqa: S101 - it runs
    with on_stop(me.cancel), noting(_folder(how, part), stretch.number, MOST_EXAMPLES) as tally:
        if not trace.calls:
            return {"tally": packed(tally), "world": "", "target": "", "remarks": []}
        opened = None if stretch.opened is None else call_of(stretch.opened, stretch.process)
        async with simulators(trace, over_http=how.over_http, opened=opened) as prepared:
            run = Replay(
                default_table(), prepared.target, Comparer(default_table(), default_rules()),
                Limits(**EVERYTHING, seconds=how.seconds), tally, prepared.before, prepared.prepare,
            )  # fmt: skip
            await run.run(trace.calls)
        return {
            "tally": packed(tally),
            "world": prepared.world,
            "target": prepared.target_text,
            "remarks": prepared.remarks,
        }
