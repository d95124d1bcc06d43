"""Every program has its port: two programs at two readers, turns, holds, refused opens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager

import pytest

from bridge.config import ConsoleSettings, ReaderSettings
from bridge.errors import BadArgument, PortBusy, PortNotOpen, StatusError, WrongPerson
from bridge.reader import ports
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.ports import Memory
from bridge.reader.reader import Person, Reader, Use
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from bridge.upstream.client import HttpUpstream
from tests.support.simulated import SimulatedNetwork
from tests.support.stage import WITH_PIN, PinPad
from tests.support.two_readers import AT_COM1, AT_COM2, SECOND_SAM, SLOT_2, two_readers
from tests.unit.reader.test_session import BEGUN, FINALIZE, NAMES, PROTOCOL

A, B, NOBODY = "program A", "program B", ""
COM1, COM2, UNKNOWN = 0, 1, 7


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Clinic:
    """A reader over a console with two devices."""

    def __init__(self, reader: Reader, network: SimulatedNetwork, simulator: Simulator, time: Time) -> None:
        self.reader = reader
        self.network = network
        self.world = simulator.world
        self.time = time

    async def open(self, program: str, port: int) -> None:
        await self.reader.open(Use(program), port)

    async def card(self, program: str) -> str:
        """The number of the card that signs for a program."""
        signature = await self.reader.sign(Use(program), "hc", "01")
        await signature.proved()
        return signature.fields["hcId"]

    @property
    def sent(self) -> list[str]:
        return self.network.sent


class Kept:
    """A memory in place of a file. ``stuck``: a disk that does not answer; ``ended``: these run no more."""

    def __init__(self, stuck: bool = False) -> None:
        self.places: dict[str, dict[str, str]] = {}
        self.ended: set[str] = set()
        self.forgotten: set[str] = set()
        self._stuck = stuck

    def load(self) -> dict[str, dict[str, str]]:
        return {kind: dict(places) for kind, places in self.places.items()}

    def is_forgotten(self, program: str) -> bool:
        return program in self.forgotten

    def save(self, places: Mapping[str, Mapping[str, str]]) -> Future[None]:
        written: Future[None] = Future()
        if not self._stuck:
            self.places = {kind: dict(of) for kind, of in places.items()}
            written.set_result(None)
        return written

    def runs(self, program: str) -> bool:
        return program not in self.ended


@asynccontextmanager
async def clinic(
    simulator: Simulator, memory: Memory | None = None, **settings: object
) -> AsyncIterator[Clinic]:
    simulator.world.load(two_readers())
    network, now = SimulatedNetwork(simulator.console_app), Time()
    console = HttpUpstream("console", ConsoleSettings(), network.way("console", ConsoleSettings()))
    chosen = ReaderSettings.model_validate({"hold": 0, **settings})
    pad = PinPad(hc="000000", types_on_reader=True)
    reader = Reader(console, PROTOCOL, chosen, PinPolicy(pad), now, memory)
    try:
        yield Clinic(reader, network, simulator, now)
    finally:
        await reader.stop()
        await console.aclose()


@pytest.fixture
async def desk(simulator: Simulator) -> AsyncIterator[Clinic]:
    async with clinic(simulator) as made:
        yield made


async def test_two_programs_at_two_ports_never_get_each_others_patient(desk: Clinic) -> None:
    await desk.open(A, COM1)
    assert await desk.card(A) == AT_COM1
    await desk.open(B, COM2)
    for _ in range(2):
        assert await desk.card(A) == AT_COM1
        assert await desk.card(B) == AT_COM2


async def test_the_port_still_counts_after_it_was_closed(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.reader.close(Use(A))
    await desk.open(B, COM2)
    assert await desk.card(A) == AT_COM1


async def test_the_port_is_what_was_named_last(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.open(A, COM2)
    assert await desk.card(A) == AT_COM2
    await desk.open(A, -1)  # names none
    assert await desk.card(A) == AT_COM2


async def test_two_programs_at_one_port_share_its_session(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.card(A)
    await desk.open(B, COM1)
    assert await desk.card(B) == AT_COM1
    assert FINALIZE not in desk.sent


async def test_a_refused_open_ends_nobodys_session_and_changes_nobodys_device(desk: Clinic) -> None:
    await desk.open(A, COM2)
    assert await desk.card(A) == AT_COM2
    with pytest.raises(StatusError, match="1002"):
        await desk.open(B, UNKNOWN)
    assert desk.sent[-1] == NAMES
    assert FINALIZE not in desk.sent
    assert await desk.card(A) == AT_COM2


async def test_a_refused_open_leaves_the_program_the_port_that_it_had(desk: Clinic) -> None:
    await desk.open(A, COM2)
    with pytest.raises(StatusError):
        await desk.open(A, UNKNOWN)
    assert await desk.card(A) == AT_COM2


@pytest.mark.parametrize("first_again", [A, B])
async def test_a_bridge_that_was_started_again_knows_whose_port_is_which(
    simulator: Simulator, first_again: str
) -> None:
    memory = Kept()
    async with clinic(simulator, memory) as before:
        await before.open(A, COM1)
        await before.open(B, COM2)
        await before.card(B)
    async with clinic(simulator, memory) as again:
        for program in (first_again, A, B):
            assert await again.card(program) == {A: AT_COM1, B: AT_COM2}[program]


async def test_and_where_a_program_began_that_named_none(simulator: Simulator) -> None:
    memory = Kept()
    async with clinic(simulator, memory) as before:
        await before.open(A, COM2)
        assert await before.card(B) == AT_COM2
        await before.open(A, COM1)
    async with clinic(simulator, memory) as again:
        assert await again.card(A) == AT_COM1
        assert await again.card(B) == AT_COM2


@pytest.mark.parametrize(
    ("settings", "joined"),
    [({}, AT_COM2), ({"default_device": "COM1"}, AT_COM1)],
    ids=["the session", "default"],
)
async def test_a_program_whose_port_is_not_known_any_more_gets_nobody_until_it_opens_one(
    simulator: Simulator, settings: dict[str, str], joined: str
) -> None:
    memory = Kept()
    memory.forgotten = {A, B}
    async with clinic(simulator, memory, **settings) as desk:
        assert await desk.card("a new one") == AT_COM1
        for program in (A, B):
            with pytest.raises(PortNotOpen, match="not known any more"):
                await desk.card(program)
        await desk.open(A, COM2)
        assert await desk.card(A) == AT_COM2
        await desk.open(B, -1)
        assert await desk.card(B) == joined


async def test_an_open_visit_at_the_consoles_own_choice_keeps_other_ports_out(desk: Clinic) -> None:
    assert await desk.card(NOBODY) == AT_COM1
    desk.reader.visit_opened(Use(NOBODY))
    with pytest.raises(PortBusy, match="a visit is open"):
        await desk.open(A, COM2)
    await desk.open(B, COM1)
    assert await desk.card(B) == AT_COM1
    assert FINALIZE not in desk.sent


async def test_a_refused_port_is_kept_for_its_program_too(simulator: Simulator) -> None:
    memory = Kept()
    async with clinic(simulator, memory) as before:
        await before.open(A, COM1)
        with pytest.raises(StatusError, match="1002"):
            await before.open(B, UNKNOWN)
    async with clinic(simulator, memory) as again:
        await again.open(A, COM1)
        with pytest.raises(StatusError, match="1002"):
            await again.card(B)


async def test_a_disk_that_does_not_answer_holds_an_open_up_for_a_moment_only(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "KEEPING_SECONDS", 0.05)
    async with clinic(simulator, Kept(stuck=True)) as desk:
        async with asyncio.timeout(5):
            await desk.open(A, COM2)
        assert await desk.card(A) == AT_COM2


@pytest.mark.parametrize("others_work", [False, True])
async def test_who_named_an_unknown_port_is_never_given_the_default_device(
    desk: Clinic, others_work: bool
) -> None:
    if others_work:
        await desk.open(A, COM2)
    with pytest.raises(StatusError):
        await desk.open(B, UNKNOWN)
    with pytest.raises(StatusError, match="1002"):
        await desk.card(B)


async def test_one_refused_open_of_callers_nobody_tells_apart_is_not_that_of_all(desk: Clinic) -> None:
    """HTTP clients: one of them named a port that is not there."""
    with pytest.raises(StatusError):
        await desk.open(NOBODY, UNKNOWN)
    assert await desk.card(NOBODY) == AT_COM1


async def test_who_named_none_works_with_the_default_device(simulator: Simulator) -> None:
    async with clinic(simulator, default_device="COM2") as desk:
        await desk.open(A, COM1)
        assert await desk.card(NOBODY) == AT_COM2
        assert await desk.card(A) == AT_COM1


async def test_without_a_default_who_named_none_joins_the_session_that_is_there(desk: Clinic) -> None:
    await desk.open(A, COM2)
    assert await desk.card(NOBODY) == AT_COM2
    assert FINALIZE not in desk.sent


async def test_who_named_none_stays_where_it_began(desk: Clinic) -> None:
    """Else it would be given the patient of whoever had the last turn."""
    assert await desk.card(A) == AT_COM1
    await desk.open(B, COM2)
    assert await desk.card(B) == AT_COM2
    desk.time.now += 10
    assert await desk.card(A) == AT_COM1
    await desk.reader.close(Use(A))
    desk.time.now += 10
    assert await desk.card(B) == AT_COM2
    await desk.reader.close(Use(B))
    assert await desk.card(A) == AT_COM1


# --- turns --------------------------------------------------------------------------------------------------


async def test_a_turn_lasts_for_the_minimum_hold(simulator: Simulator) -> None:
    async with clinic(simulator, hold=0.05) as desk:
        await desk.open(A, COM1)
        assert await desk.reader._turns._enter(B, "COM2") == pytest.approx(0.05)
        desk.time.now += 0.04
        assert await desk.reader._turns._enter(B, "COM2") == pytest.approx(0.01)
        assert FINALIZE not in desk.sent
        desk.time.now += 0.011
        await desk.open(B, COM2)
        assert desk.sent[-4:] == [NAMES, FINALIZE, *BEGUN]


async def test_a_call_for_another_port_waits_for_its_turn(simulator: Simulator) -> None:
    simulator.world.load(two_readers())
    network = SimulatedNetwork(simulator.console_app)
    console = HttpUpstream("console", ConsoleSettings(), network.way("console", ConsoleSettings()))
    reader = Reader(console, PROTOCOL, ReaderSettings(hold=0.1))
    desk = Clinic(reader, network, simulator, Time())
    began = time.monotonic()
    await desk.open(A, COM1)
    waiting = asyncio.create_task(desk.open(B, COM2))
    await asyncio.sleep(0.02)
    assert await desk.card(A) == AT_COM1  # who has the turn goes on
    await waiting
    assert time.monotonic() - began >= 0.1
    assert await desk.card(B) == AT_COM2
    await reader.stop()


async def test_what_is_verified_at_one_port_is_not_at_the_other(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.reader.verify_sam(Use(A))
    await desk.open(B, COM2)
    assert desk.world.session.device is not None
    assert desk.world.session.device.id == SECOND_SAM
    assert not desk.world.session.sam_verified
    assert await desk.card(B) == AT_COM2


async def test_failures_of_one_sam_are_not_the_other_ones(desk: Clinic) -> None:
    await desk.open(A, COM1)
    desk.world.faults.arm(Fault("console", "status", 1301, "Verification", None))
    for _ in range(4):
        with pytest.raises(StatusError, match="1301"):
            await desk.card(A)
    assert desk.sent.count("POST /api/sam/v1/Verification") == 3
    desk.world.faults.clear()
    await desk.open(B, COM2)
    assert await desk.card(B) == AT_COM2
    with pytest.raises(StatusError, match="1301"):
        await desk.card(A)  # not tried a fourth time


# --- holds --------------------------------------------------------------------------------------------------


async def test_an_open_visit_keeps_the_console_and_the_log_names_both_ports(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.card(A)
    desk.reader.visit_opened(Use(A))
    with pytest.raises(PortBusy, match=r"port COM1, and a visit is open there: port COM2 of another program"):
        await desk.open(B, COM2)
    with pytest.raises(PortBusy):
        await desk.card(B)  # and not COM1's card
    assert await desk.card(A) == AT_COM1
    desk.time.now += 61
    assert await desk.card(B) == AT_COM2


async def test_each_call_keeps_a_visit_open(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.card(A)
    desk.reader.visit_opened(Use(A))
    for _ in range(3):
        desk.time.now += 40
        await desk.card(A)
    with pytest.raises(PortBusy):
        await desk.open(B, COM2)
    await desk.reader.log_out_health_card(Use(A))  # which ends it
    await desk.open(B, COM2)


async def test_the_own_visit_keeps_nobody_from_his_other_port(desk: Clinic) -> None:
    await desk.open(A, COM1)
    desk.reader.visit_opened(Use(A))
    await desk.open(A, COM2)
    assert await desk.card(A) == AT_COM2


async def test_a_verified_practitioner_keeps_the_console_until_logged_out(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.reader.pins.verify_hpc(Use(A))
    desk.time.now += 600
    with pytest.raises(PortBusy, match="a practitioner's PIN is verified"):
        await desk.open(B, COM2)
    await desk.reader.log_out_practitioner(Use(A))
    await desk.open(B, COM2)


async def test_a_program_that_was_killed_keeps_the_console_for_the_linger_time(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.reader.pins.verify_hpc(Use(A))
    desk.time.now += 901
    await desk.open(B, COM2)


async def test_a_typed_pin_keeps_the_console(desk: Clinic) -> None:
    desk.world.insert("hc", WITH_PIN)
    await desk.open(A, COM1)
    await desk.reader.pins.verify_hc(Use(A))
    with pytest.raises(PortBusy, match="a health card's PIN is verified"):
        await desk.open(B, COM2)


async def test_a_virtual_card_keeps_the_console_of_a_named_port(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.reader.virtual.upload(Use(A, "virtual"), desk.world.qr(AT_COM2))
    with pytest.raises(PortBusy, match="a virtual card is present"):
        await desk.open(B, COM2)
    desk.time.now += 61
    await desk.open(B, COM2)


async def test_a_virtual_card_of_a_client_that_named_no_port_keeps_nobody_out(desk: Clinic) -> None:
    await desk.reader.virtual.upload(Use(NOBODY, "virtual"), desk.world.qr(AT_COM2))
    await desk.open(B, COM1)
    assert await desk.card(B) == AT_COM1


# --- what lies in the slots ---------------------------------------------------------------------------------


async def test_a_write_for_the_other_ports_patient_is_refused(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.open(B, COM2)
    holder = desk.world.cards[AT_COM2]
    with pytest.raises(WrongPerson):
        await desk.reader.sign(Use(A), "hc", "02", Person(holder.id_no, holder.birthday))


async def test_a_swap_at_one_port_is_not_one_at_the_other(desk: Clinic) -> None:
    await desk.open(A, COM1)
    await desk.open(B, COM2)
    desk.world.insert(SLOT_2, WITH_PIN)
    assert await desk.card(A) == AT_COM1
    assert await desk.card(B) == WITH_PIN
    desk.world.remove(SLOT_2)
    with pytest.raises(StatusError, match="1102"):
        await desk.card(B)
    assert await desk.card(A) == AT_COM1


# --- another program's console ------------------------------------------------------------------------------


async def test_a_device_that_another_program_has_opened_is_not_taken_for_the_own_one(desk: Clinic) -> None:
    """A native program ends the session and begins one of the other device: its patient is not A's."""
    await desk.open(A, COM1)
    assert await desk.card(A) == AT_COM1
    console = desk.world.session
    console.finalise()
    console.initialise("COM2")
    console.verify_sam()
    for _ in range(3):
        with pytest.raises(PortBusy, match="another device"):
            await desk.card(A)
    console.finalise()
    assert await desk.card(A) == AT_COM1


