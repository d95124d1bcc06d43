"""Masks the files of a trace: one pass to learn who is in it, one to write it anew without them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from bridge.errors import TraceError
from bridge.private_files import create_private, make_private_folder
from bridge.table.model.rows import Table
from bridge.trace.format import BridgeAnswer, Header, Line, Note, TracedCall, line_of
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.batches import Batch, batches
from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.cycles import no_search_for_cycles
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.masker import Counts, Masker
from bridge.trace.masking.pieces import Cutter
from bridge.trace.masking.quick_learning import QuickCollector
from bridge.trace.masking.quick_masking import QuickMasker
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.target import check_target, put_in_place, remove
from bridge.trace.masking.values import Values
from bridge.trace.parsing import parse_line
from bridge.trace.reading import SUFFIX, FileLines, Problem, parsed_lines, trace_files
from bridge.words import said

Progress = Callable[[int], None]
STEP_BYTES = 1_000_000
_ANSWER = b'{"answer"'  # how the line of a bridge's answer begins


def nobody_asks(count: int) -> None:
    """No progress is shown."""


class Steps:
    """Tells of progress now and then: to tell of each line would take longer than to read it. ``untold``:
    bytes of which nothing was told yet.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress, self.untold = progress, 0

    def add(self, count: int) -> None:
        """So many bytes more."""
        self.untold += count
        if self.untold >= STEP_BYTES:
            self.end()

    def end(self) -> None:
        """What was not told yet."""
        self._progress(self.untold)
        self.untold = 0


@dataclass(frozen=True, slots=True)
class Masked:
    """What was done. ``replaced``: values by kind. ``shared``: invented values that had to serve twice."""

    counts: Counts
    people: int
    replaced: dict[str, int]
    swept: int
    shared: int
    problems: list[Problem]


class FirstPass:
    """Learns who is in a trace: ``collector`` has it. ``progress`` gets how many bytes were read since its
    last call.
    """

    def __init__(
        self,
        table: Table,
        rules: MaskRules,
        *,
        keep_hospitals: bool = False,
        progress: Progress = nobody_asks,
    ) -> None:
        self._progress = progress
        self.collector = Collector(Cutter(table, rules), rules, keep_hospitals=keep_hospitals)
        self._table, self._rules = table, rules

    def read(self, files: Sequence[Path], answered: Answered) -> None:
        """Read files, all parts of a program in order. Raises TraceError."""
        quick = QuickCollector(self._table, self._rules, self.collector)
        with no_search_for_cycles():
            for file in files:
                self._read(file, quick, answered)

    def _read(self, file: Path, quick: QuickCollector, answered: Answered) -> None:
        steps = Steps(self._progress)
        lines = FileLines(file)
        for batch in batches(file, lines, answered):
            for place in quick.learn(batch):
                for line, _ in lines.read(batch.first + place, batch.line(place)):
                    self._learn(line, lines.process, answered)
            steps.add(batch.size)
        steps.end()

    def _learn(self, line: Line | Problem, process: int, answered: Answered) -> None:
        match line:
            case TracedCall():
                self.collector.call(line)
                answered.hold(process, line)
            case BridgeAnswer() if call := answered.call_of(process, line.number):
                self.collector.answer(call, line.answer)
            case _:
                pass


