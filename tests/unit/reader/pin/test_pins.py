"""PINs against the simulated console and cloud: who is asked, what is sent and how often, which code."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import ValidationError

from bridge.calls.call import VHC, Argument, OutBuffer
from bridge.config import FixedPinSettings, PinSettings, ReaderSettings
from bridge.errors import CallError, PinCancelled, PinTimedOut, PinUnavailable
from bridge.reader.pin import questions as pin_questions
from bridge.reader.pin.policy import PinPolicy, pin_policy
from bridge.reader.pin.provider import FixedPins, KeypadPins, PromptPins
from bridge.reader.pin.questions import PinQuestion
from bridge.reader.pin_operations import PinOperations
from bridge.reader.use import Use
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from tests.support.simulated import Bench, open_bench

WITH_PIN, PIN = "000099990010", "246810"
WITHOUT_PIN = "000073898381"
DOCTOR, DOCTOR_PIN, PUK = "000000329470", "123456", "12345678"
WRONG, NEW = "999999", "135790"
HC_PIN, HPC_PIN, HPC_VERIFY = "/api/hc/v1/Pin", "/api/hpc/v1/Pin", "/api/hpc/v1/Verification/Hpc"
SECRETS = (PIN, DOCTOR_PIN, PUK, WRONG, NEW)
Answer = str | CallError


@dataclass
class Somebody:
    """Answers questions from a list; an exception in it is raised. ``meanwhile`` happens while he types."""

    answers: list[Answer] = field(default_factory=list)
    types_on_reader: bool = False
    questions: list[PinQuestion] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None
    delay: float = 0.0

    async def ask(self, question: PinQuestion) -> str:
        self.questions.append(question)
        if self.meanwhile is not None:
            self.meanwhile()
        await asyncio.sleep(self.delay)
        answer = self.answers.pop(0)
        if isinstance(answer, CallError):
            raise answer
        return answer

    @property
    def asked(self) -> list[str]:
        return [question.key for question in self.questions]


@dataclass
class Desk:
    """A bench whose questions somebody answers, with the card that has a PIN in the reader."""

    bench: Bench
    somebody: Somebody

    async def call(self, name: str, *answers: Answer, **arguments: Argument) -> int:
        """Make a legacy call; every answer given must have been asked for."""
        self.somebody.answers = list(answers)
        self.somebody.questions.clear()
        result = await self.bench.call(name, **arguments)
        assert self.somebody.answers == [] or any(isinstance(each, CallError) for each in answers)
        return result.code

    def sent(self, method: str, path: str) -> int:
        """How often the simulators were asked this, by their own journal."""
        entries = self.bench.simulator.world.requests.as_json()
        return sum((entry["method"], entry["path"]) == (method, path) for entry in entries)

    def ask(self, desk: PinPolicy) -> None:
        self.bench.reader.pins = PinOperations(self.bench.reader.turn, desk)

    @property
    def hc(self) -> object:
        return self.bench.simulator.world.cards[WITH_PIN]

    @property
    def doctor(self) -> object:
        return self.bench.simulator.world.practitioners[DOCTOR]


@pytest.fixture
async def desk(simulator: Simulator) -> AsyncIterator[Desk]:
    simulator.world.insert("hc", WITH_PIN)
    async with open_bench(simulator) as bench:
        made = Desk(bench, Somebody())
        made.ask(PinPolicy(made.somebody))
        yield made


@pytest.fixture(autouse=True)
def _no_pin_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Of every test here, whatever it does: messages and traces of all loggers, of every level."""
    caplog.set_level(logging.DEBUG)
    yield
    written = "\n".join(map(logging.Formatter().format, caplog.get_records("call")))
    assert not [secret for secret in SECRETS if secret in written]


# --- the health card ----------------------------------------------------------------------------------------


async def test_the_right_pin_is_verified_once_for_all(desk: Desk) -> None:
    assert await desk.call("csVerifyHCPIN", PIN) == 0
    assert desk.somebody.asked == ["hc"]
    assert desk.bench.simulator.world.session.hc.pin_verified
    assert await desk.call("csVerifyHCPIN") == 0  # verified already: nobody is asked
    assert desk.sent("POST", HC_PIN) == 1


