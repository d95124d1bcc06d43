"""Virtual cards for programs that know of none: when one counts, when it ends, what each program is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bridge.calls.call import NATIVE, VHC, Argument, Door, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.caller import Caller
from bridge.config import CloudSettings, ConsoleSettings, ReaderSettings
from bridge.engine.engine import Engine
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.reader import Reader
from bridge.records.journal import Journal
from bridge.sim.simulator import Simulator
from bridge.table.default import default_table
from bridge.upstream.client import HttpUpstream
from tests.support.simulated import SimulatedNetwork
from tests.support.stage import CHILD, DEMO, ELDER, MOTHER, PinPad
from tests.support.two_readers import two_readers

NONE, VERIFIED = 0, 2
NO_CARD, NOT_THIS_PERSON, EXCHANGED = 4013, 5020, 4033
IDLE, VISIT = 300.0, 60.0


@dataclass
class Counter:
    """A bridge, the simulators behind it, a clock that stands still, and the person at the desk."""

    engine: Engine
    simulator: Simulator
    console: SimulatedNetwork
    cloud: SimulatedNetwork
    now: float = 1000.0

    async def call(
        self, name: str, program: str = "HIS", door: Door = NATIVE, **given: Argument
    ) -> LegacyResult:
        return await self.engine.call(LegacyCall(name, given, door, Caller(program)))

    async def state(self, program: str = "HIS") -> int:
        return (await self.call("hisGetCardStatus", program, CardType=2)).code

    async def read(self, program: str = "HIS") -> str | int:
        """The number of the card whose basic data a program gets, else the code."""
        result = await self.call("hisGetBasicData", program, pBuffer=OutBuffer(72))
        return bytes(result.outputs["pBuffer"])[:12].decode() if result.code == 0 else result.code

    async def number(self, program: str = "HIS") -> int:
        return (
            await self.call(
                "hisGetSeqNumber256N1", program,
                cTreatItem=b"01", cBabyTreat=b"", cTreatAfterCheck=b"1", pBuffer=OutBuffer(316),
            )
        ).code  # fmt: skip

    async def write(self, card: str, program: str = "HIS") -> int:
        holder = self.simulator.world.cards[card]
        return (
            await self.call(
                "hisWriteEmergentTel", program, pPatientID=holder.id_no.encode(),
                pPatientBirthDate=holder.birthday.encode(), pEmergentTel=b"0912345678",
            )
        ).code  # fmt: skip

    async def scan(self, card: str = MOTHER, reader: str = "", uses: int = 3) -> int:
        code = self.simulator.world.qr(card, uses=uses or 1)
        if not uses:
            self.simulator.world.qr_codes.use(code)
        return (await self.engine.present(code, reader)).code

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.simulator.world.shift_clock(seconds)

    def visits(self, card: str) -> int:
        return len(self.simulator.world.record(card).visits)

    def insert(self, card: str) -> None:
        self.simulator.world.insert("hc", card)

    def remove(self) -> None:
        self.simulator.world.remove("hc")


@asynccontextmanager
async def open_counter(simulator: Simulator, **settings: object) -> AsyncIterator[Counter]:
    networks = SimulatedNetwork(simulator.console_app), SimulatedNetwork(simulator.cloud_app)
    console = HttpUpstream("console", ConsoleSettings(), networks[0].way("console", ConsoleSettings()))
    cloud = HttpUpstream("cloud", CloudSettings(), networks[1].way("cloud", CloudSettings()))
    chosen = ReaderSettings.model_validate({"cards": "either", **settings})
    table, journal = default_table(), Journal(None)
    reader = Reader(console, table.console, chosen, PinPolicy(PinPad()), lambda: counter.now)
    counter = Counter(Engine(table, reader, cloud, journal), simulator, *networks)
    try:
        yield counter
    finally:
        await reader.stop()
        journal.close()


@pytest.fixture
async def counter(simulator: Simulator) -> AsyncIterator[Counter]:
    simulator.world.change_switches({"one_visit_per_qr": False})
    async with open_counter(simulator) as made:
        yield made


async def soon(happens: Callable[[], bool]) -> None:
    """Wait until it is so, ten seconds at most."""
    for _ in range(500):
        if happens():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it has not happened")


# --- the receptionist's path --------------------------------------------------------------------------------


async def test_a_program_that_knows_of_no_virtual_cards_makes_a_visit_with_one(counter: Counter) -> None:
    counter.remove()
    before = counter.visits(MOTHER)
    assert await counter.state() == NONE
    assert await counter.scan(MOTHER) == 0
    assert await counter.state() == VERIFIED
    assert await counter.read() == MOTHER
    assert await counter.number() == 0
    assert await counter.write(MOTHER) == 0
    assert counter.visits(MOTHER) == before + 1


async def test_what_a_virtual_card_lacks_is_blank(counter: Counter) -> None:
    await counter.scan(MOTHER)
    record = (await counter.call("hisGetBasicData", pBuffer=OutBuffer(72))).outputs["pBuffer"]
    assert bytes(record)[50:57] == b" " * 7  # type: ignore[arg-type]
    record = (await counter.call("hisGetRegisterBasic", pBuffer=OutBuffer(78))).outputs["pBuffer"]
    assert bytes(record)[50:57] == b" " * 7  # type: ignore[arg-type]


async def test_its_pin_rules_have_their_codes(counter: Counter) -> None:
    await counter.scan(MOTHER)
    await counter.read()
    for name in ("csVerifyHCPIN", "csInputHCPIN", "csDisableHCPIN"):
        assert (await counter.call(name)).code == 4029, name
    assert (await counter.call("csISSetPIN")).code == 0  # none that a program could ask for


async def test_the_contents_of_a_virtual_card_are_updated_in_the_cloud_alone(counter: Counter) -> None:
    await counter.scan(MOTHER)
    await counter.read()
    assert (await counter.call("csUpdateHCContents")).code == 0
    assert not [path for path in counter.console.sent if "RealHc" in path]


# --- physical stays as it is --------------------------------------------------------------------------------


async def test_by_default_nothing_can_be_presented(simulator: Simulator) -> None:
    async with open_counter(simulator, cards="physical") as counter:
        assert not counter.engine.takes_either
        assert await counter.scan(MOTHER) == -2
        assert counter.engine.presented() == []
        uploaded = await counter.call(
            "uploadqrcode", door=VHC, QRCodeString=simulator.world.qr(MOTHER).encode()
        )
        assert uploaded.code == 0
        assert await counter.read() == DEMO
        assert await counter.number() == 0


async def test_a_physical_card_needs_nothing_but_to_be_read_before_a_change(counter: Counter) -> None:
    assert await counter.state() == VERIFIED
    assert await counter.number() == NOT_THIS_PERSON
    assert await counter.read() == DEMO
    assert await counter.number() == 0
    assert await counter.write(DEMO) == 0


# --- a change of cards --------------------------------------------------------------------------------------


async def test_a_change_looks_like_one_card_taken_out_and_another_put_in(counter: Counter) -> None:
    for program in ("HIS", "LAB"):
        assert await counter.state(program) == VERIFIED
    await counter.scan(MOTHER)
    for program in ("HIS", "LAB"):
        assert [await counter.state(program) for _ in range(3)] == [NONE, VERIFIED, VERIFIED]
    await counter.scan(ELDER)
    assert [await counter.state() for _ in range(2)] == [NONE, VERIFIED]
    assert await counter.read() == ELDER
    await counter.engine.withdraw()
    assert [await counter.state("LAB") for _ in range(3)] == [NONE, NONE, NONE]


async def test_nobody_works_on_with_the_former_patients_screen(counter: Counter) -> None:
    assert await counter.read() == DEMO
    await counter.scan(MOTHER)
    sent = len(counter.cloud.sent)
    assert await counter.number() == NOT_THIS_PERSON
    assert await counter.write(DEMO) == NOT_THIS_PERSON
    assert await counter.write(MOTHER) == NOT_THIS_PERSON  # whatever it says: it has not read her card
    assert len(counter.cloud.sent) == sent
    assert await counter.read() == MOTHER
    assert await counter.number("LAB") == NOT_THIS_PERSON
    assert await counter.number() == 0


async def test_the_same_person_by_another_card_is_read_anew(counter: Counter) -> None:
    assert await counter.read() == DEMO
    await counter.scan(DEMO)
    assert await counter.number() == NOT_THIS_PERSON
    assert await counter.read() == DEMO
    assert await counter.number() == 0


async def test_a_question_that_names_nobody_is_no_reading(counter: Counter) -> None:
    assert await counter.read() == DEMO
    counter.insert(CHILD)
    assert (await counter.call("csISSetPIN")).code == 0
    assert await counter.number() == NOT_THIS_PERSON


async def test_a_physical_card_that_was_exchanged_is_read_before_it_is_changed(counter: Counter) -> None:
    assert await counter.read() == DEMO
    counter.insert(CHILD)
    before = counter.visits(CHILD)
    assert await counter.number() == NOT_THIS_PERSON
    assert counter.visits(CHILD) == before
    assert (await counter.call("csInputHCPIN")).code == NOT_THIS_PERSON


# --- the end of a presentation ------------------------------------------------------------------------------


async def test_it_ends_with_its_visit(counter: Counter) -> None:
    counter.remove()
    await counter.scan(MOTHER)
    await counter.read()
    await counter.number()
    counter.passes(VISIT - 1)
    assert await counter.write(MOTHER) == 0
    counter.passes(VISIT)
    assert counter.engine.presented() == []
    assert await counter.state() == NONE
    assert await counter.read() == NO_CARD


async def test_it_ends_when_the_program_logs_the_card_out(counter: Counter) -> None:
    await counter.scan(MOTHER)
    await counter.read()
    assert (await counter.call("csSoftwareReset", Device=3)).code == 0
    assert await counter.read() == NO_CARD  # DEMO lay there before


async def test_it_ends_after_a_time_without_use(counter: Counter) -> None:
    await counter.scan(MOTHER, uses=10)
    counter.passes(IDLE - 1)
    assert await counter.read() == MOTHER
    counter.passes(IDLE - 1)
    assert await counter.state() == VERIFIED
    assert await counter.read() == MOTHER
    for _ in range(2):  # questions are no use
        counter.passes(IDLE / 2)
        state = await counter.state()
    assert state == NONE
    assert await counter.read() == NO_CARD


async def test_it_ends_with_its_own_time(counter: Counter) -> None:
    await counter.scan(MOTHER)
    assert await counter.read() == MOTHER
    counter.simulator.world.session.hc.expires_at = counter.simulator.world.clock.now()  # type: ignore[union-attr]
    assert await counter.read() == EXCHANGED  # 1521
    assert await counter.read() == NO_CARD
    assert [await counter.state() for _ in range(2)] == [NONE, NONE]


async def test_it_ends_also_where_nobody_asks(simulator: Simulator) -> None:
    """Nobody else at the console finds the card then."""
    async with open_counter(simulator, presented_idle=0.05) as counter:
        assert await counter.scan(MOTHER) == 0
        assert simulator.world.session.hc_state() == (2, 2)
        counter.now += 0.05
        await soon(lambda: simulator.world.session.hc_state() == (0, 0))
        assert counter.engine.presented() == []


async def test_a_port_that_was_closed_does_not_end_it(simulator: Simulator) -> None:
    """The time after which an unused session is ended is not its own."""
    async with open_counter(simulator, linger=0.0) as counter:
        assert (await counter.call("csOpenCom", pComNum=0)).code == 0
        await counter.scan(MOTHER)
        assert (await counter.call("csCloseCom")).code == 0
        await asyncio.sleep(0.1)
        assert await counter.read() == MOTHER
        await counter.engine.withdraw()
        await soon(lambda: not simulator.world.session.initialised)


async def test_it_ends_when_another_program_opens_the_port(counter: Counter) -> None:
    await counter.scan(MOTHER)
    assert (await counter.call("csOpenCom", "HIS", pComNum=0)).code == 0
    assert await counter.read("HIS") == MOTHER
    assert (await counter.call("csOpenCom", "HIS", pComNum=0)).code == 0
    assert await counter.read("HIS") == MOTHER
    assert (await counter.call("csOpenCom", "LAB", pComNum=0)).code == 0
    assert await counter.read("HIS") == NO_CARD
    assert await counter.read("LAB") == NO_CARD


@pytest.mark.parametrize("before", [DEMO, ""])
async def test_it_ends_with_a_physical_card_that_is_put_in(counter: Counter, before: str) -> None:
    if not before:
        counter.remove()
    await counter.scan(MOTHER)
    assert await counter.read() == MOTHER
    counter.insert(CHILD)
    counter.passes(30)
    assert await counter.read() == EXCHANGED
    assert await counter.number() == NOT_THIS_PERSON
    assert await counter.read() == CHILD
    assert counter.engine.presented() == []


async def test_during_a_visit_a_card_that_is_put_in_has_to_wait(counter: Counter) -> None:
    await counter.scan(MOTHER)
    await counter.read()
    assert await counter.number() == 0
    counter.insert(CHILD)
    counter.passes(VISIT - 1)
    assert await counter.write(MOTHER) == 0
    counter.passes(VISIT)
    assert [await counter.state() for _ in range(2)] == [NONE, VERIFIED]
    assert await counter.read() == CHILD


async def test_a_card_that_cannot_be_read_is_not_the_last_patient(counter: Counter) -> None:
    counter.remove()
    await counter.scan(MOTHER)
    assert await counter.read() == MOTHER
    await counter.engine.withdraw()
    assert await counter.read() == NO_CARD
    assert await counter.number() == NO_CARD


async def test_what_lay_there_before_counts_when_it_is_put_in_anew(counter: Counter) -> None:
    assert await counter.read() == DEMO
    await counter.scan(MOTHER)
    await counter.engine.withdraw()
    assert await counter.state() == NONE
    assert await counter.read() == NO_CARD
    counter.remove()
    counter.insert(DEMO)
    assert await counter.state() == VERIFIED
    assert await counter.number() == NOT_THIS_PERSON
    assert await counter.read() == DEMO
    assert await counter.number() == 0


async def test_it_counts_also_when_it_was_out_for_a_while(counter: Counter) -> None:
    await counter.scan(MOTHER)
    await counter.engine.withdraw()
    counter.remove()
    assert await counter.read() == NO_CARD
    counter.insert(DEMO)
    assert await counter.read() == DEMO


async def test_it_ends_with_the_consoles_session_and_stays_so(counter: Counter) -> None:
    await counter.scan(MOTHER)
    assert await counter.read() == MOTHER
    counter.simulator.world.session.finalise()
    assert await counter.read() != MOTHER
    assert await counter.state() == NONE
    assert await counter.read() == NO_CARD  # DEMO has lain there all the time
    counter.insert(CHILD)
    assert await counter.read() == CHILD


async def test_a_code_that_is_used_up_ends_it(counter: Counter) -> None:
    counter.remove()
    await counter.scan(MOTHER, uses=1)
    assert await counter.read() == MOTHER
    counter.passes(30)
    assert await counter.read() == EXCHANGED
    assert await counter.read() == NO_CARD


async def test_a_refused_code_leaves_everything(counter: Counter) -> None:
    assert (await counter.engine.present("YQ==.YQ==.YQ==")).code == 1022
    assert await counter.read() == DEMO
    await counter.scan(MOTHER)
    refused = await counter.engine.present("no code")
    assert refused.code == 1022
    assert refused.reason
    assert await counter.read() == MOTHER
    assert await counter.scan(ELDER, uses=0) == 1020  # known, and refused when it is taken into use
    assert await counter.read() == NO_CARD  # its place was made for it, and DEMO lay there before
    counter.insert(CHILD)
    assert await counter.read() == CHILD


async def test_a_used_up_code_is_no_reason_to_put_a_card_in_anew(counter: Counter) -> None:
    assert await counter.read() == DEMO
    assert await counter.scan(MOTHER, uses=0) == 1020
    assert await counter.read() == DEMO


# --- other doors, other readers -----------------------------------------------------------------------------


async def test_a_client_of_the_old_sdk_presents_for_the_programs(counter: Counter) -> None:
    token = counter.simulator.world.qr(MOTHER).encode()
    assert (await counter.call("uploadqrcode", "", VHC, QRCodeString=token)).code == 0
    assert await counter.read() == MOTHER
    assert (await counter.call("hisGetBasicData", "", VHC, pBuffer=OutBuffer(72))).code == 0
    assert (await counter.call("VHCcleanQRCode", "", VHC)).code == 0
    assert await counter.read() == NO_CARD


async def test_a_presentation_is_for_one_reader(simulator: Simulator) -> None:
    world = simulator.world
    world.load(two_readers())
    async with open_counter(simulator, hold=0) as counter:
        assert (await counter.call("csOpenCom", "A", pComNum=0)).code == 0
        assert (await counter.call("csOpenCom", "B", pComNum=1)).code == 0
        assert await counter.scan(MOTHER) == 6018  # which reader?
        assert await counter.scan(MOTHER, "COM7") == 4000
        assert await counter.scan(MOTHER, "com1") == 0
        assert counter.engine.presented() == [
            {"reader": "COM1", "seconds_since": 0, "seconds_left": 300, "used": False, "visit": False}
        ]
        assert await counter.read("A") == MOTHER
        assert await counter.read("B") == 4000  # the console is held for it, as for a visit
        counter.passes(VISIT)
        assert await counter.read("B") == CHILD
        assert counter.engine.presented() == []
        assert await counter.read("A") == NO_CARD
        world.insert("hc", ELDER)
        assert await counter.read("A") == ELDER


def test_either_needs_to_know_which_card_answers() -> None:
    with pytest.raises(ValueError, match="shared"):
        ReaderSettings(cards="either", shared=False)
