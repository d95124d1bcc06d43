"""A tally as a text of plain letters, so that a part of a replay can be kept in a file or come from afar."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bridge.trace.comparing.differences import Compared, Finding, Piece
from bridge.trace.comparing.rules import Reasoned, Rules
from bridge.trace.comparing.spread import Spread
from bridge.trace.comparing.tally import Example, FunctionTally, Group, Tally
from bridge.trace.format import Answer, TracedCall
from bridge.trace.records import Span


def packed(tally: Tally) -> str:
    """The tally as base64: JSON, compressed."""
    plain = {
        "by_library": tally.by_library,
        "more_groups": tally.more_groups,
        "functions": [_function(each) for each in tally.functions.values()],
        "groups": [[*key, _group(group)] for key, group in tally.groups.items()],
    }
    return b64encode(zlib.compress(json.dumps(plain).encode())).decode("ascii")


def unpacked(text: str, rules: Rules) -> Tally:
    """The tally of a text that :func:`packed` has made, with the same rules."""
    plain = json.loads(zlib.decompress(b64decode(text)))
    known = {rule.id: rule for rule in _rules(rules)}
    tally = Tally()
    tally.by_library, tally.more_groups = plain["by_library"], plain["more_groups"]
    tally.functions = {each["name"]: _function_of(each) for each in plain["functions"]}
    for *key, group in plain["groups"]:
        tally.groups[key[0], key[1], key[2], key[3], key[4], key[5]] = _group_of(group, known)
    return tally


def _rules(rules: Rules) -> Iterator[Reasoned]:
    yield from (*rules.values, *rules.codes, *rules.rows, *rules.carried)


def _function(tally: FunctionTally) -> dict[str, Any]:
    return {
        "name": tally.name,
        "counts": [tally.same, tally.expected, tally.different, tally.fields],
        "skipped": dict(tally.skipped),
        "old": tally.old_us.plain(),
        "new": tally.new_us.plain(),
    }


def _function_of(plain: Mapping[str, Any]) -> FunctionTally:
    same, expected, different, fields = plain["counts"]
    old, new = Spread.of(plain["old"]), Spread.of(plain["new"])
    skipped = Counter[str](plain["skipped"])
    return FunctionTally(plain["name"], same, expected, different, fields, skipped, old, new)


def _group(group: Group) -> dict[str, Any]:
    return {
        "function": group.function,
        "first": _finding(group.first),
        "counts": [group.count, group.calls, group.other_person],
        "examples": [
            [_call(each.compared), _finding(each.finding)] for each in group.examples
        ],
    }  # fmt: skip


def _group_of(plain: Mapping[str, Any], rules: Mapping[str, Reasoned]) -> Group:
    examples = [Example(_call_of(call), _finding_of(found, rules)) for call, found in plain["examples"]]
    count, calls, other = plain["counts"]
    return Group(plain["function"], _finding_of(plain["first"], rules), count, calls, other, examples)


def _call(compared: Compared) -> list[Any]:
    call, new = compared.call, compared.new
    answers = [None if answer is None else answer[:2] for answer in (call.answer, new)]
    where = [call.number, call.at.isoformat(), call.thread, call.function, call.door, call.process, call.line]
    return [where, *answers, compared.fields, compared.other_person]


def _call_of(plain: list[Any]) -> Compared:
    (number, at, thread, function, door, process, line), old, new, fields, other = plain
    call = TracedCall(
        number, datetime.fromisoformat(at), thread, function, {}, Answer(*old), door, None, process, line
    )
    return Compared(call, None if new is None else Answer(*new), (), fields, other)


def _finding(finding: Finding) -> dict[str, Any]:
    texts = [finding.argument, finding.record, finding.field, finding.term, finding.detail]
    return {
        "is": [finding.kind, finding.verdict, *texts, finding.row],
        "values": [_text(finding.old), _text(finding.new)],
        "rule": None if finding.rule is None else finding.rule.id,
        "piece": None if finding.piece is None else _piece(finding.piece),
    }


def _finding_of(plain: Mapping[str, Any], rules: Mapping[str, Reasoned]) -> Finding:
    kind, verdict, argument, record, field, term, detail, row = plain["is"]
    old, new = (_bytes(value) for value in plain["values"])
    rule = None if plain["rule"] is None else rules[plain["rule"]]
    piece = None if plain["piece"] is None else _piece_of(plain["piece"])
    return Finding(kind, verdict, argument, record, field, term, old, new, row, rule, detail, piece)


def _piece(piece: Piece) -> list[Any]:
    spans = [[s.name, s.type, s.offset, s.width, s.term, s.group, s.index] for s in piece.spans]
    rows = [[old, new, _text(row)] for old, new, row in piece.rows]
    places = [sorted(piece.marks), piece.old_at, piece.new_at, piece.focus]
    return [piece.title, _text(piece.old), _text(piece.new), spans, *places, rows]


def _piece_of(plain: list[Any]) -> Piece:
    title, old, new, spans, marks, old_at, new_at, focus, rows = plain
    made = tuple(Span(*each) for each in spans)
    moved = tuple((i, j, _bytes(row)) for i, j, row in rows)
    return Piece(title, _bytes(old), _bytes(new), made, frozenset(marks), old_at, new_at, focus, moved)


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return b64decode(text)
