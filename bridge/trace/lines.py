"""The lines of a trace for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.codec.code_page import WINDOWS
from bridge.table.model.rows import Table
from bridge.trace.format import (
    Answer,
    BadPointer,
    BridgeAnswer,
    Given,
    Header,
    Line,
    NamedFile,
    Note,
    Number,
    TracedCall,
)
from bridge.trace.records import RecordView, records_in, records_out
from bridge.words.moments import TAIWAN

MOST_BYTES = 64  # of a value that is no record


def shown(table: Table, line: Line, *, fields: bool) -> Iterator[str]:
    """A line of a trace as lines of text."""
    match line:
        case Header():
            masked = "masked" if line.masked else "NOT MASKED"
            made_by = _clean(f"{line.recorder} {line.software}, {line.program}, part {line.part}")
            started = "?" if line.started is None else f"{line.started.astimezone(TAIWAN):%Y-%m-%d %H:%M:%S}"
            yield f"# {made_by}, {started} (Taiwan time, as all below): {masked}"
        case TracedCall():
            yield (
                f"{line.at.astimezone(TAIWAN):%Y-%m-%d %H:%M:%S.%f} {line.answer.microseconds / 1000:9.1f} ms"
                f" {line.answer.code16:6d} {_clean(line.function)}"
            )
            if fields:
                yield from _call(table, line)
        case BridgeAnswer():
            answer = line.answer
            yield f"  the bridge on call {line.number}: {answer.microseconds / 1000:.1f} ms {answer.code16}"
            if fields:
                yield from _values("  out", line.answer.after, {})
        case Note():
            yield f"# {_clean(line.kind)}: {_clean(line.why)} (calls: {line.calls}, call: {line.call})"


def _call(table: Table, call: TracedCall) -> Iterator[str]:
    function = table.functions.get(call.function)
    before = {view.argument: view for view in records_in(table, function, call)} if function else {}
    yield from _values("in ", call.given, before)
    yield from _answer(table, call, call.answer)


def _answer(table: Table, call: TracedCall, answer: Answer) -> Iterator[str]:
    function = table.functions.get(call.function)
    views = records_out(table, function, call.given, answer) if function else []
    yield from _values("out", answer.after, {view.argument: view for view in views if view.record})


def _values(side: str, values: Mapping[str, Given], views: Mapping[str, RecordView]) -> Iterator[str]:
    for name, value in values.items():
        yield f"    {side} {_clean(name)} = {_text(value)}"
        if name in views:
            yield from _fields(views[name])


def _fields(view: RecordView) -> Iterator[str]:
    for span in view.spans:
        data = span.of(view.data)
        if span.name and data.strip(b" \0"):
            yield f"        {span.offset:5d} +{span.width:<3d} {span.path} {span.term}: {_bytes(data)}"


def _text(value: Given) -> str:
    match value:
        case bytes():
            more = f" ... {len(value)} bytes" if len(value) > MOST_BYTES else ""
            return _bytes(value[:MOST_BYTES]) + more
        case Number():
            return (
                f"{value.low}" if value.wide in (None, value.low) else f"{value.low} (32 bits: {value.wide})"
            )
        case NamedFile():
            return (
                f"file {_bytes(value.name)}, {'unreadable' if value.size is None else f'{value.size} bytes'}"
            )
        case BadPointer():
            return "null" if value.null else "unreadable"


def _bytes(data: bytes) -> str:
    return repr(WINDOWS.decode(data, errors="backslashreplace"))


def _clean(text: str) -> str:
    """Without what could lead a terminal astray."""
    return "".join(character if character.isprintable() else "?" for character in text)