@pytest.mark.parametrize("card_in_use", [False, True])
async def test_a_session_left_over_for_another_device_is_ended_unless_a_card_is_in_use(
    desk: Clinic, card_in_use: bool
) -> None:
    """A bridge that was killed leaves its session: the next one must get at its own port."""
    desk.world.session.initialise("COM2")
    desk.world.session.verify_sam()
    if card_in_use:
        desk.world.session.require_hc()
        with pytest.raises(PortBusy, match="another device at the console than that of port COM1"):
            await desk.open(A, COM1)
        desk.world.remove(SLOT_2)
    await desk.open(A, COM1)
    assert await desk.card(A) == AT_COM1


async def test_a_session_taken_over_as_it_began_is_not_this_ports(
    desk: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between Initial and the question which device it is, a program of 6.0 begins the other reader's."""
    console = desk.reader._session.console
    asked = console.status

    async def late() -> object:
        monkeypatch.setattr(console, "status", asked)
        await console.finalise()
        await console.initialise("COM1")
        return await asked()

    monkeypatch.setattr(console, "status", late)
    with pytest.raises(PortBusy):
        await desk.open(B, COM2)
    assert await desk.card(B) == AT_COM2


@pytest.mark.parametrize(
    ("name", "settings", "device"),
    [
        ("COM1", {}, "COM1"),
        ("com12", {}, "COM12"),
        ("COM6", {"devices": {"5": "COM3"}}, "COM3"),
        (SECOND_SAM, {}, SECOND_SAM),
        ("", {"default_device": "COM2"}, "COM2"),
        ("", {}, ""),
        ("COM0", {}, "COM0"),
    ],
)
def test_a_reader_that_a_person_names(name: str, settings: dict[str, object], device: str) -> None:
    assert ports.Ports(ReaderSettings.model_validate(settings)).device_named(name) == device


def test_without_a_name_it_is_the_reader_in_use_as_long_as_there_is_one() -> None:
    memory = Kept()
    used = ports.Ports(ReaderSettings(), memory)
    used.name(A, "COM2", "COM2")
    assert used.device_named("") == "COM2"
    used.name(B, "COM1", "COM1")
    with pytest.raises(BadArgument, match="COM1, COM2"):
        used.device_named("")
    memory.ended = {A}
    assert used.device_named("") == "COM1"


async def test_the_programs_that_wait_for_their_turn_are_known_in_their_order(desk: Clinic) -> None:
    await desk.open(A, COM1)
    async with desk.reader.turn(Use(A), ("console",)):
        assert desk.reader.view.known().waiting == ()
        waiting = [asyncio.create_task(desk.card(program)) for program in (B, A, B)]
        await asyncio.sleep(0)
        known = desk.reader.view.known()
        assert (known.program, known.waiting) == (A, (B, A, B))
        waiting[0].cancel()
        await asyncio.sleep(0)
        assert desk.reader.view.known().waiting == (A, B)
    await asyncio.gather(*waiting[1:])
    assert desk.reader.view.known().waiting == ()
