"""Recorded QR codes are good no more in a replay: the simulators make fresh ones for the same cards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bridge.calls.call import VHC, OutBuffer
from bridge.lab.simulated_day import SimulatedDay
from bridge.sim.errors import ControlError
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.reading import Trace, read_trace
from bridge.trace.recording import CallRecorder
from bridge.trace.replaying.replay import Limits, Replay
from bridge.trace.replaying.targets import EngineTarget
from bridge.trace.replaying.virtual_cards import presented_cards
from bridge.trace.writing import TraceWriter
from tests.support.simulated import Bench
from tests.support.stage import DEMO, open_stage

TABLE, RULES = default_table(), default_rules()
CHILD = "000099990001"


class Steering:
    """The simulator's control, without a socket between."""

    def __init__(self, simulator: Simulator) -> None:
        self._world = simulator.world

    def qr(self, card: str) -> str:
        if card not in self._world.cards:
            raise ControlError("no such card")
        return str(self._world.qr(card))

    def shift_clock(self, seconds: float) -> str:
        self._world.shift_clock(seconds)
        return self._world.clock.now().isoformat(timespec="seconds")


async def virtual_cards(bench: Bench) -> None:
    """Two patients show their telephones; the first QR code is of nobody whom a read tells."""
    world = bench.simulator.world
    await bench.call("uploadqrcode", VHC, QRCodeString=world.qr(DEMO).encode())
    for card in (CHILD, DEMO):
        await bench.call("uploadqrcode", VHC, QRCodeString=world.qr(card).encode())
        assert (await bench.call("hisGetBasicData", VHC, pBuffer=OutBuffer(72))).code == 0
    code = await bench.call("GetVHCQRCodeCloudToken", VHC, transferToken=OutBuffer(4096))
    transfer = code.outputs["transferToken"]
    assert isinstance(transfer, bytes)
    await bench.call("UploadVHCQRCodeCloudToken", VHC, transferToken=transfer.rstrip(b"\0"))
    assert (await bench.call("hisGetBasicData", VHC, pBuffer=OutBuffer(72))).code == 0
    assert (await bench.call("VHCOfflineGetUniqueSeqNum", VHC)).code == 1099


async def recorded(simulator: Simulator, file: Path) -> Trace:
    async with open_stage(simulator) as bench:
        writer = TraceWriter(file, TABLE.digest)
        bench.engine.observer = CallRecorder(TABLE, writer)
        await virtual_cards(bench)
        writer.close()
    simulator.world.reset()
    simulator.world.shift_clock(timedelta(days=1).total_seconds())
    return read_trace(file)


async def replayed(simulator: Simulator, trace: Trace) -> Tally:
    presented = presented_cards(trace.calls, TABLE, RULES)
    day = SimulatedDay(Steering(simulator), TABLE, {}, presented, clock=True)  # type: ignore[arg-type]
    async with open_stage(simulator) as bench:
        run = Replay(
            TABLE,
            EngineTarget(bench.engine),
            Comparer(TABLE, RULES),
            Limits(True, True, True, 20),
            before=day.before,
            prepare=day.prepare,
        )
        await run.run(trace.calls)
        return run.tally


async def test_each_card_is_presented_again(simulator: Simulator, tmp_path: Path) -> None:
    trace = await recorded(simulator, tmp_path / "t.jsonl")
    tally = await replayed(simulator, trace)
    assert [g.function for g in tally.ordered() if g.first.verdict == "different"] == []
    assert tally.functions["uploadqrcode"].skipped == {"qr": 1}
    assert tally.compared == len(trace.calls) - 1
    expected = {(g.function, g.first.argument) for g in tally.ordered()}
    assert expected == {("GetVHCQRCodeCloudToken", "transferToken")}


async def test_the_clock_follows_the_recording_forwards_only(simulator: Simulator, tmp_path: Path) -> None:
    trace = await recorded(simulator, tmp_path / "t.jsonl")
    world = simulator.world
    world.shift_clock(-timedelta(days=3).total_seconds())
    day = SimulatedDay(Steering(simulator), TABLE, {}, {}, clock=True)  # type: ignore[arg-type]
    call = trace.calls[0]
    await day.before(call)
    assert abs(world.clock.now() - call.at) < timedelta(seconds=5)
    world.shift_clock(3600)
    now = SimulatedDay(Steering(simulator), TABLE, {}, {}, clock=True)  # type: ignore[arg-type]
    await now.before(call)
    assert world.clock.now() - call.at > timedelta(minutes=50)
