"""A table of a few rows and an engine that records what it is asked, for the tests of the channel."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.channel.frame import LONGEST_MS, Request, Sent, encode_request
from bridge.table.codegen.abi import signature_hash, slots
from bridge.table.loader import default_table
from bridge.table.model.arguments import (
    LengthArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextOutArgument,
)
from bridge.table.model.rows import Function, Table
from bridge.table.model.statuses import Status, StatusMap


def _row(name: str, *arguments: Any, contexts: tuple[str, ...] = (), export: bool = True) -> Function:
    return Function(
        name=name,
        section="1",
        title="t",
        summary="s",
        status="mapped",
        provenance="test",
        arguments=arguments,
        contexts=contexts,
        export=export,
    )


def _status(code: int, **contexts: int) -> Status:
    return Status(meaning="m", legacy=code, contexts=contexts, provenance="test")


TABLE = Table(
    functions={
        row.name: row
        for row in (
            _row(
                "csOpenCom", ScalarArgument(kind="scalar", name="pComNum", c_type="int"), contexts=("open",)
            ),
            _row(
                "hisGet",
                TextArgument(kind="text", name="cItem", width=2),
                RecordArgument(kind="record", name="pBuffer", record="r", length="iLen"),
                LengthArgument(kind="length", name="iLen"),
                TextOutArgument(kind="text_out", name="pOut", width=3),
                LengthArgument(kind="length", name="iFound"),
            ),
            _row("hidden", export=False),
        )
    },
    records_out={},
    records_in={},
    statuses=StatusMap(
        legacy_codes={},
        vhc_codes={},
        unlisted={"transport": 4000, "bridge": 4000},
        sources={
            "transport": {
                "bridge-unreachable": _status(4000, open=-1),
                "bad-argument": _status(6018),
                "shim-mismatch": _status(-2, open=-1),
            },
            "bridge": {"internal": _status(4001, open=-1)},
        },
    ),
    routes=(),
    console=default_table().console,
    digest="d",
)

Behaviour = Callable[[LegacyCall], Awaitable[LegacyResult]]


class RecordingEngine:
    """Answers with ``result``, or as ``behave`` says, and keeps the calls."""

    table = TABLE

    def __init__(self, result: LegacyResult | None = None, behave: Behaviour | None = None) -> None:
        self.result = result or LegacyResult(0)
        self.behave = behave
        self.calls: list[LegacyCall] = []

    async def call(self, call: LegacyCall) -> LegacyResult:
        self.calls.append(call)
        await asyncio.sleep(0)
        return await self.behave(call) if self.behave else self.result


def hash_of(name: str) -> int:
    return signature_hash(name, slots(TABLE, TABLE.functions[name]))


def open_port(number: int = 1, port: int = 0, milliseconds: int = LONGEST_MS) -> bytes:
    arguments = (Sent("scalar", port),)
    return encode_request(Request(number, hash_of("csOpenCom"), "csOpenCom", arguments, milliseconds))
