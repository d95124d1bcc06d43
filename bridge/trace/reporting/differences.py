"""Every difference of a replay on the disk, a line of JSON each: a report shows counts and the first ones."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from bridge.private_files import create_private, make_private_folder
from bridge.trace.comparing.differences import Compared, Finding
from bridge.trace.comparing.tally import MOST_EXAMPLES, Tally
from bridge.words.moments import TAIWAN

MOST_VALUE_BYTES = 512


class Noting(Tally):
    """A tally that also writes each difference down. Raises OSError where there is no room."""

    def __init__(self, file: TextIO, most_examples: int = MOST_EXAMPLES) -> None:
        super().__init__(most_examples)
        self._file = file

    def add(self, compared: Compared) -> None:
        super().add(compared)
        for finding in compared.findings:
            self._file.write(f"{json.dumps(_line(compared, finding), ensure_ascii=False)}\n")


@contextmanager
def noting(folder: Path | None, part: int, most_examples: int = MOST_EXAMPLES) -> Iterator[Tally]:
    """A tally that writes ``differences-NNNNN.jsonl`` in a folder, readable by its owner only; None: a tally
    that writes nothing. A file of before gives way. Raises OSError.
    """
    if folder is None:
        yield Tally(most_examples)
        return
    make_private_folder(folder)
    file = folder / f"differences-{part:05d}.jsonl"
    file.unlink(missing_ok=True)
    with os.fdopen(create_private(file), "w", encoding="utf-8") as stream:
        yield Noting(stream, most_examples)


def _line(compared: Compared, finding: Finding) -> dict[str, Any]:
    call, new = compared.call, compared.new
    return {
        "process": call.process,
        "call": call.number,
        "line": call.line,
        "time": call.at.astimezone(TAIWAN).isoformat(timespec="milliseconds"),
        "function": call.function,
        "door": call.door,
        "old_code": call.answer.code16,
        "new_code": None if new is None else new.code16,
        "kind": finding.kind,
        "verdict": finding.verdict,
        "argument": finding.argument,
        "record": finding.record,
        "field": finding.field,
        "row": finding.row,
        "old": _base64(finding.old),
        "new": _base64(finding.new),
        "rule": None if finding.rule is None else finding.rule.id,
        "while_other_person": compared.other_person,
    }


def _base64(value: bytes) -> str:
    return b64encode(value[:MOST_VALUE_BYTES]).decode("ascii")
