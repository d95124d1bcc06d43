"""A world made of a trace answers what the trace says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.calls.call import VHC, LegacyCall, OutBuffer
from bridge.sim.clock import parse_roc_datetime
from bridge.sim.scenario.file import scenario_of
from bridge.sim.simulator import Simulator
from bridge.trace.format import Answer, Number, TracedCall
from bridge.trace.reading import Trace
from bridge.trace.records import records_out
from bridge.trace.worlds.document import tolerance
from bridge.trace.worlds.moves import card_moves
from bridge.trace.worlds.world import world_of
from tests.unit.trace.session import TABLE, Made, Move, call, open_program, reads, record, run, trace_of

PEOPLE = {
    "ten": "000073898381", "child": "000099990001", "mother": "000099990002", "pregnant": "000099990003",
    "elder": "000099990004", "long name": "000099990005", "lost characters": "000099990006",
    "expired": "000099990007", "used up": "000099990008", "cancelled": "000099990009",
    "with PIN": "000099990010", "uninsured": "000099990011",
}  # fmt: skip
OPEN = [call("csOpenCom", pComNum=0), call("csVerifySAMDC"), call("hpcVerifyHPCPIN")]
CLOSE = [call("csCloseCom")]
MADE_ANEW = {
    "security_signature",
    "security_signature_raw",
    "signature",
    "datetime",
    "uploaded_at",
    "received_at",
}


async def replayed(simulator: Simulator, steps: Sequence[LegacyCall | Move], file: Path) -> list[str]:
    """Record a session, make a world of its trace, run the calls there. Out: what differs."""
    before = await record(simulator, steps, file)
    trace = trace_of(file)
    document = world_of(trace, TABLE)
    simulator.world.load(scenario_of(document))
    moves = {(move.number, move.slot): move.card_no for move in card_moves(trace, TABLE)}
    again: list[LegacyCall | Move] = []
    for traced, made in zip(trace.calls, before, strict=True):
        for slot in ("hc", "hpc"):
            if (traced.number, slot) in moves:
                again.append(Move(slot, moves[traced.number, slot]))
        again.append(made.call)
    async with open_program(simulator) as bench:
        after = await run(bench, again)
    return [fault for one, other in zip(before, after, strict=True) for fault in differences(one, other)]


def differences(one: Made, other: Made) -> list[str]:
    name = one.call.name
    if one.result.code != other.result.code:
        return [f"{name}: {one.result.code} then {other.result.code}"]
    faults = []
    for argument, value in one.result.outputs.items():
        other_value = other.result.outputs.get(argument)
        if value == other_value:
            continue
        faults += list(_fields(one.call, argument, value, other_value))
    return faults


def _fields(made: LegacyCall, argument: str, one: Any, other: Any) -> list[str]:
    views = [_view(made, argument, value) for value in (one, other)]
    if None in views or not views[0].record:
        return [f"{made.name}.{argument}: {one!r} then {other!r}"]
    return [
        f"{made.name}.{span.path}: {span.of(one)!r} then {span.of(other)!r}"
        for span in views[0].spans
        if span.of(one) != span.of(other) and span.name not in MADE_ANEW
    ]


def _view(made: LegacyCall, argument: str, value: Any) -> Any:
    function = TABLE.functions[made.name]
    if not isinstance(value, bytes) or not hasattr(function.argument(argument), "length"):
        return None
    given = {
        name: each.content if isinstance(each, OutBuffer) else Number(each) if isinstance(each, int) else each
        for name, each in made.arguments.items()
    }
    length = function.argument(argument).length  # type: ignore[union-attr]
    answer = Answer(0, 0.0, {argument: value, length: Number(len(value))})
    return next(iter(records_out(TABLE, function, given, answer)), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("who", PEOPLE)
async def test_every_read_of_a_person(who: str, simulator: Simulator, tmp_path: Path) -> None:
    steps = [Move("hc", PEOPLE[who]), *OPEN, *reads(need_hpc=True), *CLOSE]
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


WHO_IS_HERE = [
    call("csGetCardNo", CardType=1, pBuffer=OutBuffer(12)),
    call("csGetHospID", pBuffer=OutBuffer(10)),
    call("hpcGetHPCSN", SN=OutBuffer(20)),
    call("hpcGetHPCSSN", SSN=OutBuffer(20)),
    call("hpcGetHPCCNAME", CNAME=OutBuffer(40)),
]


async def test_nothing_is_remarked_where_all_is_told(simulator: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    steps = [Move("hc", PEOPLE["elder"]), *OPEN, *WHO_IS_HERE, *reads(need_hpc=True), *reads(), *CLOSE]
    await record(simulator, steps, file)
    document = world_of(trace_of(file), TABLE)
    assert document.get("remarks", []) == []
    assert document["icd"] == {"H401324": "#:5BK"}
    assert document["sams"][0]["id"] == "001000000103"
    assert document["practitioners"][0]["number"] == "000000329470"
    age = simulator.world.clock.now() - parse_roc_datetime(document["clock"])
    assert timedelta() <= age < timedelta(minutes=5)


@pytest.mark.parametrize("order", [(540, 372), (372, 540), (372, 372), (540, 540)])
async def test_codes_squeezed_in_one_form_and_whole_in_the_other(
    order: tuple[int, int], simulator: Simulator, tmp_path: Path
) -> None:
    """A squeezed code that only the recorded cloud knew is answered in both forms again."""
    simulator.world.icd = {"S72001A": "%QQQ1"}
    simulator.world.record(PEOPLE["ten"]).visits[0].codes["mainCode"] = "S72001A"
    forms = [OutBuffer(width, b"[XXXXXXX]" * 60 if width == 540 else b"") for width in order]
    steps = [*OPEN, call("hisGetBasicData", pBuffer=OutBuffer(72))]
    steps += [call("hisGetTreatmentNeedHPC", pBuffer=form) for form in forms]
    assert await replayed(simulator, [*steps, *CLOSE], tmp_path / "t.jsonl") == []


async def test_qr_codes_of_virtual_cards(simulator: Simulator, tmp_path: Path) -> None:
    """They open the same people's cards again; nobody lies in the reader for it."""

    def vhc(name: str, **arguments: Any) -> LegacyCall:
        return replace(call(name, **arguments), door=VHC)

    steps: list[LegacyCall | Move] = []
    for who in ("mother", "elder", "mother"):
        token = simulator.world.qr(PEOPLE[who]).encode()
        steps += [
            vhc("uploadqrcode", QRCodeString=token),
            vhc("hisGetTreatmentNoNeedHPC", pBuffer=OutBuffer(498)),
        ]
        steps += [vhc("hisGetBasicData", pBuffer=OutBuffer(72)), vhc("VHCcleanQRCode")]
        steps.append(vhc("hisGetBasicData", pBuffer=OutBuffer(72)))
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []
    made = trace_of(tmp_path / "t.jsonl")
    assert [(c.function, c.answer.code) for c in made.calls[:2]] == [
        ("uploadqrcode", 0),
        ("hisGetTreatmentNoNeedHPC", 0),
    ]
    assert card_moves(made, TABLE) == []
    codes = world_of(made, TABLE)["qr_codes"]
    assert [code["card"] for code in codes] == [PEOPLE["mother"], PEOPLE["elder"], PEOPLE["mother"]]


