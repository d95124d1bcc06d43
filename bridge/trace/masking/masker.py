"""The second pass over a trace: each line with invented people in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.calls.call import DOORS
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Answer, BridgeAnswer, Given, Header, NamedFile, Note, Number, TracedCall
from bridge.trace.masking.final_scan import RealValues, overwritten
from bridge.trace.masking.ids import FORM
from bridge.trace.masking.pieces import Cutter, Pieces
from bridge.trace.masking.values import Values

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PATH = re.compile(r"""(?:[A-Za-z]:[\\/]|\\\\|/)[^\s"':,;]+(?:[\\/][^"':,;]*)?""")
# what recorders write: words in small letters, short numbers, codes and places of exceptions
_HARMLESS = re.compile(
    r"(?P<said>[a-z]{1,14}|[0-9]{1,4}|0x[0-9A-Fa-f]{1,8}|[A-Za-z_]{1,20}\.(?:dll|exe|DLL|EXE)(?:\+0x[0-9A-Fa-f]{1,8})?)"
    r"(?![^\s,.:;()])|(?P<other>[^\s,.:;()]+)"
)
_ID = re.compile(FORM.pattern.decode("ascii"), re.IGNORECASE)
_VERSION = re.compile(r"[0-9]{1,4}(\.[0-9a-z+-]{1,12}){0,4}")
_PROGRAM = re.compile(r"[A-Za-z0-9._ -]{0,64}")


@dataclass(slots=True)
class Counts:
    """What a masking did. ``remains``: how often the last look found a real value and overwrote it."""

    calls: int = 0
    answers: int = 0
    notes: int = 0
    left_out: int = 0
    remains: int = 0


class Masker:
    """Masks lines, one after the other; ``counts`` says how much there was."""

    def __init__(self, table: Table, cutter: Cutter, values: Values, real_values: RealValues) -> None:
        self._table, self._cutter, self._values, self._real_values = table, cutter, values, real_values
        self.counts = Counts()

    def header(self, header: Header) -> Header:
        """The first line of a file: the program without its folder, and no text of another form than it
        should have.
        """
        program = re.split(r"[\\/]", header.program)[-1]
        stem = re.sub(r"[ .-]", "_", program)
        return replace(
            header,
            recorder=header.recorder if header.recorder in ("dll", "bridge") else "",
            software=header.software if _VERSION.fullmatch(header.software) else "",
            table=header.table if re.fullmatch(r"[0-9a-f]{0,64}", header.table) else "",
            program=program if _PROGRAM.fullmatch(program) and self._word(stem, "") else "",
            started=self._time(header.started),
            masked=True,
            bits=_small(header.bits),
            process=_small(header.process),
            part=_small(header.part),
        )

    def call(self, call: TracedCall) -> TracedCall:
        self.counts.calls += 1
        self._values.begin_call(call.at)
        function = self._table.functions.get(call.function)
        return call._replace(
            number=_small(call.number),
            at=self._time(call.at) or call.at,
            thread=_small(call.thread),
            function=self._function(call.function),
            door=call.door if call.door in DOORS else "native",
            given=self._all(self._cutter.given(call), call.given, function),
            answer=self._answer(call, call.answer),
        )

    def answer(self, call: TracedCall | None, line: BridgeAnswer) -> BridgeAnswer:
        """The bridge's answer to a call; of a call that is not in the trace everything is filler."""
        self.counts.answers += 1
        self._values.begin_call((call or _NO_CALL).at)
        return BridgeAnswer(_small(line.number), self._answer(call or _NO_CALL, line.answer))

    def note(self, note: Note) -> Note:
        """Something that is no call."""
        self.counts.notes += 1
        call = None if note.call is None else _small(note.call)
        kind, why = self._word(note.kind, "note"), self._text(note.why)
        function = self._function(note.function) if note.function else ""
        return Note(
            kind=kind, why=why, calls=_small(note.calls), call=call, at=self._time(note.at), function=function
        )

    def _answer(self, call: TracedCall, answer: Answer) -> Answer:
        function = self._table.functions.get(call.function)
        after = self._all(self._cutter.answer(call, answer), answer.after, function)
        return Answer(_int32(answer.code), answer.microseconds, after)

    def _all(
        self, pieces: Pieces, values: Mapping[str, Given], function: Function | None
    ) -> Mapping[str, Given]:
        known = {argument.name for argument in function.arguments} if function else set()
        made: dict[str, Given] = {}
        for place, (name, value) in enumerate(values.items(), 1):
            right_name = name if name in known else self._word(name, f"argument{place}")
            made[right_name] = self._value(pieces, name, value)
        return made

    def _value(self, pieces: Pieces, name: str, value: Given) -> Given:
        match value:
            case bytes():
                return self._bytes(pieces, name, value)
            case NamedFile():
                return NamedFile(self._bytes(pieces, name, value.name), value.size)
            case Number() if value.wide is not None:
                return Number(value.low, value.wide if -(2**31) <= value.wide < 2**32 else value.low)
        return value

    def _bytes(self, pieces: Pieces, name: str, data: bytes) -> bytes:
        parts = (self._values.masked(piece, data[piece.start : piece.end]) for piece in pieces[name])
        made = b"".join(parts)
        if len(made) != len(data):
            raise AssertionError(f"{name}: {len(data)} bytes became {len(made)}")
        return self._swept(made)

    def _swept(self, data: bytes) -> bytes:
        hits = self._real_values.found(data)
        self.counts.remains += len(hits)
        return overwritten(data, hits) if hits else data

    # --- what is no value -----------------------------------------------------------------------------------

    def _time(self, at: datetime | None) -> datetime | None:
        try:
            return None if at is None else at + timedelta(days=self._values.days)
        except OverflowError:  # a time of the first year: nobody's
            return at

    def _function(self, name: str) -> str:
        return name if name in self._table.functions else self._word(name, "unknown")

    def _word(self, text: str, otherwise: str) -> str:
        """A name that the table does not have: kept where it is a name of programs and nobody's."""
        if not _WORD.fullmatch(text) or _ID.search(text) or re.search(r"[0-9]{7}", text):
            return otherwise
        return text if not self._real_values.found(text.encode()) else otherwise

    def _text(self, text: str) -> str:
        """A text that a recorder wrote for people: without paths, names, ids, long numbers."""
        plain = self._swept(text.encode("utf-8", "replace")).decode("utf-8", "replace")
        plain = _PATH.sub("(path)", plain)
        return _HARMLESS.sub(lambda match: match["said"] or "x" * len(match["other"]), plain)


def _small(number: int) -> int:
    """A number of 32 bits; a longer one is none that a recorder writes."""
    return number if 0 <= number < 2**32 else 0


def _int32(code: int) -> int:
    """A return code has 32 bits."""
    low = code & 0xFFFFFFFF
    return low - 2**32 if low & 0x80000000 else low


_NO_CALL = TracedCall(number=0, at=datetime.min, thread=0, function="", given={}, answer=Answer(0, 0.0))
