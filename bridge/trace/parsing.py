"""The lines of a trace, read: each as a value, or what is wrong with it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.errors import TraceError
from bridge.trace.format import (
    UNREADABLE,
    VERSION,
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
    signed16,
)
from bridge.trace.usual_lines import usual_line
from bridge.words import said


def parse_line(data: str | bytes, number: int = 0, process: int = 0) -> Line:
    """A line of a trace as a value; ``number`` is its place in the file, ``process`` the program's. Names
    that are not known are left alone: a newer recorder may say more. Bytes that are no UTF-8 are replaced.
    Raises TraceError saying what is wrong with the line.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    found = usual_line(raw, number, process)
    if found is not None:
        return found
    text = data if isinstance(data, str) else data.decode("utf-8", errors="replace")
    line = parse_carefully(text, number)
    return line._replace(process=process) if isinstance(line, TracedCall) else line


def parse_carefully(text: str, number: int) -> Line:
    """What the usual way did not take: any other line, and what is wrong with what is none."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TraceError(said("no JSON: {error}", error=error)) from error
    if not isinstance(plain, dict):
        raise TraceError(said("no JSON object"))
    if "trace" in plain:
        return _header(plain)
    if "note" in plain:
        call = plain.get("call")
        return Note(
            kind=_text(plain, "note"),
            why=_text(plain, "why", ""),
            calls=_integer(plain, "calls", 0),
            call=None if call is None else _integer(plain, "call"),
            at=_time(plain, "time", needed=False),
            function=_text(plain, "function", ""),
        )
    if "function" in plain:
        return _call(plain, number)
    if "answer" in plain:
        return BridgeAnswer(_integer(plain, "answer"), _answer(plain))
    raise TraceError(said("neither a call nor anything else of a trace"))


def _header(plain: Mapping[str, Any]) -> Header:
    version = _integer(plain, "trace")
    if version > VERSION:
        raise TraceError(
            said(
                "version {version} of the format; this bridge reads up to {version_2}: update it",
                version=version,
                version_2=VERSION,
            )
        )
    return Header(
        version=version,
        recorder=_text(plain, "recorder", ""),
        software=_text(plain, "software", ""),
        table=_text(plain, "table", ""),
        bits=_integer(plain, "bits", 0),
        process=_integer(plain, "process", 0),
        program=_text(plain, "program", ""),
        started=_time(plain, "started", needed=False),
        part=_integer(plain, "part", 1),
        masked=plain.get("masked") is True,
    )


def _call(plain: Mapping[str, Any], line: int) -> TracedCall:
    at = _time(plain, "time")
    if at is None:
        raise TraceError(said("time: missing"))
    return TracedCall(
        number=_integer(plain, "call"),
        at=at,
        thread=_integer(plain, "thread", 0),
        function=_text(plain, "function"),
        given=_values(plain, "in"),
        answer=_answer(plain),
        door=_text(plain, "door", "native"),
        line=line,
    )


def _answer(plain: Mapping[str, Any]) -> Answer:
    microseconds = plain.get("us", 0)
    if not _is_number(microseconds) or not 0 <= microseconds < 1e12:
        raise TraceError(said("us: no time in microseconds"))
    return Answer(_integer(plain, "code"), float(microseconds), _values(plain, "out"))


def _values(plain: Mapping[str, Any], key: str) -> Mapping[str, Given]:
    values = plain.get(key, {})
    if not isinstance(values, dict):
        raise TraceError(said("{key}: an object is needed", key=key))
    return {name: _value(f"{key}.{name}", value) for name, value in values.items()}


def _value(where: str, value: Any) -> Given:
    match value:
        case None:
            return BadPointer(null=True)
        case str() if value == UNREADABLE:
            return BadPointer(null=False)
        case str():
            return _bytes(where, value)
        case {"i16": int(low)} if not isinstance(low, bool):
            wide = value.get("i32")
            if wide is not None and (not isinstance(wide, int) or isinstance(wide, bool)):
                raise TraceError(said("{where}.i32: no whole number", where=where))
            return Number(signed16(low), wide)
        case {"file": str(name)}:
            size = value.get("bytes")
            if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
                raise TraceError(said("{where}.bytes: no size", where=where))
            return NamedFile(_bytes(where, name), size)
    raise TraceError(said("{where}: neither base64 nor a number nor a file", where=where))


def _bytes(where: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TraceError(said("{where}: no base64", where=where)) from error


_MISSING: Any = object()


def _integer(plain: Mapping[str, Any], key: str, default: Any = _MISSING) -> int:
    value = plain.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise TraceError(
            said("{key}: no whole number", key=key) if key in plain else said("{key}: missing", key=key)
        )
    return value


def _text(plain: Mapping[str, Any], key: str, default: Any = _MISSING) -> str:
    value = plain.get(key, default)
    if not isinstance(value, str):
        raise TraceError(said("{key}: no text", key=key) if key in plain else said("{key}: missing", key=key))
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(plain: Mapping[str, Any], key: str, *, needed: bool = True) -> datetime | None:
    value: Any = plain.get(key)
    if value is None and not needed:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise TraceError(said("{key}: no time such as 2026-01-31T08:15:00.000000Z", key=key)) from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
