"""Which card lay in the reader before which call, by hand-made traces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.sim.scenario.file import scenario_of
from bridge.table.loader import default_table
from bridge.trace.format import Answer, Given, Header, Number, TracedCall
from bridge.trace.reading import Trace
from bridge.trace.worlds.moves import CardMove, card_moves
from bridge.trace.worlds.world import world_of

TABLE = default_table()
START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
ANN, BOB = "000011110001", "000011110002"
IDS = {ANN: "A123456789", BOB: "B123456780"}
NUMBER, ID = b"000000777777", b"C123456789"
Told = tuple[str, int, dict[str, Given], dict[str, Given]]


def basic(card: str) -> Told:
    data = f"{card}{'NAME':<20}{IDS[card]}0700101F11001011{'':14}".encode()
    return "hisGetBasicData", 0, {"iBufferLen": Number(72)}, {"pBuffer": data, "iBufferLen": Number(72)}


def visits(code: int = 0) -> Told:
    data = {"pBuffer": b"0" * 498, "iBufferLen": Number(498)}
    return "hisGetTreatmentNoNeedHPC", code, {"iBufferLen": Number(498)}, data if code == 0 else {}


def missing() -> Told:
    return "hisGetBasicData", 4013, {"iBufferLen": Number(72)}, {"iBufferLen": Number(72)}


def phone(card: str, code: int = 0) -> Told:
    who: dict[str, Given] = {"pPatientID": IDS[card].encode(), "pPatientBirthDate": b"0700101"}
    return "hisWriteEmergentTel", code, {**who, "pEmergentTel": b"0212345678"}, {}


def state(result: int, kind: int = 2) -> Told:
    return "hisGetCardStatus", result, {"CardType": Number(kind)}, {}


def present(status: int) -> Told:
    return "hpcGetHPCStatus", 0, {"Req": Number(1)}, {"Status": Number(status)}


def plain(name: str, code: int = 0, **given: Given) -> Told:
    return name, code, given, {}


def text(name: str, argument: str, data: bytes) -> Told:
    return name, 0, {f"Len_{argument}": Number(20)}, {argument: data, f"Len_{argument}": Number(len(data))}


OPEN, CLOSE = plain("csOpenCom", pComNum=Number(0)), plain("csCloseCom")


def trace(
    reported: Sequence[Told], processes: Sequence[int] = (), door: str = "native", pause: float = 1.0
) -> Trace:
    calls = [
        TracedCall(
            number=index + 1,
            at=START + timedelta(seconds=index * pause),
            thread=1,
            function=name,
            given=given,
            answer=Answer(code, 10.0, after),
            door=door,
            process=processes[index] if processes else 0,
        )
        for index, (name, code, given, after) in enumerate(reported)
    ]
    return Trace(headers=[Header(masked=True)], calls=calls)


def moves(reported: Sequence[Told], slot: str = "hc", **more: Any) -> list[tuple[int, str | None]]:
    made = trace(reported, **more)
    scenario_of(world_of(made, TABLE))  # and its world can be loaded
    return [(move.number, move.card_no) for move in card_moves(made, TABLE) if move.slot == slot]


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ([], []),
        ([OPEN, CLOSE], []),
        ([OPEN, basic(ANN), visits(), CLOSE], [(1, ANN)]),
        ([basic(ANN), visits(), basic(BOB), visits()], [(1, ANN), (3, BOB)]),
        # a card is exchanged while the port is closed, not amid calls that do not tell whose it is
        ([OPEN, basic(ANN), CLOSE, OPEN, visits(), basic(BOB)], [(1, ANN), (3, BOB)]),
        ([OPEN, basic(ANN), visits(), CLOSE, OPEN, basic(ANN)], [(1, ANN)]),
        ([basic(ANN), missing(), basic(BOB)], [(1, ANN), (2, None), (3, BOB)]),
        ([missing(), missing(), basic(BOB)], [(1, None), (3, BOB)]),
        ([basic(ANN), missing(), visits(), basic(BOB)], [(1, ANN), (2, None), (3, BOB)]),
        ([basic(ANN), state(0), state(2), visits()], [(1, ANN), (2, None), (3, ANN)]),
        # a card that was logged out counts as missing although it is there
        ([basic(ANN), plain("csSoftwareReset", Device=Number(0)), state(0), visits()], [(1, ANN)]),
        ([basic(ANN), plain("hpcVHPCLogout"), state(0), visits()], [(1, ANN), (3, None), (4, ANN)]),
        ([visits(), phone(ANN), visits()], [(1, "000000000001")]),
        ([basic(ANN), phone(BOB, 5020), visits()], [(1, ANN)]),
        ([basic(ANN), phone(BOB), visits()], [(1, ANN), (2, "000000000001")]),
        ([basic(BOB), basic(ANN), phone(BOB)], [(1, BOB), (2, ANN), (3, BOB)]),
        ([OPEN, visits(), visits()], [(2, "000000000001")]),
        ([visits(4000), visits(5003)], []),
        ([("hisNothing", 0, {}, {}), basic(ANN)], [(1, ANN)]),
    ],
    ids=str,
)
def test_health_cards(reported: list[Told], expected: list[tuple[int, str | None]]) -> None:
    if reported:
        assert moves(reported) == expected
    else:
        assert card_moves(Trace(), TABLE) == []


@pytest.mark.parametrize("misses", [1, 2])
@pytest.mark.parametrize(("pause", "gone"), [(0.2, False), (1.0, True)])
def test_no_hand_takes_a_card_out_and_puts_it_back_within_a_second(
    misses: int, pause: float, gone: bool
) -> None:
    """The code is then a wrong one, which a replay is to find."""
    reported = [basic(ANN), *[missing()] * misses, basic(ANN)]
    away = [(2, None), (len(reported), ANN)] if gone else []
    assert moves(reported, pause=pause) == [(1, ANN), *away]


def test_cards_of_two_processes_take_turns_in_the_one_reader_of_a_simulator() -> None:
    reported = [basic(ANN), basic(BOB), visits(), plain("csGetVersion", 60), visits(), visits(), basic(ANN)]
    made = trace(reported, processes=[1, 2, 1, 2, 2, 2, 1])
    expected = [(1, 1, ANN), (2, 2, BOB), (1, 3, ANN), (2, 5, BOB), (1, 7, ANN)]
    assert card_moves(made, TABLE) == [CardMove(*each) for each in expected]


def test_virtual_cards_lie_in_no_reader_but_their_holders_are_in_the_world() -> None:
    made = trace([basic(ANN), visits()], door="vhc")
    assert card_moves(made, TABLE) == []
    assert [card["number"] for card in world_of(made, TABLE)["cards"]] == [ANN]


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ([plain("hpcVerifyHPCPIN")], [(1, "000000000001")]),
        ([plain("hpcVerifyHPCPIN", 4014), plain("hpcVerifyHPCPIN")], [(1, None), (2, "000000000001")]),
        ([plain("hpcVerifyHPCPIN"), text("hpcGetHPCSN", "SN", NUMBER)], [(1, NUMBER.decode())]),
        ([text("hpcGetHPCSSN", "SSN", ID), text("hpcGetHPCSN", "SN", NUMBER)], [(1, NUMBER.decode())]),
        ([text("hpcGetHPCSSN", "SSN", ID)], [(1, "000000000001")]),
        (
            [text("hpcGetHPCSN", "SN", NUMBER), CLOSE, OPEN, text("hpcGetHPCSN", "SN", b"000000888888")],
            [(1, NUMBER.decode()), (2, "000000888888")],
        ),
        ([state(0, kind=3), plain("hpcVerifyHPCPIN")], [(1, None), (2, "000000000001")]),
        ([present(0), present(1), plain("hpcVerifyHPCPIN")], [(1, None), (2, "000000000001")]),
    ],
    ids=str,
)
def test_practitioners_cards(reported: list[Told], expected: list[tuple[int, str | None]]) -> None:
    assert moves(reported, slot="hpc") == expected


def test_a_number_is_not_that_of_the_practitioner_before() -> None:
    """A trace that begins in the middle of the morning tells the first one's id, and only then the next one's
    number and id.
    """
    reported = [
        text("hpcGetHPCSSN", "SSN", b"A123456789"), CLOSE, OPEN, plain("hpcVerifyHPCPIN"),
        text("hpcGetHPCSN", "SN", NUMBER), text("hpcGetHPCSSN", "SSN", ID),
    ]  # fmt: skip
    doctors = world_of(trace(reported), TABLE)["practitioners"]
    assert [(each["number"], each["id_no"]) for each in doctors] == [
        ("000000000001", "A123456789"),
        (NUMBER.decode(), ID.decode()),
    ]


def test_number_and_id_of_a_practitioner_are_put_together() -> None:
    reported = [
        text("hpcGetHPCSSN", "SSN", ID),
        text("hpcGetHPCCNAME", "CNAME", "測試醫師".encode("cp950")),
        text("hpcGetHPCSN", "SN", NUMBER),
        plain("hisGetHPCType", 1),
    ]
    (doctor,) = world_of(trace(reported), TABLE)["practitioners"]
    assert (doctor["number"], doctor["id_no"], doctor["role"]) == (NUMBER.decode(), ID.decode(), "doctor")
    assert doctor["name"] == "測試醫師"
