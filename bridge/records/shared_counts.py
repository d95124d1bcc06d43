"""Counts of several processes that serve one address: each leaves its own in a file, whoever is asked adds
them up. A process that takes the place of a lost one counts on from its file.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from bridge.records.call_log import BUCKETS_MS, Key, Total
from bridge.records.metrics import Counts

FILE = "counts.json"
FRESH_SECONDS = 5.0  # a process that has not written for so long has nothing under way
SUMMED = len(BUCKETS_MS) + 1


def leave_counts(directory: Path, counts: Counts) -> None:
    """Write a process's counts into its directory, in one step. A full disk costs nothing but the counts."""
    totals = [
        [*key, total.count, total.milliseconds, total.upstream_milliseconds, total.buckets]
        for key, total in counts.totals.items()
    ]
    content = {
        "totals": totals,
        "in_flight": counts.in_flight,
        "journal_faults": counts.journal_faults,
        "journal_ok": counts.journal_ok,
        "rooms": {name: list(room) for name, room in counts.rooms.items()},
    }
    new = directory / f"{FILE}.{os.getpid()}"
    with suppress(OSError):
        new.write_text(json.dumps(content), encoding="ascii")
        new.replace(directory / FILE)


def counted_before(directory: Path) -> dict[Key, Total]:
    """What the last process with this directory has counted; nothing where it left nothing usable."""
    return _totals(_read(directory / FILE))


def added_up(own: Counts, others: Iterable[Path]) -> Counts:
    """The counts of this process and of those with these directories."""
    contents = [(file, _read(file)) for file in (directory / FILE for directory in others)]
    totals = {key: replace(total, buckets=total.buckets[:]) for key, total in own.totals.items()}
    rooms = {name: tuple(room) for name, room in own.rooms.items()}
    in_flight, faults, journal_ok = own.in_flight, own.journal_faults, own.journal_ok
    for file, content in contents:
        for key, total in _totals(content).items():
            totals[key] = _sum(totals.get(key, Total()), total)
        faults += content.get("journal_faults", 0)
        if _is_fresh(file):
            in_flight += content.get("in_flight", 0)
            journal_ok = journal_ok and content.get("journal_ok", True)
            for name, room in content.get("rooms", {}).items():
                rooms[name] = tuple(a + b for a, b in zip(rooms.get(name, (0, 0, 0)), room, strict=True))
    return replace(
        own,
        totals=totals,
        in_flight=in_flight,
        journal_faults=faults,
        journal_ok=journal_ok,
        rooms={name: (room[0], room[1], room[2]) for name, room in rooms.items()},
    )


def _is_fresh(file: Path) -> bool:
    with suppress(OSError):
        return time.time() - file.stat().st_mtime < FRESH_SECONDS
    return False


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _totals(content: Mapping[str, Any]) -> dict[Key, Total]:
    found: dict[Key, Total] = {}
    for door, function, code, count, milliseconds, upstream, buckets in content.get("totals", []):
        if len(buckets) == SUMMED:
            found[door, function, code] = Total(count, milliseconds, upstream, buckets)
    return found


def _sum(one: Total, other: Total) -> Total:
    return Total(
        one.count + other.count,
        one.milliseconds + other.milliseconds,
        one.upstream_milliseconds + other.upstream_milliseconds,
        [a + b for a, b in zip(one.buckets, other.buckets, strict=True)],
    )
