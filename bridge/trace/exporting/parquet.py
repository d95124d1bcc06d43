"""Writes the lines of a trace as a Parquet file: DuckDB reads, converts and packs them, on one thread.

One row for each call, answer of a live comparison, and note. docs/migrate/migration.md names the columns.
"""

from __future__ import annotations

import errno
import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bridge.errors import TraceError
from bridge.trace.named import readable
from bridge.trace.places import first_line
from bridge.trace.reading import MOST_LINE_BYTES
from bridge.words import said

MEMORY = "256MB"  # of DuckDB; what does not fit lies in its temporary folder
_FULL = re.compile("no space left|not enough space", re.IGNORECASE)  # of Linux, of Windows

_ROWS = """
    SELECT {place} AS work_place, program, process, kind, call, taiwan_time, thread, door, function, code,
           microseconds, {values} why
    FROM (
        SELECT h.program, h.process,
               CASE WHEN note IS NOT NULL THEN 'note'
                    WHEN function IS NOT NULL AND call IS NOT NULL AND time IS NOT NULL AND code IS NOT NULL
                    THEN 'call'
                    WHEN answer IS NOT NULL AND code IS NOT NULL THEN 'answer' END AS kind,
               coalesce(answer, call) AS call,
               make_timestamp(epoch_us(time) + {taiwan}) AS taiwan_time, thread,
               CASE WHEN note IS NULL AND answer IS NULL THEN coalesce(door, 'native') END AS door, function,
               (xor(code & 65535, 32768) - 32768)::SMALLINT AS code, us AS microseconds,
               "in" AS given, "out" AS answered, why
        FROM read_json({files}, format = 'newline_delimited', ignore_errors = true, filename = true,
                       maximum_object_size = {most}, columns = {{
                           call: 'BIGINT', answer: 'BIGINT', note: 'VARCHAR', time: 'TIMESTAMPTZ',
                           thread: 'BIGINT', door: 'VARCHAR', function: 'VARCHAR', code: 'BIGINT',
                           us: 'DOUBLE', "in": 'JSON', "out": 'JSON', why: 'VARCHAR'}}) AS lines
        LEFT JOIN (VALUES {headers}) AS h(filename, program, process) USING (filename)
    )
    WHERE kind IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Written:
    """``rows`` of the file; ``left_out``: lines that could not be read."""

    rows: int
    left_out: int


def write_parquet(place: str, files: Sequence[Path], target: Path, *, values: bool = True) -> Written:
    """Write the traces of a work place into ``target`` (mode 0600), which is replaced. With ``values`` it has
    what was passed and returned, too, as it stands in the trace. Raises TraceError and OSError.
    """
    for file in (*files, target):
        if not _is_unicode(file):
            raise TraceError(said("{file}: rename it: its path is no Unicode text", file=readable(str(file))))
    lines = sum(_lines(file) for file in files)
    query = _ROWS.format(
        place=_text(place),
        values="given, answered, " if values else "",
        files=f"[{', '.join(_text(_pattern(file)) for file in files)}]",
        headers=", ".join(_header(file) for file in files),
        most=MOST_LINE_BYTES,
        taiwan=int(8 * 3600 * 1e6),
    )
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:  # its owner's (0700)
        new = Path(folder) / target.name
        rows = _copied(query, new)
        new.chmod(0o600)
        new.replace(target)
    return Written(rows, lines - rows)


def _copied(query: str, new: Path) -> int:
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": MEMORY,
        "temp_directory": str(new.with_name("spilled")),
    }
    try:
        with duckdb.connect(config=config) as connection:
            connection.execute("SET TimeZone = 'UTC'")  # that of a time without one
            copy = f"COPY ({query}) TO {_text(str(new))} (FORMAT parquet, COMPRESSION zstd)"
            ((rows,),) = connection.execute(copy).fetchall()
    except duckdb.Error as error:
        if _FULL.search(str(error)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(new)) from error
        raise TraceError(
            said("{file}: cannot be written: {strerror}", file=new, strerror=str(error).splitlines()[0])
        ) from error
    return int(rows)


def _is_unicode(path: Path) -> bool:
    """DuckDB takes no other."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _lines(file: Path) -> int:
    """Lines that should be rows: neither blank nor a header."""
    with file.open("rb") as stream:
        return sum(1 for line in stream if line.strip() and b'"trace"' not in line[:20])


def _header(file: Path) -> str:
    header = first_line(file)
    program, process = (header.program, str(header.process)) if header is not None else ("", "NULL")
    return f"({_text(str(file))}, {_text(program)}, {process}::BIGINT)"


def _pattern(file: Path) -> str:
    """The pattern by which DuckDB finds this file and no other: it takes every path for a pattern. Raises
    TraceError where there is none: in a pattern a backslash always parts folders.
    """
    pattern = glob.escape(str(file))
    if os.name != "nt" and "\\" in pattern and pattern != str(file):
        raise TraceError(said("{file}: rename it: its path has a \\ and one of * ? [", file=file))
    return pattern


def _text(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"
