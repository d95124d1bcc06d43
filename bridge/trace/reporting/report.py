"""A report of a replay or live comparison as plain values: what the JSON file holds and the page shows.

Version 1. Names and meanings are documented in docs/reference/report-format.md and stay.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from bridge import __version__
from bridge.table.model.rows import Table
from bridge.trace.comparing.differences import Piece
from bridge.trace.comparing.kinds import KINDS
from bridge.trace.comparing.spread import Spread
from bridge.trace.comparing.tally import MOST_PIECES, Example, FunctionTally, Group, Tally
from bridge.trace.format import Note
from bridge.trace.reading import Trace
from bridge.trace.replaying.reasons import REASONS
from bridge.trace.reporting.written import write_private_text
from bridge.words.moments import TAIWAN

REPORT_VERSION = 1
MOST_PIECE_BYTES = 4096
MOST_VALUE_BYTES = 512
FULL_GROUPS = 300  # groups with such examples
MOST_PROBLEMS = 50
MOST_TEXT = 300  # characters of a text out of the trace


@dataclass(slots=True)
class PlaceCounts:
    """The calls of one work place of several, by what came of them."""

    name: str
    calls: int = 0
    same: int = 0
    expected: int = 0
    different: int = 0
    not_replayed: int = 0

    def add(self, tally: Tally) -> None:
        """Add what came of some of its calls."""
        for function in tally.functions.values():
            self.same += function.same
            self.expected += function.expected
            self.different += function.different
            self.not_replayed += function.skipped.total()


@dataclass(frozen=True, slots=True)
class About:
    """What was compared. ``mode``: replayed against simulators or a bridge, or recorded beside the calls.

    ``target``: for people. ``interrupted``: not all calls were made. ``places``: the work places, where
    there are several; ``left_out``: files and work places of which nothing is in the report, with the reason.
    """

    mode: Literal["simulator", "bridge", "recorded"]
    trace: str
    target: str
    started: datetime
    masked: bool
    interrupted: bool = False
    world: str = ""
    seconds: float = 0.0
    remarks: tuple[str, ...] = field(default=())
    places: tuple[PlaceCounts, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class Told:
    """What was read, beside the calls themselves. ``calls``: how many. ``notes``, ``problems``: the first
    ones, as the report has them. ``unreadable``: how many problems there were.
    """

    calls: int = 0
    notes: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unreadable: int = 0

    @classmethod
    def of(cls, trace: Trace) -> Told:
        """What a trace tells that was read whole."""
        problems = [str(problem)[:MOST_TEXT] for problem in trace.problems[:MOST_PROBLEMS]]
        notes = [_note(note) for note in trace.notes[:MOST_PROBLEMS]]
        return cls(len(trace.calls), notes, problems, len(trace.problems))

    def add(self, further: Told) -> None:
        """Take in what comes after it."""
        self.calls += further.calls
        self.notes += further.notes[: MOST_PROBLEMS - len(self.notes)]
        self.problems += further.problems[: MOST_PROBLEMS - len(self.problems)]
        self.unreadable += further.unreadable


def _note(note: Note) -> dict[str, Any]:
    return {
        "note": note.kind[:MOST_TEXT],
        "calls": note.calls,
        "call": note.call,
        "why": note.why[:MOST_TEXT],
    }


def make_report(table: Table, about: About, trace: Trace | Told, tally: Tally) -> dict[str, Any]:
    """The whole report as JSON has it."""
    told = trace if isinstance(trace, Told) else Told.of(trace)
    groups = tally.ordered()
    return {
        "report": REPORT_VERSION,
        "software": __version__,
        "table": table.digest,
        "mode": about.mode,
        "trace": about.trace,
        "target": about.target,
        "world": about.world,
        "masked": about.masked,
        "interrupted": about.interrupted,
        "started": about.started.astimezone(TAIWAN).isoformat(timespec="seconds"),
        "seconds": round(about.seconds, 1),
        "remarks": list(about.remarks),
        "places": [asdict(each) for each in sorted(about.places, key=lambda p: (-p.different, p.name))],
        "left_out": [text[:MOST_TEXT] for text in about.left_out[:MOST_PROBLEMS]],
        "counts": _counts(told, tally, groups),
        "functions": [
            _function(table, tally.functions[name])
            for name in sorted(tally.functions, key=lambda n: (-tally.functions[n].different, n))
        ],
        "not_replayed": _skipped(tally),
        "groups": [_group(table, index, group) for index, group in enumerate(groups, 1)],
        "more_differences": tally.more_groups,
        "notes": told.notes,
        "problems": told.problems,
        "more_problems": max(told.unreadable - MOST_PROBLEMS, 0),
    }


def write_json(report: dict[str, Any], file: Path) -> None:
    """Write the report as JSON (mode 0600). Raises TraceError."""
    write_private_text(file, json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def _counts(told: Told, tally: Tally, groups: list[Group]) -> dict[str, int]:
    functions = tally.functions.values()
    persons = [group for group in groups if group.first.kind == "other_person"]
    return {
        "calls": told.calls,
        "compared": tally.compared,
        "same": sum(f.same for f in functions),
        "expected": sum(f.expected for f in functions),
        "different": tally.different,
        "not_replayed": tally.skipped,
        "by_library": tally.by_library,
        "fields": sum(f.fields for f in functions),
        "other_person": sum(group.calls for group in persons),
        "unreadable_lines": told.unreadable,
    }


def _function(table: Table, tally: FunctionTally) -> dict[str, Any]:
    row = table.functions.get(tally.name)
    return {
        "name": tally.name,
        "title": row.title if row is not None else "",
        "section": row.section if row is not None else "",
        "compared": tally.compared,
        "same": tally.same,
        "expected": tally.expected,
        "different": tally.different,
        "not_replayed": tally.skipped.total(),
        "old_us": _spread(tally.old_us),
        "new_us": _spread(tally.new_us),
    }


def _spread(times: Spread) -> dict[str, float] | None:
    """Median, 95th percentile, least and greatest, in microseconds."""
    if not times.count:
        return None
    return {
        "median": round(times.quantile(0.5), 1),
        "p95": round(times.quantile(0.95), 1),
        "least": round(times.least, 1),
        "most": round(times.most, 1),
    }


def _skipped(tally: Tally) -> list[dict[str, Any]]:
    found: dict[str, dict[str, int]] = {}
    for name, function in tally.functions.items():
        for reason, count in function.skipped.items():
            found.setdefault(reason, {})[name] = count
    return [
        {
            "reason": reason,
            "why": REASONS[reason][0],
            "why_zh": REASONS[reason][1],
            "calls": sum(names.values()),
            "functions": dict(sorted(names.items())),
        }
        for reason, names in sorted(found.items())
    ]


def _group(table: Table, number: int, group: Group) -> dict[str, Any]:
    first = group.first
    kind = KINDS[first.kind]
    row = table.functions.get(group.function)
    rule = first.rule
    return {
        "group": number,
        "function": group.function,
        "title": row.title if row is not None else "",
        "verdict": first.verdict,
        "kind": first.kind,
        "label": kind.label,
        "label_zh": kind.label_zh,
        "hint": kind.hint,
        "hint_zh": kind.hint_zh,
        "argument": first.argument,
        "record": first.record,
        "field": first.field,
        "term": first.term,
        "count": group.count,
        "calls": group.calls,
        "while_other_person": group.other_person,
        "rule": rule.id if rule else None,
        "why": rule.why if rule else "",
        "why_zh": rule.why_zh if rule else "",
        "provenance": rule.provenance if rule else "",
        "examples": [
            _example(table, example, pieces=number <= FULL_GROUPS and index < MOST_PIECES)
            for index, example in enumerate(group.examples)
        ],
    }


def _example(table: Table, example: Example, *, pieces: bool) -> dict[str, Any]:
    call, finding = example.compared.call, example.finding
    new = example.compared.new
    return {
        "work_place": example.place,
        "call": call.number,
        "process": call.process,
        "thread": call.thread,
        "time": call.at.astimezone(TAIWAN).isoformat(timespec="milliseconds"),
        "door": call.door[:MOST_TEXT],
        "old_code": call.answer.code16,
        "new_code": None if new is None else new.code16,
        "old_meaning": table.statuses.meaning(call.answer.code16),
        "new_meaning": "" if new is None else table.statuses.meaning(new.code16),
        "row": finding.row,
        "detail": finding.detail,
        "old": _base64(finding.old[:MOST_VALUE_BYTES]),
        "new": _base64(finding.new[:MOST_VALUE_BYTES]),
        "piece": _piece(finding.piece) if pieces and finding.piece is not None else None,
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "title": piece.title,
        "old_at": piece.old_at,
        "new_at": piece.new_at,
        "old": _base64(piece.old[:MOST_PIECE_BYTES]),
        "new": _base64(piece.new[:MOST_PIECE_BYTES]),
        "fields": [
            {
                "name": span.name,
                "term": span.term,
                "type": span.type,
                "offset": span.offset,
                "width": span.width,
                "differs": index in piece.marks,
                "meant": index in piece.marks and piece.focus in (None, index),
            }
            for index, span in enumerate(piece.spans)
        ],
        "rows": [{"old": i + 1, "new": j + 1, "bytes": _base64(row)} for i, j, row in piece.rows],
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
