"""A trace cut into stretches that can be replayed by themselves, each in a world made of its own calls.

A stretch is of one run of one program, and ends where a visit does: before the port is opened anew, or a
virtual card presented. Where a trace has no such place for long it is cut all the same: whoever replays the
next stretch first opens the port again. Finding the places reads every line once, and looks at hardly
anything of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType
from msgspec.json import Decoder

from bridge.errors import TraceError
from bridge.table.model.rows import Table
from bridge.trace.format import Header, Line, Note, TracedCall, signed16
from bridge.trace.named import readable
from bridge.trace.parsing import parse_line
from bridge.trace.reading import MOST_LINE_BYTES, Problem, Trace
from bridge.words import said

MOST_CALLS = 5_000  # of a stretch that ends where it should; a visit is some dozens
_OPENS, _CLOSES, _PRESENTS = "open", "close", "present_virtual_card"  # operations of the reader


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file, ``start`` to ``end``, which begin with line ``line`` (from 1)."""

    file: Path
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Calls that follow one another. ``functions``: how many there are of each. ``threads``: which threads
    made them. ``opened``: the call that had opened the port before, where it is still open.
    """

    number: int
    process: int
    pieces: tuple[Piece, ...]
    functions: tuple[tuple[str, int], ...]
    threads: frozenset[int] = frozenset()
    opened: Piece | None = None

    @property
    def calls(self) -> int:
        """How many calls it has."""
        return sum(count for _, count in self.functions)

    @property
    def size(self) -> int:
        """Bytes of its lines."""
        return sum(piece.end - piece.start for piece in self.pieces)


class _Sketch(Struct, gc=False):
    """What is looked at of a line."""

    call: int = 0
    thread: int = 0
    function: str = ""
    code: int = 0
    trace: Raw | UnsetType = UNSET
    note: Raw | UnsetType = UNSET


_sketch = Decoder(_Sketch).decode


def stretches(files: Iterable[Path], table: Table, most: int = MOST_CALLS) -> Iterator[Stretch]:
    """The stretches of a trace in order. ``files``: in the order in which they were written, of one program
    after the other. Raises TraceError for a file that cannot be read and for a newer version of the format.
    """
    cutting = _Cutting(table, most)
    for file in files:
        yield from cutting.taken(file)
    yield from cutting.rest()


@dataclass
class _Open:
    """The stretch that is being gathered."""

    pieces: list[Piece] = field(default_factory=list)
    functions: Counter[str] = field(default_factory=Counter)
    threads: set[int] = field(default_factory=set)
    calls: int = 0


class _Cutting:
    """Goes through the lines and says where a stretch ends."""

    def __init__(self, table: Table, most: int) -> None:
        self._most = most
        does = {row.name: {step.reader for step in row.steps} for row in table.functions.values()}
        self._opens = {name for name, operations in does.items() if _OPENS in operations}
        self._closes = {name for name, operations in does.items() if _CLOSES in operations}
        self._presents = {name for name, operations in does.items() if _PRESENTS in operations}
        self._program: tuple[object, ...] | None = None
        self._process = self._number = 0
        self._gathered = _Open()
        self._new_program()

    def _new_program(self) -> None:
        self._opened: Piece | None = None
        self._opened_before: Piece | None = None
        self._presented = False
        self._first = self._seen = 0

    def taken(self, file: Path) -> Iterator[Stretch]:
        """Go through a file. Raises TraceError."""
        at = start = number = 0
        line, headed = 1, False
        for data in _lines(file):
            number += 1
            sketch = _sketch_of(data)
            if not data.strip():
                at += len(data)
                continue
            if data.startswith(b'{"trace"') or (sketch is not None and sketch.trace is not UNSET):
                header = _header(file, number, data)
                program = (header.process, header.program, header.started)
                if headed or program != self._program:
                    if at > start:
                        self._gathered.pieces.append(Piece(file, start, at, line))
                    yield from self.rest()
                    start, line = at, number
                    self._program, self._process = program, header.process
                headed = True
            elif not headed:
                headed = True
                yield from self.rest()
                self._program, self._process = (file,), 0
            if sketch is not None and sketch.function and sketch.note is UNSET:
                if self._cut_before(sketch):
                    self._gathered.pieces.append(Piece(file, start, at, line))
                    yield from self._ended(opening=sketch.function in self._opens)
                    start, line = at, number
                self._take(sketch, Piece(file, at, at + len(data), number))
            at += len(data)
        if at > start:
            self._gathered.pieces.append(Piece(file, start, at, line))

    def _cut_before(self, sketch: _Sketch) -> bool:
        calls = self._gathered.calls
        if calls < self._most:
            return False
        nobody_waits = self._seen == sketch.call - self._first  # of those that began before, all have ended
        name = sketch.function
        begins = name in self._presents or (name in self._opens and not self._presented)
        if nobody_waits:
            return begins or calls >= 2 * self._most
        return (begins and calls >= 2 * self._most) or calls >= 3 * self._most

    def _take(self, sketch: _Sketch, where: Piece) -> None:
        if not self._seen:
            self._first = sketch.call
        self._seen += 1
        self._gathered.calls += 1
        self._gathered.functions[sketch.function] += 1
        self._gathered.threads.add(sketch.thread)
        if sketch.function in self._opens:
            self._opened = where if signed16(sketch.code) == 0 else self._opened
        elif sketch.function in self._closes:
            self._opened = None
        self._presented = self._presented or sketch.function in self._presents

    def _ended(self, *, opening: bool = False) -> Iterator[Stretch]:
        """The stretch that has been gathered. ``opening``: the next one opens the port by itself."""
        gathered, self._gathered = self._gathered, _Open()
        if gathered.pieces:
            functions, threads = tuple(gathered.functions.items()), frozenset(gathered.threads)
            self._number += 1
            yield Stretch(
                self._number, self._process, tuple(gathered.pieces), functions, threads, self._opened_before
            )
        self._opened_before = None if opening else self._opened

    def rest(self) -> Iterator[Stretch]:
        """What is left of a program's run."""
        yield from self._ended()
        self._new_program()


