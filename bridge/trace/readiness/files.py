"""Counts the files of a trace: calls of a kind that is known by what its line looks like, and all others one
by one (:class:`bridge.trace.readiness.counts.Counting`). Which way a line goes makes no difference.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterable
from pathlib import Path

from bridge.table.model.rows import Table
from bridge.trace.format import TracedCall
from bridge.trace.readiness.alike import Kind, Kinds
from bridge.trace.readiness.counts import Counting, Counts
from bridge.trace.readiness.programs import Moment, Program, Told
from bridge.trace.readiness.sequences import Times, moment, texts_from
from bridge.trace.readiness.templates import NUMBER, TIME, thread_and_microseconds
from bridge.trace.reading import MOST_LINE_BYTES, FileLines, blocks
from bridge.trace.stream import InOrder

LONGEST_PAUSE = 50  # lines that are not tried


def count_files(files: Iterable[Path], table: Table) -> Counts:
    """Count files that follow one another, their lines as :func:`bridge.trace.stream.lines_in_order` has
    them. Raises TraceError as it does.
    """
    counting = _Files(table)
    for file in files:
        counting.count(file)
    return counting.end()


class _Place:
    """How far a file is read. ``block``: of whole lines; ``at``: where the next one begins; ``number``: lines
    before it.
    """

    __slots__ = ("at", "block", "lines", "number")

    def __init__(self, file: Path) -> None:
        self.lines = FileLines(file)
        self.block, self.at, self.number = b"", 0, 0

    def next_line(self) -> bytes:
        """The next line."""
        end = self.block.find(b"\n", self.at, self.at + MOST_LINE_BYTES) + 1 or self.at + MOST_LINE_BYTES
        line = self.block[self.at : end]
        self.at += len(line)
        self.number += 1
        return line


class _Files:
    def __init__(self, table: Table) -> None:
        self._counting = Counting(table)
        self._kinds = Kinds(self._counting.judge)
        self._order = InOrder()
        self._times = Times()
        self._in_vain = self._pause = 0

    def count(self, file: Path) -> None:
        """Count a file."""
        place = _Place(file)
        for block in blocks(file):
            place.block, place.at = block, 0
            while place.at < len(block):
                if self._pause:
                    self._pause -= 1
                else:
                    self._try_alike(place)
                if place.at < len(block):
                    self._line(place)

    def end(self) -> Counts:
        """Everything counted, once the last file has come."""
        for call in self._order.rest():
            self._counting.line(call)
        for kind in self._kinds.all:
            if kind.times:
                self._counting.answered(kind.function, kind.code, kind.times)
                for habit, _ in kind.seen:
                    self._counting.shown(habit, kind.function, kind.times)
        for at in self._times.ends():
            self._counting.began(at)
        return self._counting.counts

    def _line(self, place: _Place) -> None:
        """The next line of a file, by itself."""
        data = place.next_line()
        for line, _ in place.lines.read(place.number, data):
            if isinstance(line, TracedCall):
                self._kinds.learn(data, line)
            for due in self._order.due(line):
                self._counting.line(due)

    def _try_alike(self, place: _Place) -> None:
        """Where it is in vain again and again, the next lines are not tried."""
        at = place.at
        self._alike(place)
        self._in_vain = self._in_vain + 1 if place.at == at else 0
        self._pause = min(self._in_vain, LONGEST_PAUSE)

    def _alike(self, place: _Place) -> None:
        """The lines that follow, as long as each is of a kind that is known, and has its turn."""
        scan, begun = self._kinds.lines(place.block, place.at), self._order.next_call
        if scan is None or not begun or not place.lines.headed:
            return
        program = self._counting.judge.programs[place.lines.process]
        persons, times = _Persons(program), self._times
        kinds, port, failed = self._kinds.by_group, program.port, program.failed
        last, end_of_hour = times.last, times.end_of_hour
        passed: re.Match[bytes] | None = None
        for number in texts_from(begun):  # more than a million a second
            found = scan()
            if found is None or found[NUMBER] != number:
                break
            time = found[TIME]
            if last < time < end_of_hour:
                last = time
            elif times.take(time, last):
                last, end_of_hour = times.last, times.end_of_hour
            else:
                break
            passed = found
            kind = kinds[found.lastindex or 0]
            kind.times += 1
            port, habit = kind.moves[port]
            if habit:
                self._counting.seen(habit, "", kind.function, int(number))
            person = kind.person
            if person:
                if kind.told is not None:
                    persons.told, persons.agreed = (found, person, kind.told), b""
                elif found[person] != persons.agreed and persons.is_another(found[person]):
                    self._counting.seen("another_person", kind.named, kind.function, int(number))
            if failed or kind.special:
                self._special(program, kind, found)
        if passed is None:
            return
        place.at = passed.end()
        place.number += int(number) - begun
        self._order.passed(int(number))
        program.port, times.last = port, last
        persons.settle()

    def _special(self, program: Program, kind: Kind, found: re.Match[bytes]) -> None:
        """What happens seldom."""
        if kind.row is None:
            return
        number = int(found[NUMBER])
        if kind.special:
            room = [self._counting.example(*habit, kind.function, number) for habit in kind.seen]
            kind.special = any(room) or not kind.worked
        began = moment(found[TIME]).timestamp()
        thread, microseconds = thread_and_microseconds(found[0])
        call = Moment(kind.function, thread, began, began + microseconds / 1e6, kind.code)
        for habit in program.consequence(call, writes=kind.row.writes, worked=kind.worked):
            self._counting.seen(*habit, kind.function, number)


class _Persons:
    """Who is told and who is named, as it stands in the lines: base64, read only where another is named than
    before. ``told``: a line that tells of a card which the program does not know yet, the group and the place
    where it does; ``agreed``: the name that is that of the card, b"" as long as nobody is named.
    """

    __slots__ = ("_program", "agreed", "told")

    def __init__(self, program: Program) -> None:
        self._program = program
        self.told: tuple[re.Match[bytes], int, tuple[slice, Told]] | None = None
        self.agreed = b""

    def is_another(self, name: bytes) -> bool:
        """Whether it is another person than that of the card."""
        self.settle()
        another = self._program.is_another(a2b_base64(name))
        if not another:
            self.agreed = name
        return another

    def settle(self) -> None:
        """Tell the program."""
        if self.told is not None:
            found, group, (part, where) = self.told
            self._program.reads(a2b_base64(found[group][part]), where)
            self.told = None
