"""Values of a trace as a scenario writes them: texts, days, moments, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from struct import Struct

from bridge.codec.code_page import WINDOWS
from bridge.codec.dates import ROC_OFFSET, roc_date, roc_datetime
from bridge.codec.numbers import plain_number, plain_quantity
from bridge.codec.text import PLACEHOLDER
from bridge.errors import BridgeError
from bridge.trace.records import Span
from bridge.trace.worlds.rules import WorldRules

TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")
_EAST, _DAY = 8 * 3600, 24 * 3600  # seconds

MOST_KEPT = 4096  # values of one field: those of one program's day are few, and come again and again


class DoubtError(ValueError):
    """A field's bytes make no sense; says why."""


class FieldValues(dict[bytes, str]):
    """The values of fields of one type and form (code page 950) as a scenario has them: ``values[data]``. One
    that came before is not looked at again. Raises DoubtError where they make no sense.
    """

    def __init__(self, kind: str, form: str | None, key: str) -> None:
        super().__init__()
        self._plain = _PLAIN.get(kind)
        self._kind, self._key = kind, key
        self._form = re.compile(form, re.ASCII) if form is not None else None

    def __missing__(self, data: bytes) -> str:
        text = decoded(data).strip()
        if self._plain is not None:
            if self._kind in ("date", "datetime") and not text.strip("0"):
                text = ""  # some write zeros for no date
            try:
                text = self._plain(text)
            except (ValueError, BridgeError):
                raise DoubtError(f"no {self._kind}") from None
        if self._form is not None and text and self._form.fullmatch(text) is None:
            raise DoubtError(f"not of the form of {self._key}")
        if len(self) >= MOST_KEPT:
            self.clear()
        self[data] = text
        return text


class Values:
    """The values of all fields, by what they are of."""

    def __init__(self, rules: WorldRules) -> None:
        self._rules = rules
        self._fields: dict[tuple[str, str | None, str], FieldValues] = {}

    def of(self, subject: str, key: str, kind: str) -> FieldValues:
        """Those of the fields of that type that tell this key of a subject or list."""
        form = self._rules.form(subject, key)
        place = kind, form, "" if form is None else key
        found = self._fields.get(place)
        if found is None:
            found = self._fields[place] = FieldValues(kind, form, key)
        return found


class _Days(dict[str, bool]):
    """Whether seven digits are a day."""

    def __missing__(self, text: str) -> bool:
        if len(self) >= MOST_KEPT:
            self.clear()
        self[text] = found = is_day(text)
        return found


_DAYS = _Days()


def moment(text: str) -> str:
    """What :func:`bridge.codec.dates.roc_datetime` makes of a text. Nearly all are 13 digits, of few days."""
    if len(text) == 13 and text.isascii() and text.isdigit():
        day, hour, minute, second = text[:7], text[7:9], text[9:11], text[11:]
        if hour < "24" and minute < "60" and second < "60" and _DAYS[day]:
            return text
    return roc_datetime(text)


_PLAIN: dict[str, Callable[[str], str]] = {
    "date": roc_date,
    "datetime": moment,
    "number": plain_number,
    "quantity": plain_quantity,
}


def packed(fields: Sequence[Span], start: int = 0) -> tuple[Struct, int]:
    """Takes these fields out of a record that begins at ``start``, and how long that is at least."""
    form, end = "", start
    for span in fields:
        form += f"{span.offset - end}x{span.width}s"
        end = span.offset + span.width
    return Struct(form), end - start


class Texts(dict[bytes, str]):
    """Texts of arguments, without blanks around them: ``texts[data]``."""

    def __missing__(self, data: bytes) -> str:
        if len(self) >= MOST_KEPT:
            self.clear()
        self[data] = text = decoded(data).strip()
        return text


class Moments(dict[str, str]):
    """The moments that texts are: ``moments[text]``, 13 ROC digits, "" for what is none."""

    def __missing__(self, text: str) -> str:
        if len(self) >= MOST_KEPT:
            self.clear()
        try:
            self[text] = found = moment(text)
        except ValueError:
            self[text] = found = ""
        return found


def decoded(data: bytes) -> str:
    """Text of code page 950; what is none, and control characters, become the bridge's own placeholder."""
    data = data.split(b"\0")[0] if b"\0" in data else data
    text = data.decode("ascii") if data.isascii() else _chinese(data)
    if text.isprintable():
        return text
    return "".join(PLACEHOLDER if unicodedata.category(each) in ("Cc", "Cs") else each for each in text)


def _chinese(data: bytes) -> str:
    return WINDOWS.decode(data, errors="replace").replace("\ufffd", PLACEHOLDER)


class Days:
    """The day of a moment in Taiwan; calls of one day follow one another."""

    def __init__(self) -> None:
        self._number, self._text = -1, ""

    def of(self, at: float) -> str:
        """7 ROC digits. In: seconds since 1970."""
        number = int((at + _EAST) // _DAY)
        if number != self._number:
            local = datetime.fromtimestamp(at, TAIPEI)
            self._number, self._text = number, f"{local.year - ROC_OFFSET:03d}{local:%m%d}"
        return self._text


def is_day(text: str) -> bool:
    """Whether a text is a day in 7 ROC digits."""
    try:
        return len(text) == 7 and roc_date(text) == text
    except ValueError:
        return False