def _sketch_of(data: bytes) -> _Sketch | None:
    try:
        return _sketch(data)
    except (DecodeError, RecursionError):
        return None


def _header(file: Path, number: int, data: bytes) -> Header:
    """The header in a line; one that is broken counts as that of nobody. Raises TraceError for one of a newer
    version.
    """
    try:
        line = parse_line(data, number)
    except TraceError as error:
        raise TraceError(
            said("{file}, line {number}: {error}", file=file, number=number, error=error)
        ) from error
    return line if isinstance(line, Header) else Header()


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            while data := stream.readline(MOST_LINE_BYTES):
                yield data
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be read: {strerror}", file=file, strerror=error.strerror)
        ) from error


def going_on(stretches: Sequence[Stretch]) -> Iterator[frozenset[tuple[int, int]]]:
    """Of each stretch the threads, by process and number, that have calls in later ones."""
    last = {(each.process, thread): at for at, each in enumerate(stretches) for thread in each.threads}
    for at, each in enumerate(stretches):
        lanes = ((each.process, thread) for thread in each.threads)
        yield frozenset(lane for lane in lanes if last[lane] > at)


# --- reading one --------------------------------------------------------------------------------------------


def read_stretch(stretch: Stretch) -> Trace:
    """The calls of a stretch in the order in which they began, and what stands between them; a line that
    cannot be read costs that line and a Problem. Raises TraceError for an unreadable file.
    """
    trace = Trace()
    for piece in stretch.pieces:
        for number, data in _lines_of(piece):
            if data.strip():
                _read_line(piece.file, number, data, stretch.process, trace)
    trace.calls.sort(key=lambda call: (call.at, call.number))
    return trace


def call_of(piece: Piece, process: int) -> TracedCall | None:
    """The call of one line; None where it is none any more. Raises TraceError for an unreadable file."""
    for number, data in _lines_of(piece):
        line = parse_line(data, number, process)
        return line if isinstance(line, TracedCall) else None
    return None


def _read_line(file: Path, number: int, data: bytes, process: int, trace: Trace) -> None:
    try:
        line: Line = parse_line(data, number, process)
    except TraceError as error:
        cut = "" if data.endswith(b"\n") else "cut off in the middle; "
        trace.problems.append(Problem(readable(file.name), number, f"{cut}{error}", lost=True))
        return
    if number == 1 and not isinstance(line, Header):
        trace.problems.append(Problem(readable(file.name), number, "no header: taken for the oldest format"))
    match line:
        case Header():
            trace.headers.append(line)
            if line.version < 1:
                trace.problems.append(
                    Problem(readable(file.name), number, "an older format: read as far as known")
                )
        case TracedCall():
            trace.calls.append(line)
        case Note():
            trace.notes.append(line)


def _lines_of(piece: Piece) -> Iterator[tuple[int, bytes]]:
    try:
        with piece.file.open("rb") as stream:
            stream.seek(piece.start)
            left, number = piece.end - piece.start, piece.line
            while left > 0 and (data := stream.readline(min(MOST_LINE_BYTES, left))):
                yield number, data
                left -= len(data)
                number += 1
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be read: {strerror}", file=piece.file, strerror=error.strerror)
        ) from error