async def test_it_stays_verified_over_close_and_open(desk: Desk) -> None:
    await desk.bench.call("csOpenCom", pComNum=0)
    assert await desk.call("csVerifyHCPIN", PIN) == 0
    assert await desk.call("hpcVerifyHPCPIN", DOCTOR_PIN) == 0
    await desk.bench.call("csCloseCom")
    await desk.bench.call("csOpenCom", pComNum=0)
    assert await desk.call("csVerifyHCPIN") == 0
    assert await desk.call("hpcVerifyHPCPIN") == 0


async def test_a_card_without_a_pin_has_nothing_to_verify(desk: Desk) -> None:
    desk.bench.simulator.world.insert("hc", WITHOUT_PIN)
    assert await desk.call("csVerifyHCPIN") == 0
    assert desk.somebody.asked == []
    assert desk.sent("POST", HC_PIN) == 0


@pytest.mark.parametrize("function", ["csVerifyHCPIN", "csInputHCPIN", "csDisableHCPIN"])
async def test_a_wrong_pin_is_sent_exactly_once(desk: Desk, function: str) -> None:
    assert await desk.call(function, WRONG) == 5102
    assert desk.somebody.asked == ["hc"]
    assert desk.sent("POST", HC_PIN) == 1
    assert desk.sent("PUT", HC_PIN) == desk.sent("DELETE", HC_PIN) == 0
    assert desk.hc.wrong_pins == 1


@pytest.mark.parametrize("status", [1000, 1300, 1301, 1703])
async def test_a_pin_is_not_sent_again_when_the_session_ends_meanwhile(desk: Desk, status: int) -> None:
    """Other requests are repeated after these; whether the card has counted this one is not known."""
    desk.somebody.meanwhile = lambda: desk.bench.simulator.world.faults.arm(
        Fault("console", "status", status, HC_PIN, None)
    )
    assert await desk.call("csVerifyHCPIN", PIN) in (4000, 4050)
    assert desk.somebody.asked == ["hc"]
    assert desk.sent("POST", HC_PIN) == 1


async def test_a_lost_answer_does_not_make_it_sent_again(desk: Desk) -> None:
    desk.somebody.meanwhile = lambda: desk.bench.simulator.world.faults.arm(
        Fault("console", "lost", None, HC_PIN, None)
    )
    assert await desk.call("csVerifyHCPIN", PIN) == 4000
    assert desk.sent("POST", HC_PIN) == 1


async def test_a_locked_card_stays_locked(desk: Desk) -> None:
    for _ in range(3):
        assert await desk.call("csVerifyHCPIN", WRONG) == 5102
    assert await desk.call("csVerifyHCPIN", PIN) == 5102
    assert desk.sent("POST", HC_PIN) == 4


@pytest.mark.parametrize(
    "error", [PinCancelled("no"), PinTimedOut("late"), PinUnavailable("nobody")], ids=lambda e: e.status
)
@pytest.mark.parametrize("function", ["csVerifyHCPIN", "csInputHCPIN", "csDisableHCPIN"])
async def test_without_an_answer_nothing_is_sent(desk: Desk, function: str, error: CallError) -> None:
    assert await desk.call(function, error) == 5109
    assert desk.sent("POST", HC_PIN) == desk.sent("PUT", HC_PIN) == desk.sent("DELETE", HC_PIN) == 0
    assert desk.hc.pin == PIN


async def test_a_new_pin_is_asked_for_twice_after_the_old_one(desk: Desk) -> None:
    assert await desk.call("csInputHCPIN", PIN, NEW, NEW) == 0
    assert desk.somebody.asked == ["hc", "new_hc", "new_hc"]
    assert desk.hc.pin == NEW


async def test_the_old_pin_is_not_asked_for_when_it_is_verified_or_there_is_none(desk: Desk) -> None:
    await desk.call("csVerifyHCPIN", PIN)
    assert await desk.call("csInputHCPIN", NEW, NEW) == 0
    desk.bench.simulator.world.insert("hc", WITHOUT_PIN)
    assert await desk.call("csInputHCPIN", NEW, NEW) == 0
    assert desk.bench.simulator.world.cards[WITHOUT_PIN].pin == NEW


async def test_two_different_new_pins_change_nothing(desk: Desk) -> None:
    assert await desk.call("csInputHCPIN", PIN, NEW, WRONG) == 5107
    assert desk.sent("PUT", HC_PIN) == 0
    assert desk.hc.pin == PIN