def test_what_makes_no_sense_is_not_believed_nor_what_stands_behind_it() -> None:
    """As if validity and visits left had changed places; where the person stands is before them."""
    who = f"{PEOPLE['ten']}{'NAME':<20}Z2999999290920315F10502170"
    record = f"{who}011{'06'}{'1160212'}{'':8}".encode()
    after = {"pBuffer": record, "iBufferLen": Number(78)}
    at = parse_roc_datetime("1150302083000").astimezone()
    calls = [
        TracedCall(
            number=number,
            at=at + timedelta(seconds=number),
            thread=1,
            function="hisGetRegisterBasic",
            given={},
            answer=Answer(0, 1.0, after),
        )
        for number in (1, 2, 3)
    ]
    world = world_of(Trace(calls=calls), TABLE)
    (card,) = world["cards"]
    assert (card["number"], card["id_no"], card["insurer_code"]) == (PEOPLE["ten"], "Z299999929", "01")
    assert "no date" in world["remarks"][0]
    assert "(and 2 more)" in world["remarks"][0]
    assert any("visits left" in remark for remark in world["remarks"]), "not in the trace: a made-up number"


def test_a_hospital_may_have_hundreds_of_practitioners(simulator: Simulator) -> None:
    at = parse_roc_datetime("1150302083000").astimezone()
    numbers = [f"HPC{number:09d}" for number in range(500)]
    calls = [
        TracedCall(
            number=count,
            at=at + timedelta(seconds=count),
            thread=1,
            function="hpcGetHPCSN",
            given={},
            answer=Answer(0, 1.0, {"SN": number.encode(), "Len_SN": Number(12)}),
        )
        for count, number in enumerate(numbers, 1)
    ]
    world = world_of(Trace(calls=calls), TABLE)
    simulator.world.load(scenario_of(world))
    assert list(simulator.world.practitioners) == numbers


@pytest.mark.parametrize(
    ("sams", "cards", "settings"),
    [
        (["001000000103"], {"000073898381"}, {}),
        (["001000000103", "001000000202"], {"000073898381"}, {"virtual_ports": True}),
        (["001000000103"], {"000073898381", "900000000711"}, {"mixed_cards": True}),
        (["901000000047"], {"900000000711"}, {}),
    ],
)
def test_what_the_simulated_console_must_let_pass(
    sams: list[str], cards: set[str], settings: dict[str, bool]
) -> None:
    """Masking makes up numbers, and a recorded program opened its SAMs by ports."""
    assert tolerance([{"id": number} for number in sams], cards) == settings
