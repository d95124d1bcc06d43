"""Two work places see the same patient. Each is replayed in a world of its own, in which what the other did
comes at its time: no difference that is none, and every planted one.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.calls.call import LegacyCall, OutBuffer
from bridge.lab.replay_target import simulators
from bridge.sim.simulator import Simulator
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import line_of
from bridge.trace.masking.files import TraceMasking
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.rules import default_rules as mask_rules
from bridge.trace.reading import Trace, read_trace
from bridge.trace.recording import CallRecorder
from bridge.trace.records import records_out
from bridge.trace.replaying.replay import Limits, Replay
from bridge.trace.worlds.world import world_of
from bridge.trace.writing import TraceWriter
from tests.migration.planted import Change, changed, put
from tests.migration.test_replay_parts import replay
from tests.support.good_calls import FEES, order
from tests.support.simulated import Bench
from tests.unit.trace.session import TABLE, Move, call, open_program, run

CARD = "000073898381"
ALL = Limits(changes=True, pins=True, http=True, seconds=20)
HOUR = 3600.0
CODES = b"1" + b"J029 K0253" + b" " * 20
LOOK = [
    call("hisGetBasicData", pBuffer=OutBuffer(72)),
    call("hisGetRegisterBasic", pBuffer=OutBuffer(78)),
    call("hisGetTreatmentNoNeedHPC", pBuffer=OutBuffer(498)),
    call("hisGetTreatmentNeedHPC", pBuffer=OutBuffer(372)),
    call("hisGetCumulativeData", pBuffer=OutBuffer(134)),
    call("hisGetCumulativeFee", pBuffer=OutBuffer(20)),
    call("hisGetEmergentTel", pBuffer=OutBuffer(14)),
    call("hisGetInoculateData", pBuffer=OutBuffer(1400)),
    call("hisGetLastSeqNum", pBuffer=OutBuffer(7)),
    call("hisReadPrescriptMain", pOutpatientPrescription=OutBuffer(3660), iStartPos=1, iEndPos=60),
]
TAKE = call(
    "hisGetSeqNumber256N1", cTreatItem=b"01", cBabyTreat=b" ", cTreatAfterCheck=b"1", pBuffer=OutBuffer(316)
)


class Clinic:
    """A program at each of two readers, and one patient who goes from one to the other."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench, self._folder = bench, folder
        self._writers = {
            name: TraceWriter(folder / f"{name}.jsonl", TABLE.digest) for name in ("desk", "doctor")
        }
        self._shifts: dict[str, list[float]] = {name: [] for name in self._writers}
        self._shift = 0.0
        self.who = {
            "pPatientID": bench.simulator.world.cards[CARD].id_no.encode(),
            "pPatientBirthDate": bench.simulator.world.cards[CARD].birthday.encode(),
        }

    async def at(self, name: str, *steps: LegacyCall) -> list[Any]:
        """The patient is there; an hour passes afterwards. Out: the results."""
        self._bench.engine.observer = CallRecorder(TABLE, self._writers[name])
        opening = [call("csOpenCom", pComNum=0), call("csVerifySAMDC"), call("hpcVerifyHPCPIN")]
        made = await run(
            self._bench, [Move("hc", CARD), *opening, *steps, call("csCloseCom"), Move("hc", None)]
        )
        self._shifts[name] += [self._shift] * len(made)
        self._bench.simulator.world.shift_clock(HOUR)
        self._shift += HOUR
        return [each.result for each in made[3:-1]]

    def close(self) -> None:
        """Nothing more is recorded."""
        for writer in self._writers.values():
            writer.close()

    def trace(self, name: str) -> Trace:
        """What was recorded there, at the simulated times."""
        self.close()
        trace = read_trace(self._folder / f"{name}.jsonl")
        assert trace.problems == []
        calls = zip(trace.calls, self._shifts[name], strict=True)
        trace.calls[:] = [one._replace(at=one.at + timedelta(seconds=shift)) for one, shift in calls]
        return trace


@asynccontextmanager
async def clinic(simulator: Simulator, folder: Path) -> AsyncIterator[Clinic]:
    async with open_program(simulator) as bench:
        place = Clinic(bench, folder)
        yield place
        place.close()