async def test_cancelling_the_second_new_pin_changes_nothing(desk: Desk) -> None:
    assert await desk.call("csInputHCPIN", PIN, NEW, PinCancelled("no")) == 5109
    assert desk.sent("PUT", HC_PIN) == 0


async def test_a_pin_is_removed_after_it_was_verified(desk: Desk) -> None:
    assert await desk.call("csDisableHCPIN", PIN) == 0
    assert desk.hc.pin is None
    assert await desk.call("csDisableHCPIN") == 5111  # there is none any more
    assert desk.somebody.asked == []


async def test_a_removal_that_the_console_refuses_has_its_own_code(desk: Desk) -> None:
    await desk.call("csVerifyHCPIN", PIN)
    desk.bench.console.before = lambda request: (
        desk.bench.simulator.world.faults.arm(Fault("console", "status", 1512, HC_PIN, 1))
        if request.method == "DELETE" and request.url.path == HC_PIN
        else None
    )
    assert await desk.call("csDisableHCPIN") == 5111


@pytest.mark.parametrize("function", ["csVerifyHCPIN", "csInputHCPIN", "csDisableHCPIN"])
async def test_the_pin_of_one_card_is_never_tried_on_another(desk: Desk, function: str) -> None:
    world = desk.bench.simulator.world
    world.cards[WITHOUT_PIN].pin = "111111"
    desk.somebody.meanwhile = lambda: world.insert("hc", WITHOUT_PIN)
    assert await desk.call(function, PIN) == 4033
    assert desk.sent("POST", HC_PIN) == 0
    assert world.cards[WITHOUT_PIN].wrong_pins == 0


async def test_a_new_pin_is_not_given_to_another_card(desk: Desk) -> None:
    world = desk.bench.simulator.world
    await desk.call("csVerifyHCPIN", PIN)
    desk.somebody.meanwhile = lambda: world.insert("hc", WITHOUT_PIN)
    assert await desk.call("csInputHCPIN", NEW, NEW) == 4033
    assert desk.sent("PUT", HC_PIN) == 0
    assert world.cards[WITHOUT_PIN].pin is None


@pytest.mark.parametrize("function", ["csVerifyHCPIN", "csInputHCPIN", "csDisableHCPIN"])
async def test_without_a_card_nobody_is_asked(desk: Desk, function: str) -> None:
    desk.bench.simulator.world.remove("hc")
    assert await desk.call(function) == 4013
    assert desk.somebody.asked == []


async def test_an_ended_sam_session_is_found_before_anybody_is_asked(desk: Desk) -> None:
    await desk.bench.call("csVerifySAMDC")
    desk.bench.simulator.world.session.log_out_sam()
    assert await desk.call("csVerifyHCPIN", PIN) == 0
    assert desk.somebody.asked == ["hc"]


async def test_a_failing_sam_is_not_tried_more_often_because_of_pins(desk: Desk) -> None:
    desk.bench.simulator.world.faults.arm(Fault("console", "status", 1301, "/api/sam/v1/Verification", None))
    for _ in range(5):
        assert await desk.call("csVerifyHCPIN") == 4050
    assert desk.sent("POST", "/api/sam/v1/Verification") == 3


# --- the practitioner card ----------------------------------------------------------------------------------


async def test_the_practitioners_pin_is_verified_once_for_all(desk: Desk) -> None:
    assert await desk.call("hpcVerifyHPCPIN", DOCTOR_PIN) == 0
    assert desk.somebody.asked == ["hpc"]
    assert await desk.call("hpcVerifyHPCPIN") == 0
    assert desk.sent("POST", HPC_VERIFY) == 1


async def test_a_wrong_practitioners_pin_is_sent_exactly_once(desk: Desk) -> None:
    assert await desk.call("hpcVerifyHPCPIN", WRONG) == 5102
    assert desk.sent("POST", HPC_VERIFY) == 1
    assert desk.doctor.wrong_pins == 1


