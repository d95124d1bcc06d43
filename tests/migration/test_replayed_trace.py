"""A recorded morning is replayed in the same world: every planted difference is found, and no false one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.calls.call import LegacyCall, LegacyResult, OutBuffer
from bridge.lab.stretch_by_stretch import Ending, until_interrupted
from bridge.serving.stop_signals import on_stop
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Number, TracedCall
from bridge.trace.reading import Trace, read_trace
from bridge.trace.recording import CallRecorder
from bridge.trace.replaying.replay import Limits, Replay
from bridge.trace.replaying.targets import EngineTarget
from bridge.trace.writing import TraceWriter
from tests.migration.planted import changed, exchanged, put, shorter, with_code
from tests.support.good_calls import FEES, order
from tests.support.simulated import Bench
from tests.support.stage import DEMO, open_stage, person

TABLE = default_table()
ALL = Limits(changes=True, pins=True, http=True, seconds=20)
READS = {
    "hisGetBasicData": 72, "hisGetRegisterBasic": 78, "hisGetRegisterBasic2": 9, "hisGetRegisterPrevent": 126,
    "hisGetCumulativeData": 134, "hisGetCumulativeFee": 20, "hisGetTreatmentNoNeedHPC": 498,
    "hisGetTreatmentNeedHPC": 372, "hisGetInoculateData": 1400, "hisGetEmergentTel": 14,
    "hisGetLastSeqNum": 7, "hisGetOrganDonate": 1, "csGetDateTime": 13, "csGetHospName": 40,
}  # fmt: skip


async def morning(bench: Bench) -> None:
    """A visit of the demo card's holder: reads, a number, writes about that visit, reads again."""
    world = bench.simulator.world
    await bench.call("csOpenCom", pComNum=0)
    await bench.call("hpcVerifyHPCPIN")
    await bench.call("hpcGetHPCSSN", SSN=OutBuffer(20))
    for name, width in READS.items():
        await bench.call(name, pBuffer=OutBuffer(width))
    seq = {"cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1"}
    number = await bench.call("hisGetSeqNumber256N1", **seq, pBuffer=OutBuffer(316))
    record = number.outputs["pBuffer"]
    assert isinstance(record, bytes)
    visit = {"pDateTime": record[:13], **person(world, DEMO)}
    codes = b"1" + b"J029 K0253" + b" " * 20
    await bench.call("hisWriteTreatmentData", **visit, pDataWrite=codes + FEES, pBufferDocID=OutBuffer(10))
    orders = order(record[:13]) + order(record[:13], b"AC99999100")
    sign = {"iWriteCount": 2, "pBuffer": OutBuffer(80)}
    await bench.call("hisWriteMultiPrescriptSign", **visit, pDataWrite=orders, **sign)
    for name in ("hisGetTreatmentNoNeedHPC", "hisGetTreatmentNeedHPC"):
        await bench.call(name, pBuffer=OutBuffer(READS[name]))
    positions = {"iStartPos": 1, "iEndPos": 3}
    await bench.call("hisReadPrescriptMain", pOutpatientPrescription=OutBuffer(3660), **positions)
    await bench.call("csUnGetSeqNumber", pUnTreatDate=record[:13])
    await bench.call("hisWriteOrganDonate")
    await bench.call("csCloseCom")


@pytest.fixture
async def trace(simulator: Simulator, tmp_path: Path) -> Trace:
    """The recorded morning; the simulator is as it was before, an hour later."""
    async with open_stage(simulator) as bench:
        writer = TraceWriter(tmp_path / "t.jsonl", TABLE.digest)
        bench.engine.observer = CallRecorder(TABLE, writer)
        await morning(bench)
        writer.close()
    read = read_trace(tmp_path / "t.jsonl")
    assert [call.answer.code for call in read.calls if call.answer.code] == [-2]
    simulator.world.reset()
    simulator.world.shift_clock(3600)
    return read


async def replayed(simulator: Simulator, calls: list[TracedCall], limits: Limits = ALL) -> Tally:
    async with open_stage(simulator) as bench:
        run = Replay(TABLE, EngineTarget(bench.engine), Comparer(TABLE, default_rules()), limits)
        await run.run(calls)
        return run.tally


def found(tally: Tally, verdict: str) -> set[tuple[str, str, str]]:
    return {(g.function, g.first.field, g.first.kind) for g in tally.ordered() if g.first.verdict == verdict}


def edit(calls: list[TracedCall], name: str, change: Callable[[TracedCall], TracedCall]) -> None:
    """Change the first call of that name."""
    at = next(i for i, call in enumerate(calls) if call.function == name)
    calls[at] = change(calls[at])


