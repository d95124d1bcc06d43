"""A port that the console does not know: the cloud SAM that stands in for it, and where none may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.config import ReaderSettings
from bridge.errors import CallError, StatusError
from bridge.reader.console_client import ConsoleClient
from bridge.reader.ports import Ports
from bridge.reader.reader import Use
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from tests.support.two_readers import AT_COM2, SLOT_2, two_readers
from tests.unit.reader.test_ports import Kept
from tests.unit.reader.test_session import (
    BEGUN,
    FINALIZE,
    FIRST,
    INITIAL,
    NAMES,
    OTHER_SAM,
    PROTOCOL,
    SAM,
    VERIFY_SAM,
    Desk,
    add_sam,
    pin_policy,
)

A, B, C, NOBODY = "program A", "program B", "program C", ""
SAMS = "GET /api/settings/v1/CloudSam"


@pytest.fixture
async def desk(simulator: Simulator) -> AsyncIterator[Desk]:
    async with pin_policy(simulator, devices={}, hold=0, linger=900) as made:
        yield made


async def refused(desk: Desk, program: str, port: int) -> bool:
    """Whether opening is refused as for a device that does not exist (-1 for the program)."""
    try:
        await desk.reader.open(Use(program), port)
    except StatusError as error:
        return (error.source, error.number) == ("console", 1002)
    return False


async def card(desk: Desk, program: str) -> str:
    signature = await desk.reader.sign(Use(program), "hc", "01")
    await signature.proved()
    return signature.fields["hcId"]


@pytest.mark.parametrize("port", [0, 3, 7, 14])
async def test_the_only_sam_stands_in_for_any_port(
    desk: Desk, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    asked = await desk.asked_for(lambda: desk.reader.open(Use(A), port))
    assert asked == [INITIAL, NAMES, *BEGUN]
    assert await card(desk, A) == FIRST
    assert f'reader.devices names it for good ({port} = "{SAM}")' in caplog.text


@pytest.mark.parametrize("first", [NOBODY, B])
async def test_it_does_so_too_while_a_visit_is_open_in_the_session_of_its_own(desk: Desk, first: str) -> None:
    """As with an HTTP client and a library at one reader: both mean the same device."""
    assert await card(desk, first) == FIRST
    desk.reader.visit_opened(Use(first))
    await desk.reader.open(Use(A), 0)
    assert await card(desk, A) == FIRST
    assert FINALIZE not in desk.network.sent


async def test_it_is_remembered_and_said_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        await desk.reader.open(Use(A), 0)
        await desk.reader.close(Use(A))
    assert desk.network.sent.count(NAMES) == 1
    assert FINALIZE not in desk.network.sent
    assert caplog.text.count("stands in") == 1


async def test_what_was_verified_before_the_port_was_named_stays_so(desk: Desk) -> None:
    """A program may read first and open then: the console has chosen the same SAM by itself."""
    assert await card(desk, A) == FIRST
    asked = await desk.asked_for(lambda: desk.reader.open(Use(A), 0))
    assert FINALIZE not in asked
    assert VERIFY_SAM not in await desk.asked_for(lambda: card(desk, A))


async def test_programs_at_the_same_port_share_it(desk: Desk) -> None:
    for program in (A, B):
        await desk.reader.open(Use(program), 0)
        assert await card(desk, program) == FIRST
    assert FINALIZE not in desk.network.sent


async def test_a_port_of_another_program_may_mean_another_reader(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.reader.open(Use(A), 0)
    await desk.reader.close(Use(A))  # as programs do around every call
    assert await refused(desk, B, 1)
    assert "another program works with its cloud SAM at another port" in caplog.text
    with pytest.raises(CallError):
        await card(desk, B)  # it named a port of its own, and is not given the other's patient
    assert await card(desk, A) == FIRST


async def test_one_program_may_try_its_ports_one_after_the_other(desk: Desk) -> None:
    assert not await refused(desk, A, 3)
    assert not await refused(desk, A, 0)


async def test_a_program_that_is_gone_keeps_no_port(desk: Desk) -> None:
    await desk.reader.open(Use(A), 0)
    desk.now += 901
    assert not await refused(desk, B, 1)
    assert await refused(desk, A, 0)  # now it is the other one that works there
    desk.now += 901
    assert not await refused(desk, A, 0)


async def test_a_port_that_the_settings_name_is_a_claim_as_well(simulator: Simulator) -> None:
    async with pin_policy(simulator, devices={"5": SAM}) as desk:
        await desk.reader.open(Use(A), 5)
        assert await refused(desk, B, 0)


async def test_what_the_settings_name_is_never_replaced(simulator: Simulator) -> None:
    async with pin_policy(simulator, devices={"0": "COM7"}) as desk:
        assert await refused(desk, A, 0)
        assert NAMES not in desk.network.sent


@pytest.mark.parametrize("number", [1003, 1201, 1202])
async def test_a_port_that_fails_otherwise_is_not_replaced(desk: Desk, number: int) -> None:
    """The reader is there and broken: its cards must not be read by another SAM."""
    desk.fault("status", "Initial", number)
    with pytest.raises(StatusError) as caught:
        await desk.reader.open(Use(A), 0)
    assert caught.value.number == number
    assert NAMES not in desk.network.sent


async def test_a_physical_reader_is_opened_by_its_own_name(simulator: Simulator) -> None:
    simulator.world.load(two_readers())
    async with pin_policy(simulator, devices={}, hold=0) as desk:
        await desk.reader.open(Use(A), 1)
        assert await card(desk, A) == AT_COM2
        assert desk.world.slots[SLOT_2].card_number == AT_COM2
        assert await refused(desk, B, 4)  # no cloud SAM could be meant


async def test_of_several_sams_none_is_guessed(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    add_sam(simulator)
    async with pin_policy(simulator, devices={}) as desk:
        assert await refused(desk, A, 0)
        assert "2 cloud SAMs: which of them is meant, the setting reader.devices must say" in caplog.text
        assert desk.network.sent == [INITIAL, NAMES, SAMS]


async def test_without_any_device_it_is_refused(simulator: Simulator) -> None:
    simulator.world.settings.sams = []
    async with pin_policy(simulator, devices={}) as desk:
        assert await refused(desk, A, 0)


async def test_a_console_that_tells_virtual_ports_is_believed(simulator: Simulator) -> None:
    add_sam(simulator)
    async with pin_policy(simulator, devices={}) as desk:
        listed = [{"samId": OTHER_SAM, "comport": "COM5"}, {"samId": SAM, "comport": "COM4"}, "x", None]

        def detailed(request: httpx.Request) -> None:
            sams = {"statusCode": 0, "sams": listed}
            desk.network.instead = sams if request.url.path.endswith("CloudSam") else None

        desk.network.before = detailed
        await desk.reader.open(Use(A), 4)
        assert desk.world.session.device is not None
        assert desk.world.session.device.id == OTHER_SAM


async def test_a_sam_that_was_removed_no_longer_stands_in(simulator: Simulator) -> None:
    add_sam(simulator)
    sams = simulator.world.settings.sams
    simulator.world.settings.sams = sams[:1]
    async with pin_policy(simulator, devices={}, hold=0) as desk:
        await desk.reader.open(Use(A), 0)
        simulator.world.session.finalise()
        simulator.world.settings.sams = sams[1:]
        await desk.reader.open(Use(A), 0)
        assert desk.world.session.device is not None
        assert desk.world.session.device.id == OTHER_SAM


TEXTS = st.none() | st.integers() | st.text(max_size=5)
ENTRIES = st.lists(st.dictionaries(st.sampled_from(("samId", "comport", "x")), TEXTS))


@settings(max_examples=200, deadline=None)
@given(listed=st.recursive(TEXTS, st.lists, max_leaves=8) | ENTRIES)
async def test_whatever_the_console_lists_gives_texts_or_nothing(listed: Any) -> None:
    class Answering:
        name = "console"

        async def request(self, *_: object) -> dict[str, Any]:
            return {"sams": listed}

    client = ConsoleClient(Answering(), PROTOCOL, lambda _: None)  # type: ignore[arg-type]
    found = await client.cloud_sam_ports()
    assert all(isinstance(text, str) for pair in found.items() for text in pair)


PROGRAMS, DEVICES = st.sampled_from((A, B, C, NOBODY)), st.sampled_from((SAM, OTHER_SAM, "COM1"))


@given(
    named=st.lists(st.tuples(PROGRAMS, DEVICES, st.integers(0, 3))), by=st.tuples(PROGRAMS, st.integers(0, 3))
)
def test_a_claim_is_anothers_at_the_same_device_by_another_port(
    named: list[tuple[str, str, int]], by: tuple[str, int]
) -> None:
    ports = Ports(ReaderSettings())
    for program, device, port in named:
        ports.name(program, device, ports.port_name(port))
    last = {program: (device, port) for program, device, port in named}
    expected = {p for p, (device, port) in last.items() if p != by[0] and device == SAM and port != by[1]}
    assert set(ports.claimed(SAM, ports.port_name(by[1]), by[0])) == expected


def test_a_program_that_has_ended_claims_nothing() -> None:
    memory = Kept()
    ports = Ports(ReaderSettings(), memory)
    ports.name(A, SAM, "COM1")
    ports.name(B, SAM, "COM1")
    memory.ended.add(A)
    assert ports.claimed(SAM, "COM4", C) == [B]


async def test_a_port_whose_opening_did_not_reach_the_console_is_opened_by_the_next_call(
    simulator: Simulator, desk: Desk
) -> None:
    """Programs go on although csOpenCom has failed; nobody could say then what stands in."""
    simulator.world.faults.arm(Fault("console", "http", 503, "Initial"))
    with pytest.raises(CallError) as failed:
        await desk.reader.open(Use(A), 0)
    assert not isinstance(failed.value, StatusError)
    simulator.world.faults.clear()
    assert await card(desk, A)
    assert not await refused(desk, B, 0)
