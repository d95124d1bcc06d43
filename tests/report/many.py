"""Reports of a hospital of many work places, with more in them than a page can hold. Nobody in them lives."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Answer, Number, TracedCall
from bridge.trace.readiness.advice import readiness_data
from bridge.trace.readiness.counts import Counts, HabitCount
from bridge.trace.readiness.report import Readiness, assess_places
from bridge.trace.reporting.report import About, PlaceCounts, Told, make_report
from tests.report.sample import EVIL, pairs

TABLE = default_table()
NOW = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)  # 08:30 in Taiwan
PLACES = 400


def name(number: int) -> str:
    """A work place."""
    return f"{EVIL if number == 7 else 'clinic'}-{number:03d}/診間"


def readiness() -> Readiness:
    """Of many work places, some of which call what 6.0 has dropped."""
    counted = {}
    for number in range(PLACES):
        codes = {
            "hisGetBasicData": Counter({0: 900 + number, 4013: number % 9}),
            "csOpenCom": Counter({0: 100}),
        }
        if number % 5 == 0:
            codes["hisWriteOrganDonate"] = Counter({-2: 3})
        counts = Counts({"HIS.EXE"}, codes, first=NOW, last=NOW + timedelta(hours=9 + number % 3))
        counts.habits["short_buffer"] = HabitCount(
            Counter({"hisGetBasicData": 4}), ["call 17, hisGetBasicData"]
        )
        for line in range(number % 4):
            counts.problem(f"HIS.jsonl, line {line}: cut off in the middle; {EVIL}")
        counted[name(number)] = counts
    return assess_places(counted, TABLE, readiness_data(), [f"lab: {EVIL}"])


def replayed() -> dict[str, Any]:
    """A replay with 900 kinds of differences, each in many calls."""
    tally, comparer = Tally(), Comparer(TABLE, default_rules())
    for number, (function, given, (code, after), new) in enumerate(pairs(), 1):
        call = TracedCall(number, NOW, 1, function, given, Answer(code, 1500.0, after), process=4711)
        tally.add(comparer.compare(call, None if new is None else Answer(new[0], 5200.0, new[1])))
    for number in range(900 * 20):
        function = f"his{'LongName' * 9}{number % 900:04d}"
        length = {"pBuffer": b"", "iBufferLen": Number(0)}
        old = Answer(0, 1000.0 + number, length)
        call = TracedCall(
            number, NOW + timedelta(seconds=number), 1, function, length, old, process=number % 40
        )
        tally.add(comparer.compare(call, Answer(4000 + number % 900, 2000.0 + number)))
    places = tuple(
        PlaceCounts(name(number), 1000 + number, 800, 150, 50 + number % 60, number % 7)
        for number in range(PLACES)
    )
    about = About(
        "simulator", "hospital", "simulators", NOW, masked=True, places=places, left_out=(f"lab: {EVIL}",)
    )
    return make_report(TABLE, about, Told(calls=tally.compared), tally)