async def test_nothing_is_found_where_nothing_differs(simulator: Simulator, trace: Trace) -> None:
    tally = await replayed(simulator, trace.calls)
    assert found(tally, "different") == set()
    assert tally.compared == len(trace.calls)
    assert found(tally, "expected") == {
        ("csGetDateTime", "datetime", "value"),
        ("hisGetSeqNumber256N1", "visit_datetime", "value"),
        ("hisGetSeqNumber256N1", "security_signature", "value"),
        ("hisGetSeqNumber256N1", "treatment_number", "value"),
        ("hisWriteMultiPrescriptSign", "signatures.signature", "value"),
        ("hisGetTreatmentNoNeedHPC", "visits.visit_datetime", "value"),
        ("hisGetTreatmentNeedHPC", "visits.visit_datetime", "value"),
        ("hisReadPrescriptMain", "prescriptions.visit_datetime", "value"),
    }


async def test_every_planted_difference_is_found_and_no_other(simulator: Simulator, trace: Trace) -> None:
    calls = list(trace.calls)
    in_basic = exchanged(slice(42, 49), slice(50, 57))  # birthday and date of issue
    two_visits = exchanged(slice(84, 84 + 69), slice(84 + 69, 84 + 138))
    first_last = exchanged(slice(114, 114 + 43), slice(372 - 43, 372))
    plants: list[tuple[str, Callable[[TracedCall], TracedCall]]] = [
        ("hisGetBasicData", lambda c: changed(c, "pBuffer", in_basic)),
        ("hisGetCumulativeData", lambda c: changed(c, "pBuffer", put(126, b" " * 8))),
        ("hisGetCumulativeFee", lambda c: shorter(c, "pBuffer", "iBufferLen", 2)),
        ("hisGetEmergentTel", lambda c: changed(c, "pBuffer", lambda b: b.replace(b" ", b"\0"))),
        ("hisGetOrganDonate", lambda c: with_code(c, 5061)),
        ("hisGetTreatmentNoNeedHPC", lambda c: changed(c, "pBuffer", two_visits)),
        ("hisGetInoculateData", lambda c: changed(c, "pBuffer", lambda b: b"MMR".ljust(6) + b[6:])),
        ("hisGetTreatmentNeedHPC", lambda c: changed(c, "pBuffer", first_last)),
        ("hpcGetHPCSSN", lambda c: changed(c, "SSN", put(0, b"Z"))),
    ]
    before = found(await replayed(simulator, calls), "expected")
    simulator.world.reset()
    simulator.world.shift_clock(7200)
    for name, plant in plants:
        edit(calls, name, plant)
    tally = await replayed(simulator, calls)
    assert found(tally, "different") == {
        ("hisGetBasicData", "birthday", "field_order"),
        ("hisGetBasicData", "issue_date", "field_order"),
        ("hisGetCumulativeData", "years.outpatient_and_inpatient_copay_30", "blanks_zeros"),
        ("hisGetCumulativeFee", "", "length"),
        ("hisGetEmergentTel", "tel", "nul_blank"),
        ("hisGetOrganDonate", "", "code"),
        ("hisGetInoculateData", "vaccinations.vaccine", "value"),
        ("hpcGetHPCSSN", "", "other_person"),
    }
    assert found(tally, "expected") - before == {
        ("hisGetTreatmentNoNeedHPC", "visits", "rows_order"),
        ("hisGetTreatmentNeedHPC", "visits", "rows_order"),
    }


async def test_another_person_is_told_apart(simulator: Simulator, trace: Trace) -> None:
    calls = list(trace.calls)
    other = b"000099990009" + b" " * 20 + b"A123456789" + b"0800101"
    edit(calls, "hisGetBasicData", lambda c: changed(c, "pBuffer", put(0, other)))
    edit(calls, "hisGetEmergentTel", lambda c: changed(c, "pBuffer", put(0, b"0299999999")))
    tally = await replayed(simulator, calls)
    first, second = [group for group in tally.ordered() if group.first.verdict == "different"]
    assert (first.function, first.first.kind, first.first.field) == (
        "hisGetBasicData",
        "other_person",
        "card_no, id_no",
    )
    assert (second.function, second.first.kind, second.other_person) == ("hisGetEmergentTel", "value", 0)


async def test_reads_that_follow_another_persons_card_are_marked(simulator: Simulator, trace: Trace) -> None:
    """The record that gives the number also ends the doubt: here none comes between."""
    calls = [c for c in trace.calls if c.function in ("hisGetBasicData", "hisGetEmergentTel")]
    edit(calls, "hisGetBasicData", lambda c: changed(c, "pBuffer", put(0, b"000099990009")))
    edit(calls, "hisGetEmergentTel", lambda c: changed(c, "pBuffer", put(0, b"0299999999")))
    tally = await replayed(simulator, calls)
    assert [group.other_person for group in tally.ordered()] == [0, 1]


