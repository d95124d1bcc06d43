"""The health card's state for programs that ask for it before they read: verified once, nothing besides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.config import ConsoleSettings, ReaderSettings
from bridge.errors import CallError, StatusError
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.reader import Reader, Use
from bridge.sim.faults import Fault
from bridge.sim.signatures import Keys
from bridge.sim.simulator import Simulator
from bridge.upstream.client import HttpUpstream
from tests.support.simulated import SimulatedNetwork
from tests.support.stage import CHILD, DEMO, WITH_PIN, PinPad
from tests.unit.reader.test_session import BEGUN, LOGOUT, PRESENT, PROTOCOL, SIGN, STATUS, VERIFY_SAM

SIGN_ALL, UPDATE = "POST /api/hc/v1/Signature/HpcHc", "POST /api/hc/v1/RealHc/Update"
SIGNATURES = (SIGN, SIGN_ALL)
NONE, PUT_IN, VERIFIED, JOINED = 0, 1, 2, 3


class Poll:
    """A program that asks for the health card's state, over the simulated console."""

    def __init__(self, reader: Reader, network: SimulatedNetwork, simulator: Simulator) -> None:
        self.reader = reader
        self.network = network
        self.world = simulator.world
        self.pad = PinPad()
        self.now = 1000.0

    async def ask(self, card: str = "physical", program: str = "") -> int:
        """The console's number for the health card's state, as this question was told it."""
        reply = await self.reader.look_at_health_card(Use(program, card))  # type: ignore[arg-type]
        state: int = reply["status"]["hc"]["status"]
        return state

    async def asked_for(self, card: str = "physical") -> list[str]:
        """The requests that one question leads to."""
        before = len(self.network.sent)
        await self.ask(card)
        return self.network.sent[before:]

    async def read(self) -> None:
        await (await self.reader.sign(Use(), "hc", "01")).proved()

    def type_pin(self) -> None:
        self.world.session.require_hpc().pin_verified = True

    def fault(self, kind: str, path: str, value: float | None = None) -> None:
        self.world.faults.arm(Fault("console", kind, value, path))

    @property
    def signed(self) -> int:
        return sum(each in SIGNATURES for each in self.network.sent)


@asynccontextmanager
async def polling(simulator: Simulator, **given_settings: object) -> AsyncIterator[Poll]:
    simulator.world.reset()
    network = SimulatedNetwork(simulator.console_app)
    console = HttpUpstream("console", ConsoleSettings(), network.way("console", ConsoleSettings()))
    chosen = ReaderSettings.model_validate(given_settings)
    made: Poll | None = None
    reader = Reader(console, PROTOCOL, chosen, PinPolicy(PinPad()), lambda: made.now if made else 0.0)
    made = Poll(reader, network, simulator)
    reader.pins = type(reader.pins)(reader.turn, PinPolicy(made.pad))
    try:
        yield made
    finally:
        await reader.stop()
        await console.aclose()


@pytest.fixture
async def poll(simulator: Simulator) -> AsyncIterator[Poll]:
    async with polling(simulator) as made:
        await made.reader.open(Use(), -1)
        await made.reader.verify_sam(Use())
        yield made


# --- what a program is told ---------------------------------------------------------------------------------


async def test_a_card_that_lies_there_is_verified_at_the_first_question(poll: Poll) -> None:
    assert await poll.asked_for() == [STATUS, SIGN, STATUS]
    assert await poll.ask() == VERIFIED


async def test_with_a_practitioner_all_cards_sign(poll: Poll) -> None:
    poll.type_pin()
    assert await poll.asked_for() == [STATUS, SIGN_ALL, STATUS]
    assert await poll.ask() == JOINED


async def test_a_pin_that_is_typed_later_joins_the_cards(poll: Poll) -> None:
    assert await poll.ask() == VERIFIED
    poll.type_pin()
    assert await poll.ask() == JOINED
    assert poll.signed == 2


async def test_a_thousand_questions_cost_one_signature(poll: Poll) -> None:
    poll.type_pin()
    before = len(poll.network.sent)
    assert {await poll.ask() for _ in range(1000)} == {JOINED}
    assert poll.signed == 1
    assert len(poll.network.sent) - before == 1000 + 2


async def test_without_a_card_nothing_signs(poll: Poll) -> None:
    poll.world.remove("hc")
    assert [await poll.ask() for _ in range(3)] == [NONE] * 3
    assert poll.signed == 0


@pytest.mark.parametrize("pin", [False, True])
async def test_another_card_is_verified_anew(poll: Poll, pin: bool) -> None:
    if pin:
        poll.type_pin()
    told = JOINED if pin else VERIFIED
    assert await poll.ask() == told
    poll.world.insert("hc", CHILD)
    assert await poll.ask() == told
    assert poll.signed == 2
    assert poll.world.session.hc is not None
    assert poll.world.session.hc.card.number == CHILD


