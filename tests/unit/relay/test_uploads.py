"""Uploads that programs sign for themselves and uploads by hand, over the simulated centre."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import Any

import httpx
import pytest

from bridge.calls.caller import Caller
from bridge.config import CentreSettings
from bridge.errors import (
    BadArgument,
    BadReply,
    CallerGone,
    CallError,
    OverDeadline,
    StatusError,
    TimedOut,
    Unreachable,
)
from bridge.reader.use import Use
from bridge.relay.uploads import Uploads
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.upstream.centre import UploadCentre
from bridge.upstream.transport import Answer, Pieces, Request
from tests.support.simulated import Bench, open_bench

UPLOAD, DOWNLOAD = (default_table().services[name] for name in ("VNHI_Upload", "VNHI_Download"))
CONTENT = b"<RECS>1</RECS>"
COUNTS = {"sMrecs": "1", "sPrecs": "2"}


async def given(bench: Bench, random: str | None = None, **changed: object) -> dict[str, object]:
    """A whole request, names in small letters, with a random and a signature as a program has them."""
    signer = (await bench.reader.sign(Use(), "sam", "30")).fields
    fields = {
        "sSamid": signer["samId"],
        "sHospid": signer["hospitalId"],
        "sClientrandom": random or signer["clientRandom"],
        "sSignature": signer["signature"],
        "sType": "A2",
        "sPatData": base64.b64encode(CONTENT).decode(),
        "sUploadDT": "20231105093000123",
        **changed,
    }
    return {name.lower(): value for name, value in fields.items()}


def pending(bench: Bench) -> list[tuple[str, str]]:
    return [(each.function, each.state) for each in bench.journal.pending()]


async def test_the_reply_of_the_centre_comes_back_and_is_kept_as_a_receipt(bench: Bench) -> None:
    reply = await bench.uploads.relay(UPLOAD, await given(bench))
    assert reply["RtnCode"] == "0000"
    (receipt,) = bench.journal.receipts()
    assert (receipt.function, receipt.receipt) == ("VNHI_Upload", reply["Opcode"])
    assert pending(bench) == []


async def test_nothing_but_the_random_is_changed(bench: Bench) -> None:
    vpn = bench.engine._executor.vpn
    handed = (await vpn.take_random(Use(), "hc", "01"))["clientRandom"]
    signed = await vpn.sign_random(Use(), handed, "sam", "30")
    request = await given(bench, handed, sSignature=signed["signature"])
    assert (await bench.uploads.relay(UPLOAD, request))["RtnCode"] == "0000"
    sent = json.loads(bench.centre.requests[0].content)
    assert sent.pop("sClientrandom") == signed["clientRandom"]
    assert {name.lower(): value for name, value in sent.items()} == {
        name: value for name, value in request.items() if name != "sclientrandom"
    }


async def test_a_random_of_nobodys_goes_on_as_it_is(bench: Bench) -> None:
    reply = await bench.uploads.relay(UPLOAD, await given(bench, "AAAAAAAAAAA="))
    assert reply == {"RtnCode": "9002", "Opcode": ""}
    assert json.loads(bench.centre.requests[0].content)["sClientrandom"] == "AAAAAAAAAAA="
    assert pending(bench) == []


@pytest.mark.parametrize(
    ("fault", "error", "states"),
    [
        (Fault("centre", "lost"), CallError, ["ambiguous"]),
        (Fault("centre", "http", 503), CallError, ["ambiguous"]),
        (Fault("centre", "garbage"), BadReply, ["ambiguous"]),
        (Fault("centre", "empty"), BadReply, ["ambiguous"]),
        (Fault("centre", "http", 400), CallError, []),
    ],
)
async def test_an_unclear_end_stays_in_the_journal(
    bench: Bench, fault: Fault, error: type[CallError], states: list[str]
) -> None:
    request = await given(bench)
    bench.simulator.world.faults.arm(fault)
    with pytest.raises(error):
        await bench.uploads.relay(UPLOAD, request)
    assert pending(bench) == [("VNHI_Upload", state) for state in states]
    assert len(bench.centre.requests) == 1


@pytest.mark.parametrize(
    ("problem", "error", "states"),
    [
        (httpx.ConnectError("refused"), Unreachable, []),
        (httpx.ReadTimeout("silent"), TimedOut, ["ambiguous"]),
    ],
)
async def test_what_never_left_is_no_open_question(
    bench: Bench, problem: httpx.TransportError, error: type[CallError], states: list[str]
) -> None:
    def fail(request: httpx.Request) -> None:
        raise problem

    request = await given(bench)
    bench.centre.before = fail
    with pytest.raises(error):
        await bench.uploads.relay(UPLOAD, request)
    assert pending(bench) == [("VNHI_Upload", state) for state in states]


@pytest.mark.parametrize(
    "reply", [{"RtnCode": "0000"}, {"RtnCode": "0000", "Opcode": " "}, {"RtnCode": 0}, {}]
)
async def test_success_without_an_execution_number_is_none(bench: Bench, reply: dict[str, Any]) -> None:
    request = await given(bench)
    bench.centre.instead = reply
    with pytest.raises(BadReply):
        await bench.uploads.relay(UPLOAD, request)
    assert pending(bench) == [("VNHI_Upload", "ambiguous")]


async def test_a_centre_that_never_ends_is_an_open_question(simulator: Simulator) -> None:
    async with open_bench(simulator, deadline=0.15) as bench:
        request = await given(bench)
        simulator.world.faults.arm(Fault("centre", "slow", 5))
        with pytest.raises(OverDeadline):
            await bench.uploads.relay(UPLOAD, request)
        assert pending(bench) == [("VNHI_Upload", "ambiguous")]


async def test_without_a_centre_nothing_is_sent(bench: Bench) -> None:
    uploads = Uploads(
        bench.reader, bench.engine.vpn, bench.journal, centre=None, deadline=30.0, calls=bench.engine.calls
    )
    with pytest.raises(Unreachable, match=r"upload\.centre\.url"):
        await uploads.relay(UPLOAD, await given(bench))
    assert pending(bench) == []


async def test_a_question_for_a_result_leaves_nothing_in_the_journal(bench: Bench) -> None:
    opcode = (await bench.uploads.relay(UPLOAD, await given(bench)))["Opcode"]
    reply = await bench.uploads.relay(DOWNLOAD, await given(bench, sOpcode=opcode))
    assert reply["rtnCode"] == "5002"
    assert len(bench.journal.receipts()) == 1


# --- by hand ------------------------------------------------------------------------------------------------


async def test_a_file_by_hand_and_its_result(bench: Bench) -> None:
    uploads = bench.uploads
    signed, told = await uploads.sign(), []
    opcode = await uploads.upload(UPLOAD, signed, CONTENT, {"sType": "A1", **COUNTS}, told.append)
    sent = json.loads(bench.centre.requests[0].content)
    assert base64.b64decode(sent["sPatData"]) == CONTENT
    assert told == [len(bench.centre.requests[0].content)]
    question = {"sType": "A1", "sOpcode": opcode}
    for _ in range(2):
        with pytest.raises(StatusError) as caught:
            await uploads.result(DOWNLOAD, signed, question)
        assert caught.value.status == "5002"
    result = json.loads(await uploads.result(DOWNLOAD, signed, question))
    assert (result["records"], result["orders"], result["bytes"]) == ("1", "2", len(CONTENT))


async def test_a_long_file_tells_how_far_it_is(bench: Bench) -> None:
    told: list[int] = []
    await bench.uploads.upload(
        UPLOAD, await bench.uploads.sign(), bytes(100_000), {"sType": "ZZ"}, told.append
    )
    assert told == sorted(told)
    assert len(told) == 3
    assert told[-1] == len(bench.centre.requests[0].content)


class Emptying:
    """A way to the centre that keeps nothing of what goes there; it counts the bytes."""

    arrived = 0

    async def send(self, request: Request) -> Answer:
        assert isinstance(request.body, Pieces)
        async for piece in request.body.content:
            self.arrived += len(piece)
        return Answer(200, b'{"RtnCode": "0000", "Opcode": "1"}')

    async def aclose(self) -> None: ...


async def test_the_text_of_a_long_file_is_never_held_whole(bench: Bench) -> None:
    way, content = Emptying(), bytes(10_000_000)
    centre = UploadCentre(CentreSettings(), way)
    uploads = Uploads(
        bench.reader, bench.engine.vpn, bench.journal, centre, deadline=30.0, calls=bench.engine.calls
    )
    signed = await uploads.sign()
    tracemalloc.start()
    await uploads.upload(UPLOAD, signed, content, {"sType": "A1", **COUNTS})
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert way.arrived > 13_333_336
    assert highest < 1_500_000, f"{highest / 1e6:.1f} MB beside the file"


async def test_a_refused_file_is_a_failure(bench: Bench) -> None:
    with pytest.raises(StatusError) as caught:
        await bench.uploads.upload(UPLOAD, await bench.uploads.sign(), CONTENT, {"sType": "X9"})
    assert (caught.value.source, caught.value.status) == ("vpn", "5003")


async def test_a_result_that_is_no_base64_is_none(bench: Bench) -> None:
    signed = await bench.uploads.sign()
    bench.centre.instead = {"rtnCode": "0000", "tx_result_json": "%%%"}
    with pytest.raises(BadReply):
        await bench.uploads.result(DOWNLOAD, signed, {"sType": "A1", "sOpcode": "1"})


async def test_a_request_is_a_call_of_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await bench.uploads.relay(UPLOAD, await given(bench))
    await bench.uploads.relay(UPLOAD, await given(bench, "AAAAAAAAAAA="))
    with pytest.raises(BadArgument):
        await bench.uploads.relay(DOWNLOAD, {})
    counted = {key: total.count for key, total in bench.engine.calls.totals().items()}
    assert counted == {
        ("upload", UPLOAD.name, 0): 1,
        ("upload", UPLOAD.name, 9002): 1,
        ("upload", DOWNLOAD.name, 9999): 1,
    }
    assert bench.engine.calls.running == 0
    assert f"function={DOWNLOAD.name}: BadArgument" in caplog.text
    assert "door=upload function=VNHI_Upload code=9002" in caplog.text


async def test_nothing_is_sent_for_a_caller_that_has_gone(bench: Bench) -> None:
    request = await given(bench)
    for service, fields in ((UPLOAD, request), (DOWNLOAD, {**request, "sopcode": "1"})):
        with pytest.raises(CallerGone):
            await bench.uploads.relay(service, fields, Caller(gone=lambda: "it was closed"))
    assert (bench.centre.requests, pending(bench)) == ([], [])


async def test_a_file_whose_caller_leaves_while_its_intent_is_noted(bench: Bench) -> None:
    said = iter(["", "it was closed"])
    with pytest.raises(CallerGone):
        await bench.uploads.relay(UPLOAD, await given(bench), Caller(gone=lambda: next(said)))
    assert (bench.centre.requests, pending(bench)) == ([], [])


async def test_a_file_that_arrived_after_its_caller_had_left(bench: Bench) -> None:
    """It is there, with its execution number; somebody has to be told."""
    reply = await bench.uploads.relay(
        UPLOAD, await given(bench), Caller(gone=lambda: "it was closed" if bench.centre.requests else "")
    )
    (unheard,) = bench.journal.pending()
    assert (unheard.function, unheard.state) == ("VNHI_Upload", "ambiguous")
    assert "its caller had left" in unheard.advice
    assert [receipt.receipt for receipt in bench.journal.receipts()] == [reply["Opcode"]]