@pytest.mark.parametrize("function", ["hpcVerifyHPCPIN", "hpcInputHPCPIN", "hpcUnlockHPC"])
@pytest.mark.parametrize("error", [PinCancelled("no"), PinTimedOut("late")], ids=lambda e: e.status)
async def test_without_an_answer_nothing_is_sent_to_the_practitioners_card(
    desk: Desk, function: str, error: CallError
) -> None:
    assert await desk.call(function, error) == 5109
    assert desk.sent("POST", HPC_VERIFY) == desk.sent("POST", HPC_PIN) == desk.sent("PUT", HPC_PIN) == 0


async def test_a_missing_practitioners_card_has_its_own_code(desk: Desk) -> None:
    desk.bench.simulator.world.remove("hpc")
    assert await desk.call("hpcVerifyHPCPIN", DOCTOR_PIN) == 4014


async def test_a_new_practitioners_pin(desk: Desk) -> None:
    assert await desk.call("hpcInputHPCPIN", DOCTOR_PIN, NEW, WRONG) == 5107
    assert desk.sent("POST", HPC_PIN) == 0
    assert await desk.call("hpcInputHPCPIN", NEW, NEW) == 0  # the old one is verified by now
    assert desk.doctor.pin == NEW


async def test_a_locked_practitioners_card_is_unlocked_by_its_puk(desk: Desk) -> None:
    for _ in range(3):
        assert await desk.call("hpcVerifyHPCPIN", WRONG) == 5102
    assert await desk.call("hpcVerifyHPCPIN", DOCTOR_PIN) == 5102
    assert desk.doctor.locked
    assert await desk.call("hpcUnlockHPC", WRONG, NEW, NEW) == 5122
    assert desk.sent("PUT", HPC_PIN) == 1
    assert await desk.call("hpcUnlockHPC", PUK, NEW, WRONG) == 5107
    assert desk.sent("PUT", HPC_PIN) == 1
    assert await desk.call("hpcUnlockHPC", PUK, NEW, NEW) == 0
    assert desk.somebody.asked == ["puk", "new_hpc", "new_hpc"]
    assert await desk.call("hpcVerifyHPCPIN", NEW) == 0


# --- asked for by the way -----------------------------------------------------------------------------------

REGISTER = "/api/v1/BasicData/Register"
TEL, WRITE_TEL = "/api/v1/EmergentTel/Query", "/api/v1/EmergentTel/Write"


def _write(desk: Desk) -> dict[str, Argument]:
    card = desk.hc
    return {
        "pPatientID": card.id_no.encode(),
        "pPatientBirthDate": card.birthday.encode(),
        "pEmergentTel": b"0212345678",
    }


async def _read(desk: Desk, *answers: Answer) -> int:
    return await desk.call("hisGetEmergentTel", *answers, pBuffer=OutBuffer(14))


async def test_a_read_asks_for_the_pin_once_and_runs_again(desk: Desk) -> None:
    assert await _read(desk, PIN) == 0
    assert desk.somebody.asked == ["hc"]
    assert desk.sent("POST", TEL) == 2
    assert await _read(desk) == 0


async def test_a_write_runs_again_with_a_fresh_signature(desk: Desk) -> None:
    bodies: list[bytes] = []
    desk.bench.cloud.before = lambda request: bodies.append(request.content)
    assert await desk.call("hisWriteEmergentTel", PIN, **_write(desk)) == 0
    assert desk.sent("POST", WRITE_TEL) == 2
    assert len(set(bodies)) == 2
    assert desk.bench.simulator.world.record(WITH_PIN).emergency_tel == "0212345678"
    assert desk.bench.journal.pending() == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [(WRONG, 5102), (PinCancelled("no"), 5109), (PinTimedOut("late"), 5109), (PinUnavailable("x"), 5109)],
)
async def test_without_the_right_pin_the_call_ends_there(desk: Desk, answer: Answer, code: int) -> None:
    assert await _read(desk, answer) == code
    assert desk.somebody.asked == ["hc"]
    assert desk.sent("POST", TEL) == 1
    assert desk.sent("POST", HC_PIN) == (answer == WRONG)


async def test_a_cloud_that_refuses_for_ever_is_asked_twice(desk: Desk) -> None:
    desk.bench.simulator.world.faults.arm(Fault("cloud", "status", 3200, TEL, None))
    assert await _read(desk, PIN) == 5105
    assert desk.sent("POST", TEL) == 2
    assert await _read(desk) == 5105  # verified already: nobody is asked, nothing goes on for ever


