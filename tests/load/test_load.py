"""64 programs through the library and 64 HTTP clients at once: every answer right, nothing grows."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.load.bridge_alone import Alone, bridge_alone
from tests.load.field_day import run_day
from tests.load.samples import Bounds, drift, leaks
from tests.support.bridge_process import Bridge

SECONDS = float(os.environ.get("LOAD_SECONDS", "60"))
PROGRAMS = CLIENTS = 64
BOUNDS = Bounds(kilobytes=3_000, sockets=16, threads=4)
HOST_KILOBYTES = 300
LEAKY_SECONDS = 25.0
REPORT = Path(__file__).parents[2] / "build" / "load.json"


def intents(data_dir: Path) -> dict[str, int]:
    """How many changes of state the bridge's journal holds, by how they ended."""
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as journal:
        return dict(journal.execute("SELECT state, COUNT(*) FROM intents GROUP BY state"))


@pytest.mark.timeout(600 + SECONDS)
def test_many_programs_and_clients_at_once(far: Bridge, alone: Alone, library: Path, tmp_path: Path) -> None:
    day = run_day(far, alone, library, tmp_path, SECONDS, PROGRAMS, CLIENTS)
    verdict = day.verdict
    report = {
        "seconds": SECONDS,
        **verdict.summary(),
        "kilobytes": drift([each.kilobytes for each in day.samples]),
        "sockets": drift([each.sockets for each in day.samples]),
        "threads": drift([each.threads for each in day.samples]),
        "kilobytes over time": [each.kilobytes for each in day.samples[:: max(1, len(day.samples) // 20)]],
        "programs' kilobytes": [min(map(min, day.hosts.values())), max(map(max, day.hosts.values()))],
    }
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))

    assert verdict.wrong == []
    assert verdict.mixed == []
    assert verdict.lost == []
    assert verdict.unexpected == []
    assert len(verdict.calls) >= 18, "not every function was called"
    assert min(verdict.answered[name] for name in verdict.calls) > 0, verdict.answered
    assert verdict.written > SECONDS / 4
    assert verdict.numbers > SECONDS / 10
    assert intents(Path(alone.ready["config"]).parent) == {"done": verdict.written + verdict.numbers}
    assert leaks(day.samples, BOUNDS) == []
    for process, kilobytes in day.hosts.items():
        before, after = kilobytes[len(kilobytes) // 3], kilobytes[-1]
        assert after - before <= HOST_KILOBYTES, f"program {process}: {kilobytes}"


def test_a_leak_is_found(far: Bridge, library: Path, tmp_path: Path) -> None:
    """The same check, with fewer callers, on a bridge that leaks on purpose."""
    leaky = (sys.executable, str(Path(__file__).with_name("leaky_bridge.py")))
    with bridge_alone(far.config, tmp_path, leaky) as alone:
        day = run_day(far, alone, library, tmp_path, LEAKY_SECONDS, PROGRAMS // 4, CLIENTS // 4)
    found = leaks(day.samples, BOUNDS)
    print(found)
    assert {line.partition(":")[0] for line in found} == {"kilobytes", "sockets", "files"}
