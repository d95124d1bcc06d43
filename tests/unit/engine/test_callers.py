"""The caller's presence: nothing leaves for one that has gone, and what it did not hear of is pending."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bridge.calls.call import NATIVE, Argument, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.caller import Caller
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.pin.questions import PinQuestion
from bridge.reader.pin_operations import PinOperations
from bridge.reader.use import Use
from bridge.sim.faults import Fault
from tests.support.simulated import Bench

CARD, WITH_PIN = "000073898381", "000099990010"
NEXT, UPDATE, PIN = "/api/v1/SequelNumber/Next", "/api/hc/v1/RealHc/Update", "/api/hc/v1/Pin"
CONSOLE_GONE, CLOUD_LOST = 4000, 9003
TAKE: dict[str, Argument] = {
    "cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1", "pBuffer": OutBuffer(316),
}  # fmt: skip


@dataclass
class Program:
    """A program that waits for the answers to its calls until it ``left``."""

    left: str = ""

    def leave(self) -> None:
        self.left = "it was killed"

    async def call(self, bench: Bench, name: str, **arguments: Argument) -> LegacyResult:
        caller = Caller(gone=lambda: self.left)
        return await bench.engine.call(LegacyCall(name, arguments, NATIVE, caller))

    async def take(self, bench: Bench) -> LegacyResult:
        """Take a visit number."""
        return await self.call(bench, "hisGetSeqNumber256N1", **TAKE)


def taken(bench: Bench) -> int:
    return bench.simulator.world.record(CARD).visits_taken


def pending(bench: Bench) -> list[tuple[str, str]]:
    return [(each.state, each.advice) for each in bench.journal.pending()]


def at(path: str, do: Any) -> Any:
    """A hook that does something at each request to a path."""

    def hook(request: httpx.Request) -> None:
        if request.url.path == path:
            do()

    return hook


async def test_three_attempts_that_were_given_up_behind_a_slow_reader_are_never_made(bench: Bench) -> None:
    """Each was told 4000 while nothing had been sent: three visit numbers would be two too many."""
    programs = [Program() for _ in range(3)]
    async with bench.reader.turn(Use(), ("console",)):
        attempts = [asyncio.create_task(program.take(bench)) for program in programs]
        await asyncio.sleep(0.05)
        for program in programs:
            program.leave()
    assert await asyncio.gather(*attempts) == [LegacyResult(CONSOLE_GONE)] * 3
    assert (taken(bench), bench.cloud.sent, pending(bench)) == (0, [], [])
    assert (await Program().take(bench)).code == 0
    assert taken(bench) == 1


async def test_a_call_whose_caller_has_left_before_it_begins_asks_nobody(bench: Bench) -> None:
    gone = Program("its time is over")
    result = await gone.call(bench, "hisGetBasicData", pBuffer=OutBuffer(72))
    assert (result.code, bench.console.sent, bench.cloud.sent) == (CONSOLE_GONE, [], [])


async def test_a_caller_that_leaves_while_the_intent_is_noted(bench: Bench) -> None:
    """Writing to a disk takes its time; the request has not left then."""
    program, noted = Program(), bench.journal.begin

    def leave_then_note(*what: str) -> Any:
        program.leave()
        return noted(*what)

    bench.journal.begin = leave_then_note  # type: ignore[method-assign]
    assert (await program.take(bench)).code == CONSOLE_GONE
    assert (taken(bench), bench.cloud.sent, pending(bench)) == (0, [], [])


async def test_a_caller_that_leaves_after_the_request_has_left(bench: Bench) -> None:
    program = Program()
    bench.cloud.before = at(NEXT, program.leave)
    await program.take(bench)
    assert taken(bench) == 1
    ((state, advice),) = pending(bench)
    assert state == "ambiguous"
    assert "its caller had left" in advice
    assert "do not do it a second time" in advice


async def test_an_answer_that_turns_out_unheard_leaves_the_change_pending(bench: Bench) -> None:
    """The door learns it when the call has ended; of a call that changes nothing it need not tell."""
    unheard: list[Any] = []
    caller = Caller(if_unheard=unheard.append)
    read = LegacyCall("hisGetBasicData", {"pBuffer": OutBuffer(72)}, NATIVE, caller)
    assert (await bench.engine.call(read)).code == 0
    assert unheard == []
    assert (await bench.engine.call(LegacyCall("hisGetSeqNumber256N1", TAKE, NATIVE, caller))).code == 0
    assert (pending(bench), len(unheard)) == ([], 1)
    unheard[0]()
    ((state, advice),) = pending(bench)
    assert state == "ambiguous"
    assert "its caller had left" in advice


async def test_no_request_is_repeated_for_a_caller_that_has_left(
    bench: Bench,
) -> None:
    """Where the first one had not arrived, the repeat would be a change that nobody waits for."""
    program = Program()

    def lose(request: httpx.Request) -> None:
        program.leave()
        raise httpx.ReadTimeout("lost on its way", request=request)

    bench.cloud.before = lose
    assert (await program.take(bench)).code == CLOUD_LOST
    assert (taken(bench), len(bench.cloud.requests)) == (0, 1)
    ((state, advice),) = pending(bench)
    assert state == "ambiguous"
    assert "look in the cloud" in advice


async def test_a_caller_that_leaves_while_it_is_repeated(bench: Bench) -> None:
    """The cloud says that the signature is used: it had been carried out."""
    bench.simulator.world.faults.arm(Fault("cloud", "lost", None, NEXT, 1))
    program, asked = Program(), 0

    def count() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            program.leave()

    bench.cloud.before = at(NEXT, count)
    await program.take(bench)
    assert (taken(bench), asked) == (1, 2)
    ((state, advice),) = pending(bench)
    assert state == "ambiguous"
    assert "do not do it a second time" in advice


async def test_what_has_begun_goes_on_to_its_end(bench: Bench) -> None:
    """The cloud has updated the card's contents: the card gets them, too, though the caller has left."""
    program = Program()
    bench.cloud.after = lambda request: program.leave()
    await program.call(bench, "csUpdateHCContents")
    assert any(UPDATE in sent for sent in bench.console.sent)
    assert [state for state, _ in pending(bench)] == ["ambiguous"]


