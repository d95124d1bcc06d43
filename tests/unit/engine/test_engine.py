"""Whole calls against the simulators: codes, buffers, what is sent, what is noted, what is logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.calls.call import VHC, LegacyCall, LegacyResult, OutBuffer
from bridge.engine.engine import Engine
from bridge.reader.use import Use
from bridge.records.journal import Journal
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from tests.support.journals import inside
from tests.support.simulated import Bench, open_bench

FIRST, OTHER, UNWRITABLE = "000073898381", "000099990001", "000099990006"
FIRST_ID, FIRST_BIRTHDAY = b"Z299999929", b"0920315"
NEXT = "/api/v1/SequelNumber/Next"
TAKE: dict[str, Any] = {
    "cTreatItem": b"01",
    "cBabyTreat": b" ",
    "cTreatAfterCheck": b"1",
    "pBuffer": OutBuffer(316),
}
BASIC_DATA = {
    "statusCode": 0,
    "cardSn": FIRST,
    "name": "測試十",
    "idCardNum": "Z299999929",
    "birthday": "0920315",
    "sex": "F",
    "dateIssue": "1050217",
    "cancelTermination": "1",
    "emergentTel": "",
}


def _fault(bench: Bench, service: str, kind: str, path: str = "", **more: Any) -> None:
    bench.simulator.world.faults.arm(Fault(service, kind, more.get("value"), path, more.get("times")))


def _taken(bench: Bench, card: str = FIRST) -> int:
    return bench.simulator.world.record(card).visits_taken


async def _take(bench: Bench, **changed: Any) -> LegacyResult:
    return await bench.call("hisGetSeqNumber256N1", **{**TAKE, **changed})


async def _read(bench: Bench) -> LegacyResult:
    return await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))


def _buffer(result: LegacyResult, name: str = "pBuffer") -> bytes:
    data = result.outputs[name]
    assert isinstance(data, bytes)
    return data


def _visit_time(result: LegacyResult) -> bytes:
    return _buffer(result)[:13]


# --- success ------------------------------------------------------------------------------------------------


async def test_basic_data_of_the_card_in_the_slot(bench: Bench) -> None:
    result = await _read(bench)
    assert result.code == 0
    assert _buffer(result) == FIRST.encode() + "測試十".encode("cp950").ljust(20) + (
        b"Z2999999290920315F10502171" + b" " * 14
    )


async def test_a_visit_is_taken_written_and_given_back(bench: Bench) -> None:
    world = bench.simulator.world
    before = world.record(FIRST).counter
    taken = await _take(bench)
    assert taken.code == 0
    assert world.record(FIRST).counter == before - 1
    data = b"1" + b"J029 K0253" + b" " * 20 + b"1250    50      0       0      0      "
    written = await bench.call(
        "hisWriteTreatmentData",
        pDateTime=_visit_time(taken),
        pPatientID=FIRST_ID,
        pPatientBirthDate=FIRST_BIRTHDAY,
        pDataWrite=data,
    )
    assert (written.code, written.outputs) == (0, {"pBufferDocID": b"\0"})
    visit = world.record(FIRST).visits[0]
    assert (visit.codes["mainCode"], visit.codes["subCode1"], visit.fees["outpatientFee"]) == (
        "J029",
        "K0253",
        "1250",
    )
    back = await bench.call("csUnGetSeqNumber", pUnTreatDate=_visit_time(taken))
    assert back.code == 0
    assert world.record(FIRST).visits[0].rolled_back
    assert world.record(FIRST).counter == before
    assert bench.journal.pending() == []


async def test_a_second_visit_on_the_same_day_is_a_notice_with_its_buffer(bench: Bench) -> None:
    assert (await _take(bench)).code == 0
    second = await _take(bench)
    assert second.code == 5010
    assert _buffer(second)[295:296] == b"Y"
    assert len(_buffer(second)) == 316
    assert _taken(bench) == 2


async def test_squeezed_codes_are_decoded_before_they_are_written(bench: Bench) -> None:
    taken = await _take(bench)
    assert (await _write(bench, _visit_time(taken), b"#:5BK")).code == 0
    assert bench.simulator.world.record(FIRST).visits[0].codes["mainCode"] == "H401324"


async def test_the_practitioners_id_comes_back_when_his_pin_was_verified(bench: Bench) -> None:
    await bench.reader.verify_sam(Use())
    bench.simulator.world.session.require_hpc().pin_verified = True
    taken = await _take(bench)
    written = await _write(bench, _visit_time(taken), b"J029 ")
    assert written.outputs == {"pBufferDocID": b"C123456789"}


async def test_writing_what_is_written_already_is_success(bench: Bench) -> None:
    moment = _visit_time(await _take(bench))
    first = await _write(bench, moment, b"J029 ")
    assert first.code == 0
    assert await _write(bench, moment, b"J029 ") == first
    assert bench.journal.pending() == []


async def test_a_virtual_card_is_read_at_its_own_door(bench: Bench) -> None:
    missing = await bench.call("hisGetBasicData", VHC, pBuffer=OutBuffer(72))
    assert (missing.code, missing.outputs) == (1019, {})
    token = bench.simulator.world.qr(OTHER).encode()
    assert (await bench.call("uploadqrcode", VHC, QRCodeString=token)).code == 0
    virtual = await bench.call("hisGetBasicData", VHC, pBuffer=OutBuffer(72))
    assert _buffer(virtual).startswith(OTHER.encode())
    physical = await _read(bench)
    assert _buffer(physical).startswith(FIRST.encode())


# --- refusals -----------------------------------------------------------------------------------------------


async def test_an_unknown_function_is_not_supported(bench: Bench) -> None:
    assert await bench.call("hisDoesNotExist") == LegacyResult(-2)
    assert await bench.call("") == LegacyResult(-2)


async def test_a_fault_of_the_caller_sends_nothing(bench: Bench) -> None:
    assert await bench.call("hisGetBasicData", pBuffer=OutBuffer(71)) == LegacyResult(6018)
    assert await bench.call("hisGetBasicData") == LegacyResult(6018)
    assert bench.console.sent == []
    assert bench.cloud.sent == []


@pytest.mark.parametrize(
    ("id_no", "birthday"),
    [(b"Z199999016", FIRST_BIRTHDAY), (FIRST_ID, b"0920316"), (b"Z199999016", b"1080506")],
)
async def test_a_write_for_another_person_sends_nothing_to_the_cloud(
    bench: Bench, id_no: bytes, birthday: bytes
) -> None:
    result = await bench.call(
        "hisWriteTreatmentData",
        pDateTime=b"1121105093000",
        pPatientID=id_no,
        pPatientBirthDate=birthday,
        pDataWrite=b"1#:5BK" + b" " * 25 + b"0" * 38,  # its decoding must not be sent either
    )
    assert result == LegacyResult(5020)
    assert bench.cloud.sent == []
    assert not any("Signature" in request for request in bench.console.sent)


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("000099990007", 5003),
        ("000099990008", 5001),
        ("000099990009", 5002),
        ("000099990011", 5012),
    ],
)
async def test_the_clouds_refusals_have_their_legacy_codes(bench: Bench, card: str, code: int) -> None:
    bench.simulator.world.insert("hc", card)
    assert await _take(bench) == LegacyResult(code)
    assert _taken(bench, card) == 0
    assert bench.journal.pending() == []


async def test_no_card_in_the_slot(bench: Bench) -> None:
    bench.simulator.world.remove("hc")
    assert await _read(bench) == LegacyResult(4013)
    assert await bench.call("hisGetTreatmentNeedHPC", pBuffer=OutBuffer(372)) == LegacyResult(4013)


async def test_which_card_is_missing_depends_on_the_step(bench: Bench) -> None:
    bench.simulator.world.remove("hpc")
    missing = await bench.call("csGetCardNo", CardType=3, pBuffer=OutBuffer(12))
    assert missing == LegacyResult(4014)


# --- upstream failures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("status", 3100, 9020),
        ("status", 99999, 9004),
        ("http", 400, 9002),
        ("http", 503, 9004),
        ("garbage", None, 9001),
        ("empty", None, 9001),
        ("lost", None, 9003),
    ],
)
async def test_each_failure_of_the_cloud_has_its_code_and_gives_nothing(
    bench: Bench, kind: str, value: float | None, code: int
) -> None:
    _fault(bench, "cloud", kind, value=value)
    assert await _read(bench) == LegacyResult(code)
    assert await _take(bench) == LegacyResult(5007 if value == 99999 else code)


@pytest.mark.parametrize(
    ("kind", "value", "code", "open_code"),
    [
        ("status", 1700, 4061, -1),
        ("status", 99999, 4000, -1),
        ("http", 500, 4000, -1),
        ("garbage", None, 9001, -1),
        ("lost", None, 4000, -1),
    ],
)
async def test_each_failure_of_the_console_has_its_code(
    bench: Bench, kind: str, value: float | None, code: int, open_code: int
) -> None:
    _fault(bench, "console", kind, value=value)
    assert await _read(bench) == LegacyResult(code)
    assert await bench.call("csOpenCom", pComNum=0) == LegacyResult(open_code)
    assert bench.cloud.sent == []


@pytest.mark.parametrize(
    "field",
    ["cardSn", "name", "idCardNum", "birthday", "sex", "dateIssue", "cancelTermination", "emergentTel"],
)
async def test_a_reply_without_a_field_gives_nothing_at_all(bench: Bench, field: str) -> None:
    reply = dict(BASIC_DATA)
    bench.cloud.instead = reply
    assert (await _read(bench)).code == 0
    del reply[field]
    bench.cloud.instead = reply
    assert await _read(bench) == LegacyResult(9001)


async def test_a_card_swapped_before_it_signs_is_the_card_that_is_read(bench: Bench) -> None:
    bench.console.after = lambda request: bench.simulator.world.insert("hc", OTHER)
    assert _buffer(await _read(bench)).startswith(OTHER.encode())


async def test_another_cards_data_in_the_reply_is_never_returned(bench: Bench) -> None:
    bench.cloud.instead = BASIC_DATA
    assert (await _read(bench)).code == 0
    bench.simulator.world.insert("hc", OTHER)
    assert await _read(bench) == LegacyResult(4033)


# --- changes of state whose answer is lost ------------------------------------------------------------------


async def test_a_lost_answer_is_asked_for_once_more_with_the_same_signature(bench: Bench) -> None:
    _fault(bench, "cloud", "lost", NEXT, times=1)
    result = await _take(bench)
    assert result == LegacyResult(5007)  # the cloud says: this signature has its number already
    assert _taken(bench) == 1
    assert [request.content for request in bench.cloud.requests[:1]] == [
        request.content for request in bench.cloud.requests[1:]
    ]
    assert len(bench.cloud.requests) == 2
    (pending,) = bench.journal.pending()
    assert (pending.function, pending.path, pending.state) == ("hisGetSeqNumber256N1", NEXT, "ambiguous")
    assert "do not do it a second time" in pending.advice


async def test_an_answer_that_is_lost_twice_is_not_asked_for_a_third_time(bench: Bench) -> None:
    _fault(bench, "cloud", "lost", NEXT)
    assert await _take(bench) == LegacyResult(9003)
    assert _taken(bench) == 1
    assert len(bench.cloud.requests) == 2
    assert [pending.state for pending in bench.journal.pending()] == ["ambiguous"]


async def test_a_request_that_was_lost_on_its_way_there_is_repeated_and_succeeds(bench: Bench) -> None:
    def lose_once(request: httpx.Request) -> None:
        bench.cloud.before = None
        raise httpx.ReadTimeout("lost on its way", request=request)

    bench.cloud.before = lose_once
    assert (await _take(bench)).code == 0
    assert _taken(bench) == 1
    assert bench.journal.pending() == []


async def test_a_request_that_could_not_be_sent_is_not_repeated(bench: Bench) -> None:
    def refuse(request: httpx.Request) -> None:
        raise httpx.ConnectError("refused", request=request)

    bench.cloud.before = refuse
    assert await _take(bench) == LegacyResult(4061)
    assert len(bench.cloud.requests) == 1
    assert bench.journal.pending() == []


@pytest.mark.parametrize("kind", ["garbage", "empty", "http"])
async def test_an_answer_that_cannot_be_read_is_flagged_and_not_repeated(bench: Bench, kind: str) -> None:
    _fault(bench, "cloud", kind, NEXT, value=502 if kind == "http" else None)
    result = await _take(bench)
    assert result.code in (9001, 9004)
    assert len(bench.cloud.requests) == 1
    assert [pending.state for pending in bench.journal.pending()] == ["ambiguous"]


async def test_a_refused_request_is_not_flagged(bench: Bench) -> None:
    _fault(bench, "cloud", "http", NEXT, value=400)
    assert await _take(bench) == LegacyResult(9002)
    _fault(bench, "cloud", "status", NEXT, value=3213)
    assert bench.journal.pending() == []


async def test_a_repeat_that_is_refused_is_no_proof_that_nothing_was_done(bench: Bench) -> None:
    """The first request may have been carried out; its own refusal (already given back) is how it shows."""
    taken = await _take(bench)
    _fault(bench, "cloud", "lost", "Rollback", times=1)
    _fault(bench, "cloud", "status", "Rollback", value=3220)
    assert await bench.call("csUnGetSeqNumber", pUnTreatDate=_visit_time(taken)) == LegacyResult(5153)
    assert bench.simulator.world.record(FIRST).visits[0].rolled_back
    assert [pending.state for pending in bench.journal.pending()] == ["ambiguous"]


async def test_the_log_says_what_code_and_status_mean(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert await bench.call("csUnGetSeqNumber", pUnTreatDate=b"1100101120000") == LegacyResult(5150)
    why, line = caplog.messages[-2:]
    assert "code=5150 (The card has no such visit record) StatusError: " in why
    assert "cloud answered status 3208 (No such visit)" in why
    assert line.endswith('meaning="The card has no such visit record"')


async def test_an_unlisted_status_after_a_repeat_is_not_told_as_a_failure_of_the_write(bench: Bench) -> None:
    taken = await _take(bench)
    _fault(bench, "cloud", "lost", "WriteCodeFee", times=1)
    _fault(bench, "cloud", "status", "WriteCodeFee", value=3999)
    assert await _write(bench, _visit_time(taken), b"J029 ") == LegacyResult(9004)
    assert [pending.state for pending in bench.journal.pending()] == ["ambiguous"]


async def test_an_unlisted_status_to_the_first_request_is_a_failure_of_the_write(bench: Bench) -> None:
    taken = await _take(bench)
    _fault(bench, "cloud", "status", "WriteCodeFee", value=3999)
    assert await _write(bench, _visit_time(taken), b"J029 ") == LegacyResult(5023)
    assert bench.journal.pending() == []


@pytest.mark.parametrize(("kind", "value", "code"), [("http", 503, 9004), ("garbage", None, 9001)])
async def test_an_answer_that_leaves_a_write_unclear_keeps_its_own_code(
    bench: Bench, kind: str, value: float | None, code: int
) -> None:
    taken = await _take(bench)
    _fault(bench, "cloud", kind, "WriteCodeFee", value=value)
    assert await _write(bench, _visit_time(taken), b"J029 ") == LegacyResult(code)
    assert [pending.state for pending in bench.journal.pending()] == ["ambiguous"]


async def test_a_lost_write_that_the_repeat_finds_written_is_done(bench: Bench) -> None:
    taken = await _take(bench)
    _fault(bench, "cloud", "lost", "WriteCodeFee", times=1)
    _fault(bench, "cloud", "status", "WriteCodeFee", value=3209)
    assert (await _write(bench, _visit_time(taken), b"J029 ")).code == 0
    assert bench.journal.pending() == []


async def test_looking_a_code_up_within_a_write_changes_nothing(bench: Bench) -> None:
    _fault(bench, "cloud", "lost", "Icd/Decode")
    assert await _write(bench, b"1121105093000", b"#:5BK") == LegacyResult(9003)
    assert len(bench.cloud.requests) == 1
    assert bench.journal.pending() == []


async def _write(bench: Bench, moment: bytes, code: bytes) -> LegacyResult:
    return await bench.call(
        "hisWriteTreatmentData",
        pDateTime=moment,
        pPatientID=FIRST_ID,
        pPatientBirthDate=FIRST_BIRTHDAY,
        pDataWrite=b"1" + code.ljust(30) + b"0" * 38,
    )


@pytest.mark.parametrize("status", [1001, 1513])
async def test_success_of_something_else_is_no_success(bench: Bench, status: int) -> None:
    """Statuses that become 0 where they answer what was asked: here nothing has been signed or sent."""
    _fault(bench, "console", "status", "Signature/Hc", value=status)
    back = await bench.call("csUnGetSeqNumber", pUnTreatDate=b"1121105093000")
    assert back == LegacyResult(4000)
    assert await _read(bench) == LegacyResult(4000)
    assert bench.cloud.sent == []


async def test_a_lost_read_is_not_repeated_and_not_flagged(bench: Bench) -> None:
    _fault(bench, "cloud", "lost")
    assert await _read(bench) == LegacyResult(9003)
    assert len(bench.cloud.requests) == 1
    assert bench.journal.pending() == []


async def test_a_reply_that_lacks_what_the_row_needs_leaves_no_success(bench: Bench) -> None:
    """The number is taken, but its time is missing: a code, no buffer."""
    bench.cloud.instead = {"statusCode": 0, "sequenceNumber": "W001"}
    assert await _take(bench) == LegacyResult(9001)


# --- time, journal ------------------------------------------------------------------------------------------


async def test_a_call_ends_at_the_deadline(simulator: Simulator) -> None:
    async with open_bench(simulator, deadline=0.1) as bench:
        _fault(bench, "cloud", "slow", value=30)
        started = asyncio.get_running_loop().time()
        assert await _read(bench) == LegacyResult(4000)
        assert asyncio.get_running_loop().time() - started < 2
        bench.simulator.world.faults.clear()
        assert (await _read(bench)).code == 0


async def test_a_change_that_was_cut_off_by_the_deadline_stays_listed(simulator: Simulator) -> None:
    async with open_bench(simulator, deadline=0.1) as bench:
        _fault(bench, "cloud", "slow", NEXT, value=30)
        assert await _take(bench) == LegacyResult(4000)
        (pending,) = bench.journal.pending()
        assert pending.state == "ambiguous"
        assert "look in the cloud" in pending.advice


async def test_a_console_that_hangs_answers_open_with_minus_1(simulator: Simulator) -> None:
    async with open_bench(simulator, deadline=0.1) as bench:
        _fault(bench, "console", "slow", value=30)
        assert await bench.call("csOpenCom", pComNum=0) == LegacyResult(-1)


async def test_a_cancelled_call_is_cancelled(bench: Bench) -> None:
    _fault(bench, "cloud", "slow", value=30)
    task = asyncio.create_task(_read(bench))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    bench.simulator.world.faults.clear()
    assert (await _read(bench)).code == 0


@pytest.fixture
async def without_journal(simulator: Simulator) -> AsyncIterator[Bench]:
    journal = Journal(None)
    inside(journal, lambda database: database.close())  # every statement fails from now on
    async with open_bench(simulator, journal=journal) as made:
        yield made


async def test_a_broken_journal_breaks_no_call(
    without_journal: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await _read(without_journal)).code == 0
    assert (await _take(without_journal)).code == 0
    _fault(without_journal, "cloud", "lost", NEXT, times=1)
    assert (await _take(without_journal)).code == 5007
    assert caplog.text.count("the journal cannot be written") == 1


async def test_a_fault_of_the_bridge_is_a_code_and_a_trace(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(bench.engine._executor, "run", broken)
    assert await _read(bench) == LegacyResult(4000)
    assert await bench.call("csOpenCom", pComNum=0) == LegacyResult(-1)
    assert "ZeroDivisionError" in caplog.text


async def test_every_call_is_noted_with_its_code(bench: Bench) -> None:
    await _read(bench)
    await bench.call("hisGetBasicData", VHC, pBuffer=OutBuffer(72))
    query = "SELECT door, function, code FROM calls"
    rows = inside(bench.journal, lambda database: database.execute(query).fetchall())
    assert rows == [("native", "hisGetBasicData", 0), ("vhc", "hisGetBasicData", 1019)]


# --- the log ------------------------------------------------------------------------------------------------


async def test_a_name_that_cannot_be_written_is_logged_without_the_name(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.simulator.world.insert("hc", UNWRITABLE)
    result = await _read(bench)
    assert _buffer(result)[12:32] == "測□□".encode("cp950").ljust(20)
    assert "pBuffer.name: 2 character(s) not in code page 950" in caplog.text
    assert "測" not in caplog.text


def _secrets(simulator: Simulator) -> set[str]:
    """Everything about the simulator's people that must not show in a log."""
    found: set[str] = set()
    for card in simulator.world.cards.values():
        found |= {card.number, card.name, card.id_no, card.birthday, card.pin or ""}
        found.add(simulator.world.record(card.number).emergency_tel)
    for practitioner in simulator.world.practitioners.values():
        found |= {practitioner.number, practitioner.name, practitioner.id_no, practitioner.pin}
    return found - {""}


