"""The trace of a hospital: work places whose programs see patients, new ones and returning ones.

``python -m benchmarks.hospital FOLDER --calls N [--places N] [--seed N]`` writes a file for each work place,
as the recorder DLL writes them: a header, then the calls of visits. A visit is: open the port, ask for the
card, read it twice, read the last six visits, take a visit number, write two prescriptions, close the port. A
patient who comes again has the visits of before on the card, newest first.

Nobody in it lives: ids are of a county whose numbers never came as far, names are numbers in Chinese
characters, card numbers count up. The same seed gives the same bytes.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bridge.codec.fixed import pack
from bridge.table.default import default_table
from bridge.table.model.layout import kept_layout
from bridge.trace.format import Answer, Given, Header, Number, TracedCall, line_of

TABLE = default_table()
ROC = 1911
OPENING = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 08:00 in Taiwan
TAIWAN = timedelta(hours=8)
CHINESE = "零一二三四五六七八九"
HOSPITAL = "3501200000"
SAM = "001000000103"
NEW_PATIENTS = 0.3  # of all visits
KEPT_VISITS = 6  # on a card
DRUGS = ("AC12345100", "BC23456100", "AB34567209", "A012345678")
WRITTEN_OVER = 0x5AA5 << 16  # what stands beside a 16-bit variable


@dataclass(slots=True)
class Patient:
    """One patient: ``serial`` from 0 makes every number. ``visits``: as they stand on the card."""

    serial: int
    born: str
    visits: list[dict[str, str]] = field(default_factory=list)

    @property
    def basics(self) -> dict[str, str]:
        """The fields of the card that never change."""
        name = "測" + "".join(CHINESE[int(digit)] for digit in str(self.serial))
        return {
            "card_no": f"{self.serial + 1:012d}", "name": name, "id_no": _id(self.serial),
            "birthday": self.born, "sex": "F", "issue_date": "1050217",
            "emergency_tel": f"09{self.serial % 10**8:08d}", "insured_identity": "1", "insurer_code": "01",
            "card_valid_until": "1201231", "available_visits": "6",
        }  # fmt: skip


def _id(serial: int) -> str:
    """An id with the right check digit: a woman of Lienchiang, number nine hundred thousand and above."""
    first = f"Z29{serial:06d}"
    weighted = 3 + 3 * 9  # what the letter Z counts
    weighted += sum(int(digit) * weight for digit, weight in zip(first[1:], range(8, 0, -1), strict=True))
    return f"{first}{-weighted % 10}"


class WorkPlace:
    """One program at one reader. Its calls follow one another."""

    def __init__(self, process: int, seed: int, patients: list[Patient], day: random.Random) -> None:
        self.process = process
        self._chance = random.Random(seed)
        self._day = day
        self._patients = patients
        self._at = OPENING + timedelta(seconds=self._chance.randrange(600))
        self._number = 0

    def header(self) -> Header:
        """The first line of its file."""
        return Header(
            recorder="dll",
            software="0.1.0",
            bits=32,
            process=self.process,
            program="HIS.EXE",
            started=self._at,
        )

    def visit(self) -> Iterator[TracedCall]:
        """The calls of the next visit."""
        patient = self._next_patient()
        now = self._at + TAIWAN
        when = f"{now.year - ROC:03d}{now:%m%d%H%M%S}"
        who: dict[str, Given] = {
            "pDateTime": when.encode(), "pPatientID": _id(patient.serial).encode(),
            "pPatientBirthDate": patient.born.encode(),
        }  # fmt: skip
        yield self._call("csOpenCom", {"pComNum": Number(0, 0)})
        yield self._call("hisGetCardStatus", {"CardType": Number(2, 2)}, code=2)
        yield self._read("hisGetBasicData", patient.basics)
        yield self._read("hisGetRegisterBasic", patient.basics)
        yield self._read("hisGetTreatmentNoNeedHPC", {"visits": patient.visits})
        sequence = f"{len(patient.visits) + 1:04d}"
        yield self._read(
            "hisGetSeqNumber256",
            {"visit_datetime": when, "visit_sequence": sequence, "hospital_id": HOSPITAL, "sam_id": SAM,
             "security_signature": self._text(256), "same_day": "N"},
            {"cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1"},
        )  # fmt: skip
        patient.visits.insert(0, {
            "treatment_item": "01", "visit_datetime": when, "after_check": "1", "visit_sequence": sequence,
            "hospital_id": HOSPITAL, "outpatient_fee": f"{self._chance.randrange(100, 9000)}",
            "outpatient_copay": "50",
        })  # fmt: skip
        del patient.visits[KEPT_VISITS:]
        for _ in range(2):
            block = {"visit_datetime": when, "order_type": "1", "item_code": self._chance.choice(DRUGS),
                     "usage": "TID", "days": "03", "total_quantity": "9", "delivery_note": "01"}  # fmt: skip
            data = _record(TABLE.records_in, "prescription", {"prescriptions": [block]})
            yield self._read(
                "hisWritePrescriptionSign", {"signature": self._text(40)}, {**who, "pDataWrite": data}, "iLen"
            )
        yield self._call("csCloseCom", {})
        self._at += timedelta(seconds=self._chance.randrange(40, 240))

    def _next_patient(self) -> Patient:
        if not self._patients or self._day.random() < NEW_PATIENTS:
            year, month, day = (self._chance.randrange(*each) for each in ((20, 110), (1, 13), (1, 29)))
            born = f"{year:03d}{month:02d}{day:02d}"
            self._patients.append(Patient(len(self._patients), born))
            return self._patients[-1]
        return self._day.choice(self._patients)

    def _text(self, width: int) -> str:
        return base64.b64encode(self._chance.randbytes(width)).decode()[:width]

    def _read(
        self,
        name: str,
        values: dict[str, Any],
        given: dict[str, Given] | None = None,
        length: str = "iBufferLen",
    ) -> TracedCall:
        record = next(each for each in TABLE.functions[name].arguments if each.kind == "record")
        data = _record(TABLE.records_out, record.record, values)
        before: dict[str, Given] = {
            **(given or {}), "pBuffer": b" " * len(data), length: Number(len(data), WRITTEN_OVER + len(data))
        }  # fmt: skip
        after: dict[str, Given] = {"pBuffer": data, length: Number(len(data), WRITTEN_OVER + len(data))}
        return self._call(name, before, after)

    def _call(
        self, name: str, given: dict[str, Given], after: dict[str, Given] | None = None, code: int = 0
    ) -> TracedCall:
        self._number += 1
        took = float(self._chance.randrange(2_000, 900_000))
        begun = self._at
        self._at += timedelta(microseconds=took + 30_000)
        return TracedCall(self._number, begun, 1, name, given, Answer(code, took, after or {}))


def _record(records: Any, name: str, values: dict[str, Any]) -> bytes:
    return pack(kept_layout(records, name), values).data


def write_hospital(folder: Path, calls: int, places: int = 1, seed: int = 1) -> None:
    """Write a folder with a file for each work place, of ``calls`` in all, or a few more."""
    folder.mkdir(parents=True, exist_ok=True)
    patients: list[Patient] = []
    day = random.Random(seed)
    left = calls
    for place in range(places):
        share = -(-left // (places - place))
        work_place = WorkPlace(1000 + place, seed + place, patients, day)
        with (folder / f"HIS-{place + 1:03d}.jsonl").open("w", encoding="utf-8") as file:
            file.write(f"{line_of(work_place.header())}\n")
            written = 0
            while written < share:
                for call in work_place.visit():
                    file.write(f"{line_of(call)}\n")
                    written += 1
        left -= written


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--calls", default=100_000, show_default=True)
@click.option("--places", default=1, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(folder: Path, calls: int, places: int, seed: int) -> None:
    """Write the folder."""
    write_hospital(folder, calls, places, seed)


if __name__ == "__main__":
    main()
