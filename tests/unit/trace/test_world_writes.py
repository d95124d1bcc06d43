"""Sessions that change something: what the trace itself wrote is not put into its world beforehand."""

from __future__ import annotations

from pathlib import Path

from session import Move, call, reads
from test_world import CLOSE, OPEN, replayed

from bridge.engine.call import LegacyCall, Room
from bridge.sim.simulator import Simulator


def person(simulator: Simulator, card: str) -> dict[str, bytes]:
    holder = simulator.world.cards[card]
    return {"pPatientID": holder.id_no.encode(), "pPatientBirthDate": holder.birthday.encode()}


async def test_notes_written_on_the_pregnant_womans_card(simulator: Simulator, tmp_path: Path) -> None:
    card = "000099990003"
    who = person(simulator, card)
    steps: list[LegacyCall | Move] = [
        Move("hc", card), *OPEN, *reads(),
        call("hisWriteEmergentTel", **who, pEmergentTel=b"0212345678"),
        call("hisWritePredeliveryCheckup", **who, pCheckupCode=b"43"),
        call("hisWriteInoculateData", **who, pItem=b"FLU", pPackageNumber=b"TEST0009"),
        call("hisWriteHealthInsurance", **who, pServiceItem=b"02", pServiceItemCode=b"21"),
        call("hisWriteAllergicNum", **who, pDataWrite=b"IODINE".ljust(40), pBufferDocID=Room(10), iNum=2),
        *reads(need_hpc=True),
        call("hisDeletePredeliveryData", **who), call("hisGetRegisterPregnant", pBuffer=Room(209)), *CLOSE,
    ]  # fmt: skip
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


async def test_notes_that_are_read_only_after_they_were_written(simulator: Simulator, tmp_path: Path) -> None:
    card = "000099990003"
    who = person(simulator, card)
    steps: list[LegacyCall | Move] = [
        Move("hc", card), *OPEN, call("hisGetBasicData", pBuffer=Room(72)),
        call("hisGetTreatmentNoNeedHPC", pBuffer=Room(498)),
        call("hisWriteEmergentTel", **who, pEmergentTel=b"0212345678"),
        call("hisWritePredeliveryCheckup", **who, pCheckupCode=b"43"),
        call("hisWriteInoculateData", **who, pItem=b"FLU", pPackageNumber=b"TEST0009"),
        call("hisWriteHealthInsurance", **who, pServiceItem=b"02", pServiceItemCode=b"21"),
        call("hisWriteAllergicNum", **who, pDataWrite=b"IODINE".ljust(40), pBufferDocID=Room(10), iNum=2),
        *reads(need_hpc=True), *CLOSE,
    ]  # fmt: skip
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []


async def test_one_patient_after_another(simulator: Simulator, tmp_path: Path) -> None:
    steps: list[LegacyCall | Move] = []
    for card in ("000073898381", "000099990004", "000099990002", "000073898381"):
        steps += [Move("hc", card), *OPEN, *reads(), *CLOSE, Move("hc", None)]
        steps.append(call("hisGetBasicData", pBuffer=Room(72)))
    assert await replayed(simulator, steps, tmp_path / "t.jsonl") == []