async def test_the_console_may_miss_the_pin_as_well(desk: Desk) -> None:
    desk.bench.simulator.world.faults.arm(Fault("console", "status", 1511, "/api/hc/v1/Signature/Hc", 1))
    assert await _read(desk, PIN) == 0


async def test_a_card_exchanged_while_the_pin_is_typed_gives_nothing(desk: Desk) -> None:
    world = desk.bench.simulator.world
    desk.somebody.meanwhile = lambda: world.insert("hc", WITHOUT_PIN)
    assert await _read(desk, PIN) == 4033
    assert desk.sent("POST", TEL) == 1


async def test_a_virtual_cards_holder_is_not_asked(desk: Desk) -> None:
    world = desk.bench.simulator.world
    await desk.bench.reader.virtual.upload(Use(), world.qr(WITH_PIN))
    world.faults.arm(Fault("cloud", "status", 3200, TEL, None))
    result = await desk.bench.call("hisGetEmergentTel", VHC, pBuffer=OutBuffer(14))
    assert result.code == 5105
    assert desk.somebody.asked == []


async def test_a_card_that_is_logged_out_before_each_read_keeps_its_pin_for_the_second_run(
    simulator: Simulator,
) -> None:
    simulator.world.insert("hc", WITH_PIN)
    async with open_bench(simulator, reader_settings=ReaderSettings(logout_before_read=True)) as bench:
        desk = Desk(bench, Somebody())
        desk.ask(PinPolicy(desk.somebody))
        assert await _read(desk, PIN) == 0
        assert desk.somebody.asked == ["hc"]


# --- time ---------------------------------------------------------------------------------------------------


async def test_calls_on_the_reader_wait_for_the_person_and_others_do_not(desk: Desk) -> None:
    await desk.bench.call("csOpenCom", pComNum=0)
    desk.somebody.delay = 0.2
    order: list[str] = []

    async def noted(name: str, **arguments: int) -> None:
        await desk.bench.call(name, **arguments)
        order.append(name)

    desk.somebody.answers = [PIN]
    verifying = asyncio.create_task(noted("csVerifyHCPIN"))
    await asyncio.sleep(0.05)
    assert desk.somebody.asked == ["hc"]
    waiting = asyncio.create_task(noted("csISSetPIN"))
    await desk.bench.call("no such function")
    order.append("another")
    await asyncio.gather(verifying, waiting)
    assert order == ["another", "csVerifyHCPIN", "csISSetPIN"]


async def test_a_call_ends_at_its_deadline_although_the_person_has_not_answered(
    simulator: Simulator,
) -> None:
    simulator.world.insert("hc", WITH_PIN)
    async with open_bench(simulator, deadline=0.3) as bench:
        desk = Desk(bench, Somebody(delay=30))
        desk.ask(PinPolicy(desk.somebody))
        assert await desk.call("csVerifyHCPIN") == 4000
        assert desk.sent("POST", HC_PIN) == 0
        assert (await bench.call("csISSetPIN")).code == 1  # the reader is free again


async def test_all_questions_of_a_call_share_one_time(desk: Desk) -> None:
    desk.ask(PinPolicy(desk.somebody, timeout=0.5, total=0.6))
    desk.somebody.delay = 0.25
    assert await desk.call("csInputHCPIN", PIN, NEW, NEW) == 0
    seconds = [question.seconds for question in desk.somebody.questions]
    assert seconds[0] == pytest.approx(0.5, abs=0.1)
    assert seconds[2] == pytest.approx(0.1, abs=0.09)
    desk.ask(PinPolicy(desk.somebody, timeout=0.5, total=0.1))
    assert await desk.call("csInputHCPIN", NEW) == 5109


# --- where PINs come from -----------------------------------------------------------------------------------