async def test_a_caller_that_stays_leaves_nothing_pending(bench: Bench) -> None:
    assert (await Program().take(bench)).code == 0
    assert pending(bench) == []


# --- changes of a card --------------------------------------------------------------------------------------


@dataclass
class Typist:
    """Types the PINs of the simulator's people; ``leaves`` goes away at the question of that name."""

    program: Program
    leaves: str = ""
    asked: list[str] = field(default_factory=list)

    async def ask(self, question: PinQuestion) -> str:
        self.asked.append(question.key)
        if question.key == self.leaves:
            self.program.leave()
        return {"hc": "246810", "new_hc": "1357"}[question.key]

    types_on_reader = False


@pytest.fixture
def typist(bench: Bench) -> Typist:
    made = Typist(Program())
    bench.simulator.world.insert("hc", WITH_PIN)
    bench.reader.pins = PinOperations(bench.reader.turn, PinPolicy(made))
    return made


async def test_nobody_is_asked_for_a_pin_by_a_caller_that_has_left(bench: Bench, typist: Typist) -> None:
    async with bench.reader.turn(Use(), ("console",)):
        change = asyncio.create_task(typist.program.call(bench, "csInputHCPIN"))
        await asyncio.sleep(0.05)
        typist.program.leave()
    assert (await change).code == CONSOLE_GONE
    assert (typist.asked, pending(bench)) == ([], [])


async def test_a_card_keeps_its_pin_where_the_caller_left_while_the_new_one_was_typed(
    bench: Bench, typist: Typist
) -> None:
    typist.leaves = "new_hc"
    assert (await typist.program.call(bench, "csInputHCPIN")).code == CONSOLE_GONE
    assert bench.simulator.world.cards[WITH_PIN].pin == "246810"
    assert pending(bench) == []


async def test_a_new_pin_that_its_caller_did_not_hear_of(bench: Bench, typist: Typist) -> None:
    bench.console.before = lambda request: (
        typist.program.leave() if (request.method, request.url.path) == ("PUT", PIN) else None
    )
    await typist.program.call(bench, "csInputHCPIN")
    changed = bench.simulator.world.cards[WITH_PIN].pin == "1357"
    assert changed
    ((state, advice),) = pending(bench)
    assert (state, "the new PIN that it counts" in advice) == ("ambiguous", True)