async def test_without_leave_nothing_is_changed_and_nothing_is_silently_dropped(
    simulator: Simulator, trace: Trace
) -> None:
    tally = await replayed(simulator, trace.calls, Limits(seconds=20))
    skipped = {(name, reason) for name, f in tally.functions.items() for reason in f.skipped}
    assert skipped == {
        ("hpcVerifyHPCPIN", "asks_pin"),
        ("hisGetSeqNumber256N1", "changes_data"),
        ("hisWriteTreatmentData", "changes_data"),
        ("hisWriteMultiPrescriptSign", "changes_data"),
        ("csUnGetSeqNumber", "changes_data"),
    }
    assert tally.compared + tally.skipped == len(trace.calls)
    assert simulator.world.record(DEMO).visits[0].sequence != "W001"


class _Watching:
    """Says which calls were under way at once; each takes a moment."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.most = 0
        self._now = 0
        self.left: list[object] = []

    async def call(self, lane: object, call: LegacyCall) -> LegacyResult:
        self._now += 1
        self.most = max(self.most, self._now)
        self.order.append(f"{call.arguments['pComNum']}")
        await asyncio.sleep(0.01)
        self._now -= 1
        return LegacyResult(0)

    async def leave(self, lane: object) -> None:
        self.left.append(lane)


async def test_only_calls_that_overlapped_overlap(trace: Trace) -> None:
    opening = next(call for call in trace.calls if call.function == "csOpenCom")
    at = opening.at

    def moment(number: int, thread: int, begin: float, end: float) -> TracedCall:
        answer = opening.answer._replace(microseconds=(end - begin) * 1e6)
        given = {"pComNum": Number(number)}
        started = at.fromtimestamp(at.timestamp() + begin, at.tzinfo)
        return opening._replace(number=number, thread=thread, at=started, answer=answer, given=given)

    overlapping = [moment(1, 1, 0, 3), moment(2, 2, 1, 4), moment(3, 1, 3.5, 5), moment(4, 3, 6, 7)]
    target = _Watching()
    run = Replay(TABLE, target, Comparer(TABLE, default_rules()))
    await run.run(overlapping)
    assert target.order == ["1", "2", "3", "4"]
    assert target.most == 2
    assert set(target.left) == {(opening.process, thread) for thread in (1, 2, 3)}

    one_by_one = [moment(n, n, n, n + 0.5) for n in range(1, 6)]
    target = _Watching()
    await Replay(TABLE, target, Comparer(TABLE, default_rules())).run(one_by_one)
    assert target.most == 1


class _Dead:
    async def call(self, lane: object, call: LegacyCall) -> LegacyResult:
        raise ConnectionError("gone")

    async def leave(self, lane: object) -> None:
        pass


async def test_a_call_without_an_answer_is_a_difference(trace: Trace) -> None:
    run = Replay(TABLE, _Dead(), Comparer(TABLE, default_rules()))
    await run.run([call for call in trace.calls if call.function == "hisGetBasicData"])
    assert found(run.tally, "different") == {("hisGetBasicData", "", "no_answer")}


async def test_an_interrupted_replay_counts_what_is_left(trace: Trace) -> None:
    run = Replay(TABLE, _Watching(), Comparer(TABLE, default_rules()))
    opening = [c for c in trace.calls if c.function == "csOpenCom"]
    calls = [opening[0]._replace(number=n, thread=1) for n in range(50)]
    making = asyncio.ensure_future(run.run(calls))
    await asyncio.sleep(0.05)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert 0 < run.tally.compared < 50
    assert run.tally.compared + run.tally.skipped == 50


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_a_replay_and_keeps_what_was_done(trace: Trace, number: signal.Signals) -> None:
    run = Replay(TABLE, _Watching(), Comparer(TABLE, default_rules()))
    opening = next(call for call in trace.calls if call.function == "csOpenCom")
    calls = [opening._replace(number=each) for each in range(200)]
    asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), number)
    before = signal.getsignal(number)
    ending = Ending(asyncio.current_task())
    with on_stop(ending.stop):
        assert await until_interrupted(run, replace(trace, calls=calls), ending) is False
    assert 0 < run.tally.compared < 200
    assert run.tally.functions["csOpenCom"].skipped == {"interrupted": 200 - run.tally.compared}
    assert signal.getsignal(number) == before
