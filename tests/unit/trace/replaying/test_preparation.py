"""What is done before the calls of a trace that begins in the middle of a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.calls.call import LegacyCall
from bridge.table.loader import default_table
from bridge.trace.format import Answer, Number, TracedCall
from bridge.trace.replaying.preparation import beforehand

TABLE = default_table()
START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
OPEN = ("csOpenCom", 0)
READ = ("hisReadPrescription", 0)  # needs the practitioner's card
VERIFY = ("hpcVerifyHPCPIN", 0)


def names(*reported: tuple[str, int]) -> list[str]:
    return [call.name for call in made(*reported)]


def made(*reported: tuple[str, int]) -> list[LegacyCall]:
    calls = [
        TracedCall(
            number=number,
            at=START + timedelta(seconds=number),
            thread=1,
            function=name,
            given={"pComNum": Number(1)},
            answer=Answer(code, 9.0),
        )
        for number, (name, code) in enumerate(reported, 1)
    ]
    return beforehand(lambda: calls, TABLE)


def test_the_morning_s_pin_is_verified_through_the_port_of_the_trace() -> None:
    calls = made(OPEN, READ, VERIFY)
    assert [call.name for call in calls] == ["csOpenCom", "hpcVerifyHPCPIN"]
    assert calls[0].arguments == {"pComNum": 1}


def test_without_a_port_in_the_trace_the_default_device_serves() -> None:
    assert names(READ) == ["hpcVerifyHPCPIN"]


@pytest.mark.parametrize(("doctor", "verified"), [(b"C123456789", True), (b"          ", False)])
def test_an_answer_that_names_the_practitioner_tells_that_the_pin_was_verified(
    doctor: bytes, verified: bool
) -> None:
    """Also where the call would have succeeded without: a visit's diagnosis."""
    given = {"pDateTime": b"1150302083000", "pPatientID": b"A123456789", "pPatientBirthDate": b"0700101"}
    call = TracedCall(1, START, 1, "hisWriteTreatmentData", given, Answer(0, 9.0, {"pBufferDocID": doctor}))
    made = beforehand(lambda: [call], TABLE)
    assert [each.name for each in made] == ["hpcVerifyHPCPIN"] * verified


@pytest.mark.parametrize(
    "reported",
    [
        (OPEN, VERIFY, READ),  # the trace does it itself
        (OPEN, ("hisReadPrescription", 4042), ("hisGetBasicData", 0)),  # it was not verified
        (OPEN, ("hisGetBasicData", 0)),  # nobody needed it
        (("hisNoSuch", 0),),
        (),
    ],
)
def test_nothing_is_done_where_nothing_had_been(reported: tuple[tuple[str, int], ...]) -> None:
    assert made(*reported) == []
