"""What becomes of the bytes of a piece, by its kind. The width never changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from bridge.trace.masking import ids, shapes
from bridge.trace.masking.dates import is_date, moved
from bridge.trace.masking.final_scan import Hit, RealValues, overwritten
from bridge.trace.masking.key import MaskKey, Pseudonyms, Stream
from bridge.trace.masking.names import head_of, invented_name, invented_words
from bridge.trace.masking.pieces import GIVEN_AWAY, Piece, PieceKind
from bridge.trace.masking.rules import Kind, MaskRules

LEAST_WEEKS, MOST_WEEKS = 4, 52  # that every date is moved back
KEPT_VALUES, KEPT_PEOPLE = 20_000, 5_000
MOST_BIRTH_DAYS = 300  # by which a birthday goes further back
HOSPITALS = ("hospital", "hospital_name")
_UNCOUNTED = ("filler", "free_text", "brackets", "keep", "order_code")

_TAIPEI = timezone(timedelta(hours=8))
_NUMBER = re.compile(rb"[0-9.]*")
_PLAIN = bytes(byte if byte == 0 or 0x20 <= byte < 0x7F else ord("x") for byte in range(256))
_OTHER = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_BRACKETS = bytes(byte if byte in b" \0[]" else ord("x") for byte in range(256))
_JSON_PARTS = re.compile(rb'"([^"]*)"(\s*:)?|[^"{}\[\],:\s]+|"')
_ID_ALONE = re.compile(rb"(?<![A-Za-z0-9])" + ids.FORM.pattern + rb"(?![A-Za-z0-9])", re.IGNORECASE)
_LIKE_A_DRUG = re.compile(rb"[A-Z]{2}")  # AC12345100 is a drug, and one in ten has an id's check digit
_LONG_NUMBER = re.compile(rb"(?<![A-Za-z0-9])[0-9]{9,}(?![A-Za-z0-9])")
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_CARD = re.compile(rb"[0-9]{12}")
_ENDING = re.compile(rb"\.[A-Za-z0-9]{1,4}$")


class Values:
    """Replaces values; the same one always by the same one.

    ``real_values``: the real values of the whole trace, none of which may be invented by chance. ``replaced``
    counts by kind, ``swept`` the kept values in which a real one stood.
    """

    def __init__(
        self, rules: MaskRules, key: MaskKey, real_values: RealValues, *, keep_hospitals: bool = False
    ) -> None:
        self._rules, self._key, self._real_values = rules, key, real_values
        self._keep_hospitals = keep_hospitals
        self._further = lru_cache(maxsize=KEPT_PEOPLE)(self._birth_days)
        self._kept = lru_cache(maxsize=KEPT_VALUES)(self._look_at_kept)  # there are few different ones
        self.pseudonyms = Pseudonyms(key, lambda value: bool(real_values.found(value)))
        self._by_kind: dict[PieceKind, Callable[[bytes], bytes]] = {
            "id": self._id,
            "name": self._name,
            "card_no": self._of("card_no", _card_no),
            "phone": self._of("phone", shapes.phone),
            "hospital": self._of("hospital", shapes.hospital),
            "hospital_name": self._of("hospital_name", invented_name),
            "words": self._of("words", invented_words),
            "date": self._date,
            "datetime": self._date,
            "newborn_birthday": self._date,
            "year": self._year,
            "signature": self._signature,
            "file_name": self._file_name,
            "sam_card_info": self._sam_card_info,
        }
        weeks = LEAST_WEEKS + key.stream("weeks").below(MOST_WEEKS - LEAST_WEEKS + 1)
        self.days = -7 * weeks
        self.years = 0
        self.replaced: Counter[str] = Counter()
        self.swept = 0

    def settle(self, people: Mapping[str, Iterable[bytes]]) -> None:
        """Who becomes whom, of all that a first pass has gathered: in an order that says nothing of where
        they stood, so that it is the same whichever file was read first. Nothing of it is counted.
        """
        for kind in GIVEN_AWAY:
            if kind in people:
                for value in sorted(people[kind]):
                    self._value(Piece(kind, 0, len(value)), value)
        self.replaced.clear()

    def begin_call(self, at: datetime) -> None:
        """What follows is of a call at that time: its years move as far as the year of that day does."""
        self.years = 0
        with suppress(OverflowError, ValueError):  # of the first year that there is: nobody's
            day = at.astimezone(_TAIPEI)
            self.years = (day + timedelta(days=self.days)).year - day.year

    def counts(self, piece: Piece) -> bool:
        """Whether ``replaced`` counts a piece, where something stands in it."""
        return piece.kind not in _UNCOUNTED and not (self._keep_hospitals and piece.kind in HOSPITALS)

    def masked(self, piece: Piece, data: bytes) -> bytes:
        """The bytes that stand in place of a piece's ``data``: as many."""
        if not data.strip(b" \0"):
            return data
        match piece.kind:
            case "filler" | "free_text":
                return shapes.filled(data)
            case "brackets":
                return data.translate(_BRACKETS)
            case "keep" | "order_code":
                made, hits = self._kept(data, piece.digits, piece.kind == "order_code")
                self.swept += hits
                return made
            case kind if self._keep_hospitals and kind in HOSPITALS:
                return data
        if piece.raw:
            return self._raw(data)
        start, end = shapes.core(data)
        value = data[start:end]
        if value.strip(b"0"):
            self.replaced[piece.kind] += 1
            value = self._value(piece, value)
        return data[:start] + value + shapes.filled(data[end:])

    def _value(self, piece: Piece, value: bytes) -> bytes:
        if piece.kind == "birthday":
            return self._birthday(value, piece.person or value)
        return self._by_kind.get(piece.kind, self._token)(value)

    def _of(self, kind: Kind, make: Callable[[bytes, Stream], bytes]) -> Callable[[bytes], bytes]:
        """Gives values of a kind away."""
        of = self.pseudonyms.of
        return lambda value: of(kind, value, lambda stream: make(value, stream))

    # --- people ---------------------------------------------------------------------------------------------

    def _id(self, value: bytes) -> bytes:
        upper = value.upper()
        if not ids.is_id(upper):
            return self.pseudonyms.of("id_text", value, lambda stream: _no_id(value, stream))
        first, wrong_by = upper[:9], int(upper[9:]) - ids.check_digit(upper[:9])
        made = self.pseudonyms.of("id", first, lambda stream: _whole_id(ids.invented(first, stream)))
        made = made[:9] + b"%d" % ((int(made[9:]) + wrong_by) % 10)
        return made.lower() if value[:1].islower() else made

    def _name(self, value: bytes) -> bytes:
        """A long name begins as the same one does in a record that has no room for all of it."""
        head = head_of(value)
        rest = value[len(head) :]
        made = self.pseudonyms.of("name", head, lambda stream: invented_name(head, stream))
        return made + invented_words(rest, self._key.stream("rest of a name", value)) if rest else made

    def _signature(self, value: bytes) -> bytes:
        if _HEX.fullmatch(value):  # the same one may stand as raw bytes elsewhere
            made = shapes.signature(value.upper(), self._key.flood("signature", value.upper()))
            return made.lower() if re.search(rb"[a-f]", value) else made
        return shapes.signature(value, self._key.flood("signature", value))

    def hexadecimal(self, values: Sequence[bytes]) -> list[bytes]:
        """Signatures of one length, of at most 512 digits and capitals A to F, not all of them 0, and nothing
        around them: as :meth:`masked` has each, but uncounted.
        """
        count = len(values[0])
        made = self._key.flooded("signature", values, (count + 1) // 2)
        return [each[:count].upper().encode("ascii") for each in made]

    def _raw(self, data: bytes) -> bytes:
        self.replaced["signature"] += 1
        return bytes.fromhex(self._signature(data.hex().upper().encode("ascii")).decode("ascii"))

    def _token(self, value: bytes) -> bytes:
        return self.pseudonyms.alone("token", value, lambda stream: shapes.shaped(value, stream))

    # --- dates ----------------------------------------------------------------------------------------------

    def _date(self, value: bytes) -> bytes:
        if value in self._rules.kept_dates:
            return value
        return moved(value, self.days) or self._no_date(value)

    def _birthday(self, value: bytes, person: bytes) -> bytes:
        more = self._further(person)
        # back, so that nobody is born after a visit; forward from the first days of the calendar
        return moved(value, self.days - more) or moved(value, self.days + more) or self._no_date(value)

    def _birth_days(self, person: bytes) -> int:
        return 1 + self._key.stream("birthday", person).below(MOST_BIRTH_DAYS)

    def _year(self, value: bytes) -> bytes:
        """A ROC year that stands alone; what is none keeps its shape."""
        moved = int(value) + self.years if value.isdigit() else 0
        if moved < 1 or len(str(moved)) > len(value):
            return self._token(value)
        return b"%0*d" % (len(value), moved)

    def _no_date(self, value: bytes) -> bytes:
        """What was no date stays none: the fault is to be seen in a masked trace, too."""
        stream = self._key.stream("no date", value)
        made = shapes.shaped(value, stream)
        while is_date(made):
            made = shapes.shaped(value, stream)
        return made

    # --- texts ----------------------------------------------------------------------------------------------

    def _file_name(self, value: bytes) -> bytes:
        """Folders and name become other letters; drive, separators and a short ending stay."""
        head = value[:2] if value[1:2] == b":" else b""
        ending = _ENDING.search(value)
        last = ending.start() if ending else len(value)
        middle = value[len(head) : last]
        made = self.pseudonyms.of("file_name", middle, lambda stream: shapes.shaped(middle, stream))
        return head + made + value[last:]

    def _sam_card_info(self, value: bytes) -> bytes:
        """JSON: its texts of 12 digits are security modules, those of 10 digits hospitals; no other text
        stays.
        """
        return _JSON_PARTS.sub(self._sam_text, value)

    def _sam_text(self, match: re.Match[bytes]) -> bytes:
        text = match[1]
        if text is None:
            return shapes.filled(match[0])
        if match[2] is not None:
            made = text if re.fullmatch(rb"[A-Za-z_]{1,20}", text) else shapes.filled(text)
        elif _CARD.fullmatch(text):
            made = self.masked(Piece("card_no", 0, len(text)), text)
        elif re.fullmatch(rb"[0-9]{10}", text):
            made = self.masked(Piece("hospital", 0, len(text)), text)
        else:
            made = shapes.filled(text)
        return b'"' + made + b'"' + (match[2] or b"")

    def _look_at_kept(self, data: bytes, digits: bool, order: bool) -> tuple[bytes, int]:
        """A code or a number as it is; characters that no code has become x, and real values that stand in
        it. ``order``: the code of a drug or of something done.
        """
        start, end = shapes.core(data)
        value = _OTHER.sub(b"xx", data[start:end]).translate(_PLAIN)
        if digits and not _NUMBER.fullmatch(value):
            value = shapes.filled(value)
        made = data[:start] + value + shapes.filled(data[end:])
        hits = self._real_values.found(made, alone=True)
        if not digits:
            hits += _strangers_in(made, order)
        return overwritten(made, hits), min(len(hits), 1)


def _strangers_in(text: bytes, order: bool) -> Iterator[Hit]:
    """Ids and long numbers of people whom the trace does not know otherwise. No code is only a long number;
    what begins with two letters is an id of the old form, or where an ``order`` stands a drug.
    """
    for match in _LONG_NUMBER.finditer(text):
        if match[0].strip(b"0"):
            yield match.span()
    for match in _ID_ALONE.finditer(text):
        number = match[0].upper()
        if order and _LIKE_A_DRUG.match(number):
            continue
        if ids.check_digit(number[:9]) == int(number[9:]):
            yield match.span()


def _whole_id(first: bytes) -> bytes:
    return first + b"%d" % ids.check_digit(first)


def _no_id(value: bytes, stream: Stream) -> bytes:
    """What has not the form of an id gets none by chance: it could be somebody's."""
    made = shapes.shaped(value, stream)
    while ids.is_id(made.upper()):
        made = shapes.shaped(value, stream)
    return made


def _card_no(value: bytes, stream: Stream) -> bytes:
    """A card number of 12 digits begins with 9999, as no card does."""
    made = shapes.shaped(value, stream)
    return b"9999" + made[4:] if _CARD.fullmatch(value) else made
