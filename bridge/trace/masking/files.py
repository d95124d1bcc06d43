"""Masks the files of a trace: one pass to learn who is in it, one to write it anew without them."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bridge.errors import TraceError
from bridge.private_files import create_private, make_private_folder
from bridge.table.model.rows import Table
from bridge.trace.format import BridgeAnswer, Given, Header, Line, Note, TracedCall, line_of
from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.masker import Counts, Masker
from bridge.trace.masking.pieces import Cutter
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.values import Values
from bridge.trace.reading import SUFFIX, Problem, parsed_lines, trace_files
from bridge.words import said

Progress = Callable[[int], None]
_PATTERN_BYTES = 16  # of a buffer: enough to see which form of a record was wanted


@dataclass(frozen=True, slots=True)
class Masked:
    """What was done. ``replaced``: values by kind. ``shared``: invented values that had to serve twice."""

    counts: Counts
    people: int
    replaced: dict[str, int]
    swept: int
    shared: int
    problems: list[Problem]


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
        progress: Progress = lambda count: None,
    ) -> None:
        self._table, self._key, self._progress = table, key, progress
        cutter = Cutter(table, rules)
        self._collector = Collector(cutter, rules, keep_hospitals=keep_hospitals)
        real_values = self._collector.real_values
        self._values = Values(rules, key, real_values, keep_hospitals=keep_hospitals)
        self._masker = Masker(table, cutter, self._values, real_values)
        self._asked: dict[tuple[int, int], TracedCall | None] = {}
        self._problems: list[Problem] = []

    def run(self, source: Path, target: Path, *, force: bool = False) -> Masked:
        """Write a masked trace to ``target``: a file, or a folder where ``source`` is one.

        It is put in place in one step, readable by its owner only. Raises TraceError, and then leaves nothing
        behind; also where ``target`` exists and ``force`` is not given.
        """
        files = trace_files(source)
        _check_target(source, target, force)
        for file in files:
            self._find_answered(file)
        for file in files:
            self._learn(file)
        new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            if source.is_dir():
                make_private_folder(new)
                for number, file in enumerate(files, 1):
                    self._write(file, new / f"masked-{number:04d}{SUFFIX}")
            else:
                self._write(files[0], new)
            if not self._masker.counts.calls and not self._masker.counts.notes:
                raise TraceError(said("{source}: no call could be read in it", source=source))
            self._key.save()
            _put_in_place(new, target)
        except OSError as error:
            raise TraceError(
                said("{target}: cannot be written: {strerror}", target=target, strerror=error.strerror)
            ) from error
        finally:
            _remove(new)
        return self._result()

    def _result(self) -> Masked:
        values, counts = self._values, self._masker.counts
        counts.left_out = sum(1 for problem in self._problems if problem.lost)
        return Masked(
            counts=counts,
            people=values.pseudonyms.count("id") + values.pseudonyms.count("id_text"),
            replaced=dict(values.replaced),
            swept=values.swept,
            shared=values.pseudonyms.shared,
            problems=self._problems,
        )

    # --- passes ---------------------------------------------------------------------------------------------

    def _find_answered(self, file: Path) -> None:
        """Which calls have a second answer further on: only of those something has to be remembered."""
        process = 0
        for line, _ in parsed_lines(file, only=(b'{"answer"', b'{"trace"')):
            if isinstance(line, Header):
                process = line.process
            elif isinstance(line, BridgeAnswer):
                self._asked[process, line.number] = None

    def _learn(self, file: Path) -> None:
        process = 0
        for line, read in parsed_lines(file):
            self._progress(read)
            match line:
                case Header():
                    process = line.process
                case TracedCall():
                    self._collector.call(line)
                    if (process, line.number) in self._asked:
                        self._asked[process, line.number] = _outline(line)
                case BridgeAnswer() if call := self._asked.get((process, line.number)):
                    self._collector.answer(call, line.answer)
                case _:
                    pass

    def _write(self, file: Path, new: Path) -> None:
        process, begun = 0, False
        with _private(new) as stream:
            for line, read in parsed_lines(file):
                self._progress(read)
                if isinstance(line, Problem):
                    self._problems.append(line)
                    continue
                if isinstance(line, Header):
                    process = line.process
                elif not begun:
                    stream.write(_bytes_of(self._masker.header(Header(version=0))))
                begun = True
                stream.write(_bytes_of(self._masked(line, process)))

    def _masked(self, line: Line, process: int) -> Line:
        match line:
            case Header():
                return self._masker.header(line)
            case TracedCall():
                return self._masker.call(line)
            case BridgeAnswer():
                call = self._asked.get((process, line.number))
                return self._masker.answer(call, line)
            case Note():
                return self._masker.note(line)


def _outline(call: TracedCall) -> TracedCall:
    """What an answer to the call needs of it: its numbers, whom it was about, how its buffers begin."""

    def short(value: Given) -> Given:
        return value[:_PATTERN_BYTES] if isinstance(value, bytes) else value

    given = {name: short(value) for name, value in call.given.items()}
    return call._replace(given=given, answer=call.answer._replace(after={}))


def _bytes_of(line: Line) -> bytes:
    return f"{line_of(line)}\n".encode()


# --- files --------------------------------------------------------------------------------------------------


def _check_target(source: Path, target: Path, force: bool) -> None:
    if source.is_dir() and source.resolve() in target.resolve().parents:
        raise TraceError(said("{target}: lies in the trace that is to be masked", target=target))
    if not os.path.lexists(target):
        if not target.parent.is_dir():
            raise TraceError(
                said("{target}: there is no folder {parent}", target=target, parent=target.parent)
            )
        return
    if not force:
        raise TraceError(said("{target}: exists already; --force replaces it", target=target))
    if target.resolve() == source.resolve():
        raise TraceError(said("{target}: is the trace that is to be masked", target=target))
    if target.is_dir() != source.is_dir():
        raise TraceError(
            said(
                "{target}: a {value} is needed, as {source} is one",
                target=target,
                value=said("file") if source.is_file() else said("folder"),
                source=source,
            )
        )
    if target.is_dir() and any(file.suffix != SUFFIX for file in target.iterdir()):
        raise TraceError(
            said("{target}: holds other files than a trace; nothing was replaced", target=target)
        )


def _put_in_place(new: Path, target: Path) -> None:
    """One step; a folder that stood there is moved aside first and then deleted."""
    if not (target.is_dir() and not target.is_symlink()):
        new.replace(target)
        return
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _remove(new: Path) -> None:
    with contextlib.suppress(OSError):
        if new.is_dir():
            shutil.rmtree(new)
        else:
            new.unlink(missing_ok=True)


def _private(file: Path) -> BinaryIO:
    return os.fdopen(create_private(file), "wb")
