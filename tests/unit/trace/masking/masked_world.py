"""A trace full of planted people, and the search for them in what masking made of it."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.codec.fixed import Values, pack
from bridge.table.loader import default_table
from bridge.table.model.layout import kept_layout
from bridge.trace.format import (
    Answer,
    BridgeAnswer,
    Given,
    Header,
    Line,
    NamedFile,
    Note,
    Number,
    TracedCall,
)
from bridge.trace.masking.ids import check_digit

TABLE = default_table()
START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
SIGNATURE = "".join(f"{(number * 7919 + 13) % 65536:04X}" for number in range(64))  # 256 characters
SHORT_SIGNATURE = "Qk" + "aZ3x9Lm+7/" * 3 + "pRs5Tu=="  # 40 characters


def whole_id(first: str) -> str:
    """An id with its right check digit."""
    return first + str(check_digit(first.encode()))


@dataclass(frozen=True)
class Planted:
    """Somebody, and everything by which one could be found."""

    id_no: str
    name: str
    card: str
    birthday: str
    phone: str

    @property
    def values(self) -> list[str]:
        """All of it."""
        return [self.id_no, self.name, self.card, self.birthday, self.phone]


WOMAN = Planted(whole_id("B28765432"), "柳虛構花", "000048151623", "0790412", "0918273645")
MAN = Planted(whole_id("F13579246"), "岑杜撰", "000042108642", "0610923", "(02)7654-3219")
CHILD = Planted("AC12345675", "巴奈．庫穗", "000031415926", "1090228", "0287651234")
DOCTOR = Planted(whole_id("H17263548"), "NGUYEN VAN XEP", "000027182818", "0550505", "0935197531")
PEOPLE = (WOMAN, MAN, CHILD, DOCTOR)
HOSPITAL, SAM, TREATMENT = "1145010010", "000012348765", "4815162114030208301K"
QR = "TUlIQ2FyZA==.c29tZWJvZHlzIHFyIGNvZGU=.bG9uZ2VyIHRoYW4gdGhhdA=="
PLANTED = [
    *(value for person in PEOPLE for value in person.values),
    *(HOSPITAL, SAM, TREATMENT, QR, SIGNATURE, SHORT_SIGNATURE, "wangfolder", "wangfile"),
]


def record(direction: str, record_name: str, repeat: int = 1, /, **values: Any) -> bytes:
    """A record of the table, packed."""
    records = TABLE.records_out if direction == "out" else TABLE.records_in
    packed: Values = values
    return pack(kept_layout(records, record_name, repeat), packed).data


def basic(person: Planted) -> bytes:
    """72 bytes of basic data."""
    return record(
        "out",
        "basic_data",
        card_no=person.card,
        name=person.name,
        id_no=person.id_no,
        sex="F",
        birthday=person.birthday,
        issue_date="1090203",
        cancel_mark="1",
        emergency_tel=person.phone,
    )


class Tracing:
    """Puts calls into a trace, a minute after each other."""

    def __init__(self) -> None:
        self.lines: list[Line] = [
            Header(
                recorder="dll",
                software="0.1.0",
                table="5f0c",
                bits=32,
                process=7,
                started=START,
                program="C:\\Users\\wangfolder\\HIS.EXE",
            )
        ]
        self._number = 0

    def call(self, name: str, given: dict[str, Given], after: dict[str, Given], code: int = 0) -> TracedCall:
        """One call."""
        self._number += 1
        at = START + timedelta(minutes=self._number)
        call = TracedCall(
            number=self._number,
            at=at,
            thread=1,
            function=name,
            given=given,
            answer=Answer(code, 1234.5, after),
            line=self._number,
        )
        self.lines.append(call)
        return call

    def read(
        self, name: str, data: bytes, room: int, rest: bytes = b"", code: int = 0, before: bytes = b""
    ) -> None:
        """A read with one buffer, which holds ``rest`` behind the record and ``before`` before the call."""
        self.call(
            name,
            {"pBuffer": before.ljust(room, b"\0"), "iBufferLen": Number(room, room)},
            {"pBuffer": (data + rest).ljust(room, b"\0"), "iBufferLen": Number(len(data), len(data))},
            code,
        )


def remains_of(everybody: list[str]) -> bytes:
    """All values one after the other, as garbage in memory."""
    return b"".join(value.encode("cp950") + b"\xcd\xcd" for value in everybody)


def planted_trace() -> list[Line]:
    """Every place of a trace in which somebody could stand."""
    made = Tracing()
    garbage = remains_of(PLANTED)
    _reads(made, garbage)
    _writes(made, garbage)
    _odd_calls(made, garbage)
    return made.lines


def _reads(made: Tracing, garbage: bytes) -> None:
    for person in PEOPLE:
        made.read("hisGetBasicData", basic(person), 2000, rest=garbage, before=basic(WOMAN) + garbage)
    made.lines.append(BridgeAnswer(1, Answer(0, 99.0, {"pBuffer": basic(WOMAN), "iBufferLen": Number(72)})))
    made.lines.append(BridgeAnswer(999, Answer(0, 99.0, {"pBuffer": basic(WOMAN), "iBufferLen": Number(72)})))
    made.read("hisGetBasicData", basic(MAN)[:40], 72)  # an id cut off by the length
    made.read("hisGetBasicData", basic(MAN) + garbage, 2000)  # longer than it should be
    made.read("hisGetBasicData", basic(MAN), 72, code=4042)  # a failed call
    made.read("hisGetTreatmentNeedHPC", _visits(), 540, before=b"[XXXXXXX]".ljust(90) * 6)
    number = record(
        "out",
        "seq_number_256_n1",
        visit_datetime="1150302083000",
        visit_sequence="0012",
        same_day="N",
        hospital_id=HOSPITAL,
        security_signature=SIGNATURE,
        sam_id=SAM,
        treatment_number=TREATMENT,
    )
    items = {"cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1"}
    room: dict[str, Given] = {"pBuffer": basic(MAN).ljust(316), "iBufferLen": Number(316)}
    made.call("hisGetSeqNumber256N1", {**items, **room}, {"pBuffer": number, "iBufferLen": Number(316)}, 5010)
    raw = record(
        "out",
        "seq_number",
        visit_datetime="1150302083000",
        visit_sequence="0012",
        hospital_id=HOSPITAL,
        security_signature_raw=SIGNATURE,
        sam_id=SAM,
    )
    made.call("hisGetSeqNumber", {**items, **room}, {"pBuffer": raw, "iBufferLen": Number(167)})
    for name, data in (("hpcGetHPCSSN", DOCTOR.id_no), ("hpcGetHPCSN", DOCTOR.card),
                       ("hpcGetHPCCNAME", WOMAN.name), ("hpcGetHPCENAME", DOCTOR.name)):  # fmt: skip
        first, length = (argument.name for argument in TABLE.functions[name].arguments)
        after: dict[str, Given] = {
            first: data.encode("cp950") + garbage,
            length: Number(len(data.encode("cp950"))),
        }
        made.call(name, {first: garbage, length: Number(40)}, after)
    info = json.dumps({"SAMCardInfoInCS": {"SAM": [{"CARD_ID": SAM, "HOSP": HOSPITAL, "WHO": WOMAN.id_no}]}})
    made.read("GetSAMCardInfoInCS", info.encode(), 300)


def _visits() -> bytes:
    return record(
        "out",
        "treatment_need_hpc_icd10",
        visits=[{"visit_datetime": "1150225101500", "main_code": "J029", "sub_code_1": "K0253"}],
    )


def _writes(made: Tracing, garbage: bytes) -> None:
    padded = {
        "pDateTime": b"1150302083000" + garbage,
        "pPatientID": WOMAN.id_no.encode() + b"    " + garbage,
        "pPatientBirthDate": WOMAN.birthday.encode() + garbage,
    }
    order = record(
        "in",
        "prescription",
        prescriptions=[
            {
                "visit_datetime": "1150302083000",
                "order_type": "1",
                "item_code": "AC12345100",
                "usage": f"T {DOCTOR.phone}",
                "days": "3",
                "total_quantity": "9",
            }
        ],
    )
    given = {**padded, "pDataWrite": order, "pBuffer": b"", "iLen": Number(40)}
    signed: dict[str, Given] = {"pBuffer": SHORT_SIGNATURE.encode() + garbage, "iLen": Number(40)}
    made.call("hisWritePrescriptionSign", given, signed)
    made.call("hisWritePrescription", {**padded, "pDataWrite": order + basic(MAN)}, {})  # fits no form
    for person in PEOPLE:
        arguments = {
            "pPatientID": person.id_no.encode(),
            "pPatientBirthDate": person.birthday.encode(),
            "pEmergentTel": person.phone.encode() + b"\0" + garbage,
        }
        made.call("hisWriteEmergentTel", arguments, {})
    code = record("in", "treatment_code_icd10", after_check="1", main_code="J029")
    doctor: dict[str, Given] = {"pBufferDocID": DOCTOR.id_no.encode() + garbage}
    made.call("hisWriteTreatmentCode", {**padded, "pDataWrite": code, "pBufferDocID": garbage}, doctor)
    drugs = record("in", "allergic_drug", ingredient=f"{WOMAN.name}PENICILLIN")
    made.call("hisWriteAllergicNum", {**padded, "pDataWrite": drugs, "iNum": Number(1)}, doctor, 5020)


def _odd_calls(made: Tracing, garbage: bytes) -> None:
    file = NamedFile(f"C:\\Users\\wangfolder\\{WOMAN.name}\\wangfile{MAN.id_no}.xml".encode("cp950"), 25)
    size = {"fFileSize": b"25" + garbage, "pNumber": b"1", "pBuffer": garbage, "iBufferLen": Number(50)}
    made.call("csUploadData", {"pUploadFileName": file, **size}, {"fFileSize": b"25" + garbage}, -9)
    made.call("uploadqrcode", {"QRCodeString": QR.encode()}, {})
    made.call("hisGetICD10EnC", {"pIN": WOMAN.id_no.encode()}, {"pOUT": WOMAN.id_no.encode()})
    made.call(
        "hisWriteOrganDonate", {"pPatientID": garbage, "pPatientBirthDate": garbage}, {"left": garbage}, -2
    )
    made.call("hisGetInsurerData", {"pBuffer": garbage}, {"pBuffer": garbage}, -2)
    made.call("hisNobodyKnowsThis", {"pName": garbage, WOMAN.id_no: garbage, "n": Number(5)}, {"o": garbage})
    made.call(WOMAN.id_no, {"pIN": garbage}, {"pBuffer": garbage})
    made.call("hisGetBasicData", {"iBufferLen": garbage, "pBuffer": file}, {"iBufferLen": garbage})
    made.call("csGetVersionEx", {}, {"sPath": b"C:\\Users\\wangfolder\\csfsim.exe\0" + garbage}, 6000)
    for person in PEOPLE:
        made.lines.append(
            Note("lost", f"{' '.join(person.values)} at C:\\Users\\wangfolder\\t.jsonl", 3, None, START)
        )
    made.lines.append(Note(WOMAN.id_no, f"{QR} {SIGNATURE} {SHORT_SIGNATURE} {HOSPITAL} {SAM} {TREATMENT}"))


# --- searching ----------------------------------------------------------------------------------------------


def found_in(place: Path) -> set[str]:
    """Which planted values stand in a file, as they are or inside base64, in Big5, UTF-8 or hexadecimal."""
    texts = [place.read_bytes(), place.name.encode()]
    for line in place.read_text(encoding="utf-8").splitlines():
        texts += _decoded(json.loads(line))
    forms = {form: value for value in PLANTED for form in _forms(value)}
    return {value for form, value in forms.items() for text in texts if form in text}


def _forms(value: str) -> Iterator[bytes]:
    for form in (value.encode("cp950"), value.encode(), value.encode("utf-16-le")):
        yield from (form, form.hex().encode(), form.hex().upper().encode())
    if value == SIGNATURE:
        yield bytes.fromhex(value)
    if len(value) > 24:
        yield value[:24].encode()


def _decoded(value: Any) -> Iterator[bytes]:
    match value:
        case dict():
            for name, inner in value.items():
                yield name.encode()
                yield from _decoded(inner)
        case str():
            yield value.encode()
            with contextlib.suppress(ValueError):
                yield base64.b64decode(value, validate=True)
