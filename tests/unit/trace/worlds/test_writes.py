"""Sessions that change something: what the trace itself wrote is not put into its world beforehand."""

from __future__ import annotations

from pathlib import Path

from bridge.calls.call import LegacyCall, OutBuffer
from bridge.sim.simulator import Simulator
from tests.support.good_calls import GOOD
from tests.unit.trace.session import Move, call, reads
from tests.unit.trace.worlds.test_world import CLOSE, OPEN, replayed


def person(simulator: Simulator, card: str) -> dict[str, bytes]:
    holder = simulator.world.cards[card]
    return {"pPatientID": holder.id_no.encode(), "pPatientBirthDate": holder.birthday.encode()}


async def test_notes_written_on_the_pregnant_womans_card(simulator: Simulator, tmp_path: Path) -> None:
    card = "000099990003"
    who = person(simulator, card)
    steps: list[LegacyCall | Move] = [
        Move("hc", card),
        *OPEN,
        *reads(),
        call("hisWriteEmergentTel", **who, pEmergentTel=b"0212345678"),
        call("hisWritePredeliveryCheckup", **who, pCheckupCode=b"43"),
        call("hisWriteInoculateData", **who, pItem=b"FLU", pPackageNumber=b"TEST0009"),
        call("hisWriteHealthInsurance", **who, pServiceItem=b"02", pServiceItemCode=b"21"),
        call(
            "hisWriteAllergicNum", **who, pDataWrite=b"IODINE".ljust(40), pBufferDocID=OutBuffer(10), iNum=2
        ),
        *reads(need_hpc=True),
        call("hisDeletePredeliveryData", **who),
        call("hisGetRegisterPregnant", pBuffer=OutBuffer(209)),
        *CLOSE,
    ]
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


async def test_notes_that_are_read_only_after_they_were_written(simulator: Simulator, tmp_path: Path) -> None:
    card = "000099990003"
    who = person(simulator, card)
    steps: list[LegacyCall | Move] = [
        Move("hc", card),
        *OPEN,
        call("hisGetBasicData", pBuffer=OutBuffer(72)),
        call("hisGetTreatmentNoNeedHPC", pBuffer=OutBuffer(498)),
        call("hisWriteEmergentTel", **who, pEmergentTel=b"0212345678"),
        call("hisWritePredeliveryCheckup", **who, pCheckupCode=b"43"),
        call("hisWriteInoculateData", **who, pItem=b"FLU", pPackageNumber=b"TEST0009"),
        call("hisWriteHealthInsurance", **who, pServiceItem=b"02", pServiceItemCode=b"21"),
        call(
            "hisWriteAllergicNum", **who, pDataWrite=b"IODINE".ljust(40), pBufferDocID=OutBuffer(10), iNum=2
        ),
        *reads(need_hpc=True),
        *CLOSE,
    ]
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


async def test_one_patient_after_another(simulator: Simulator, tmp_path: Path) -> None:
    steps: list[LegacyCall | Move] = []
    for card in ("000073898381", "000099990004", "000099990002", "000073898381"):
        steps += [Move("hc", card), *OPEN, *reads(), *CLOSE, Move("hc", None)]
        steps.append(call("hisGetBasicData", pBuffer=OutBuffer(72)))
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


def take(item: bytes = b"01", baby: bytes = b" ") -> LegacyCall:
    return call(
        "hisGetSeqNumber256N1",
        cTreatItem=item,
        cBabyTreat=baby,
        cTreatAfterCheck=b"1",
        pBuffer=OutBuffer(316),
    )


