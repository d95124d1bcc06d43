"""The lines of a trace as values, and values as lines: JSON objects, one per line, UTF-8.

The recorder DLL (native/recorder) writes the same lines. Source: docs/reference/trace-format.md. They are
read by :mod:`bridge.trace.parsing`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct
from msgspec import field as renamed

VERSION = 1
UNREADABLE = "unreadable"


class Number(Struct, frozen=True, gc=False):
    """A number as it was passed, or as it stood at its address: its low 16 bits with their sign, and all 32
    bits, where 32 could be read (the bridge knows only 16). Decoded in C as it stands in a line.
    """

    low: Annotated[int, Meta(ge=-(2**15), lt=2**15)] = renamed(name="i16")
    wide: int | None = renamed(name="i32", default=None)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that the program named: its name in code page 950, its size in bytes (None: not to be read).
    What stands in it is not recorded.
    """

    name: bytes
    size: int | None = None


@dataclass(frozen=True, slots=True)
class BadPointer:
    """A pointer that leads nowhere: ``null``, or to memory that cannot be read."""

    null: bool


# Strings and buffers are bytes. A buffer holds what its length variable promises, as far as it can be read.
Given = bytes | Number | NamedFile | BadPointer
NOTHING: Mapping[str, Given] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of each file of a trace.

    ``recorder``: "dll" or "bridge". ``table``: digest of the mapping table. ``bits``: of the program, 32 or
    64; 0 at a bridge. ``program``: name of the executable, without folder. ``part``: number of the file, from
    1. ``masked``: whether the people in it are invented.
    """

    version: int = VERSION
    recorder: str = "bridge"
    software: str = ""
    table: str = ""
    bits: int = 0
    process: int = 0
    program: str = ""
    started: datetime | None = None
    part: int = 1
    masked: bool = False


class Answer(NamedTuple):
    """What came back: the return code (32 bits as returned; programs read 16), the buffers and lengths after
    the call, and how long it took, in microseconds.
    """

    code: int
    microseconds: float
    after: Mapping[str, Given] = NOTHING

    @property
    def code16(self) -> int:
        """The code as programs read it: the low 16 bits, signed."""
        return signed16(self.code)


class TracedCall(NamedTuple):
    """One call. ``number``: unique within its process, in the order of beginning. ``at``: when it began, UTC.

    ``thread``: of the program; a bridge numbers the calls that overlap. ``door``: by which it came to a
    bridge. ``given``: arguments by legacy name before the call. ``bridge``: what a bridge answered to the
    same question, where the recorder asked one (live comparison). ``process``, ``line``: where it stands.
    """

    number: int
    at: datetime
    thread: int
    function: str
    given: Mapping[str, Given]
    answer: Answer
    door: str = "native"
    bridge: Answer | None = None
    process: int = 0
    line: int = 0

    @property
    def ended(self) -> float:
        """When it ended, seconds since 1970."""
        return self.at.timestamp() + self.answer.microseconds / 1e6


@dataclass(frozen=True, slots=True)
class BridgeAnswer:
    """The line of a live comparison: what the bridge answered to call ``number``."""

    number: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is no call: ``kind`` is "lost" (calls that could not be written), "unasked" (calls that
    the bridge was not asked about), "exception" (the original DLL, inside ``call``), "original" (it cannot be
    used). ``why`` is a text for people. ``function``: in which an exception was raised; what that call was
    given is not kept.
    """

    kind: str
    why: str = ""
    calls: int = 0
    call: int | None = None
    at: datetime | None = None
    function: str = ""


Line = Header | TracedCall | BridgeAnswer | Note


def signed16(number: int) -> int:
    """The low 16 bits as a signed number."""
    low = number & 0xFFFF
    return low - 0x10000 if low & 0x8000 else low


# --- lines out ----------------------------------------------------------------------------------------------


def line_of(line: Line) -> str:
    """A value as the line of a trace, without its end."""
    return json.dumps(_plain(line), ensure_ascii=False, separators=(",", ":"))


def _plain(line: Line) -> dict[str, Any]:
    match line:
        case Header():
            plain = {
                "trace": line.version,
                "recorder": line.recorder,
                "software": line.software,
                "table": line.table,
                "bits": line.bits,
                "process": line.process,
                "program": line.program,
                "started": _time_text(line.started),
                "part": line.part,
            }
            return {**plain, "masked": True} if line.masked else plain
        case TracedCall():
            return {
                "call": line.number,
                "time": _time_text(line.at),
                "thread": line.thread,
                "door": line.door,
                "function": line.function,
                "in": _plain_values(line.given),
                **_plain_answer(line.answer),
            }
        case BridgeAnswer():
            return {"answer": line.number, **_plain_answer(line.answer)}
        case Note():
            plain = {
                "note": line.kind,
                "time": _time_text(line.at),
                "calls": line.calls,
                "call": line.call,
                "why": line.why,
            }
            return {**plain, "function": line.function} if line.function else plain


def _plain_answer(answer: Answer) -> dict[str, Any]:
    return {
        "code": answer.code,
        "us": round(answer.microseconds, 1),
        "out": _plain_values(answer.after),
    }


def _plain_values(values: Mapping[str, Given]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Given) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case Number():
            return {"i16": value.low} if value.wide is None else {"i16": value.low, "i32": value.wide}
        case NamedFile():
            return {"file": base64.b64encode(value.name).decode("ascii"), "bytes": value.size}
        case BadPointer():
            return None if value.null else UNREADABLE


def _time_text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
