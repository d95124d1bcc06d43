"""Reads traces from files, taking what can be understood and saying what cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bridge.errors import TraceError
from bridge.trace.format import BridgeAnswer, Header, Line, Note, TracedCall
from bridge.trace.named import readable
from bridge.trace.parsing import parse_line
from bridge.words import said

SUFFIX = ".jsonl"
MOST_LINE_BYTES = 4 * 1024 * 1024  # twelve buffers of 32 KB, before and after, are less
BLOCK_BYTES = 128 * 1024  # larger ones cost more: their memory is new each time


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was left out (``lost``), or something else about a file that a person should know."""

    file: str
    line: int
    text: str
    lost: bool = False

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


@dataclass(slots=True)
class Trace:
    """Everything read. ``calls`` in the order in which they began."""

    headers: list[Header] = field(default_factory=list)
    calls: list[TracedCall] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def masked(self) -> bool:
        """Whether every file says that its people are invented."""
        return bool(self.headers) and all(header.masked for header in self.headers)


def read_trace(place: Path) -> Trace:
    """Read a file, or all files (.jsonl) of a folder: the parts of one trace, or traces of several programs.

    A line that is cut off, edited beyond use, or not understood costs that line and a Problem. Raises
    TraceError when nothing can be read at all, and for a newer version of the format.
    """
    trace = Trace()
    answers: dict[tuple[int, int], BridgeAnswer] = {}
    for file in trace_files(place):
        _read_file(file, trace, answers)
    trace.calls = [_answered(call, answers) for call in trace.calls]
    trace.calls.sort(key=lambda call: (call.at, call.process, call.number))
    if not trace.headers and not trace.calls:
        raise TraceError(
            said(
                "{place}: no trace: {value}",
                place=place,
                value=trace.problems[0].text if trace.problems else said("it is empty"),
            )
        )
    return trace


def trace_files(place: Path) -> list[Path]:
    """The files of a trace in order. Raises TraceError where there are none."""
    if place.is_dir():
        files = sorted(place.glob(f"*{SUFFIX}"))
        if not files:
            raise TraceError(said("{place}: no *{suffix} in this folder", place=place, suffix=SUFFIX))
        return files
    if not place.is_file():
        raise TraceError(said("{place}: there is no such file", place=place))
    return [place]


def _read_file(file: Path, trace: Trace, answers: dict[tuple[int, int], BridgeAnswer]) -> None:
    process = 0
    for line, _ in parsed_lines(file):
        match line:
            case Problem():
                trace.problems.append(line)
            case Header():
                process = line.process
                trace.headers.append(line)
            case TracedCall():
                trace.calls.append(line)
            case BridgeAnswer():
                answers[process, line.number] = line
            case Note():
                trace.notes.append(line)


def parsed_lines(file: Path, *, only: tuple[bytes, ...] = ()) -> Iterator[tuple[Line | Problem, int]]:
    """Each line of a file, one after the other, with its length in bytes; in place of one that cannot be
    read, and beside one that needs a remark, a Problem. With ``only``: lines that begin with one of these
    texts.

    Raises TraceError for an unreadable file and a newer version of the format.
    """
    lines = FileLines(file, headed=bool(only))
    for number, data in _lines(file):
        if not only or data.startswith(only):
            yield from lines.read(number, data)


class FileLines:
    """What the lines of a file say, given one after the other. ``headed``: whether one was there already;
    ``process``: of the program whose lines they are.
    """

    def __init__(self, file: Path, *, headed: bool = False) -> None:
        self.headed, self.process = headed, 0
        self._file = file

    def read(self, number: int, data: bytes) -> Iterator[tuple[Line | Problem, int]]:
        """A line, as :func:`parsed_lines` has it; nothing of a blank one. ``number``: from 1. Raises
        TraceError for a newer version of the format.
        """
        size = len(data)
        if not data.strip():
            return
        try:
            line = parse_line(data, number, self.process)
        except TraceError as error:
            if b'"trace"' in data[:20]:  # what follows a header that is not understood would be guessed at
                raise TraceError(
                    said("{file}, line {number}: {error}", file=self._file, number=number, error=error)
                ) from error
            cut = "" if data.endswith(b"\n") else "cut off in the middle; "
            yield self._problem(number, f"{cut}{error}", lost=True), size
            return
        if not self.headed and not isinstance(line, Header):
            yield self._problem(number, "no header: taken for the oldest format"), 0
        self.headed = True
        if isinstance(line, Header):
            self.process = line.process
        yield line, size
        if isinstance(line, Header) and line.version < 1:
            yield self._problem(number, "an older format: read as far as known"), 0

    def _problem(self, number: int, text: str, *, lost: bool = False) -> Problem:
        return Problem(readable(self._file.name), number, text, lost)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line."""
    with _opened(file) as stream:
        yield from enumerate(iter(partial(stream.readline, MOST_LINE_BYTES), b""), 1)


def blocks(file: Path, size: int | None = None) -> Iterator[bytes]:
    """A file in blocks of whole lines, of about so many bytes; the last one may be cut off. What is longer
    than MOST_LINE_BYTES ends there. Raises TraceError for an unreadable file.
    """
    rest = b""
    with _opened(file) as stream:
        while data := stream.read(size or BLOCK_BYTES):
            end = data.rfind(b"\n") + 1
            if end:
                yield b"".join((rest, memoryview(data)[:end]))
            rest = data[end:] if end else rest + data
            while len(rest) >= MOST_LINE_BYTES:
                yield rest[:MOST_LINE_BYTES]
                rest = rest[MOST_LINE_BYTES:]
    if rest:
        yield rest


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """Raises TraceError for a file that cannot be read, also while it is read."""
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be read: {strerror}", file=file, strerror=error.strerror)
        ) from error


def _answered(call: TracedCall, answers: dict[tuple[int, int], BridgeAnswer]) -> TracedCall:
    found = answers.get((call.process, call.number))
    return call if found is None else call._replace(bridge=found.answer)