async def test_a_whole_visit(simulator: Simulator, tmp_path: Path) -> None:
    """The visit's own number, diagnosis, fees and orders come from the calls, not from the world."""
    card = "000073898381"
    who = person(simulator, card)
    steps: list[LegacyCall | Move] = [
        Move("hc", card),
        *OPEN,
        call("csGetHospID", pBuffer=OutBuffer(10)),
        call("csGetHospName", pBuffer=OutBuffer(40)),
        call("csGetHospAbbName", pBuffer=OutBuffer(40)),
        call("csGetCardNo", CardType=1, pBuffer=OutBuffer(12)),
        call("csGetCardNo", CardType=2, pBuffer=OutBuffer(12)),
        call("csGetCardNo", CardType=3, pBuffer=OutBuffer(12)),
        call("hpcGetHPCSN", SN=OutBuffer(20)),
        call("hpcGetHPCSSN", SSN=OutBuffer(20)),
        call("hpcGetHPCCNAME", CNAME=OutBuffer(40)),
        call("hpcGetHPCENAME", ENAME=OutBuffer(40)),
        call("hisGetHPCType"),
        call("hisGetCardStatus", CardType=2),
        call("csISSetPIN"),
        call("hisGetBasicData", pBuffer=OutBuffer(72)),
        call("hisGetRegisterBasic", pBuffer=OutBuffer(78)),
        take(),
        take(b"02"),
        call("hisGetRegisterBasic2", pBuffer=OutBuffer(9)),
        call("hisGetICD10EnC", pIN=b"G44201", pOUT=OutBuffer(6)),
        call("hisGetICD10DeC", pIN=b"#:5BK", pOUT=OutBuffer(8)),
        call(
            "hisGetTreatNumNoICCard",
            pPatientID=who["pPatientID"],
            pHospID=b"3501200000",
            pBuffer=OutBuffer(43),
        ),
    ]
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


async def test_writes_to_visits_that_were_there_before(simulator: Simulator, tmp_path: Path) -> None:
    card = "000073898381"
    who = person(simulator, card)
    old = simulator.world.record(card).visits[0].key.encode()
    order = old + b"1" + b"XY00001100".ljust(12) + b" " * 6 + b"TIDPC".ljust(18) + b"03000090001"
    steps: list[LegacyCall | Move] = [
        Move("hc", card),
        *OPEN,
        call("hisGetBasicData", pBuffer=OutBuffer(72)),
        call(
            "hisWriteTreatmentData",
            pDateTime=old,
            **who,
            pBufferDocID=OutBuffer(10),
            pDataWrite=b"1" + b"J029 K0253" + b" " * 20 + b"00001250000000500000000000000000000000",
        ),
        call(
            "hisWriteMultiPrescriptSign",
            pDateTime=old,
            **who,
            pDataWrite=order * 2,
            iWriteCount=2,
            pBuffer=OutBuffer(80),
        ),
        call("hisGetTreatNumICCard", pDateTime=old, pBuffer=OutBuffer(20)),
        *reads(need_hpc=True),
    ]
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


async def test_an_expired_card_a_used_up_one_and_one_with_a_pin(simulator: Simulator, tmp_path: Path) -> None:
    steps: list[LegacyCall | Move] = []
    for card in ("000099990007", "000099990008", "000099990009", "000099990011"):
        steps += [Move("hc", card), *OPEN, call("hisGetBasicData", pBuffer=OutBuffer(72)), take()]
        steps += [
            call("csUpdateHCContents"),
            take(),
            call("hisGetRegisterBasic", pBuffer=OutBuffer(78)),
            *CLOSE,
        ]
    steps += [Move("hc", "000099990010"), *OPEN, call("csISSetPIN"), *reads(), call("csVerifyHCPIN"), take()]
    steps += [call("csDisableHCPIN"), call("csISSetPIN"), *reads(), *CLOSE]
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


async def test_every_function_in_one_session(simulator: Simulator, tmp_path: Path) -> None:
    """A good call of every function; some have arguments that are made of the world as it is then."""
    simulator.world.reset()
    first = ["csOpenCom", "csVerifySAMDC", "hpcVerifyHPCPIN", "hisGetBasicData", "hisGetTreatmentNoNeedHPC"]
    last = ["csUnGetSeqNumber", "hpcVHPCLogout", "csSoftwareReset", "csCloseCom"]
    order = [*first, *(name for name in GOOD if name not in {*first, *last}), *last]
    steps = [call(name, **GOOD[name](simulator.world)) for name in order]
    found = await replayed(simulator, steps, tmp_path / "t.jsonl")
    assert [fault for fault in found if not fault.startswith("VPN")] == []