async def test_another_card_is_never_told_with_the_state_of_the_one_before(poll: Poll) -> None:
    """The one before was verified; this one cannot be."""
    poll.type_pin()
    assert await poll.ask() == JOINED
    poll.world.insert("hc", CHILD)
    poll.fault("status", "Signature/HpcHc", 1501)
    poll.fault("status", "Signature/Hc", 1501)
    assert [await poll.ask() for _ in range(3)] == [PUT_IN] * 3
    poll.world.faults.clear()
    poll.world.remove("hc")
    assert await poll.ask() == NONE


async def test_the_card_is_looked_at_again_after_this_side_has_logged_it_out(poll: Poll) -> None:
    """The console says then that none lies there, until one is needed."""
    assert await poll.ask() == VERIFIED
    await poll.reader.log_out_health_card(Use())
    assert await poll.asked_for() == [STATUS, SIGN, STATUS]
    await poll.reader.request(Use(), ("console", "sam", "hc"), "POST", UPDATE.split()[1], {})
    assert poll.world.session.hc_state() == (NONE, 0)
    assert await poll.ask() == VERIFIED


async def test_an_empty_slot_is_tried_once_after_a_log_out(poll: Poll) -> None:
    await poll.read()
    await poll.reader.log_out_health_card(Use())
    poll.world.remove("hc")
    before = poll.signed
    assert [await poll.ask() for _ in range(5)] == [NONE] * 5
    assert poll.signed == before + 1
    poll.now += 1000
    assert await poll.ask() == NONE
    assert poll.signed == before + 1
    poll.world.insert("hc", DEMO)
    assert await poll.ask() == VERIFIED


@pytest.mark.parametrize("fault", [("http", 500), ("status", 1501)])
async def test_a_card_that_lies_there_after_a_read_that_failed_is_tried_again(
    poll: Poll, fault: tuple[str, float]
) -> None:
    """The read has logged it out, so that the console tells of none. What was wrong is over later."""
    poll.fault(fault[0], "Signature/Hc", fault[1])
    with pytest.raises(CallError):
        await poll.read()
    await poll.reader.log_out_health_card(Use())
    before = poll.signed
    for _ in range(5):
        assert await poll.ask() == NONE
        poll.now += 1
    assert poll.signed == before + 1
    poll.world.faults.clear()
    poll.now += 60
    assert await poll.ask() == VERIFIED


async def test_a_read_that_found_the_card_leaves_nothing_to_try_when_it_is_gone(poll: Poll) -> None:
    await poll.read()
    poll.world.remove("hc")
    assert await poll.asked_for() == [STATUS]


async def test_it_can_be_switched_off(simulator: Simulator) -> None:
    async with polling(simulator, verify_inserted=False) as poll:
        await poll.reader.verify_sam(Use())
        assert [await poll.ask() for _ in range(2)] == [PUT_IN] * 2
        assert poll.signed == 0


# --- what a question never does -----------------------------------------------------------------------------


async def test_nobody_is_asked_for_a_pin_and_no_card_is_logged_out(poll: Poll) -> None:
    poll.world.insert("hc", WITH_PIN)
    poll.type_pin()
    assert await poll.ask() == JOINED
    await poll.reader.pins.verify_hc(Use())
    asked = list(poll.pad.asked)
    before = len(poll.network.sent)
    assert [await poll.ask() for _ in range(3)] == [JOINED] * 3
    assert poll.pad.asked == asked
    assert not {LOGOUT, PRESENT} & set(poll.network.sent[before:])
    assert poll.world.session.hc is not None
    assert poll.world.session.hc.pin_verified


async def test_a_virtual_card_stays_the_present_one(poll: Poll) -> None:
    await poll.reader.virtual.upload(Use(), poll.world.qr(CHILD))
    assert await poll.asked_for("physical") == [STATUS]
    poll.type_pin()
    assert await poll.asked_for("physical") == [STATUS]
    assert await poll.asked_for("virtual") == [STATUS, SIGN_ALL, STATUS]
    assert await poll.ask("virtual") == JOINED
    card = await poll.reader.sign(Use(card="virtual"), "hc", "01")
    assert card.fields["hcId"] == CHILD


async def test_at_the_virtual_door_the_card_in_the_slot_is_left_alone(poll: Poll) -> None:
    assert await poll.asked_for("virtual") == [STATUS]
    assert await poll.ask("virtual") == PUT_IN


