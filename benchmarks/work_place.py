"""One program of a generated hospital at its reader: when it is used, and the calls that it makes.

Each opening begins with the port, the SAM, and the PIN of the doctor whose card lies in the reader. A visit
is: open the port, ask for the card, read it three times, have it updated where no visit is left, take a visit
number, write the diagnosis with the fee, write one to three prescriptions, close the port.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from benchmarks.patients import FULL_COUNTER, ROC, SHARE, TAIWAN, TREATMENT, Patient, checked_id, packed_visit
from benchmarks.records import packed, packed_block, visits
from bridge.trace.format import Answer, Given, Header, Number, TracedCall

FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC) - TAIWAN  # a Monday, at midnight in Taiwan
HOSPITAL = "3501200000"
SAM = "001000000103"
# Opening hours, in minutes of a day; by kind of work place. On Saturdays the first of them alone.
DAY = ((480, 720), (810, 1050), (1080, 1290))  # morning, afternoon, evening: each with a doctor of its own
HOURS = ((0, 1), (0, 1), (0, 1, 2), (0,), (1, 2))
SATURDAY, SUNDAY = 5, 6
LATE = 600  # seconds that somebody comes to work late, at most
WRITTEN_OVER = 0x5AA5 << 16  # what stands beside a 16-bit variable
DRUGS = tuple(f"{letter}C{number * 7919 % 100_000:05d}100" for number in range(1, 31) for letter in "AB")
USAGES = {"QD": 1, "BID": 2, "TID": 3, "QID": 4, "HS": 1}  # with how many a day
DIAGNOSES = ("J069", "J209", "I10", "E119", "E785", "M545", "M179", "K219", "K297", "N390", "L309")
VERIFIED = 3  # a health card beside a verified practitioner's card
SAME_DAY = 5010
DOCTOR_ROOM = 20  # bytes that the program has for the number of a practitioner's card
# How long a call takes at least and at most, in milliseconds; most others ask the reader once.
TOOK = {
    "csOpenCom": (20, 90), "csCloseCom": (5, 40), "hisGetCardStatus": (15, 60), "csVerifySAMDC": (800, 2500),
    "hpcVerifyHPCPIN": (3000, 9000), "csUpdateHCContents": (2500, 7000), "hisGetSeqNumber256": (700, 2200),
}  # fmt: skip
USUALLY = (120, 700)


class WorkPlace:
    """Its calls follow one another. ``at``: when the next visit, or the next opening, begins (UTC)."""

    def __init__(self, place: int, process: int, seed: int) -> None:
        self._chance = chance = random.Random(f"work place {place} {seed}")
        self._process, self._thread = process, 4 * chance.randrange(250, 5000)
        self._hours = HOURS[place % len(HOURS)]
        self._doctors = [
            (checked_id(f"Z{1 + (place + turn) % 2}8{place * len(DAY) + turn:06d}"), _card(chance))
            for turn in range(len(DAY))
        ]
        self._id_no = ""  # of the doctor who works now
        self._number = 0
        self._opens = True
        self.at = self._closes = FIRST_DAY
        self._wait()

    def header(self) -> Header:
        """The first line of its file."""
        return Header(
            recorder="dll", software="0.1.0", bits=32, process=self._process, program="HIS.EXE",
            started=self.at,
        )  # fmt: skip

    def next(self, patient: Patient) -> Iterator[TracedCall]:
        """The calls of a visit, which begins ``at``; before the first of an opening those of the opening."""
        if self._opens:
            yield from self._opening()
        yield from self._visit(patient)
        self.at += timedelta(seconds=self._chance.randrange(30, 200))
        self._wait()

    def _wait(self) -> None:
        """Go on to the next opening where the place is closed by now."""
        if self.at < self._closes:
            return
        midnight = (self.at + TAIWAN).replace(hour=0, minute=0, second=0, microsecond=0) - TAIWAN
        while True:
            weekday = (midnight + TAIWAN).weekday()
            for turn in self._hours if weekday < SATURDAY else self._hours[: SUNDAY - weekday]:
                opens, closes = (midnight + timedelta(minutes=minutes) for minutes in DAY[turn])
                if opens >= self._closes:
                    self.at = opens + timedelta(seconds=self._chance.randrange(LATE))
                    self._closes, self._opens, self._turn = closes, True, turn
                    return
            midnight += timedelta(days=1)

    # --- calls

    def _opening(self) -> Iterator[TracedCall]:
        self._id_no, card = self._doctors[self._turn]
        self._opens = False
        yield self._open()
        yield self._call("csVerifySAMDC", {})
        number = Number(len(card), WRITTEN_OVER + len(card))
        room = Number(DOCTOR_ROOM, WRITTEN_OVER + DOCTOR_ROOM)
        yield self._call("hpcVerifyHPCPIN", {})
        yield self._call(
            "hpcGetHPCSN", {"SN": b" " * DOCTOR_ROOM, "Len_SN": room}, {"SN": card.encode(), "Len_SN": number}
        )
        yield self._call("csCloseCom", {})

    def _visit(self, patient: Patient) -> Iterator[TracedCall]:
        chance = self._chance
        yield self._open()
        yield self._call("hisGetCardStatus", {"CardType": Number(2, 2)}, code=VERIFIED)
        yield self._read("hisGetBasicData", packed("basic_data", patient.fields))
        yield self._register(patient)
        yield self._read("hisGetTreatmentNoNeedHPC", visits().record(patient.visits))
        if not patient.left:
            yield self._call("csUpdateHCContents", {})
            patient.left = FULL_COUNTER
            yield self._register(patient)
        now = self.at + TAIWAN
        when, number = f"{now.year - ROC:03d}{now:%m%d%H%M%S}", patient.next_number(now.year)
        patient.left -= 1
        yield self._take(when, number, again=patient.here_today(self.at))
        fee = chance.randrange(200, 4000)
        who: dict[str, Given] = {
            "pDateTime": when.encode(), "pPatientID": patient.fields["id_no"].encode(),
            "pPatientBirthDate": patient.fields["birthday"].encode(),
        }  # fmt: skip
        yield self._diagnosis(who, fee)
        for _ in range(chance.randrange(1, 4)):
            yield self._prescription(who, when)
        yield self._call("csCloseCom", {})
        patient.goes(self.at, packed_visit(when, number, HOSPITAL, fee))

    def _open(self) -> TracedCall:
        return self._call("csOpenCom", {"pComNum": Number(0, 0)})

    def _register(self, patient: Patient) -> TracedCall:
        values = patient.fields | {"available_visits": str(patient.left)}
        return self._read("hisGetRegisterBasic", packed("register_basic", values))

    def _take(self, when: str, number: str, *, again: bool) -> TracedCall:
        answer = {
            "visit_datetime": when, "visit_sequence": number, "hospital_id": HOSPITAL, "sam_id": SAM,
            "security_signature": self._signature(256), "same_day": "Y" if again else "N",
        }  # fmt: skip
        given: dict[str, Given] = {
            "cTreatItem": TREATMENT.encode(), "cBabyTreat": b" ", "cTreatAfterCheck": b"1",
        }  # fmt: skip
        data = packed("seq_number_256", answer)
        return self._read("hisGetSeqNumber256", data, given, code=SAME_DAY if again else 0)

    def _diagnosis(self, who: Mapping[str, Given], fee: int) -> TracedCall:
        codes = self._chance.sample(DIAGNOSES, self._chance.randrange(1, 4))
        names = ("main_code", "sub_code_1", "sub_code_2")
        values = {"after_check": "1", "outpatient_fee": str(fee), "outpatient_copay": SHARE}
        data = packed_block("treatment_data_icd10", values | dict(zip(names, codes, strict=False)))
        doctor = self._id_no.encode()
        given: dict[str, Given] = {**who, "pDataWrite": data, "pBufferDocID": b" " * len(doctor)}
        return self._call("hisWriteTreatmentData", given, {"pBufferDocID": doctor})

    def _prescription(self, who: Mapping[str, Given], when: str) -> TracedCall:
        chance = self._chance
        usage, days = chance.choice(tuple(USAGES)), chance.choice((3, 7, 28))
        data = packed_block("prescription", {
            "visit_datetime": when, "order_type": "1", "item_code": chance.choice(DRUGS), "usage": usage,
            "days": str(days), "total_quantity": str(USAGES[usage] * days), "delivery_note": "01",
        })  # fmt: skip
        signed = self._signature(40).encode()
        return self._read("hisWritePrescriptionSign", signed, {**who, "pDataWrite": data}, "iLen")

    def _signature(self, width: int) -> str:
        return self._chance.randbytes(width // 2).hex().upper()

    def _read(
        self, name: str, data: bytes, given: Mapping[str, Given] | None = None, length: str = "iBufferLen",
        *, code: int = 0,
    ) -> TracedCall:  # fmt: skip
        size = Number(len(data), WRITTEN_OVER + len(data))
        before = {**(given or {}), "pBuffer": b" " * len(data), length: size}
        return self._call(name, before, {"pBuffer": data, length: size}, code=code)

    def _call(
        self, name: str, given: Mapping[str, Given], after: Mapping[str, Given] | None = None, *,
        code: int = 0,
    ) -> TracedCall:  # fmt: skip
        self._number += 1
        least, most = TOOK.get(name, USUALLY)
        took = self._chance.randrange(1000 * least, 1000 * most)
        begun = self.at
        self.at += timedelta(microseconds=took + self._chance.randrange(2_000, 60_000))
        return TracedCall(
            self._number, begun, self._thread, name, given, Answer(code, float(took), after or {})
        )


def _card(chance: random.Random) -> str:
    """The number of a practitioner's card."""
    return f"0000{chance.randrange(10**7, 10**8)}"
