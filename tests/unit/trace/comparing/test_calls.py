"""Codes, texts, numbers and carried values of two answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.format import Answer, Given, Number, TracedCall

TABLE = default_table()
LENGTH = 316


@pytest.fixture
def comparer() -> Comparer:
    return Comparer(TABLE, default_rules())


def call(name: str, code: int = 0, given: dict[str, Given] | None = None, **after: Given) -> TracedCall:
    return TracedCall(
        number=1,
        at=datetime.now(UTC),
        thread=1,
        function=name,
        given=given or {},
        answer=Answer(code, 1.0, after),
        process=7,
    )


def found(comparer: Comparer, old: TracedCall, code: int = 0, **after: Given) -> list[tuple[str, str, str]]:
    compared = comparer.compare(old, Answer(code, 1.0, after))
    return [(f.kind, f.verdict, f.rule.id if f.rule else "") for f in compared.findings]


def number_record(at: bytes, sequence: bytes = b"W001", signature: bytes = b"A" * 256) -> dict[str, Given]:
    data = at + sequence + b"3501200000" + signature + b"001000000103" + b"N" + b"T" * 20
    return {"pBuffer": data, "iBufferLen": Number(LENGTH)}


@pytest.mark.parametrize(
    ("name", "old", "new", "verdict"),
    [
        ("hisGetBasicData", 0, 4013, "different"),
        ("hisGetBasicData", 4050, 0, "expected"),
        ("hisGetBasicData", -1, 0, "expected"),
        ("csOpenCom", -1, 0, "different"),
        ("csGetVersionEx", 5158, 6000, "expected"),
        ("csGetVersionEx", 5158, -1, "different"),
        ("hisGetCardStatus", 5, 2, "expected"),
        ("hisGetCardStatus", 2, 0, "different"),
        ("hisWriteOrganDonate", 0, -2, "expected"),
        ("hisWriteNewBorn", 0, -2, "different"),
        ("hisGetSeqNumber256", 0, 5010, "expected"),
        ("nonsuch", 0, 1, "different"),
    ],
)
def test_codes(comparer: Comparer, name: str, old: int, new: int, verdict: str) -> None:
    ((kind, said, _),) = found(comparer, call(name, old), new)
    assert (kind, said) == ("code", verdict)


def test_only_16_bits_of_a_code_count(comparer: Comparer) -> None:
    assert found(comparer, call("csCloseCom", 0x10000 + 4000), 4000) == []
    assert [k for k, _, _ in found(comparer, call("csCloseCom", 0x10000), 1)] == ["code"]


def test_texts_of_their_own_length(comparer: Comparer) -> None:
    def text(value: bytes) -> dict[str, Given]:
        return {"CNAME": value, "Len_CNAME": Number(len(value))}

    def name(value: bytes) -> TracedCall:
        return call("hpcGetHPCCNAME", given={"Len_CNAME": Number(40)}, **text(value))

    assert found(comparer, name(b"DR"), **text(b"DR")) == []
    assert found(comparer, name(b"DR"), **text(b"NURSE")) == [("text", "different", "")]
    assert found(comparer, name(b"DR"), **text(b"DR  ")) == [("padding", "different", "")]
    assert found(comparer, name(b"DR\0\0"), **text(b"DR")) == [("nul_blank", "different", "")]
    ids = {"SSN": b"A123456789", "Len_SSN": Number(10)}
    old = call("hpcGetHPCSSN", given={"Len_SSN": Number(20)}, **ids)
    assert found(comparer, old, **{**ids, "SSN": b"B223456789"}) == [("other_person", "different", "")]


def test_texts_up_to_their_nul(comparer: Comparer) -> None:
    old = call("hisWriteTreatmentCode", pBufferDocID=b"A123456789\0\xcc")
    assert found(comparer, old, pBufferDocID=b"A123456789") == []
    assert found(comparer, old, pBufferDocID=b"\0") == [("text", "different", "")]
    assert found(comparer, old, pBufferDocID=b"B223456789") == [("other_person", "different", "")]
    assert found(comparer, old) == [("text", "different", "")]


def test_numbers(comparer: Comparer) -> None:
    name = next(a.name for a in TABLE.functions["hpcGetHPCStatus"].arguments if a.kind == "scalar_out")
    assert found(comparer, call("hpcGetHPCStatus", **{name: Number(1, 1)}), **{name: Number(1)}) == []
    assert found(comparer, call("hpcGetHPCStatus", **{name: Number(1)}), **{name: Number(0)}) == [
        ("number", "different", "")
    ]


def test_more_records_are_expected_and_fewer_are_not(comparer: Comparer) -> None:
    old = call("hisReadPrescriptMain", iRecCount=Number(3))
    assert found(comparer, old, iRecCount=Number(5)) == [("number", "expected", "more-records")]
    ((kind, verdict, _),) = found(comparer, old, iRecCount=Number(2))
    assert (kind, verdict) == ("form", "different")


def test_what_may_differ_must_still_have_its_form(comparer: Comparer) -> None:
    old = call(
        "hisGetSeqNumber256N1",
        given={"iBufferLen": Number(LENGTH)},
        **number_record(b"1141125080000", b"0012"),
    )
    good = number_record(b"1141125090000", b"W001")
    assert {(kind, verdict) for kind, verdict, _ in found(comparer, old, **good)} == {("value", "expected")}
    blank = number_record(b"1141125080000", b"    ")
    assert found(comparer, old, **blank) == [("form", "different", "w-number")]
    cut = number_record(b"1141125080000", b"0012", b"A" * 128 + b" " * 128)
    assert found(comparer, old, **cut) == [("form", "different", "visit-signature")]


def test_a_replayed_visit_time_takes_the_place_of_the_recorded_one(comparer: Comparer) -> None:
    old = call(
        "hisGetSeqNumber256N1", given={"iBufferLen": Number(LENGTH)}, **number_record(b"1141125080000")
    )
    comparer.compare(old, Answer(0, 1.0, number_record(b"1141126093000")))
    orders = b"1141125080000" + b"1" * 48 + b"1130101080000" + b"1" * 48
    given: dict[str, Given] = {
        "pDateTime": b"1141125080000   \0",
        "pPatientID": b"Z299999929",
        "pPatientBirthDate": b"0920315",
        "pDataWrite": orders,
        "iWriteCount": Number(2),
    }
    later = call("hisWriteMultiPrescript", given=given)
    function = TABLE.functions["hisWriteMultiPrescript"]
    now = comparer.carried.substitute(function, later).given
    assert now["pDateTime"] == b"1141126093000   \0"
    assert now["pDataWrite"] == orders.replace(b"1141125080000", b"1141126093000")
    assert now["pPatientID"] == b"Z299999929"
    other_process = comparer.carried.substitute(function, later._replace(process=8)).given
    assert other_process["pDateTime"] == b"1141125080000   \0"
