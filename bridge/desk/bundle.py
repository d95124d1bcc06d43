"""The support bundle: what somebody far away needs to help, and nothing about a person.

Every line is searched before it is written. One in which a person may stand is left out, and the bundle says
how many there were, of which kind and in which part.
"""

from __future__ import annotations

import io
import json
import platform
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bridge import __version__

MOST_LOG_BYTES = 4 * 1024 * 1024  # of each log file, from its end
KINDS: Mapping[str, re.Pattern[str]] = {
    "id number": re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Da-d1289]\d{8}(?![A-Za-z0-9])"),
    "card number": re.compile(r"(?<![0-9A-Za-z.:+-])\d{12}(?![0-9A-Za-z])"),
    "birthday": re.compile(
        r"(?<![0-9A-Za-z.])[01]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?![0-9A-Za-z.])"
    ),
    # of this century's twenties are the log's own dates
    "western birthday": re.compile(
        r"(?<![0-9A-Za-z.])(?:19\d|20[01])\d([-/]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?![0-9A-Za-z.])"
    ),
    "signature": re.compile(r"[A-Za-z0-9+/]{150,}"),
    "QR or transfer code": re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,24}==?[.\s]"),
    "secret": re.compile(
        r"(?i)(?:password|passwd|pin|token)[\"']?\s*[=:]\s*[\"']?(?!\(hidden\))[^\s\"',}]{4,}"
    ),
}


def make_bundle(
    log_file: Path | None,
    doctor: object,
    settings: Sequence[Mapping[str, object]],
    calls: Iterable[Mapping[str, object]],
    table: str,
) -> tuple[bytes, dict[str, int]]:
    """A ZIP. In: the log's file (older ones beside it go along), what the doctor found as JSON values, the
    settings without secrets, the last calls, the table's digest. Out: its bytes; how many lines were left
    out, by part and kind.
    """
    versions = {
        "bridge": __version__,
        "table": table,
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    parts = {
        "versions.json": _json(versions),
        "doctor.json": _json(doctor),
        "settings.json": _json(list(settings)),
        "calls.json": "\n".join(json.dumps(call, ensure_ascii=False) for call in calls),
        **_logs(log_file),
    }
    left_out: Counter[str] = Counter()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, "\n".join(_harmless(name, text, left_out)))
        archive.writestr("README.txt", _about(left_out))
    return made.getvalue(), dict(left_out)


def kind_of(line: str) -> str:
    """What in a line may be a person's, in letters of whichever width; "" for nothing."""
    narrow = unicodedata.normalize("NFKC", line)
    return next((kind for kind, pattern in KINDS.items() if pattern.search(narrow)), "")


def _harmless(name: str, text: str, left_out: Counter[str]) -> list[str]:
    kept = []
    for line in text.splitlines():
        if kind := kind_of(line):
            left_out[f"{name}: {kind}"] += 1
        else:
            kept.append(line)
    return kept


def _about(left_out: Mapping[str, int]) -> str:
    lines = [
        "Support bundle of cshis-bridge. Every line was searched for persons before it was written.",
        *(f"left out, {where}: {count} line(s)" for where, count in sorted(left_out.items())),
        *([] if left_out else ["nothing had to be left out"]),
    ]
    return "\n".join(lines) + "\n"


def _logs(file: Path | None) -> dict[str, str]:
    """The end of each log file, by the name it gets."""
    if file is None:
        return {"log.txt": "the log goes to standard error; whoever starts the bridge has it"}
    found = sorted(file.parent.glob(f"{file.name}*"))
    return {f"log/{each.name}": _end_of(each) for each in found if each.is_file()}


def _end_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, io.SEEK_END)
            opened.seek(max(0, size - MOST_LOG_BYTES))
            return opened.read().decode("utf-8", "replace")
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)
