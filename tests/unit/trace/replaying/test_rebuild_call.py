"""A traced call becomes the call that the native library would make of it, or a reason why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.calls.call import VHC, OutBuffer
from bridge.table.loader import default_table
from bridge.trace.format import Answer, BadPointer, Given, NamedFile, Number, TracedCall
from bridge.trace.replaying.reasons import REASONS
from bridge.trace.replaying.rebuild_call import NotAgain, asks_pin, legacy_call, may_change, takes_file

TABLE = default_table()


def made(name: str, door: str = "native", **given: Given):  # type: ignore[no-untyped-def]
    call = TracedCall(
        number=1, at=datetime.now(UTC), thread=1, function=name, given=given, answer=Answer(0, 1.0), door=door
    )
    return legacy_call(TABLE, TABLE.functions[name], call)


def seq(**changed: Given) -> dict[str, Given]:
    plain: dict[str, Given] = {
        "cTreatItem": b"01",
        "cBabyTreat": b" ",
        "cTreatAfterCheck": b"1",
        "pBuffer": b"\xcc" * 296,
        "iBufferLen": Number(296, 0x12340128),
    }
    return {**plain, **changed}


def test_a_dlls_call() -> None:
    call = made("hisGetSeqNumber256", **seq())
    assert call.arguments == {
        "cTreatItem": b"01",
        "cBabyTreat": b" ",
        "cTreatAfterCheck": b"1",
        "pBuffer": OutBuffer(296, b"\xcc" * 16),
    }


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (b"Z299999929", b"Z299999929"),
        (b"Z299999929" + b" " * 190, b"Z299999929"),  # as VB6 pads
        (b"Z299999929\0garbage", b"Z299999929"),
        (b"Z29       ", b"Z29       "),
        (b"Z299999929X", b"Z299999929X"),  # the bridge answers 6018, as the library does
    ],
)
def test_in_strings(given: bytes, passed: bytes) -> None:
    call = made("hisWriteEmergentTel", pPatientID=given, pPatientBirthDate=b"0920315", pEmergentTel=b"02")
    assert call.arguments["pPatientID"] == passed


def test_a_byte_without_a_nul_behind_it() -> None:
    assert (
        made("hisGetSeqNumber256", **seq(cTreatAfterCheck=b"1\x7f\x7f")).arguments["cTreatAfterCheck"] == b"1"
    )


@pytest.mark.parametrize("length", [0, -5, 3])
def test_small_buffers_bring_no_more_than_they_have(length: int) -> None:
    call = made("hisGetBasicData", pBuffer=b"\xcc" * 72, iBufferLen=Number(length))
    assert call.arguments["pBuffer"] == OutBuffer(length, b"\xcc" * max(length, 0))


def test_a_bridges_call_keeps_its_door() -> None:
    assert made("hisGetBasicData", "vhc", pBuffer=b"", iBufferLen=Number(72)).door is VHC


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("hisGetBasicData", {"pBuffer": BadPointer(null=True), "iBufferLen": Number(72)}, "pointer"),
        ("hisGetBasicData", {"pBuffer": b"", "iBufferLen": BadPointer(null=False)}, "pointer"),
        ("hisGetBasicData", {"pBuffer": b""}, "argument"),
        ("hisGetCardStatus", {}, "argument"),
        ("hisGetCardStatus", {"CardType": b"2"}, "argument"),
        ("hisGetICD10EnC", {"pIN": Number(3)}, "argument"),
        ("csUploadData", {"pUploadFileName": NamedFile(b"a.xml", 3)}, "file"),
    ],
)
def test_what_cannot_be_made_again_says_why(name: str, given: dict[str, Given], reason: str) -> None:
    with pytest.raises(NotAgain) as caught:
        made(name, **given)
    assert caught.value.reason == reason
    assert reason in REASONS


def test_what_needs_a_person_or_changes_data() -> None:
    rows = TABLE.functions.values()
    assert {row.name for row in rows if asks_pin(row)} == {
        "csVerifyHCPIN", "csInputHCPIN", "csDisableHCPIN", "hpcVerifyHPCPIN", "hpcInputHPCPIN",
        "hpcUnlockHPC",
    }  # fmt: skip
    assert {row.name for row in rows if takes_file(row)} == {"csUploadData", "csUploadDataPrec"}
    for row in rows:
        assert may_change(row) == (row.effect in ("write", "allocates"))
