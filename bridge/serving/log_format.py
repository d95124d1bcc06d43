"""What a line of the log looks like: text for people, or one JSON object a line for programs.

Both name the call that a line belongs to, also where the line comes from a room that knows nothing of calls.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from bridge.plain_text import one_entry, plain
from bridge.records.call_lines import (
    LINE,
    MEANING,
    UNEXPLAINED,
    CallRecord,
    CallsRecord,
    Meanings,
    meaning_of,
)
from bridge.records.timers import current_call

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_CALL_LINE = f"%s,%03d INFO %s: {LINE}%s"  # as TEXT has it
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)  # made once: json.dumps would make one a line
# A placeholder of a message's template; with its name where it is written name=%d or name="%s".
_PLACEHOLDER = re.compile(r"(?:\b([a-z_]+)=\"?)?%[-#0 +]*\d*(?:\.(\d+))?([a-zA-Z%])")


class TextFormatter(logging.Formatter):
    """``time level logger: message``; the message begins with ``call=N`` where it belongs to a call. What
    others wrote in it is plain text, and begins no line.
    """

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """The whole line, or the lines of many calls."""
        if isinstance(record, CallsRecord):
            return self.call_lines(record.name, record.calls, record.meanings)
        return one_entry(super().format(record))

    def call_lines(
        self, logger: str, calls: Sequence[CallRecord], meanings: Meanings = UNEXPLAINED
    ) -> str:  # fmt: skip
        """The lines of finished calls, each written in one go: in parts it would take half as long again."""
        lines = []
        for number, at, door, function, code, ms, upstream_ms in calls:
            when, thousandths = _second(int(at)), at % 1 * 1000
            meaning = meanings.get((door, code))
            end = MEANING % meaning if meaning else ""
            values = (when, thousandths, logger, number, door, function, code, ms, upstream_ms, end)
            lines.append(_CALL_LINE % values)
        return "\n".join(lines)

    def formatMessage(self, record: logging.LogRecord) -> str:
        number = current_call()
        if number and not record.message.startswith("call="):
            record.message = f"call={number} {record.message}"
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time`` (ISO 8601, UTC, milliseconds), ``level``, ``logger``, ``message``,
    ``call`` where the line belongs to one, ``trace`` of an exception.

    What the message's template writes as ``name=%d`` is a field of its own, too: numbers as numbers.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The whole line, or the lines of many calls."""
        if isinstance(record, CallsRecord):
            return self.call_lines(record.name, record.calls, record.meanings)
        line: dict[str, Any] = {
            "time": _iso(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in named_values(record).items() if name not in line}
        if number := current_call():
            line.setdefault("call", number)
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return plain(_ENCODER.encode(line))

    def call_lines(
        self, logger: str, calls: Sequence[CallRecord], meanings: Meanings = UNEXPLAINED
    ) -> str:  # fmt: skip
        """The lines of finished calls."""
        return "\n".join([_ENCODER.encode(_call_fields(logger, call, meanings)) for call in calls])


def _call_fields(logger: str, call: CallRecord, meanings: Meanings) -> dict[str, Any]:
    meaning = meanings.get((call.door, call.code))
    return {
        "time": _iso(call.at),
        "level": "INFO",
        "logger": logger,
        "message": call.message + meaning_of(call, meanings),
        "call": call.number,
        "door": call.door,
        "function": call.function,
        "code": call.code,
        "ms": round(call.milliseconds, 1),
        "upstream_ms": round(call.upstream_milliseconds, 1),
        **({"meaning": meaning} if meaning else {}),
    }


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    """Local time, as the standard library's formatter has it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def named_values(record: logging.LogRecord) -> dict[str, Any]:
    """The values that a record's template names (``code=%d ms=%.1f``), rounded as it rounds them."""
    if not isinstance(record.args, tuple):
        return {}
    values: dict[str, Any] = {}
    for (name, digits), value in zip(_placeholders(str(record.msg)), record.args, strict=False):
        if name:
            values[name] = round(value, digits) if digits and isinstance(value, float) else value
    return values


@lru_cache(maxsize=256)
def _placeholders(template: str) -> tuple[tuple[str, int], ...]:
    """Name ("" for none) and number of decimals (0: not said) of each placeholder of a template, in order."""
    return tuple(
        (name, int(digits or 0)) for name, digits, kind in _PLACEHOLDER.findall(template) if kind != "%"
    )
