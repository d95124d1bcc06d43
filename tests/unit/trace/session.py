"""A program's session against the simulators, recorded: what tests of traces replay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.calls.call import Argument, LegacyCall, LegacyResult, OutBuffer
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.pin_operations import PinOperations
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.trace.reading import Trace, read_trace
from bridge.trace.recording import CallRecorder
from bridge.trace.writing import TraceWriter
from tests.support.simulated import Bench, open_bench

TABLE = default_table()
PINS = {"hc": "246810", "hpc": "123456", "puk": "12345678", "new_hc": "246810", "new_hpc": "123456"}


class Pad:
    """Types the PINs that a simulated bridge has by itself."""

    types_on_reader = False

    async def ask(self, question: object) -> str:
        return PINS[str(question.key)]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Move:
    """A card is put into a slot, or taken out (None)."""

    slot: str
    card: str | None


@dataclass(frozen=True)
class Made:
    """A call, and what it was answered."""

    call: LegacyCall
    result: LegacyResult


def call(name: str, **arguments: Argument | int) -> LegacyCall:
    """A call; ``room_NAME`` as a number is a buffer of so many bytes."""
    return LegacyCall(name, arguments)


def reads(need_hpc: bool = False) -> list[LegacyCall]:
    """Every read of a health card, without or with a practitioner's."""
    plain = {
        "hisGetBasicData": 72, "hisGetRegisterBasic": 78, "hisGetRegisterBasic2": 9,
        "hisGetRegisterPrevent": 126, "hisGetRegisterPregnant": 209, "hisGetTreatmentNoNeedHPC": 498,
        "hisGetCumulativeData": 134, "hisGetCumulativeFee": 20, "hisGetInoculateData": 1400,
        "hisGetOrganDonate": 1, "hisGetEmergentTel": 14, "hisGetLastSeqNum": 7,
    }  # fmt: skip
    calls = [call(name, pBuffer=OutBuffer(width)) for name, width in plain.items()]
    if need_hpc:
        calls += [
            call("hisGetTreatmentNeedHPC", pBuffer=OutBuffer(540, b"[XXXXXXX]" * 60)),
            call("hisGetTreatmentNeedHPC", pBuffer=OutBuffer(372)),
            call("hisGetCriticalIllness", pBuffer=OutBuffer(114)),
            call(
                "hisReadPrescription",
                pOutpatientPrescription=OutBuffer(3660),
                pLongTermPrescription=OutBuffer(1320),
                pImportantTreatmentCode=OutBuffer(360),
                pIrritationDrug=OutBuffer(120),
            ),
        ]
    return calls


@asynccontextmanager
async def open_program(simulator: Simulator) -> AsyncIterator[Bench]:
    """A bench at which nobody has to type a PIN."""
    async with open_bench(simulator) as bench:
        bench.reader.pins = PinOperations(bench.reader.turn, PinPolicy(Pad()))
        yield bench


async def run(bench: Bench, steps: Iterable[LegacyCall | Move]) -> list[Made]:
    """Make the calls in order. Out: those with their answers."""
    made = []
    for step in steps:
        if isinstance(step, Move):
            world = bench.simulator.world
            world.remove(step.slot) if step.card is None else world.insert(step.slot, step.card)
        else:
            made.append(Made(step, await bench.engine.call(step)))
    return made


async def record(simulator: Simulator, steps: Iterable[LegacyCall | Move], file: Path) -> list[Made]:
    """Run a session with a recorder. Out: the calls and their answers; the trace is in the file."""
    async with open_program(simulator) as bench:
        writer = TraceWriter(file, TABLE.digest)
        bench.engine.observer = CallRecorder(TABLE, writer)
        made = await run(bench, steps)
        writer.close()
    return made


def trace_of(file: Path) -> Trace:
    """The trace, which must have no faults."""
    trace = read_trace(file)
    assert trace.problems == []
    return trace
