"""A day in a clinic, in a seeded random order, against an independent model of what it should leave."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from bridge.calls.call import Argument, File, LegacyResult, OutBuffer
from bridge.sim.cards import HealthCard
from bridge.sim.clock import roc_date, roc_datetime
from bridge.sim.records import CardRecord
from bridge.sim.world import World
from tests.scenarios.clinic_model import ModelOrder, ModelPatient, ModelVisit, digest
from tests.support.simulated import Bench
from tests.support.stage import DOCTOR, HERE, PHARMACIST, data, rows, verify_practitioner

PATIENTS, STEPS = 40, 600
VISIT = (2, 1, 13, 1, 4, 10, 8, 8, 8, 7, 7)
ORDER = (13, 1, 12, 6, 18, 2, 7, 2)
DIAGNOSES = (13, 5, 5, 5, 5, 5, 5)
IDS = {DOCTOR: b"C123456789", PHARMACIST: b"F223456786"}
CODE_POOL = ("J029", "K0253", "I10", "E1122", "M545", "N186")


class Clinic:
    """The clinic's programs, its patients, and what they write down for themselves."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.chance = random.Random(seed)
        self.patients = [ModelPatient(number) for number in range(1, PATIENTS + 1)]
        self.in_reader = self.patients[0]
        self.practitioner = DOCTOR
        self.sent_files: list[bytes] = []
        self.codes: dict[int, int] = {}
        self.wrong_person = 0

    @property
    def world(self) -> World:
        return self.bench.simulator.world

    def open_doors(self) -> None:
        """Eight in the morning; the forty patients exist and have never been ill."""
        now = self.world.clock.now()
        morning = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
        self.world.shift_clock((morning + timedelta(hours=8) - now).total_seconds())
        for each in self.patients:
            self.world.cards[each.card] = HealthCard(
                each.card, each.name, each.id_no, each.birthday, "F", "1100101"
            )
            valid = roc_date(self.world.clock.now() + timedelta(days=300))
            self.world.records[each.card] = CardRecord(valid, 6)
        self.swap_to(self.patients[0])

    def swap_to(self, patient: ModelPatient) -> None:
        self.world.insert("hc", patient.card)
        self.in_reader = patient

    async def noon(self) -> None:
        """The doctor leaves, the pharmacist comes."""
        self.world.insert("hpc", PHARMACIST)
        await verify_practitioner(self.bench)
        self.practitioner = PHARMACIST

    # --- one step

    async def step(self) -> None:
        """One call of a program that believes ``wanted`` to sit there; sometimes another card is in."""
        self.world.shift_clock(self.chance.randint(20, 70))
        wanted = self.chance.choice(self.patients)
        self.swap_to(wanted)
        if self.chance.random() < 0.15:
            self.swap_to(self.chance.choice(self.patients))
        await self.chance.choice(self.actions())(wanted)

    def actions(self) -> list[Callable[[ModelPatient], Awaitable[None]]]:
        return [
            self.number, self.number, self.diagnose, self.diagnose, self.prescribe, self.prescribe,
            self.give_back, self.telephone, self.renew, self.read_basic, self.read_visits,
            self.read_orders, self.read_diagnoses,
        ]  # fmt: skip

    async def call(self, name: str, **arguments: Argument) -> LegacyResult:
        result = await self.bench.call(name, **arguments)
        self.codes[result.code] = self.codes.get(result.code, 0) + 1
        self.nothing_of_others(result)
        return result

    def nothing_of_others(self, result: LegacyResult) -> None:
        """No byte of anybody but the person whose card is in the reader."""
        whole = b"".join(value for value in result.outputs.values() if isinstance(value, bytes))
        for other in self.patients:
            if other is not self.in_reader:
                assert not [mark for mark in other.marks() if mark in whole]

    def names(self, wanted: ModelPatient) -> dict[str, bytes]:
        return {"pPatientID": wanted.id_no.encode(), "pPatientBirthDate": wanted.birthday.encode()}

    def refused(self, wanted: ModelPatient, result: LegacyResult) -> bool:
        """Whether the write was for somebody else; then it must have been refused."""
        if wanted is self.in_reader:
            return False
        self.wrong_person += 1
        assert (result.code, result.outputs) == (5020, {})
        return True

    # --- writes

    async def number(self, wanted: ModelPatient) -> None:
        item = self.chance.choice(("01", "01", "01", "AC"))
        expected = self.in_reader.expected_number(item)
        result = await self.call(
            "hisGetSeqNumber256",
            cTreatItem=item.encode(),
            cBabyTreat=b" ",
            cTreatAfterCheck=b"1",
            pBuffer=OutBuffer(296),
        )
        assert result.code == expected
        if expected == 5001:
            assert result.outputs == {}
            return
        record = data(result, "pBuffer", 296)
        assert record[17:27] == HERE.encode()
        assert record[295:] == (b"Y" if expected == 5010 else b"N")
        self.in_reader.take_number(record[:13].decode(), item)

    def some_visit(self, patient: ModelPatient) -> ModelVisit | None:
        visits = patient.open_visits()
        return self.chance.choice(visits) if visits else None

    async def diagnose(self, wanted: ModelPatient) -> None:
        visit = self.some_visit(wanted)
        if visit is None:
            return
        picked = self.chance.sample(CODE_POOL, self.chance.randint(1, 6))
        codes = tuple(picked + [""] * (6 - len(picked)))
        fees = tuple(self.chance.randint(0, 9999) for _ in range(5))
        block = b"1" + b"".join(b"[%-7s]" % code.encode() for code in codes)
        block += b"%-8d%-8d%-8d%-7d%-7d" % fees
        result = await self.call(
            "hisWriteTreatmentData",
            pDateTime=visit.key.encode(),
            **self.names(wanted),
            pDataWrite=block,
            pBufferDocID=OutBuffer(10),
        )
        if self.refused(wanted, result):
            return
        assert (result.code, result.outputs) == (0, {"pBufferDocID": IDS[self.practitioner]})
        visit.codes, visit.fees = codes, fees

    async def prescribe(self, wanted: ModelPatient) -> None:
        visit = self.some_visit(wanted)
        if visit is None:
            return
        count = self.chance.choice((1, 2, 3, 5, 17, 60))
        orders = [self.some_order(wanted, visit) for _ in range(count)]
        block = b"".join(
            b"%s1%-12sORAL  TIDPC             %02d%07d01"
            % (order.visit.encode(), order.code.encode(), order.days, order.hundredths)
            for order in orders
        )
        result = await self.call(
            "hisWriteMultiPrescriptSign",
            pDateTime=visit.key.encode(),
            **self.names(wanted),
            pDataWrite=block,
            iWriteCount=count,
            pBuffer=OutBuffer(40 * count),
        )
        if self.refused(wanted, result):
            return
        assert result.code == 0
        signatures = rows(data(result, "pBuffer", 40 * count), (40,))
        assert len(set(signatures)) == len({(o.code, o.days, o.hundredths) for o in orders})
        wanted.add_orders(orders)

    def some_order(self, patient: ModelPatient, visit: ModelVisit) -> ModelOrder:
        code = f"P{patient.number:02d}X{self.chance.randint(0, 99999999):08d}"
        return ModelOrder(visit.key, code, self.chance.randint(1, 28), self.chance.randint(1, 9999999))

    async def give_back(self, wanted: ModelPatient) -> None:
        visit = self.some_visit(wanted)
        if visit is None:
            return
        expected = wanted.give_back(visit) if wanted is self.in_reader else 5150
        assert (await self.call("csUnGetSeqNumber", pUnTreatDate=visit.key.encode())).code == expected

    async def telephone(self, wanted: ModelPatient) -> None:
        tel = f"09{self.chance.randint(0, 99999999):08d}"
        result = await self.call("hisWriteEmergentTel", **self.names(wanted), pEmergentTel=tel.encode())
        if not self.refused(wanted, result):
            assert result.code == 0
            wanted.tel = tel

    async def renew(self, wanted: ModelPatient) -> None:
        assert (await self.call("csUpdateHCNoReset")).code == 0
        self.in_reader.left = 6

    # --- reads: always of the card that is in the reader

    async def read_basic(self, wanted: ModelPatient) -> None:
        record = data(await self.call("hisGetBasicData", pBuffer=OutBuffer(72)), "pBuffer", 72)
        who = self.in_reader
        assert record[:12] == who.card.encode()
        assert record[12:32] == who.name.encode("cp950").ljust(20)
        assert record[32:49] == (who.id_no + who.birthday).encode()
        assert record[58:] == who.tel.encode().ljust(14)

    async def read_visits(self, wanted: ModelPatient) -> None:
        record = data(await self.call("hisGetTreatmentNoNeedHPC", pBuffer=OutBuffer(498)), "pBuffer", 498)
        visits = self.in_reader.open_visits()[:6]
        groups = rows(record[84:], VISIT)
        for visit, group in zip(visits, groups, strict=False):
            assert (group[0].decode(), group[2].decode()) == (visit.item, visit.key)
            assert tuple(int(fee) for fee in group[6:]) == visit.fees
        assert [group[2] for group in groups[len(visits) :]] == [b" " * 13] * (6 - len(visits))

    async def read_diagnoses(self, wanted: ModelPatient) -> None:
        record = data(await self.call("hisGetTreatmentNeedHPC", pBuffer=OutBuffer(372)), "pBuffer", 372)
        read = [group for group in rows(record[114:], DIAGNOSES) if group[0].strip()]
        expected = [(v.key, *v.codes) for v in self.in_reader.open_visits()[:6]]
        assert [tuple(part.decode().strip() for part in group) for group in read] == expected

    async def read_orders(self, wanted: ModelPatient) -> None:
        start = self.chance.randint(1, 60)
        end = self.chance.randint(start, 60)
        width = 61 * (end - start + 1)
        result = await self.call(
            "hisReadPrescriptMain", pOutpatientPrescription=OutBuffer(width), iStartPos=start, iEndPos=end
        )
        assert result.code == 0
        orders = self.in_reader.newest_orders()[:60][start - 1 : end]
        assert result.outputs["iRecCount"] == len(orders)
        groups = rows(data(result, "pOutpatientPrescription", width), ORDER)
        read = [(g[0].decode(), g[2].decode().strip(), int(g[5]), int(g[6])) for g in groups[: len(orders)]]
        assert read == [(order.visit, order.code, order.days, order.hundredths) for order in orders]

    # --- the evening

    async def upload(self) -> None:
        """A file for every patient who was there, each different; the first is sent twice by mistake."""
        for patient in self.patients:
            content = f"{patient.card}:{len(patient.open_visits())}".encode()
            assert await self.send(patient, content) == 0
            self.sent_files.append(content)
        assert await self.send(self.patients[0], self.sent_files[0]) == 9071

    async def send(self, patient: ModelPatient, content: bytes) -> int:
        count = str(len(patient.open_visits())).encode()
        result = await self.call(
            "csUploadData",
            pUploadFileName=File(rb"C:\his\day.xml", content),
            fFileSize=str(len(content)).encode(),
            pNumber=count,
            pBuffer=OutBuffer(50),
        )
        return result.code

    def stored_as_the_model_says(self) -> None:
        for patient in self.patients:
            stored = self.world.stored(patient.card)
            assert stored["counter"] == patient.left
            assert stored["emergency_tel"] == patient.tel
            assert stored["visits"] == [_as_stored(stored, visit) for visit in _newest(patient.visits)]
            assert stored["prescriptions"] == [_order_as_stored(each) for each in patient.newest_orders()]
        assert set(self.world.uploads) == {digest(content) for content in self.sent_files}