async def test_a_reader_with_keys_is_told_zeros_and_given_time(desk: Desk) -> None:
    desk.ask(PinPolicy(KeypadPins(), timeout=45.0))
    desk.hc.pin = desk.doctor.pin = "000000"  # what the simulated console then compares with
    requests: list[httpx.Request] = []
    desk.bench.console.before = requests.append
    for function in ("csVerifyHCPIN", "csInputHCPIN", "hpcVerifyHPCPIN", "hpcInputHPCPIN"):
        assert (await desk.bench.call(function)).code == 0
    bodies = [request for request in requests if b"000000" in request.content]
    assert [request.method for request in bodies] == ["POST", "PUT", "POST", "POST"]
    assert [request.extensions["timeout"]["read"] for request in bodies] == pytest.approx([45.0] * 4, abs=1)
    others = [request for request in requests if request not in bodies]
    assert {request.extensions["timeout"]["read"] for request in others} == {10.0}


async def test_cancel_on_the_keys_is_cancel(desk: Desk) -> None:
    desk.ask(PinPolicy(KeypadPins()))
    desk.bench.console.before = lambda request: (
        desk.bench.simulator.world.faults.arm(Fault("console", "status", 1203, HC_PIN, 1))
        if request.method == "POST" and request.url.path == HC_PIN
        else None
    )
    assert (await desk.bench.call("csVerifyHCPIN")).code == 5109
    assert desk.sent("POST", HC_PIN) == 1


async def test_a_window_gives_the_console_its_usual_time(desk: Desk) -> None:
    requests: list[httpx.Request] = []
    desk.bench.console.before = requests.append
    await desk.call("csVerifyHCPIN", PIN)
    assert {request.extensions["timeout"]["read"] for request in requests} == {10.0}


async def test_fixed_pins_answer_from_the_settings(desk: Desk) -> None:
    fixed = {"hc": PIN, "hpc": DOCTOR_PIN, "puk": PUK, "new_hc": NEW, "new_hpc": NEW}
    desk.ask(pin_policy(PinSettings.model_validate({"provider": "fixed", "fixed": fixed}), 100.0))
    for function in ("csVerifyHCPIN", "csInputHCPIN", "hpcVerifyHPCPIN", "hpcInputHPCPIN", "hpcUnlockHPC"):
        assert (await desk.bench.call(function)).code == 0, function
    assert (desk.hc.pin, desk.doctor.pin) == (NEW, NEW)


@pytest.mark.parametrize("value", [None, "", "123", "1234567", "12a4", "１２３４"])
async def test_a_fixed_pin_that_cannot_be_one_is_named(
    desk: Desk, value: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    desk.ask(PinPolicy(FixedPins(FixedPinSettings.model_validate({"hc": value}))))
    assert (await desk.bench.call("csVerifyHCPIN")).code == 5109
    assert "pin.fixed.hc" in caplog.text
    assert desk.sent("POST", HC_PIN) == 0


async def test_without_a_desk_nobody_is_asked(simulator: Simulator) -> None:
    simulator.world.insert("hc", WITH_PIN)
    async with open_bench(simulator) as bench:
        assert (await bench.call("csVerifyHCPIN")).code == 5109


@pytest.mark.parametrize(
    ("provider", "kind"), [("prompt", PromptPins), ("keypad", KeypadPins), ("fixed", FixedPins)]
)
def test_the_settings_name_the_provider(provider: str, kind: type) -> None:
    made = pin_policy(PinSettings.model_validate({"provider": provider, "timeout": 30}), 100.0)
    assert isinstance(made.provider, kind)
    assert (made.timeout, made.total) == (30.0, 85.0)
    assert PinSettings().provider == "prompt"


def test_fixed_pins_do_not_show_themselves() -> None:
    settings = PinSettings.model_validate({"provider": "fixed", "fixed": {"hc": PIN}})
    assert PIN not in repr(settings) + str(settings) + str(settings.model_dump())
    with pytest.raises(ValidationError):
        PinSettings.model_validate({"fixed": {"hc": 246810}})  # a number would lose its leading zeros


QUESTIONS = [each for each in vars(pin_questions).values() if isinstance(each, PinQuestion)]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.english)
def test_a_question_says_what_and_never_who(question: PinQuestion) -> None:
    assert "PIN" in question.chinese or "PUK" in question.chinese
    assert question.english.isascii()
    assert question.key in FixedPinSettings.model_fields
    assert question.accepts("0" * question.least)
    assert question.accepts("9" * question.most)
    for bad in (
        "0" * (question.least - 1),
        "0" * (question.most + 1),
        "-" * question.least,
        "１" * question.most,
    ):
        assert not question.accepts(bad)
    assert len(QUESTIONS) == 7