async def test_another_call_comes_between_any_two_requests(poll: Poll) -> None:
    """A question holds the reader for one request at a time."""
    between: list[str] = []

    async def other() -> None:
        await poll.reader.request(Use("B"), ("console",), "GET", "/api/sam/v1/Basic", None)

    def start_other(request: httpx.Request) -> None:
        if not between and request.url.path.endswith("Signature/Hc"):
            between.append("started")
            tasks.append(asyncio.create_task(other()))

    tasks: list[asyncio.Task[None]] = []
    poll.fault("slow", "Signature/Hc", 0.05)
    poll.network.before = start_other
    asked = await poll.asked_for()
    await asyncio.gather(*tasks)
    assert asked == [STATUS, SIGN, "GET /api/sam/v1/Basic", STATUS]


async def test_two_programs_that_ask_at_once_have_one_signature(poll: Poll) -> None:
    poll.fault("slow", "Status", 0.01)  # so that all have their first answer before anybody signs
    assert await asyncio.gather(*(poll.ask(program=each) for each in "ABC")) == [VERIFIED] * 3
    assert poll.signed == 1


# --- what fails ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"), [("status", 1501), ("status", 1102), ("status", 1301), ("http", 500), ("empty", None)]
)
async def test_a_failed_verification_stays_what_it_is_and_is_not_repeated_at_each_question(
    poll: Poll, kind: str, value: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    poll.fault(kind, "Signature/Hc", value)
    assert [await poll.ask() for _ in range(20)] == [PUT_IN] * 20
    tries = 2 if value == 1301 else 1  # the SAM's session may have ended: once more in a new one
    assert poll.signed == tries
    told = [record.levelname for record in caplog.records if "could not be verified" in record.message]
    assert told == ([] if value == 1102 else ["WARNING"] * tries)
    poll.world.faults.clear()
    poll.now += 61
    assert await poll.ask() == VERIFIED


async def test_the_card_after_one_that_failed_is_verified_at_once(poll: Poll) -> None:
    """The slot was seen empty between them."""
    poll.fault("status", "Signature/Hc", 1501)
    assert await poll.ask() == PUT_IN
    poll.world.faults.clear()
    poll.world.remove("hc")
    assert await poll.ask() == NONE
    poll.world.insert("hc", CHILD)
    assert await poll.ask() == VERIFIED


async def test_a_failed_card_that_was_exchanged_between_two_questions_is_verified_anew(poll: Poll) -> None:
    """Nobody asked while the slot was empty, and the console says 1 of both cards."""
    poll.fault("status", "Signature/Hc", 1501)
    assert await poll.ask() == PUT_IN
    poll.world.faults.clear()
    poll.world.insert("hc", CHILD)
    poll.now += 2.1
    assert await poll.ask() == VERIFIED
    assert poll.signed == 2


async def test_a_failed_card_that_is_seen_all_the_time_is_not_tried_at_each_question(poll: Poll) -> None:
    """Nobody exchanges a card within half a second."""
    poll.fault("status", "Signature/Hc", 1501)
    for _ in range(110):
        assert await poll.ask() == PUT_IN
        poll.now += 0.5
    assert poll.signed == 1
    poll.now += 5
    assert await poll.ask() == PUT_IN
    assert poll.signed == 2


async def test_a_card_that_fails_at_slow_questions_is_one_line_of_the_log(
    poll: Poll, caplog: pytest.LogCaptureFixture
) -> None:
    poll.fault("status", "Signature/Hc", 1501)
    for _ in range(10):
        assert await poll.ask() == PUT_IN
        poll.now += 5
    assert poll.signed == 10
    told = [record for record in caplog.records if "could not be verified" in record.message]
    assert [record.levelname for record in told if record.levelname != "DEBUG"] == ["WARNING"]


@pytest.mark.parametrize("number", [1700, 1702, 1799, 1302])
async def test_what_is_not_the_cards_own_fault_is_not_tried_again_at_once(poll: Poll, number: int) -> None:
    """Another card would do no better, and the data centre may take long to answer."""
    poll.fault("status", "Signature/Hc", number)
    for _ in range(11):
        assert await poll.ask() == PUT_IN
        poll.now += 5
    assert poll.signed == 1


async def test_cards_that_do_not_join_are_not_tried_again_at_once(poll: Poll) -> None:
    """State 2 is that of a card that was verified: another one would be 1."""
    poll.type_pin()
    poll.fault("status", "Signature/HpcHc", 1502)
    for _ in range(11):
        assert await poll.ask() == VERIFIED
        poll.now += 5
    assert poll.signed == 2


async def test_a_sam_that_a_program_had_verified_is_a_reason_to_try_again(poll: Poll) -> None:
    poll.fault("status", "Signature/Hc", 1301)
    assert await poll.ask() == PUT_IN
    poll.world.faults.clear()
    poll.world.session.sam_verified = False
    await poll.reader.verify_sam(Use())
    assert await poll.ask() == VERIFIED


async def test_where_the_practitioners_card_does_not_sign_the_health_card_alone_does(poll: Poll) -> None:
    poll.type_pin()
    poll.fault("status", "Signature/HpcHc", 1707)
    assert await poll.asked_for() == [STATUS, SIGN_ALL, SIGN, STATUS]
    assert [await poll.ask() for _ in range(10)] == [VERIFIED] * 10
    assert poll.signed == 2


async def test_a_failed_question_is_an_error(poll: Poll) -> None:
    poll.fault("status", "Status", 1799)
    with pytest.raises(StatusError):
        await poll.ask()


@pytest.mark.parametrize("path", ["Signature/Hc", "Verification"])
async def test_a_console_that_is_restarted_meanwhile_is_asked_once_more(poll: Poll, path: str) -> None:
    poll.world.session.sam_verified = path != "Verification"

    def restart(request: httpx.Request) -> None:
        if request.url.path.endswith(path):
            poll.network.before = None
            poll.world.session.finalise()

    poll.network.before = restart
    assert await poll.ask() == VERIFIED


async def test_a_sam_session_that_has_ended_meanwhile_is_begun_anew(poll: Poll) -> None:
    def end(request: httpx.Request) -> None:
        if request.url.path.endswith("Signature/Hc"):
            poll.network.before = None
            poll.world.session.sam_verified = False

    poll.network.before = end
    assert await poll.asked_for() == [STATUS, SIGN, STATUS, VERIFY_SAM, SIGN, STATUS]


async def test_a_restarted_console_is_initialised_by_a_question(poll: Poll) -> None:
    assert await poll.ask() == VERIFIED
    poll.world.session.finalise()
    assert await poll.asked_for() == [STATUS, *BEGUN, STATUS, VERIFY_SAM, SIGN, STATUS]


# --- the SAM ------------------------------------------------------------------------------------------------


async def test_a_cloud_sam_is_verified_for_the_card(simulator: Simulator) -> None:
    async with polling(simulator) as poll:
        assert await poll.asked_for() == [*BEGUN, STATUS, VERIFY_SAM, SIGN, STATUS]
        assert await poll.ask() == VERIFIED


async def test_a_cloud_sam_that_fails_too_often_is_left_alone(simulator: Simulator) -> None:
    async with polling(simulator) as poll:
        poll.fault("status", "Verification", 1301)
        for _ in range(10):
            assert await poll.ask() == PUT_IN
            poll.now += 61
        assert poll.network.sent.count(VERIFY_SAM) == 3


@pytest.mark.parametrize("kind", [2, None])
async def test_a_sam_that_is_not_known_to_be_in_the_cloud_is_never_verified(
    simulator: Simulator, kind: int | None
) -> None:
    """A physical one locks itself after too many failures."""
    async with polling(simulator) as poll:
        await poll.reader.open(Use(), -1)
        status: dict[str, Any] = {"hc": {"status": 1, "type": 1}, "hpc": {"status": 1, "type": 1}}
        status |= {"initialized": True, "sam": {"status": 1, "type": kind}}
        poll.network.instead = {"statusCode": 0, "status": status}
        for _ in range(3):
            assert await poll.ask() == PUT_IN
        assert VERIFY_SAM not in poll.network.sent
        assert poll.signed == 0


# --- the law ------------------------------------------------------------------------------------------------

MOVES = st.lists(
    st.sampled_from(("insert", "swap", "remove", "pin", "read", "log out", "ask", "ask", "ask")), max_size=30
)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES)
def test_whatever_happens_between_questions(keys: Keys, moves: list[str]) -> None:
    """A question tells 0 for an empty slot, else 2 or, with a practitioner, 3; it costs a signature only
    where something has happened since the one before.
    """

    async def play() -> None:
        async with polling(Simulator(keys)) as poll:
            await poll.reader.verify_sam(Use())
            happened = True
            for move in [*moves, "ask"]:
                if move != "ask":
                    await _happens(poll, move)
                    happened = True
                    continue
                before = poll.signed
                told = await poll.ask()
                number = poll.world.slots["hc"].card_number
                joined = poll.world.session.hpc_state()[0] == 3
                assert told == (NONE if number is None else JOINED if joined else VERIFIED)
                session = poll.world.session.hc
                assert (session.card.number if session else None) == number
                assert poll.signed - before <= happened
                happened = False

    asyncio.run(play())


async def _happens(poll: Poll, move: str) -> None:
    match move:
        case "insert":
            poll.world.insert("hc", DEMO)
        case "swap":
            poll.world.insert("hc", CHILD)
        case "remove":
            poll.world.remove("hc")
        case "pin":
            poll.type_pin()
        case "log out":
            await poll.reader.log_out_health_card(Use())
        case "read" if poll.world.slots["hc"].card_number is not None:
            await poll.read()
