"""The work places whose traces lie in a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, groupby
from pathlib import Path

from bridge.errors import TraceError
from bridge.trace.format import Header
from bridge.trace.named import readable
from bridge.trace.parsing import parse_line
from bridge.trace.reading import MOST_LINE_BYTES, SUFFIX
from bridge.words import reason, said

FIRST_LINES = 20  # of which one at least is a trace's
_PART_NUMBER = re.compile(r"-[0-9]{4,}$")


@dataclass(frozen=True, slots=True)
class WorkPlace:
    """``name``: its folder, or where files of several lie side by side the file's name without the number of
    the part; as text (:func:`bridge.trace.named.readable`), and no two have the same. ``files``: those that
    can be read, in order.
    """

    name: str
    files: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.stat().st_size for file in self.files)


@dataclass(frozen=True, slots=True)
class WorkPlaces:
    """What lies in a folder. ``refused``: files that are no trace of a version known here, each with the
    reason, for the screen.
    """

    places: tuple[WorkPlace, ...]
    refused: tuple[str, ...]


def work_places(folder: Path) -> WorkPlaces:
    """A folder in the folder is a work place, at any depth, with all traces in it. Traces that lie in
    ``folder`` itself are those of one work place for each run of a program: nothing in them says more. Raises
    TraceError where there is no trace.
    """
    refused: list[str] = []
    places = [
        place
        for parent, files in groupby(sorted(_files(folder), key=_parent_first), key=lambda file: file.parent)
        for place in _places(folder, parent, list(files), refused)
    ]
    if not places:
        told = said("{place}: no *{suffix} in this folder", place=folder, suffix=SUFFIX)
        raise TraceError("\n".join(refused) if refused else told)
    return WorkPlaces(tuple(_told_apart(places)), tuple(refused))


def places_of(trace: Path) -> WorkPlaces:
    """The same of a folder; a file is a work place of its own. Raises TraceError."""
    if trace.is_dir():
        return work_places(trace)
    if not trace.is_file():
        raise TraceError(said("{place}: there is no such file", place=trace))
    first_line(trace)
    return WorkPlaces((WorkPlace(readable(trace.stem), (trace,)),), ())


def _told_apart(places: list[WorkPlace]) -> Iterator[WorkPlace]:
    """With a readable name each: a folder and files beside it may have the same, or two codings of one."""
    taken = set[str]()
    for place in places:
        name = readable(place.name)
        names = chain((name,), (f"{name} ({number})" for number in count(2)))
        free = next(each for each in names if each not in taken)
        taken.add(free)
        yield WorkPlace(free, place.files)


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob(f"*{SUFFIX}"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not hidden and file.is_file():
            yield file


def _parent_first(file: Path) -> tuple[tuple[str, ...], str]:
    return file.parent.parts, file.name


def _places(folder: Path, parent: Path, files: list[Path], refused: list[str]) -> Iterator[WorkPlace]:
    runs: dict[object, list[Path]] = {}
    for file in files:
        try:
            header = first_line(file)
        except TraceError as error:
            refused.append(readable(reason(error)))
            continue
        run = (header.process, header.program, header.started) if header is not None else file
        runs.setdefault(run, []).append(file)
    if parent != folder and runs:
        usable = sorted(file for run in runs.values() for file in run)
        yield WorkPlace(parent.relative_to(folder).as_posix(), tuple(usable))
    elif runs:
        names = [_PART_NUMBER.sub("", of_run[0].stem) for of_run in runs.values()]
        for name, of_run in zip(names, runs.values(), strict=True):
            yield WorkPlace(name if names.count(name) == 1 else of_run[0].stem, tuple(of_run))


def first_line(file: Path) -> Header | None:
    """The header of a trace; None where it begins with something else: the oldest traces have none, and a
    first line may be broken. Raises TraceError for a file that cannot be read, of which no line among the
    first ones is a trace's, or which is of a newer version.
    """
    why: TraceError | None = None
    for number, data in enumerate(_first_lines(file), 1):
        try:
            line = parse_line(data, number, 0)
        except TraceError as error:
            told = said("{file}, line {number}: {error}", file=file, number=number, error=error)
            if b'"trace"' in data[:20]:
                raise TraceError(told) from error
            why = why or TraceError(said("{place}: no trace: {value}", place=file, value=told))
            continue
        return line if isinstance(line, Header) else None
    raise why or TraceError(said("{place}: no trace: {value}", place=file, value=said("it is empty")))


def _first_lines(file: Path) -> list[bytes]:
    """Those that are not blank."""
    try:
        with file.open("rb") as stream:
            lines = [stream.readline(MOST_LINE_BYTES) for _ in range(FIRST_LINES)]
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be read: {strerror}", file=file, strerror=error.strerror)
        ) from error
    return [line for line in lines if line.strip()]
