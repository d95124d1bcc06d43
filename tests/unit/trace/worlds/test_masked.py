"""A recorded session is masked, its world made, and the masked trace replayed there without a difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bridge.calls.call import VHC, LegacyCall, OutBuffer
from bridge.sim.scenario.file import scenario_of
from bridge.sim.simulator import Simulator
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Given, TracedCall
from bridge.trace.masking.files import TraceMasking
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.rules import default_rules as mask_rules
from bridge.trace.reading import Trace
from bridge.trace.records import records_out
from bridge.trace.replaying.replay import Limits, Replay
from bridge.trace.replaying.targets import EngineTarget
from bridge.trace.worlds.moves import card_moves
from bridge.trace.worlds.world import world_of
from tests.unit.trace.session import TABLE, Move, call, open_program, reads, record, trace_of
from tests.unit.trace.worlds.test_world import CLOSE, OPEN, PEOPLE
from tests.unit.trace.worlds.test_writes import person, take


async def differences(simulator: Simulator, steps: list[LegacyCall | Move], folder: Path) -> list[str]:
    plain, masked = folder / "plain.jsonl", folder / "masked.jsonl"
    await record(simulator, steps, plain)
    TraceMasking(TABLE, mask_rules(), MaskKey(secret=bytes(32))).run(plain, masked)
    tally = await replayed(simulator, trace_of(masked))
    return [
        f"{group.function} {group.first.kind} {group.first.old!r} {group.first.new!r}"
        for group in tally.groups.values()
        if group.first.verdict == "different"
    ]


async def replayed(simulator: Simulator, trace: Trace) -> Tally:
    """Replay a trace in the world made of it: every call, with every card in its place."""
    simulator.world.load(scenario_of(world_of(trace, TABLE)))
    moves = {(move.number, move.slot): move for move in card_moves(trace, TABLE)}

    async def before(traced: TracedCall) -> None:
        for slot in ("hc", "hpc"):
            move = moves.get((traced.number, slot))
            if move is not None and move.card_no is None:
                simulator.world.remove(slot)
            elif move is not None and move.card_no is not None:
                simulator.world.insert(slot, move.card_no)

    async with open_program(simulator) as bench:
        replay = Replay(
            TABLE,
            EngineTarget(bench.engine),
            Comparer(TABLE, default_rules()),
            Limits(changes=True, pins=True, http=True),
            before=before,
        )
        await replay.run(trace.calls)
    skipped = [name for name, tally in replay.tally.functions.items() if tally.skipped]
    assert skipped == []
    assert sum(tally.compared for tally in replay.tally.functions.values()) == len(trace.calls)
    return replay.tally


async def test_a_masked_day_replays_in_its_world(simulator: Simulator, tmp_path: Path) -> None:
    steps: list[LegacyCall | Move] = []
    for who_it_is in ("ten", "mother", "elder", "lost characters", "expired", "with PIN"):
        card = PEOPLE[who_it_is]
        who = person(simulator, card)
        steps += [Move("hc", card), *OPEN, *reads(need_hpc=card != PEOPLE["with PIN"]), take()]
        steps.append(call("hisWriteEmergentTel", **who, pEmergentTel=b"0212345678"))
        steps.append(call("hisWriteInoculateData", **who, pItem=b"FLU", pPackageNumber=b"LOT1"))
        steps += [
            call("hisGetEmergentTel", pBuffer=OutBuffer(14)),
            call("hisGetInoculateData", pBuffer=OutBuffer(1400)),
        ]
        steps += [call("hisGetTreatmentNoNeedHPC", pBuffer=OutBuffer(498)), *CLOSE, Move("hc", None)]
        steps.append(call("hisGetBasicData", pBuffer=OutBuffer(72)))
    token = simulator.world.qr(PEOPLE["child"]).encode()
    virtual = [call("uploadqrcode", QRCodeString=token), call("hisGetBasicData", pBuffer=OutBuffer(72))]
    steps += [replace(each, door=VHC) for each in virtual]
    assert await differences(simulator, steps, tmp_path) == []


def oldest_first(traced: TracedCall) -> TracedCall:
    """The answer as the old software gives it: rows of a group from the oldest to the newest."""
    after: dict[str, Given] = dict(traced.answer.after)
    for view in records_out(TABLE, TABLE.functions[traced.function], traced.given, traced.answer):
        data = bytearray(view.data)
        for group in {span.group for span in view.spans if span.group}:
            rows: dict[int, bytes] = {}
            for span in view.spans:
                if span.group == group:
                    rows[span.index] = rows.get(span.index, b"") + span.of(view.data)
            start = min(span.offset for span in view.spans if span.group == group)
            full = [row for row in rows.values() if row.strip(b" 0")]
            turned = b"".join([*reversed(full), *(row for row in rows.values() if not row.strip(b" 0"))])
            data[start : start + len(turned)] = turned
        after[view.argument] = bytes(data)
    return traced._replace(answer=traced.answer._replace(after=after))


async def test_a_trace_of_the_old_software_with_the_oldest_rows_first(
    simulator: Simulator, tmp_path: Path
) -> None:
    """Its world is the same; only the order of rows differs when it is replayed, as it must."""
    steps: list[LegacyCall | Move] = []
    for who_it_is in ("ten", "pregnant"):
        steps += [Move("hc", PEOPLE[who_it_is]), *OPEN, *reads(need_hpc=True), *CLOSE]
    await record(simulator, steps, tmp_path / "t.jsonl")
    trace = trace_of(tmp_path / "t.jsonl")
    turned = replace(trace, calls=[oldest_first(traced) for traced in trace.calls])
    assert turned.calls != trace.calls
    tally = await replayed(simulator, turned)
    found = {(group.first.kind, group.first.verdict) for group in tally.groups.values()}
    assert found == {("rows_order", "expected")}