def write(trace: Trace, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [line_of(each) for each in (*trace.headers, *trace.calls)]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


async def replayed(trace: Trace) -> Tally:
    """In a world made of it, by the clock of the recording."""
    tally = Tally()
    async with simulators(trace) as prepared:
        comparer = Comparer(TABLE, default_rules())
        again = Replay(TABLE, prepared.target, comparer, ALL, tally, prepared.before, prepared.prepare)
        await again.run(trace.calls)
    return tally


def differences(tally: Tally) -> list[str]:
    return [
        f"{group.function} {group.first.field} {group.first.kind} {group.first.old!r} {group.first.new!r}"
        for group in tally.ordered()
        if group.first.verdict == "different"
    ]


def events(trace: Trace) -> list[dict[str, Any]]:
    (card,) = world_of(trace, TABLE)["cards"]
    return list(card.get("elsewhere", ()))


async def a_day(place: Clinic) -> None:
    """The desk takes the number, the doctor sees the patient and writes; later a visit the other way round,
    and notes that only one of them writes.
    """
    desk = await place.at("desk", *LOOK, TAKE)
    visit = {"pDateTime": desk[-1].outputs["pBuffer"][:13], **place.who}
    await place.at(
        "doctor", *LOOK,
        call("hisWriteTreatmentData", **visit, pDataWrite=CODES + FEES, pBufferDocID=OutBuffer(10)),
        call(
            "hisWriteMultiPrescriptSign", **visit, pDataWrite=order(visit["pDateTime"]), iWriteCount=1,
            pBuffer=OutBuffer(40),
        ),
        *LOOK,
    )  # fmt: skip
    await place.at("desk", *LOOK)
    doctor = await place.at("doctor", *LOOK, TAKE, *LOOK)
    later = {"pDateTime": doctor[-11].outputs["pBuffer"][:13], **place.who}
    await place.at("desk", *LOOK, call("hisWriteEmergentTel", **place.who, pEmergentTel=b"0287654321"))
    await place.at(
        "desk", call("hisWriteTreatmentCode", **later, pDataWrite=CODES, pBufferDocID=OutBuffer(10)), *LOOK
    )
    await place.at("doctor", *LOOK, call("csUpdateHCContents"))
    await place.at("desk", *LOOK)


async def test_a_visit_that_two_work_places_share(simulator: Simulator, tmp_path: Path) -> None:
    async with clinic(simulator, tmp_path) as place:
        await a_day(place)
        for name in ("desk", "doctor"):
            trace = place.trace(name)
            tally = await replayed(trace)
            assert differences(tally) == [], name
            assert tally.compared == len(trace.calls)
            assert [each for each in events(trace) if "visits" in each]


async def test_masked_traces_replay_the_same_way(simulator: Simulator, tmp_path: Path) -> None:
    async with clinic(simulator, tmp_path) as place:
        await a_day(place)
        for name in ("desk", "doctor"):
            trace = place.trace(name)
            plain, masked = tmp_path / f"{name}-plain.jsonl", tmp_path / f"{name}-masked.jsonl"
            write(trace, plain)
            TraceMasking(TABLE, mask_rules(), MaskKey(secret=bytes(32))).run(plain, masked)
            made = read_trace(masked)
            assert differences(await replayed(made)) == [], name
            assert len(events(made)) == len(events(trace)) > 0


@pytest.mark.parametrize("options", [(), ("--part-calls", 30, "--workers", 2), ("--over-http",)])
def test_both_by_one_command(options: tuple[object, ...], simulator: Simulator, tmp_path: Path) -> None:
    """In one part for each, in parts, and over HTTP."""
    asyncio.run(written(simulator, tmp_path))
    file = tmp_path / "report.json"
    result = replay(tmp_path / "traces", "--json", file, *options)
    report = json.loads(file.read_text(encoding="utf-8"))
    assert (result.exit_code, report["counts"]["different"]) == (0, 0), report["groups"]
    assert [place["name"] for place in report["places"]] == ["desk", "doctor"]


async def written(simulator: Simulator, folder: Path) -> None:
    """The traces of a day, in a folder for each work place."""
    async with clinic(simulator, folder) as place:
        await a_day(place)
        for name in ("desk", "doctor"):
            write(place.trace(name), folder / "traces" / name / "t.jsonl")


# By function, which of its calls at the desk, and the field: what is wrong there in this one answer.
PLANTED = [
    ("hisGetRegisterBasic", 1, "available_visits", lambda data: b"%02d" % (int(data) - 1)),
    ("hisGetRegisterBasic", 1, "available_visits", lambda data: b"%02d" % (int(data) + 1)),
    ("hisGetRegisterBasic", 2, "available_visits", lambda data: b"%02d" % (int(data) - 1)),
    ("hisGetRegisterBasic", 4, "available_visits", lambda data: b"%02d" % (int(data) - 4)),
    ("hisGetRegisterBasic", 3, "card_valid_until", lambda data: data[:-1] + b"9"),
    ("hisGetBasicData", 2, "name", lambda data: "測試九".encode("cp950").ljust(20)),
    ("hisGetTreatmentNoNeedHPC", 1, "visits[0].visit_datetime", lambda data: data[:-1] + b"z"),
    ("hisGetTreatmentNoNeedHPC", 2, "visits[1].visit_datetime", lambda data: data[:-2] + b"77"),
    ("hisGetTreatmentNoNeedHPC", 2, "visits[0].treatment_item", lambda data: b"02"),
    ("hisGetTreatmentNoNeedHPC", 2, "visits[1].outpatient_fee", lambda data: b"00000999"),
    ("hisGetTreatmentNeedHPC", 2, "visits[1].main_code", lambda data: b"J0600"),
    ("hisGetCumulativeData", 2, "years[0].outpatient_fee", lambda data: b"0000000001"),
    ("hisGetEmergentTel", 1, "tel", lambda data: b"0299999999".ljust(14)),
    ("hisReadPrescriptMain", 2, "prescriptions[0].total_quantity", lambda data: b"0009999"),
    ("hisReadPrescriptMain", 1, "prescriptions[0].item_code", lambda data: b"XY00009999".ljust(12)),
]


def plant(trace: Trace, function: str, which: int, field: str, change: Change) -> None:
    """Change a field in one answer."""
    found = [at for at, one in enumerate(trace.calls) if one.function == function]
    one = trace.calls[found[which]]
    view = records_out(TABLE, TABLE.functions[function], one.given, one.answer)[0]
    span = next(span for span in view.spans if span.path == field)
    wrong = change(span.of(view.data))
    assert len(wrong) == span.width
    assert wrong != span.of(view.data)
    trace.calls[found[which]] = changed(one, view.argument, put(span.offset, wrong))


async def test_a_wrong_field_of_the_same_card_is_still_found(simulator: Simulator, tmp_path: Path) -> None:
    """What another work place does explains no wrong answer."""
    async with clinic(simulator, tmp_path) as place:
        await a_day(place)
        trace = place.trace("desk")
    right = list(trace.calls)
    missed = []
    for function, which, field, change in PLANTED:
        trace.calls[:] = right
        plant(trace, function, which, field, change)
        found = differences(await replayed(trace))
        if not any(each.split()[:2] == [function, re.sub(r"\[.*\]", "", field)] for each in found):
            missed.append((function, which, field, found))
    assert missed == []