class SecondPass:
    """Writes a trace anew. ``collector``: with all that first passes have learnt of the whole hospital."""

    def __init__(
        self,
        table: Table,
        rules: MaskRules,
        key: MaskKey,
        collector: Collector,
        *,
        keep_hospitals: bool = False,
        progress: Progress = nobody_asks,
    ) -> None:
        self._progress = progress
        self.values = Values(rules, key, collector.real_values, keep_hospitals=keep_hospitals)
        self._masker = Masker(table, Cutter(table, rules), self.values, collector.real_values)
        self._quick = QuickMasker(table, rules, self.values, collector.real_values)
        self._problems: list[Problem] = []

    def write(self, files: Sequence[Path], targets: Sequence[Path], answered: Answered) -> None:
        """Mask files, all parts of a program in order, each into a new one of its own. Raises TraceError and
        OSError.
        """
        with no_search_for_cycles():
            for file, target in zip(files, targets, strict=True):
                with _private(target) as stream:
                    self._write(file, stream, answered)

    def masked(self) -> Masked:
        """What was done."""
        values, counts = self.values, self._masker.counts
        self._quick.count(counts)
        counts.left_out = sum(1 for problem in self._problems if problem.lost)
        return Masked(
            counts=counts,
            people=values.pseudonyms.count("id") + values.pseudonyms.count("id_text"),
            replaced=dict(values.replaced),
            swept=values.swept,
            shared=values.pseudonyms.shared,
            problems=self._problems,
        )

    def _write(self, file: Path, stream: BinaryIO, answered: Answered) -> None:
        steps = Steps(self._progress)
        lines = FileLines(file)

        def look_at_everything(data: bytes) -> bytes:
            return _bytes_of(self._masked(parse_line(data, 0, lines.process), lines.process, answered))

        for batch in batches(file, lines, answered):
            made, rest = self._quick.masked(batch, look_at_everything)
            for place in rest:
                made[place] = tuple(self._as_a_whole(batch, place, lines, answered))
            stream.write(b"".join(chain.from_iterable(made)))
            steps.add(batch.size)
        steps.end()

    def _as_a_whole(self, batch: Batch, place: int, lines: FileLines, answered: Answered) -> Iterator[bytes]:
        """What becomes of a line of a file; with a header before it, where the file begins without."""
        headed = lines.headed
        for line, _ in lines.read(batch.first + place, batch.line(place)):
            if isinstance(line, Problem):
                self._problems.append(line)
                continue
            if not headed and not isinstance(line, Header):
                yield _bytes_of(self._masker.header(Header(version=0)))
            yield _bytes_of(self._masked(line, lines.process, answered))

    def _masked(self, line: Line, process: int, answered: Answered) -> Line:
        match line:
            case Header():
                return self._masker.header(line)
            case TracedCall():
                answered.hold(process, line)
                return self._masker.call(line)
            case BridgeAnswer():
                return self._masker.answer(answered.call_of(process, line.number), line)
            case Note():
                return self._masker.note(line)


class TraceMasking:
    """One masking of one trace. ``progress`` gets how many bytes were read since its last call; all
    files are read twice.
    """

    def __init__(
        self,
        table: Table,
        rules: MaskRules,
        key: MaskKey,
        *,
        keep_hospitals: bool = False,
        progress: Progress = nobody_asks,
    ) -> None:
        self._key = key
        self._first = FirstPass(table, rules, keep_hospitals=keep_hospitals, progress=progress)
        self._second = SecondPass(
            table, rules, key, self._first.collector, keep_hospitals=keep_hospitals, progress=progress
        )

    def run(self, source: Path, target: Path, *, force: bool = False) -> Masked:
        """Write a masked trace to ``target``: a file, or a folder where ``source`` is one.

        It is put in place in one step, readable by its owner only. Raises TraceError, and then leaves nothing
        behind; also where ``target`` exists and ``force`` is not given.
        """
        files = trace_files(source)
        check_target(source, target, force)
        with no_search_for_cycles():  # all along: between two passes, it would look through all that is known
            return self._run(files, source, target)

    def _run(self, files: Sequence[Path], source: Path, target: Path) -> Masked:
        answered = answered_in(files)
        self._first.read(files, answered)
        self._second.values.settle(self._first.collector.people)
        self._first.collector.people.clear()
        new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            if source.is_dir():
                make_private_folder(new)
                names = [f"masked-{number:04d}{SUFFIX}" for number in range(1, len(files) + 1)]
                self._second.write(files, [new / name for name in names], answered.from_the_beginning())
            else:
                self._second.write(files, [new], answered.from_the_beginning())
            done = self._second.masked()
            if not done.counts.calls and not done.counts.notes:
                raise TraceError(said("{source}: no call could be read in it", source=source))
            self._key.save()
            put_in_place(new, target)
        except OSError as error:
            raise TraceError(
                said("{target}: cannot be written: {strerror}", target=target, strerror=error.strerror)
            ) from error
        finally:
            remove(new)
        return done


def answered_in(files: Iterable[Path]) -> Answered:
    """Which calls have a second answer further on: only of those something has to be remembered."""
    answered = Answered()
    for file in filter(_has_answers, files):
        process = 0
        for line, _ in parsed_lines(file, only=(_ANSWER, b'{"trace"')):
            if isinstance(line, Header):
                process = line.process
            elif isinstance(line, BridgeAnswer):
                answered.expect(process, line.number)
    return answered


def _has_answers(file: Path) -> bool:
    """Whether there may be one: a file without is not read line by line."""
    end = b""
    try:
        with file.open("rb") as stream:
            while block := stream.read(STEP_BYTES):
                if _ANSWER in block or _ANSWER in end + block[: len(_ANSWER)]:
                    return True
                end = (end + block[1 - len(_ANSWER) :])[1 - len(_ANSWER) :]
    except OSError:  # as it will be said when it is read
        return True
    return False


def _bytes_of(line: Line) -> bytes:
    return f"{line_of(line)}\n".encode()


def _private(file: Path) -> BinaryIO:
    return os.fdopen(create_private(file), "wb")
