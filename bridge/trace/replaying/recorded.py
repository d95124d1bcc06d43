"""Compares what the recorder asked a bridge beside the calls (live comparison), while the lines come by."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Answer, BridgeAnswer, Header, Note, TracedCall
from bridge.trace.reading import Problem
from bridge.trace.stream import lines_in_order

MOST_WAITING = 4096  # calls that wait for an answer; the recorder has 64 questions under way at most
MOST_KEPT = 50  # notes and problems


@dataclass
class Recorded:
    """What stood in a trace beside the answers. ``notes``, ``problems``: the first ones; ``unreadable``: how
    many problems there were. ``unasked``: calls that the bridge was not asked about. ``masked``: whether
    every file says that its people are invented.
    """

    calls: int = 0
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: int = 0
    unasked: int = 0
    masked: bool = True
    headed: bool = False


class _Waiting:
    """Calls of one run of a program that wait for the bridge's answer."""

    def __init__(self, comparer: Comparer, tally: Tally) -> None:
        self._comparer, self._tally = comparer, tally
        self._calls: deque[TracedCall] = deque()
        self._answers: dict[int, Answer] = {}

    def call(self, call: TracedCall) -> None:
        self._calls.append(call)
        if len(self._calls) > MOST_WAITING:
            self._first()

    def answer(self, answer: BridgeAnswer) -> None:
        self._answers[answer.number] = answer.answer

    def rest(self) -> int:
        """The program's last line has come. Out: how many answers came for no call, or too late."""
        while self._calls:
            self._first()
        left = len(self._answers)
        self._answers.clear()
        return left

    def _first(self) -> None:
        call = self._calls.popleft()
        answer = self._answers.pop(call.number, None)
        if answer is None:
            self._tally.skip(call.function, "no_bridge_answer")
        else:
            self._tally.add(self._comparer.compare(call, answer))


def compare_trace(place: Path, comparer: Comparer, tally: Tally) -> Recorded:
    """Compare all answers of a file, or of a folder of files. Raises TraceError as
    :func:`bridge.trace.stream.lines_in_order` does.
    """
    found, waiting = Recorded(), _Waiting(comparer, tally)
    program: tuple[object, ...] | None = None
    for line in lines_in_order(place):
        match line:
            case TracedCall():
                found.calls += 1
                waiting.call(line)
            case BridgeAnswer():
                waiting.answer(line)
            case Note():
                found.unasked += line.calls if line.kind == "unasked" else 0
                _keep(found.notes, line)
            case Problem():
                _add(found, line)
            case Header():
                found.headed = True
                found.masked = found.masked and line.masked
                if (line.process, line.program, line.started) != program:
                    program = (line.process, line.program, line.started)
                    _too_late(found, waiting.rest(), place)
    _too_late(found, waiting.rest(), place)
    found.masked = found.masked and found.headed
    return found


def _too_late(found: Recorded, answers: int, place: Path) -> None:
    if answers:
        _add(found, Problem(place.name, 0, f"{answers} answers of the bridge belong to no call"))


def _add(found: Recorded, problem: Problem) -> None:
    found.unreadable += 1
    _keep(found.problems, problem)


def _keep(kept: list[Note] | list[Problem], one: Note | Problem) -> None:
    if len(kept) < MOST_KEPT:
        kept.append(one)  # type: ignore[arg-type]
