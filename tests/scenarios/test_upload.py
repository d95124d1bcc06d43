"""csUploadData and csUploadDataPrec from the legacy call to the simulated cloud (format 1.0)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from bridge.calls.arguments import MOST_FILE_BYTES
from bridge.calls.call import Argument, File, LegacyResult, OutBuffer
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from tests.scenarios.situations import REFUSED, SILENT
from tests.support.simulated import Bench
from tests.support.stage import open_stage

CONTENT = "<RECS>測試</RECS>".encode()
PATH = "/api/v1/UploadData/Upload"
NAMES = ("csUploadData", "csUploadDataPrec")
BOTH = pytest.mark.parametrize("name", NAMES)


async def send(bench: Bench, name: str, content: bytes | None = CONTENT, **further: Argument) -> LegacyResult:
    """Upload a file; what the caller states is right unless given otherwise."""
    size = str(len(content or b"")).encode()
    stated: dict[str, Argument] = (
        {"fFileSize": size} if name == "csUploadData" else {"pFileSize": size, "pPrecNumber": b"34"}
    )
    arguments = {
        "pUploadFileName": File(rb"C:\his\a.xml", content),
        **stated,
        "pNumber": b"12",
        "pBuffer": OutBuffer(50),
    }
    return await bench.call(name, **{**arguments, **further})


def size_of(name: str) -> str:
    return "fFileSize" if name == "csUploadData" else "pFileSize"


def uploaded(bench: Bench) -> int:
    """How often a file left the bridge."""
    return bench.cloud.sent.count(f"POST {PATH}")


def bodies(bench: Bench) -> Iterator[dict[str, Any]]:
    for request in bench.cloud.requests:
        if request.url.path == PATH:
            yield json.loads(request.content)


# --- what is sent and what comes back -----------------------------------------------------------------------


@BOTH
async def test_the_file_arrives_and_the_receipt_has_50_bytes(name: str, stage: Bench) -> None:
    result = await send(stage, name)
    assert result.code == 0
    receipt = result.outputs["pBuffer"]
    assert isinstance(receipt, bytes)
    assert len(receipt) == 50
    assert receipt[:22] == b"001000000103" + b"3501200000"
    assert receipt[22:].isdigit()
    assert receipt[22:36] < receipt[36:]
    assert set(stage.simulator.world.uploads) == {hashlib.sha256(CONTENT).hexdigest()}
    (body,) = bodies(stage)
    assert (body["fileName"], body["fileSize"], body["count"]) == ("a.xml", str(len(CONTENT)), "12")
    assert base64.b64decode(body["content"]) == CONTENT
    assert body.get("precCount") == (None if name == "csUploadData" else "34")


@BOTH
@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("C:\\his\\上傳.xml", "上傳.xml"),
        ("\\\\server\\share\\a.xml" + " " * 200, "a.xml"),
        ("/var/his/a b.xml", "a b.xml"),
        ("a.xml\0", "a.xml"),
    ],
)
async def test_only_the_last_part_of_the_path_leaves_the_machine(
    path: str, base: str, name: str, stage: Bench
) -> None:
    file = File(path.encode("cp950"), CONTENT)
    assert (await send(stage, name, pUploadFileName=file)).code == 0
    assert [body["fileName"] for body in bodies(stage)] == [base]


@BOTH
@pytest.mark.parametrize("content", [b"x", bytes(range(256)) * 16])
async def test_any_bytes_may_be_in_the_file(content: bytes, name: str, stage: Bench) -> None:
    assert (await send(stage, name, content)).code == 0
    assert [base64.b64decode(body["content"]) for body in bodies(stage)] == [content]


# --- sizes and files ----------------------------------------------------------------------------------------


@BOTH
async def test_a_file_of_exactly_the_largest_size_is_sent(name: str, stage: Bench) -> None:
    assert MOST_FILE_BYTES == 10 * 1024 * 1024
    assert (await send(stage, name, b"x" * MOST_FILE_BYTES)).code == 0


@BOTH
@pytest.mark.parametrize(
    ("content", "file"),
    [(b"x" * (10 * 1024 * 1024 + 1), None), (b"", File(b"a.xml", None, too_large=True))],
    ids=["a byte more", "as the door tells it"],
)
async def test_a_larger_file_is_6015_and_not_sent(
    content: bytes, file: File | None, name: str, stage: Bench
) -> None:
    further: dict[str, Argument] = {} if file is None else {"pUploadFileName": file}
    result = await send(stage, name, content, **further)
    assert (result.code, result.outputs, stage.cloud.sent) == (6015, {}, [])


@BOTH
@pytest.mark.parametrize("stated", [b"0", b"1", b"23", b"25", b"9999999999"])
async def test_another_size_than_stated_is_6015_and_not_sent(stated: bytes, name: str, stage: Bench) -> None:
    assert len(CONTENT) not in (0, 1, 23, 25)
    further: dict[str, Argument] = {size_of(name): stated}
    result = await send(stage, name, **further)
    assert (result.code, result.outputs) == (6015, {})
    assert (stage.console.sent, stage.cloud.sent) == ([], [])


@BOTH
async def test_a_file_that_is_missing_or_unreadable_is_6017_and_asks_nobody(name: str, stage: Bench) -> None:
    result = await send(stage, name, None)
    assert (result.code, result.outputs) == (6017, {})
    assert (stage.console.sent, stage.cloud.sent) == ([], [])


@BOTH
async def test_an_empty_file_is_6015_and_asks_nobody(name: str, stage: Bench) -> None:
    result = await send(stage, name, b"", pNumber=b"0")
    assert (result.code, result.outputs) == (6015, {})
    assert (stage.console.sent, stage.cloud.sent) == ([], [])


BAD_NUMBERS = [b"", b"   ", b"x", b"-1", b"+1", b".1", "１２".encode("cp950")]


@BOTH
@pytest.mark.parametrize("bad", BAD_NUMBERS)
async def test_numbers_that_are_none_are_6018(bad: bytes, name: str, stage: Bench) -> None:
    numbers = [size_of(name), "pNumber"] + (["pPrecNumber"] if name == "csUploadDataPrec" else [])
    for number in numbers:
        further: dict[str, Argument] = {number: bad}
        assert (await send(stage, name, **further)).code == 6018
    assert stage.cloud.sent == []


@BOTH
@pytest.mark.parametrize("padding", [b" ", b" " * 10, b"\0", b"  \0", b"x", b" 2", b".0", b"\xff\x01"])
async def test_only_the_digits_at_the_front_of_a_number_count(
    padding: bytes, name: str, stage: Bench
) -> None:
    size = str(len(CONTENT)).encode() + padding
    further: dict[str, Argument] = {size_of(name): size, "pNumber": b"0012" + padding}
    assert (await send(stage, name, **further)).code == 0
    (body,) = bodies(stage)
    assert (body["fileSize"], body["count"]) == (str(len(CONTENT)), "12")


@BOTH
@pytest.mark.parametrize("file", [File(b"   ", CONTENT), File(b"", CONTENT), File(b"a" * 261, CONTENT)])
async def test_a_blank_or_endless_name_is_6018(file: File, name: str, stage: Bench) -> None:
    assert (await send(stage, name, pUploadFileName=file)).code == 6018
    assert stage.cloud.sent == []


@BOTH
async def test_a_receipt_that_does_not_fit_is_refused_before_the_file_leaves(name: str, stage: Bench) -> None:
    assert (await send(stage, name, pBuffer=OutBuffer(49))).code == 6018
    assert stage.cloud.sent == []


# --- a file is never sent twice -----------------------------------------------------------------------------


@BOTH
async def test_where_the_answer_is_lost_the_file_is_not_sent_again(name: str, stage: Bench) -> None:
    stage.simulator.world.faults.arm(Fault("cloud", "lost", path="/UploadData/Upload", times=1))
    result = await send(stage, name)
    assert (result.code, result.outputs) == (9003, {})
    assert uploaded(stage) == 1
    assert len(stage.simulator.world.uploads) == 1
    assert [(entry.function, entry.state) for entry in stage.journal.pending()] == [(name, "ambiguous")]


@BOTH
async def test_the_programs_own_second_try_hears_that_it_has_arrived(name: str, stage: Bench) -> None:
    stage.simulator.world.faults.arm(Fault("cloud", "lost", path="/UploadData/Upload", times=1))
    assert (await send(stage, name)).code == 9003
    assert (await send(stage, name)).code == 9071
    assert uploaded(stage) == 2
    assert len(stage.simulator.world.uploads) == 1


@BOTH
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("cloud", "http", 500), 9004),
        (Fault("cloud", "http", 413), 9002),
        (Fault("cloud", "garbage"), 9001),
        (Fault("cloud", "empty"), 9001),
        (Fault("cloud", "status", 3100), 9020),
        (Fault("cloud", "status", 3302), 9013),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_any_other_answer_than_a_receipt_is_a_failure(
    fault: Fault, code: int, name: str, stage: Bench
) -> None:
    stage.simulator.world.faults.arm(Fault(fault.service, fault.kind, fault.value))
    result = await send(stage, name)
    assert (result.code, result.outputs, uploaded(stage)) == (code, {}, 1)
    stage.simulator.world.faults.clear()
    assert (await send(stage, name)).code == 0


@BOTH
@pytest.mark.parametrize(("hook", "code"), [(REFUSED, 4061), (SILENT, 9003)])
async def test_the_network_fails_once_and_the_file_is_tried_once(
    hook: Callable[[httpx.Request], None], code: int, name: str, stage: Bench
) -> None:
    stage.cloud.before = hook
    assert (await send(stage, name)).code == code
    assert uploaded(stage) == 1


# --- counts that come back ----------------------------------------------------------------------------------

App = Callable[..., Awaitable[None]]


def answering(app: App, further: dict[str, Any]) -> App:
    """The cloud, with further names in each JSON answer."""

    async def changed(scope: Any, receive: Any, send: Any) -> None:
        messages: list[Any] = []

        async def collect(message: Any) -> None:
            messages.append(message)

        await app(scope, receive, collect)
        content = b"".join(message.get("body", b"") for message in messages)
        altered = json.dumps({**json.loads(content), **further}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(altered)).encode())]
        await send({"type": "http.response.start", "status": messages[0]["status"], "headers": headers})
        await send({"type": "http.response.body", "body": altered})

    return changed


COUNTS: list[tuple[dict[str, Any], dict[str, bytes]]] = [
    ({}, {}),
    ({"count": "12", "precCount": "34"}, {}),
    ({"count": 12, "precCount": 34}, {}),
    ({"count": "0012", "precCount": " 34 "}, {}),
    ({"count": "11", "precCount": "34"}, {"pNumber": b"11"}),
    ({"count": "12", "precCount": 30}, {"pPrecNumber": b"30"}),
    ({"count": 0, "precCount": 0}, {"pNumber": b"0", "pPrecNumber": b"0"}),
    ({"count": "", "precCount": None}, {}),
]


@pytest.mark.parametrize(("answer", "written"), COUNTS)
async def test_counts_are_written_back_only_where_they_differ(
    answer: dict[str, Any], written: dict[str, bytes], simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator, "cloud_app", answering(simulator.cloud_app, answer))
    async with open_stage(simulator) as bench:
        result = await send(bench, "csUploadDataPrec")
    assert result.code == 0
    assert {name: value for name, value in result.outputs.items() if name != "pBuffer"} == written


@pytest.mark.parametrize("answer", [{"count": "twelve"}, {"count": "-1"}, {"count": [1]}, {"precCount": 1.5}])
async def test_a_count_that_is_none_is_no_success(
    answer: dict[str, Any], simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator, "cloud_app", answering(simulator.cloud_app, answer))
    async with open_stage(simulator) as bench:
        result = await send(bench, "csUploadDataPrec")
    assert (result.code, result.outputs) == (9001, {})
