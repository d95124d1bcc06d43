"""Does all parts of a long piece of work: those that are missing, once more where a worker died."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.errors import PartsError
from bridge.parts.kept import Kept
from bridge.parts.part import Died, Done, Failed, Outcome, Part, Result, Work
from bridge.parts.progress import Progress
from bridge.parts.workers import Workers
from bridge.words import said


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of all parts, in their order: ``results`` by name; ``failed``: why others were not done, for
    the screen. ``before``: how many results are of an earlier run. ``again``: parts that were done a second
    time, since who did them died.
    """

    results: dict[str, Result]
    failed: dict[str, str]
    before: int
    again: tuple[str, ...]


def run(
    parts: Sequence[Part],
    work: Work,
    workers: Workers,
    kept: Kept,
    progress: Progress,
    finished: Callable[[Part], None] = lambda part: None,
) -> Finished:
    """Do what an earlier run has not, and keep each part as soon as it is done; ``finished`` is told of each.
    Raises PartsError when there is nobody any more to do it, or no room on the disk; KeyboardInterrupt passes
    through. What was done until then is kept.
    """
    kept.open()
    outcomes: dict[str, Outcome] = {}
    for part in parts:
        if (found := kept.found(part)) is not None:
            outcomes[part.name] = Done(found, before=True)
            finished(part)
    missing = [part for part in parts if part.name not in outcomes]
    progress.begin(len(missing), sum(part.size for part in missing))
    died: list[Part] = []

    def told(part: Part, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Done):
            kept.keep(part, outcome.result)
            finished(part)
        if isinstance(outcome, Failed) and outcome.no_room:
            raise PartsError(
                said("{why}; what is finished is kept: the same command goes on from there", why=outcome.why)
            )
        progress.add(part.size)
        return outcome

    try:
        for part, outcome in workers.outcomes(work, missing):
            if isinstance(outcome, Died):
                died.append(part)
            else:
                outcomes[part.name] = told(part, outcome)
        for part, outcome in workers.outcomes(work, died):
            outcomes[part.name] = told(part, outcome)
    finally:
        progress.end()
    return _finished(parts, outcomes, died)


def _finished(parts: Sequence[Part], outcomes: dict[str, Outcome], died: Sequence[Part]) -> Finished:
    told = [(part.name, outcomes[part.name]) for part in parts]
    return Finished(
        results={name: outcome.result for name, outcome in told if isinstance(outcome, Done)},
        failed={name: outcome.why for name, outcome in told if isinstance(outcome, Failed | Died)},
        before=sum(isinstance(outcome, Done) and outcome.before for _, outcome in told),
        again=tuple(part.name for part in died),
    )
