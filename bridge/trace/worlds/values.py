"""Values of a trace as a scenario writes them: texts, days, moments, numbers."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone

from bridge.codec.code_page import WINDOWS
from bridge.codec.dates import ROC_OFFSET, roc_date, roc_datetime
from bridge.codec.numbers import plain_number, plain_quantity
from bridge.codec.text import PLACEHOLDER
from bridge.errors import BridgeError
from bridge.trace.records import RecordView, Span
from bridge.trace.worlds.rules import WorldRules

TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")


def value_of(
    rules: WorldRules, target: tuple[str, str], span: Span, view: RecordView, remarks: list[str]
) -> str | None:
    """A field's text as a scenario has it; None and a remark where it makes no sense."""
    text = decoded(span.of(view.data)).strip()
    if span.type in ("date", "datetime") and not text.strip("0"):
        text = ""  # some write zeros for no date
    try:
        match span.type:
            case "date":
                text = roc_date(text)
            case "datetime":
                text = roc_datetime(text)
            case "number":
                text = plain_number(text)
            case "quantity":
                text = plain_quantity(text)
    except (ValueError, BridgeError):
        remarks.append(f"{view.record}.{span.path}: no {span.type}; left out")
        return None
    if not rules.fits(*target, text):
        remarks.append(f"{view.record}.{span.path}: not of the form of {target[1]}; left out")
        return None
    return text


def decoded(data: bytes) -> str:
    """Text of code page 950; what is none, and control characters, become the bridge's own placeholder."""
    text = WINDOWS.decode(data.split(b"\0")[0], errors="replace").replace("\ufffd", PLACEHOLDER)
    if text.isprintable():
        return text
    return "".join(PLACEHOLDER if unicodedata.category(each) in ("Cc", "Cs") else each for each in text)


def moment(text: str) -> str:
    """A moment in 13 ROC digits, "" where it is none."""
    try:
        return roc_datetime(text)
    except ValueError:
        return ""


def roc_day(at: datetime) -> str:
    """The day of a moment in Taiwan, 7 ROC digits."""
    local = at.astimezone(TAIPEI)
    return f"{local.year - ROC_OFFSET:03d}{local:%m%d}"


def is_day(text: str) -> bool:
    """Whether a text is a day in 7 ROC digits."""
    try:
        return len(text) == 7 and roc_date(text) == text
    except ValueError:
        return False