async def test_no_log_line_holds_personal_data(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_bench(simulator) as bench:
        for card in list(simulator.world.cards.values()):
            simulator.world.insert("hc", card.number)
            await _everything(bench, card.id_no.encode(), card.birthday.encode())
            await _everything(bench, b"Z199999999", card.birthday.encode())
        for kind in ("garbage", "empty", "lost"):
            _fault(bench, "cloud", kind, times=3)
            await _everything(bench, FIRST_ID, FIRST_BIRTHDAY)
    lines = [record.getMessage() + (record.exc_text or "") for record in caplog.records]
    bridge_lines = [
        line for line, record in zip(lines, caplog.records, strict=True) if record.name != "asyncio"
    ]
    assert len(bridge_lines) > 100
    for secret in _secrets(simulator):
        assert not any(secret in line for line in bridge_lines), secret


async def _everything(bench: Bench, id_no: bytes, birthday: bytes) -> None:
    """Reads, a number, a write for the person and one that the caller got wrong."""
    await _read(bench)
    await bench.call("hisGetRegisterBasic", pBuffer=OutBuffer(78))
    await bench.call("hisGetEmergentTel", pBuffer=OutBuffer(14))
    taken = await _take(bench)
    moment = _visit_time(taken) if taken.outputs else b"1121105093000"
    person = {"pPatientID": id_no, "pPatientBirthDate": birthday}
    await bench.call("hisWriteEmergentTel", **person, pEmergentTel=b"0912345678")
    data = b"1J029 " + b" " * 25 + b"0" * 38
    await bench.call("hisWriteTreatmentData", pDateTime=moment, **person, pDataWrite=data)
    await bench.call("hisWriteTreatmentData", pDateTime=moment, **person, pDataWrite=id_no + birthday)
    await bench.call("hisWriteTreatmentData", pDateTime=id_no, **person, pDataWrite=data)
    await bench.call("hisWriteNewBorn", pPatientID=birthday, pPatientBirthDate=id_no, pNewBornDate=id_no)
    await bench.call("uploadqrcode", VHC, QRCodeString=id_no)


async def test_the_journal_holds_no_personal_data(bench: Bench) -> None:
    await _everything(bench, FIRST_ID, FIRST_BIRTHDAY)
    _fault(bench, "cloud", "lost")
    await _everything(bench, FIRST_ID, FIRST_BIRTHDAY)
    text = "\n".join(inside(bench.journal, lambda database: list(database.iterdump())) or [])
    assert "hisGetSeqNumber256N1" in text
    for secret in _secrets(bench.simulator):
        assert secret not in text, secret


async def test_the_engine_is_told_by_its_table_alone(engine: Engine) -> None:
    assert set(engine.table.functions) >= {"hisGetBasicData", "csOpenCom"}
    assert await engine.call(LegacyCall("csCloseCom", {})) == LegacyResult(0)
