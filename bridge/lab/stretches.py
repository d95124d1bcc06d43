"""Replays all stretches of a trace, several at a time, and makes one result of theirs."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from bridge import __version__
from bridge.errors import WorkersLost
from bridge.lab.stretch import How, StretchPart, make_ready, replay_part
from bridge.parts.kept import Kept
from bridge.parts.part import Result, Work
from bridge.parts.processes import LocalProcesses
from bridge.parts.progress import Progress
from bridge.parts.run import Finished, run
from bridge.parts.workers import Workers
from bridge.serving.stop_signals import interrupting
from bridge.table.default import default_table
from bridge.trace.comparing.kept_tally import unpacked
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.reporting.report import MOST_PROBLEMS, PlaceCounts, Told

MOST_REMARKS = 5


@dataclass(slots=True)
class Whole:
    """What came of a trace. ``failed``: why parts were not replayed, by their names. ``before``: how many
    parts an earlier run had replayed. ``interrupted``: not all parts were replayed; ``lost``: since
    nobody was left to do it.
    """

    tally: Tally = field(default_factory=Tally)
    told: Told = field(default_factory=Told)
    masked: bool = True
    world: str = ""
    target: str = ""
    remarks: list[str] = field(default_factory=list)
    failed: Mapping[str, str] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    before: int = 0
    places: dict[str, PlaceCounts] = field(default_factory=dict)
    interrupted: bool = False
    lost: WorkersLost | None = None


def replay_all(
    parts: Sequence[StretchPart], how: How, workers: int | Workers, state: Path, progress: Progress
) -> Whole:
    """Replay what an earlier run has not, ``workers`` stretches at a time, each in a process of its own, or
    by the workers of a cluster. ``state``: folder in which the finished ones are kept until all are done. A
    signal ends it, and a cluster that goes away: what is finished is in the result. Raises PartsError where
    nothing can be kept.
    """
    places = hashlib.sha256(repr([part.stretch for part in parts]).encode()).hexdigest()
    options = f"{how.over_http} {how.seconds} {how.differences}"
    kept = Kept(state, ["replay", __version__, default_table().digest, places, options])
    processes: Workers = (
        LocalProcesses(max(min(workers, len(parts)), 1), copies=True) if isinstance(workers, int) else workers
    )
    work = cast(Work, partial(replay_part, how))
    make_ready()
    try:
        with interrupting():
            finished = run(parts, work, processes, kept, progress)
    except (KeyboardInterrupt, WorkersLost) as end:
        found = {part.name: result for part in parts if (result := kept.found(part)) is not None}
        whole = _whole(parts, Finished(found, {}, 0, ()), interrupted=True)
        whole.lost = end if isinstance(end, WorkersLost) else None
        return whole
    finally:
        processes.close()
    whole = _whole(parts, finished, interrupted=False)
    if not finished.failed:
        _forget(state)
    return whole


def _forget(state: Path) -> None:
    """All is done: the next replay is to be one."""
    shutil.rmtree(state, ignore_errors=True)
    with suppress(OSError):
        state.parent.rmdir()


def _whole(parts: Sequence[StretchPart], finished: Finished, *, interrupted: bool) -> Whole:
    whole = Whole(
        failed=finished.failed, again=finished.again, before=finished.before, interrupted=interrupted
    )
    rules, remarks = default_rules(), Counter[str]()
    for part in parts:
        place = whole.places.setdefault(part.place, PlaceCounts(part.place)) if part.place else None
        if place is not None:
            place.calls += part.stretch.calls
        result = finished.results.get(part.name)
        if result is None:
            whole.told.calls += part.stretch.calls
            why = "not_done" if part.name in finished.failed else "interrupted"
            for function, calls in part.stretch.functions:
                whole.tally.skip(function, why, calls)
            if place is not None:
                place.not_replayed += part.stretch.calls
            continue
        tally = unpacked(result["tally"], rules)
        if place is not None:
            place.add(tally)
            for group in tally.groups.values():
                group.examples = [replace(example, place=part.place) for example in group.examples]
        whole.tally.merge(tally)
        _add(whole, result, f"{part.place}: " if part.place else "")
        remarks.update(result["remarks"])
    whole.remarks = [
        f"The trace was replayed in {len(parts)} parts, each in a world made of its own calls.",
        *list(remarks)[:MOST_REMARKS],
    ]
    if len(remarks) > MOST_REMARKS:
        whole.remarks.append(f"And {len(remarks) - MOST_REMARKS} more remarks like these.")
    failed = list(finished.failed.items())[:MOST_REMARKS]
    whole.remarks += [f"{name}: not replayed: {why}" for name, why in failed]
    return whole


def _add(whole: Whole, result: Result, place: str) -> None:
    told: dict[str, Any] = result["told"]
    whole.told.calls += told["calls"]
    whole.told.unreadable += told["unreadable"]
    room = MOST_PROBLEMS - len(whole.told.problems)
    whole.told.problems += [f"{place}{problem}" for problem in told["problems"][:room]]
    whole.told.notes += told["notes"][: MOST_PROBLEMS - len(whole.told.notes)]
    whole.masked = whole.masked and result["masked"]
    whole.world, whole.target = whole.world or result["world"], whole.target or result["target"]
