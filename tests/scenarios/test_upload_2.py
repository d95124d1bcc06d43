"""Uploads in format 2.0: from the legacy call to the simulated upload centre, its receipt, its refusals.

A file goes out at most once, and 0 comes back only where the centre confirmed with an execution number of
this hospital and this SAM.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.calls.call import File, LegacyResult, OutBuffer
from bridge.config import CentreSettings, UploadSettings
from bridge.engine.engine import Engine
from bridge.records.journal import Journal
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from tests.support.simulated import Bench, open_bench

SAM, HOSPITAL = "001000000103", "3501200000"
CONTENT = "<RECS>測試</RECS>".encode()
UPLOAD, ASKED = "POST /V2000/VNHI_Upload", "/api/v1/UploadData/Upload"
# What every return code of the centre becomes: written down here a second time, on purpose.
RETURN_CODES = {
    "5003": 9002,
    "5004": 9013,
    "8201": 9004,
    "8202": 9020,
    "8203": 9020,
    "8205": 9013,
    "9002": 9020,
    "9005": 5067,
    "9999": 9092,
    "1234": 9092,
}


@pytest.fixture
async def uploads(simulator: Simulator) -> AsyncIterator[Bench]:
    async with open_bench(simulator, upload=UploadSettings(format="2.0")) as made:
        yield made


async def send(bench: Bench, name: str = "csUploadData", **further: Any) -> LegacyResult:
    size = "fFileSize" if name == "csUploadData" else "pFileSize"
    arguments = {
        "pUploadFileName": File(b"C:\\his\\a.xml", CONTENT),
        size: str(len(CONTENT)).encode(),
        "pNumber": b"12",
        "pBuffer": OutBuffer(50),
        **further,
    }
    return await bench.call(name, **arguments)


async def send_with_orders(bench: Bench, **further: Any) -> LegacyResult:
    return await send(bench, "csUploadDataPrec", **{"pPrecNumber": b"0034", **further})


def sent_body(bench: Bench) -> dict[str, Any]:
    (request,) = bench.centre.requests
    body = json.loads(request.content)
    assert isinstance(body, dict)
    return body


def answer_with(bench: Bench, reply: dict[str, Any]) -> None:
    """Let the centre answer this, after it has done its work."""
    inner = bench.centre.handle_async_request

    async def handle(request: httpx.Request) -> httpx.Response:
        await inner(request)
        return httpx.Response(200, json=reply)

    bench.centre.handle_async_request = handle  # type: ignore[method-assign]


def states(bench: Bench) -> list[str]:
    return [pending.state for pending in bench.journal.pending()]


# --- what goes out ------------------------------------------------------------------------------------------


async def test_a_file_goes_to_the_centre_and_not_to_the_cloud(uploads: Bench) -> None:
    assert (await send(uploads)).code == 0
    assert (uploads.centre.sent, uploads.cloud.sent) == ([UPLOAD], [])


async def test_the_request_has_the_fields_of_the_specification(uploads: Bench) -> None:
    assert (await send_with_orders(uploads)).code == 0
    body = sent_body(uploads)
    assert set(body) == {
        *("sSamid", "sHospid", "sClientrandom", "sSignature", "sType", "sMrecs", "sPrecs"),
        *("sPatData", "sUploadDT"),
    }
    assert (body["sSamid"], body["sHospid"], body["sType"]) == (SAM, HOSPITAL, "A1")
    assert (body["sMrecs"], body["sPrecs"]) == ("12", "34")
    assert base64.b64decode(body["sPatData"], validate=True) == CONTENT
    assert re.fullmatch(r"20\d{15}", body["sUploadDT"])
    assert 1 <= len(body["sClientrandom"]) <= 20
    assert 1 <= len(body["sSignature"]) <= 512


def records_with(*orders: int) -> bytes:
    """A file in Big5 with as many orders for each record."""
    records = (
        "<REC><MB1><A12>測試</A12></MB1>" + "<MB2><p1>1</p1></MB2>" * count + "</REC>" for count in orders
    )
    return f"<RECS>{''.join(records)}</RECS>".encode("cp950")


def file_with(content: bytes) -> dict[str, Any]:
    return {"pUploadFileName": File(b"a.xml", content), "fFileSize": str(len(content)).encode()}


@pytest.mark.parametrize(("orders", "count"), [((2, 0, 3), "5"), ((0,), "0"), ((999,), "999")])
async def test_orders_that_the_program_does_not_state_are_counted_in_its_file(
    uploads: Bench, orders: tuple[int, ...], count: str
) -> None:
    uploads.simulator.world.switches.counts_required = True
    assert (await send(uploads, **file_with(records_with(*orders)))).code == 0
    assert sent_body(uploads)["sPrecs"] == count


@pytest.mark.parametrize("kind", ["A2", "ZZ"])
async def test_orders_are_counted_only_where_the_centre_wants_them(simulator: Simulator, kind: Any) -> None:
    async with open_bench(simulator, upload=UploadSettings(format="2.0", type=kind)) as bench:
        assert (await send(bench, **file_with(records_with(1000)))).code == 0
        assert "sPrecs" not in sent_body(bench)


async def test_more_orders_than_the_format_holds_are_refused_with_what_to_do(
    uploads: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert (await send(uploads, **file_with(records_with(500, 500)))).code == 6018
    assert "1000 are too many" in caplog.text
    assert "make several files" in caplog.text
    assert (uploads.centre.sent, uploads.console.sent, uploads.journal.pending()) == ([], [], [])


@pytest.mark.parametrize("kind", ["A1", "A2", "ZZ"])
async def test_the_type_is_that_of_the_settings(simulator: Simulator, kind: Any) -> None:
    async with open_bench(simulator, upload=UploadSettings(format="2.0", type=kind)) as bench:
        assert (await send(bench)).code == 0
        assert sent_body(bench)["sType"] == kind


async def test_the_address_is_that_of_the_settings(simulator: Simulator) -> None:
    old = UploadSettings(format="2.0", centre=CentreSettings(url="https://centre.example/V1000/"))
    async with open_bench(simulator, upload=old) as bench:
        assert (await send(bench)).code == 9020  # V1000 wants signatures of 5.x
        assert bench.centre.sent == ["POST /V1000/VNHI_Upload"]


async def test_in_format_1_nothing_goes_to_the_centre(bench: Bench) -> None:
    assert (await send(bench)).code == 0
    assert (bench.centre.sent, bench.cloud.sent) == ([], [f"POST {ASKED}"])
    assert not any(name.startswith("s") and name[1:2].isupper() for name in _body(bench.cloud.requests[0]))


def _body(request: httpx.Request) -> dict[str, Any]:
    return dict(json.loads(request.content))


@pytest.mark.parametrize(
    ("further", "code"),
    [
        ({"pNumber": b"1000"}, 6018),
        ({"pPrecNumber": b"1000"}, 6018),
        ({"pPrecNumber": b"many"}, 6018),
        ({"pFileSize": b"5"}, 6015),
        ({"pUploadFileName": File(b"a.xml")}, 6017),
        ({"pUploadFileName": File(b"a.xml", None, too_large=True)}, 6015),
        ({"pBuffer": OutBuffer(49)}, 6018),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_a_signature_is_taken(
    uploads: Bench, further: dict[str, Any], code: int
) -> None:
    assert (await send_with_orders(uploads, **further)).code == code
    assert (uploads.centre.sent, uploads.console.sent) == ([], [])


# --- what comes back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["csUploadData", "csUploadDataPrec"])
async def test_the_receipt_tells_who_sent_it_and_both_times(uploads: Bench, name: str) -> None:
    result = await (send(uploads) if name == "csUploadData" else send_with_orders(uploads))
    (stored,) = uploads.simulator.world.centre_uploads.values()
    assert result.code == 0
    assert result.outputs == {
        "pBuffer": f"{SAM}{HOSPITAL}{sent_body(uploads)['sUploadDT'][:14]}{stored.opcode[:14]}".encode()
    }
    assert (stored.content, stored.records) == (CONTENT, "12")


async def test_the_execution_number_is_in_the_log_and_in_the_journal(
    uploads: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert (await send(uploads)).code == 0
    (opcode,) = uploads.simulator.world.centre_uploads
    (receipt,) = uploads.journal.receipts()
    assert (receipt.function, receipt.path, receipt.receipt) == ("csUploadData", "/VNHI_Upload", opcode)
    assert opcode in caplog.text
    assert uploads.journal.pending() == []


async def test_nothing_of_the_file_is_in_the_log(uploads: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await send(uploads)
        answer_with(uploads, {"RtnCode": "0000"})
        await send(uploads)
    assert "RECS" not in caplog.text
    assert base64.b64encode(CONTENT).decode() not in caplog.text


async def test_names_of_the_reply_in_another_letter_case(uploads: Bench) -> None:
    opcode = f"20231105093001000001{HOSPITAL}{SAM}"
    answer_with(uploads, {"rtnCode": "0000", "opCode": opcode})
    result = await send(uploads)
    assert result.code == 0
    assert bytes(result.outputs["pBuffer"]).endswith(b"20231105093001")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "reply",
    [
        {"RtnCode": "0000"},
        {"RtnCode": "0000", "Opcode": None},
        {"RtnCode": "0000", "Opcode": ""},
        {"RtnCode": "0000", "Opcode": "20231105093001"},
        {"RtnCode": "0000", "Opcode": f"20231105093001000001{HOSPITAL}001000000999"},
        {"RtnCode": "0000", "Opcode": f"20231105093001000001{'9999999901'}{SAM}"},
        {"RtnCode": "0000", "Opcode": f"20231399093001000001{HOSPITAL}{SAM}"},
        {"Opcode": f"20231105093001000001{HOSPITAL}{SAM}"},
        {"RtnCode": 0, "Opcode": f"20231105093001000001{HOSPITAL}{SAM}"},
    ],
    ids=json.dumps,
)
async def test_a_confirmation_without_an_execution_number_of_ours_is_none(
    uploads: Bench, reply: dict[str, Any]
) -> None:
    answer_with(uploads, reply)
    result = await send(uploads)
    assert (result.code, result.outputs) == (9001, {})
    assert len(uploads.centre.sent) == 1


async def test_an_unclear_confirmation_waits_for_a_person(uploads: Bench) -> None:
    answer_with(uploads, {"RtnCode": "0000", "Opcode": f"20231105093001000001{HOSPITAL}001000000999"})
    await send(uploads)
    assert states(uploads) == ["ambiguous"]
    assert uploads.journal.receipts() == []


# --- refusals and accidents ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["csUploadData", "csUploadDataPrec"])
@pytest.mark.parametrize(("answer", "code"), RETURN_CODES.items())
async def test_every_return_code_of_the_centre_is_a_code_for_the_program(
    uploads: Bench, name: str, answer: str, code: int
) -> None:
    uploads.simulator.world.faults.arm(Fault("centre", "status", int(answer)))
    result = await (send(uploads) if name == "csUploadData" else send_with_orders(uploads))
    assert (result.code, result.outputs) == (code, {})
    assert len(uploads.centre.sent) == 1
    assert uploads.journal.pending() == []


ACCIDENTS = [
    ("lost", None, 9003, ["ambiguous"]),
    ("garbage", None, 9001, ["ambiguous"]),
    ("empty", None, 9001, ["ambiguous"]),
    ("http", 503, 9004, ["ambiguous"]),
    ("http", 404, 9002, []),
]


@pytest.mark.parametrize(("kind", "value", "code", "left"), ACCIDENTS)
async def test_an_accident_is_no_success_and_sends_nothing_twice(
    uploads: Bench, kind: str, value: float | None, code: int, left: list[str]
) -> None:
    uploads.simulator.world.faults.arm(Fault("centre", kind, value))
    result = await send(uploads)
    assert (result.code, result.outputs) == (code, {})
    assert len(uploads.centre.sent) == 1
    assert states(uploads) == left


NO_ANSWER = [
    (httpx.ReadTimeout("late"), 9003, ["ambiguous"]),
    (httpx.WriteTimeout("late"), 9003, ["ambiguous"]),
    (httpx.ReadError("gone"), 9003, ["ambiguous"]),
    (httpx.ConnectError("closed"), 4061, []),
    (httpx.ConnectTimeout("closed"), 4061, []),
]


@pytest.mark.parametrize(("error", "code", "left"), NO_ANSWER, ids=lambda value: type(value).__name__)
async def test_a_broken_connection_is_no_success_and_sends_nothing_twice(
    uploads: Bench, error: Exception, code: int, left: list[str]
) -> None:
    def fail(request: httpx.Request) -> None:
        raise error

    uploads.centre.before = fail
    result = await send(uploads)
    assert (result.code, result.outputs) == (code, {})
    assert len(uploads.centre.sent) == 1
    assert states(uploads) == left


async def test_a_lost_answer_leaves_the_file_there_once(uploads: Bench) -> None:
    uploads.simulator.world.faults.arm(Fault("centre", "lost", times=1))
    assert (await send(uploads)).code == 9003
    assert len(uploads.simulator.world.centre_uploads) == 1
    assert len([sent for sent in uploads.console.sent if sent.endswith("/sam/v1/Signature")]) == 1


async def test_the_program_may_send_again_by_itself(uploads: Bench) -> None:
    uploads.simulator.world.faults.arm(Fault("centre", "http", 503, times=1))
    assert [(await send(uploads)).code, (await send(uploads)).code] == [9004, 0]
    first, second = (_body(request) for request in uploads.centre.requests)
    assert first["sClientrandom"] != second["sClientrandom"]


async def test_without_a_signature_nothing_is_sent(uploads: Bench) -> None:
    uploads.simulator.world.faults.arm(Fault("console", "status", 1301, path="/sam/v1/Signature"))
    assert (await send(uploads)).code == 4050
    assert uploads.centre.sent == []


async def test_an_engine_without_a_centre_fails_and_signs_nothing(uploads: Bench) -> None:
    settings = {"upload.format": "2.0", "upload.type": "A1"}
    without = Engine(uploads.engine.table, uploads.reader, _NoCloud(), Journal(None), settings=settings)
    uploads.engine = without
    assert (await send(uploads)).code == 4000
    assert uploads.console.sent == []


class _NoCloud:
    """A cloud that must not be asked."""

    name = "cloud"

    async def request(self, *_: object, **__: object) -> dict[str, Any]:
        raise AssertionError("the cloud was asked")