def _newest(visits: list[ModelVisit]) -> list[ModelVisit]:
    return sorted(visits, key=lambda visit: visit.key, reverse=True)


def _as_stored(stored: dict[str, object], visit: ModelVisit) -> dict[str, object]:
    """The visit as the cloud keeps it; its sequence and identifier are the cloud's own choice."""
    kept = next(each for each in stored["visits"] if each["at"] == visit.key)  # type: ignore[attr-defined]
    code_names = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
    fee_names = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
    return {
        "item": visit.item,
        "at": visit.key,
        "hospital_id": HERE,
        "sequence": kept["sequence"],
        "treatment_number": kept["treatment_number"],
        "baby": "",
        "after_check": visit.after_check,
        "codes": dict(zip(code_names, visit.codes, strict=True)),
        "fees": dict(zip(fee_names, map(str, visit.fees), strict=True)),
        "rolled_back": visit.given_back,
        "taken_here": True,
    }


def _order_as_stored(order: ModelOrder) -> dict[str, str]:
    return {
        "treatmentDateTime": order.visit,
        "treatmentItem": "1",
        "treatmentItemCode": order.code,
        "treatmentPosition": "ORAL",
        "usage": "TIDPC",
        "days": str(order.days),
        "totalQuantity": order.quantity,
        "deliveryNotes": "01",
    }


@pytest.mark.parametrize("seed", [20231105, 6])
async def test_a_day_leaves_what_was_written_and_shows_nobody_anothers_data(seed: int, stage: Bench) -> None:
    clinic = Clinic(stage, seed)
    clinic.open_doors()
    await verify_practitioner(stage)
    bystanders = {card: stage.simulator.world.stored(card) for card in ("000073898381", "000099990004")}
    for _ in range(STEPS // 2):
        await clinic.step()
    await clinic.noon()
    for _ in range(STEPS - STEPS // 2):
        await clinic.step()
    await clinic.upload()
    clinic.stored_as_the_model_says()
    assert bystanders == {card: stage.simulator.world.stored(card) for card in bystanders}
    assert roc_datetime(stage.simulator.world.clock.now())[7:9] >= "12"
    assert {0, 5010, 5020, 5151, 9071} <= set(clinic.codes)
    assert clinic.wrong_person > 10
