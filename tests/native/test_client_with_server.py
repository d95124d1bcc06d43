"""The real client library and the real channel server together, with an engine that is not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import cffi
import pytest

from bridge.calls.call import LegacyCall, LegacyResult, OutBuffer
from bridge.channel.server import ChannelServer
from bridge.config import ChannelSettings
from bridge.table.codegen.sources import CDEF
from bridge.table.model.arguments import TextArgument
from bridge.table.model.rows import Table
from tests.support.small_table import BAD_ARGUMENT, MISMATCH, UNREACHABLE, UNREACHABLE_OPEN, small_table

ffi = cffi.FFI()


class EchoEngine:
    """Fills every out-argument with what tells the call apart."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.calls: list[LegacyCall] = []

    async def call(self, call: LegacyCall) -> LegacyResult:
        self.calls.append(call)
        await asyncio.sleep(0)
        match dict(call.arguments):
            case {"pBuffer": OutBuffer(capacity)} if capacity < 72:
                return LegacyResult(BAD_ARGUMENT)
            case {"cTreatItem": bytes(item), "pBuffer": OutBuffer()}:
                return LegacyResult(0, {"pBuffer": item * 36})
            case {"pIN": bytes(code), "pOUT": OutBuffer(width)}:
                return LegacyResult(0, {"pOUT": code[:width]})
            case {"Req": int(asked)}:
                return LegacyResult(0, {"Status": asked + 1})
        return LegacyResult(0)


@pytest.fixture(scope="module")
def library(client_library: Path, small_build: Path) -> Any:
    ffi.cdef((small_build / "generated" / CDEF).read_text(encoding="utf-8"))
    return ffi.dlopen(str(client_library))


@asynccontextmanager
async def serving(
    monkeypatch: pytest.MonkeyPatch, table: Table | None = None, token_file: Path | None = None
) -> AsyncIterator[EchoEngine]:
    engine = EchoEngine(table or small_table())
    server = ChannelServer(engine, ChannelSettings(port=0, token_file=token_file))
    host, port = await server.start()
    monkeypatch.setenv("CSHIS_BRIDGE", f"{host}:{port}")
    monkeypatch.delenv("CSHIS_BRIDGE_TOKEN_FILE", raising=False)
    try:
        yield engine
    finally:
        await server.stop()


async def test_every_kind_of_argument_makes_the_round(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer, length, out, status = (
        ffi.new("char[72]"),
        ffi.new("short *", 72),
        ffi.new("char[7]"),
        ffi.new("short *"),
    )
    async with serving(monkeypatch) as engine:
        assert await asyncio.to_thread(library.hisGetSeqNumber256, b"01", b"1", buffer, length) == 0
        assert await asyncio.to_thread(library.hisGetICD10EnC, b"A01", out) == 0
        assert await asyncio.to_thread(library.hpcGetHPCStatus, 6, status) == 0
        assert await asyncio.to_thread(library.hisWriteMultiPrescript, b"x" * 44, ffi.new("short *", 1)) == 0
    assert (bytes(ffi.buffer(buffer)), length[0]) == (b"01" * 36, 72)
    assert (ffi.string(out), status[0]) == (b"A01", 7)
    assert engine.calls[3].arguments == {"pDataWrite": b"x" * 44, "iWriteCount": 1}


async def test_buffer_that_is_too_small_stays_as_it_was(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer, length = ffi.new("char[72]", b"before"), ffi.new("short *", 71)
    async with serving(monkeypatch):
        assert await asyncio.to_thread(library.hisGetBasicData, buffer, length) == BAD_ARGUMENT
    assert (ffi.string(buffer), length[0]) == (b"before", 71)


async def test_library_of_another_table_is_told_apart(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = small_table()
    row = table.functions["hisGetICD10EnC"]
    wider = TextArgument(kind="text", name="pIN", width=9)
    changed = row.model_copy(update={"arguments": (wider, *row.arguments[1:])})
    other = table.model_copy(update={"functions": {**table.functions, row.name: changed}})
    async with serving(monkeypatch, other) as engine:
        assert await asyncio.to_thread(library.hisGetICD10EnC, b"A01", ffi.new("char[7]")) == MISMATCH
        assert await asyncio.to_thread(library.csCloseCom) == 0
    assert [call.name for call in engine.calls] == ["csCloseCom"]


async def test_token_opens_the_door_and_its_lack_does_not(
    library: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with serving(monkeypatch, token_file=tmp_path / "token") as engine:
        assert await asyncio.to_thread(library.csCloseCom) == UNREACHABLE
        assert await asyncio.to_thread(library.csOpenCom, 0) == UNREACHABLE_OPEN
        assert engine.calls == []
        monkeypatch.setenv("CSHIS_BRIDGE_TOKEN_FILE", str(tmp_path / "token"))
        assert await asyncio.to_thread(library.csCloseCom) == 0
        assert await asyncio.to_thread(library.csOpenCom, 0) == 0


async def test_stopped_server_is_noticed_soon(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch):
        assert await asyncio.to_thread(library.csCloseCom) == 0
    begun = time.monotonic()
    assert await asyncio.to_thread(library.csCloseCom) == UNREACHABLE
    assert time.monotonic() - begun < 2
