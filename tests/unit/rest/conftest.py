"""A facade over an engine that plans calls as the real one does and answers what a test tells it to."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.calls.caller import Caller
from bridge.calls.context import CallContext
from bridge.calls.outcome import failure_code
from bridge.calls.plan import make_plan
from bridge.codec.fixed import pack
from bridge.config import FacadeSettings
from bridge.engine.given import decrypt
from bridge.errors import CallError
from bridge.records.journal import Journal
from bridge.rest.app import make_app
from bridge.rest.uploads import ServiceRoutes
from bridge.table.loader import load_table
from bridge.table.model.layout import build_layout
from bridge.table.model.rows import Function, Route, Table
from bridge.table.model.service import Service

# Paths of other forms and kinds of rows than the table has today.
MORE_ROUTES = {
    "/T/BasicBig5": ("hisGetBasicData", "big5"),
    "/T/BasicJson": ("hisGetBasicData", "json"),
    "/T/BasicJsonBig5": ("hisGetBasicData", "json_big5"),
    "/T/TreatmentJson": ("hisGetTreatmentNoNeedHPC", "json"),
    "/T/PrescriptSign": ("hisWriteMultiPrescriptSign", "plain"),
    "/T/PrescriptSignJson": ("hisWriteMultiPrescriptSign", "json"),
    "/T/WriteTreatment": ("hisWriteTreatmentData", "plain"),
    "/T/CardStatus": ("hisGetCardStatus", "plain"),
    "/T/Dropped": ("dropped", "plain"),
}


class FakeUploads:
    """Keeps the requests for services that it gets and answers what a test tells it to."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, object]]] = []
        self.callers: list[Caller] = []
        self.reply: dict[str, object] = {"RtnCode": "0000", "Opcode": "1"}
        self.fault: Exception | None = None

    async def relay(self, service: Service, given: dict[str, object], caller: Caller) -> dict[str, object]:
        self.requests.append((service.name, given))
        self.callers.append(caller)
        if self.fault is not None:
            raise self.fault
        return self.reply


class FakeEngine:
    """Keeps the calls it gets; the real planning finds the caller's faults."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.calls: list[LegacyCall] = []
        self.uploads = FakeUploads()
        self.journal = Journal(None)
        self.session_open = False
        self.other_programs: dict[str, object] = {"signs": 0, "last": None, "last_sign": ""}
        self.result = LegacyResult(0)
        self.fault: Exception | None = None

    async def call(self, call: LegacyCall) -> LegacyResult:
        self.calls.append(call)
        function = self.table.functions[call.name]
        try:
            make_plan(self.table, function, call, CallContext(decrypt=decrypt))
        except CallError as error:
            return LegacyResult(failure_code(self.table, function, call.door.contexts, error))
        if self.fault is not None:
            raise self.fault
        return self.result

    def record(self, name: str, values: dict, repeat: int = 1) -> bytes:
        return pack(build_layout(self.table.records_out[name], self.table.records_out, repeat), values).data


@pytest.fixture(scope="session")
def table() -> Table:
    loaded = load_table()
    dropped = Function(
        name="dropped", section="9.9", title="已停用", summary="Dropped.",
        status="unsupported", provenance="test",
        arguments=({"kind": "text", "name": "pText", "width": 3},),
    )  # fmt: skip
    more = tuple(
        Route(path=path, function=function, form=form, provenance="test")
        for path, (function, form) in MORE_ROUTES.items()
    )
    return loaded.model_copy(
        update={"functions": {**loaded.functions, "dropped": dropped}, "routes": (*loaded.routes, *more)}
    )


@pytest.fixture
def engine(table: Table) -> Iterator[FakeEngine]:
    made = FakeEngine(table)
    yield made
    made.journal.close()


@pytest.fixture
def app(engine: FakeEngine):
    services = ServiceRoutes(engine.table, engine.uploads)
    return make_app(engine, FacadeSettings(most_body_bytes=5_000), [services])


@pytest.fixture
async def client(app) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost:5067") as opened:
        yield opened
