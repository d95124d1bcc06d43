"""Every return code that the exported functions can be brought to give, against tables written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bridge.calls.call import NATIVE, VHC, OutBuffer
from bridge.config import ReaderSettings
from bridge.engine.engine import Engine
from bridge.records.journal import Journal
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from tests.scenarios.expected_statuses import (
    CLOUD,
    CONSOLE,
    NOTHING_OPENED,
    UNLISTED_CLOUD,
    UNLISTED_CONSOLE,
)
from tests.scenarios.situations import COMMON
from tests.scenarios.special_situations import SPECIAL, Changed, Scene
from tests.support.expected_codes import CARDS, SPECIAL_CODES, WAYS
from tests.support.good_calls import GOOD, Arguments
from tests.support.stage import DEMO, PinPad, open_stage, verify_practitioner
from tests.table.official import LEGACY_CODES

TABLE = default_table()
SERVED = sorted(row.name for row in TABLE.exported() if row.status != "unsupported")
DROPPED = sorted(row.name for row in TABLE.exported() if row.status == "unsupported")
EMPTY_OUTPUT_CODES = {5010, 5141, 5174, 0}


def _read(table: str) -> dict[str, dict[str, int]]:
    head, *lines = table.strip().splitlines()
    columns = head.split()[1:]
    made = {}
    for line in lines:
        name, *codes = line.split()
        made[name] = dict(zip(columns, map(int, codes), strict=True))
    return made


BY_CARD, BY_WAY = _read(CARDS), _read(WAYS)


async def _made(simulator: Simulator, name: str, column: str) -> int:
    simulator.world.reset()
    pad = PinPad(hc=None if column == "hc_pin" else "246810")
    async with open_stage(simulator, pad) as bench:
        arguments = {} if column == "none" else GOOD[name](simulator.world)
        if column == "short":
            arguments = _one_byte_short(arguments)
        await COMMON.get(column, COMMON["good"])(bench)
        return (await bench.call(name, **arguments)).code


def _one_byte_short(arguments: Arguments) -> Arguments:
    """Every buffer too small by one; those whose size is only documented (text_out) have no say."""
    return {
        name: replace(value, capacity=value.capacity - 1) if isinstance(value, OutBuffer) else value
        for name, value in arguments.items()
    }


@pytest.mark.parametrize("name", BY_CARD)
async def test_the_cards_and_arguments(name: str, simulator: Simulator) -> None:
    assert {column: await _made(simulator, name, column) for column in BY_CARD[name]} == BY_CARD[name]


@pytest.mark.parametrize("name", BY_WAY)
async def test_the_way_to_console_and_cloud(name: str, simulator: Simulator) -> None:
    assert {column: await _made(simulator, name, column) for column in BY_WAY[name]} == BY_WAY[name]


SPECIAL_ROWS = [(name, case, code) for names, case, code in SPECIAL_CODES for name in names.split()]


@pytest.mark.parametrize(("name", "case", "code"), SPECIAL_ROWS)
async def test_a_special_situation(
    name: str, case: str, code: int, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pad = PinPad()
    async with open_stage(simulator, pad) as bench:
        arguments = GOOD.get(name, lambda world: {})(simulator.world)
        if name in NEEDS_PRACTITIONER and not case.endswith("PIN not verified"):
            await verify_practitioner(bench)
        changed = await SPECIAL[case](Scene(bench, pad, monkeypatch)) or Changed()
        known = {argument.name for argument in TABLE.functions[name].arguments}
        changes = {key: value for key, value in changed.arguments.items() if key in known}
        result = await bench.call(name, changed.door, **{**arguments, **changes})
    assert result.code == code
    if code not in EMPTY_OUTPUT_CODES and TABLE.functions[name].result is None:
        assert result.outputs == {}


NEEDS_PRACTITIONER = {
    row.name
    for row in TABLE.functions.values()
    if any(step.signature is not None and step.signature.kind == "hpchc" for step in row.steps)
}


# --- statuses -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StatusRow:
    """One line of expected_statuses.py."""

    service: str
    status: int
    code: int
    name: str
    path: str
    marks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.service} {self.status} {self.name} {' '.join(self.marks)}".strip()


def _status_rows(service: str, text: str) -> Iterator[StatusRow]:
    for line in text.strip().splitlines():
        status, code, name, path, *marks = line.split()
        yield StatusRow(service, int(status), int(code), name, path, tuple(marks))


STATUS_ROWS = [
    *_status_rows("console", CONSOLE),
    *_status_rows("cloud", CLOUD),
    *(
        StatusRow("console", int(status), -1, "csOpenCom", "/common/v1/Initial", ("cold",))
        for status in NOTHING_OPENED.split()
    ),
    *_status_rows("console", UNLISTED_CONSOLE),
    *_status_rows("cloud", UNLISTED_CLOUD),
]


@pytest.mark.parametrize("row", STATUS_ROWS, ids=str)
async def test_a_status(row: StatusRow, simulator: Simulator) -> None:
    world = simulator.world
    token = world.qr(DEMO).encode()
    async with open_stage(simulator) as bench:
        arguments = {"QRCodeString": token} if row.name == "uploadqrcode" else GOOD[row.name](world)
        if "cold" not in row.marks:
            await verify_practitioner(bench)
        if "vhc" in row.marks and row.name != "uploadqrcode":
            assert (await bench.call("uploadqrcode", VHC, QRCodeString=token)).code == 0
        times = 1 if "once" in row.marks else None
        world.faults.arm(Fault(row.service, "status", row.status, row.path, times))
        before = len(world.requests.as_json())
        result = await bench.call(row.name, VHC if "vhc" in row.marks else NATIVE, **arguments)
    met = [each for each in world.requests.as_json()[before:] if each["fault"] == "status"]
    assert met
    assert result.code == row.code


# --- answers that get lost ----------------------------------------------------------------------------------

CODES_RETURNED = {
    -2,  # by every function that 6.0 dropped
    *(row.code for row in STATUS_ROWS),
    *(code for _, _, code in SPECIAL_ROWS),
    *(code for codes in (*BY_CARD.values(), *BY_WAY.values()) for code in codes.values()),
}

REPEATED = sorted(name for name, codes in BY_WAY.items() if codes["cl_lost"] == 5007)


@pytest.mark.parametrize("name", REPEATED)
async def test_a_lost_change_is_repeated_once_with_its_own_signature(name: str, simulator: Simulator) -> None:
    """The cloud says that it has carried it out: a person must look, and nothing was done twice."""
    path = {step.id: step.path for step in TABLE.functions[name].steps if step.cloud}.popitem()[1]
    async with open_stage(simulator) as bench:
        arguments = GOOD[name](simulator.world)
        await verify_practitioner(bench)
        simulator.world.faults.arm(Fault("cloud", "lost", path=path, times=1))
        result = await bench.call(name, **arguments)
        pending = bench.journal.pending()
        sent = [json.loads(each.content) for each in bench.cloud.requests if each.url.path == path]
    assert (result.code, result.outputs) == (5007, {})
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert [(each.function, each.path, each.state) for each in pending] == [(name, path, "ambiguous")]
    assert "was carried out" in pending[0].advice
    answered = [each for each in simulator.world.requests.as_json() if each["path"] == path]
    assert [each["status"] for each in answered] == [0, 3245]


# --- what settings and time make of it ----------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, codes in BY_WAY.items() if codes["con_down"] == 4000])
async def test_with_a_strict_port_a_card_call_wants_it_open(name: str, simulator: Simulator) -> None:
    strict = ReaderSettings(unopened="refuse")
    async with open_stage(simulator, reader_settings=strict) as bench:
        assert (await bench.call(name, **GOOD[name](simulator.world))).code == 4000
        assert bench.console.sent == []
        assert (await bench.call("csOpenCom", pComNum=0)).code == 0
        assert (await bench.call("csGetHospID", pBuffer=OutBuffer(10))).code == 0


@pytest.mark.parametrize(
    ("name", "case", "code"),
    [
        ("csOpenCom", "the console is slow", -1),
        ("hisGetBasicData", "the console is slow", 4000),
        ("hisGetBasicData", "the cloud is slow", 4000),
        ("hisWriteEmergentTel", "the cloud is slow", 4000),
    ],
)
async def test_a_call_ends_at_the_deadline(
    name: str, case: str, code: int, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(simulator, deadline=0.15) as bench:
        await SPECIAL[case](Scene(bench, PinPad(), monkeypatch))
        assert (await bench.call(name, **GOOD[name](simulator.world))).code == code
        simulator.world.faults.clear()
        assert (await bench.call("csGetHospID", pBuffer=OutBuffer(10))).code == 0


async def test_a_dropped_function_may_be_refused_by_the_settings(simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        engine = Engine(TABLE, bench.reader, _NoUpstream(), Journal(None), serve_dropped=False)
        bench.engine = engine
        assert (await bench.call("hisGetSeqNumber", **GOOD["hisGetSeqNumber"](simulator.world))).code == -2
    assert simulator.world.requests.as_json() == []


class _NoUpstream:
    name = "cloud"

    async def request(self, *args: object) -> dict[str, object]:
        raise AssertionError("nothing may be asked")


@pytest.mark.parametrize("name", DROPPED)
async def test_what_6_0_dropped_answers_minus_2_and_asks_nothing(name: str, simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        assert (await bench.call(name)).code == -2
        assert (bench.console.sent, bench.cloud.sent) == ([], [])


# --- the tables are whole -----------------------------------------------------------------------------------


def test_no_function_is_missing() -> None:
    assert sorted(GOOD) == SERVED
    assert sorted(BY_CARD) == SERVED
    assert sorted(BY_WAY) == SERVED


def test_no_situation_stands_unused() -> None:
    timed = {"the console is slow", "the cloud is slow"}
    assert {case for _, case, _ in SPECIAL_ROWS} | timed == set(SPECIAL)


def _contexts_of_exports() -> set[str]:
    """Contexts in which a status may reach an exported function; those of rows for HTTP alone are theirs."""
    rows = [row for row in TABLE.exported() if row.status != "unsupported"]
    steps = {context for row in rows for step in row.steps for context in step.contexts}
    return steps | {context for row in rows for context in (*row.contexts, row.name)} | {"vhc"}


def test_no_listed_status_is_missing_nor_one_of_its_codes() -> None:
    met = _contexts_of_exports()
    reached = {(row.service, str(row.status), row.code) for row in STATUS_ROWS}
    wanted = {
        (service, status, code)
        for service in ("console", "cloud")
        for status, entry in TABLE.statuses.sources[service].items()
        for code in (entry.legacy, *(code for name, code in entry.contexts.items() if name in met))
    }
    assert wanted - reached == set()


@pytest.mark.parametrize("code", sorted(LEGACY_CODES))
def test_every_code_of_the_old_software_is_brought_about_here_or_has_its_reason(code: int) -> None:
    """A walk over all codes: some call of these tables returns it, or 6.0 can never lead to it."""
    assert TABLE.texts is not None
    text, returned = TABLE.texts.codes[code], CODES_RETURNED
    if text.never is None:
        assert code in returned
        return
    reason = TABLE.texts.reasons[text.never]
    assert code not in returned
    assert reason.en
    assert reason.zh
