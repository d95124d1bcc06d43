"""Text for people and programs on standard output whatever characters it can carry."""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import Any


def never_fail_on_characters() -> None:
    """Let standard output and error show ? for a character that they cannot carry.

    On Windows, output into a file or another program goes through the ANSI code page (950, 1252), where a
    name would otherwise end the command with an error.
    """
    for stream in (sys.stdout, sys.stderr):  # None under pythonw
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON for standard output.

    Characters stand as they are where output is UTF-8; elsewhere as escapes, so that none becomes a ?.
    """
    return json.dumps(value, ensure_ascii=not _is_utf8(), indent=indent)


def _is_utf8() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return codecs.lookup(encoding).name == "utf-8"
