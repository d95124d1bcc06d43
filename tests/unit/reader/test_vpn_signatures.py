"""VPN signatures over the simulated console: guessed pairs, other uses, exchanged cards, failures."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bridge.calls.call import LegacyCall, OutBuffer
from bridge.calls.caller import Caller
from bridge.errors import StatusError
from bridge.reader.use import Use
from bridge.reader.vpn import VpnSignatures
from tests.support.simulated import Bench

CHILD = "000099990001"
NO_CARD = 1102
HOUR = 3600
ELSEWHERE = "right through the bridge's own upload paths only"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vpn(bench: Bench, clock: Clock) -> VpnSignatures:
    return VpnSignatures(bench.reader, clock)


def signatures(bench: Bench) -> list[str]:
    return [each for each in bench.console.sent if "Signature" in each]


async def taken(vpn: VpnSignatures, kind: str = "sam", code: str = "30") -> str:
    return str((await vpn.take_random(Use(), kind, code))["clientRandom"])


async def test_the_guessed_use_gets_the_signature_of_its_random(
    vpn: VpnSignatures, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    random = await taken(vpn)
    signed = await vpn.sign_random(Use(), random, "sam", "30")
    assert signed["clientRandom"] == random
    assert vpn.real_random(random, signed["signature"]) == random
    assert signatures(bench) == ["POST /api/sam/v1/Signature"]
    assert ELSEWHERE not in caplog.text


async def test_the_random_alone_tells_nothing_of_its_signature(vpn: VpnSignatures) -> None:
    assert set(await vpn.take_random(Use(), "sam", "30")) == {"clientRandom"}


@pytest.mark.parametrize(("kind", "code"), [("hc", "30"), ("sam", "01"), ("hc", "01")])
async def test_another_use_gets_a_fresh_signature_and_a_line_in_the_log(
    vpn: VpnSignatures, bench: Bench, caplog: pytest.LogCaptureFixture, kind: str, code: str
) -> None:
    random = await taken(vpn)
    with caplog.at_level(logging.WARNING):
        signed = await vpn.sign_random(Use(), random, kind, code)
    assert signed["clientRandom"] != random
    assert vpn.real_random(random, signed["signature"]) == signed["clientRandom"]
    assert len(signatures(bench)) == 2
    assert ELSEWHERE in caplog.text
    assert signed["signature"] not in caplog.text


async def test_a_random_is_signed_once_with_its_own_signature(vpn: VpnSignatures) -> None:
    random = await taken(vpn)
    first, second = [await vpn.sign_random(Use(), random, "sam", "30") for _ in range(2)]
    assert first["clientRandom"] == random != second["clientRandom"]


async def test_of_two_at_the_same_time_one_gets_it(vpn: VpnSignatures) -> None:
    random = await taken(vpn)
    both = await asyncio.gather(*(vpn.sign_random(Use(), random, "sam", "30") for _ in range(2)))
    assert len({signed["signature"] for signed in both}) == 2
    assert [signed["clientRandom"] for signed in both].count(random) == 1


async def test_after_one_hour_the_guess_is_gone(vpn: VpnSignatures, clock: Clock) -> None:
    random = await taken(vpn)
    clock.now += HOUR
    signed = await vpn.sign_random(Use(), random, "sam", "30")
    assert signed["clientRandom"] != random
    assert vpn.real_random(random, signed["signature"]) == signed["clientRandom"]
    clock.now += HOUR
    assert vpn.real_random(random, signed["signature"]) == random  # the centre refuses it


@pytest.mark.parametrize("random", ["", "never given"])
async def test_an_unknown_random_is_signed_too(vpn: VpnSignatures, random: str) -> None:
    signed = await vpn.sign_random(Use(), random, "sam", "30")
    assert vpn.real_random(random, signed["signature"]) == signed["clientRandom"]


async def test_a_signature_held_is_not_given_for_another_persons_card(
    vpn: VpnSignatures, bench: Bench
) -> None:
    random = await taken(vpn, "hc", "01")
    bench.simulator.world.insert("hc", CHILD)
    signed = await vpn.sign_random(Use(), random, "hc", "01")
    assert signed["hcId"] == CHILD
    assert signed["clientRandom"] != random


async def test_the_same_card_gets_what_is_held(vpn: VpnSignatures) -> None:
    random = await taken(vpn, "hc", "01")
    assert (await vpn.sign_random(Use(), random, "hc", "01"))["clientRandom"] == random


async def test_without_the_card_there_is_no_signature_and_the_guess_stays(
    vpn: VpnSignatures, bench: Bench
) -> None:
    random = await taken(vpn)
    bench.simulator.world.remove("hc")
    with pytest.raises(StatusError) as caught:
        await vpn.sign_random(Use(), random, "hc", "01")
    assert caught.value.number == NO_CARD
    assert (await vpn.sign_random(Use(), random, "sam", "30"))["clientRandom"] == random


async def test_a_card_that_is_gone_gets_nothing_that_is_held(vpn: VpnSignatures, bench: Bench) -> None:
    random = await taken(vpn, "hc", "01")
    bench.simulator.world.remove("hc")
    with pytest.raises(StatusError) as caught:
        await vpn.sign_random(Use(), random, "hc", "01")
    assert caught.value.number == NO_CARD


# --- what is learnt of a client -----------------------------------------------------------------------------

LOGIN, UPLOADS, CHECKS = Use(client="login"), Use(client="uploads"), Use(client="checks")


def as_client(who: Use) -> Use:
    """Another call of the same client."""
    return Use(client=who.client)


async def pair(vpn: VpnSignatures, who: Use, kind: str, code: str) -> tuple[str, str]:
    """The random handed out, and the one that was really signed."""
    random = (await vpn.take_random(as_client(who), "sam", "30"))["clientRandom"]
    return random, (await vpn.sign_random(as_client(who), random, kind, code))["clientRandom"]


async def test_each_client_gets_pairs_for_its_own_use(vpn: VpnSignatures) -> None:
    uses = [(LOGIN, "sam", "11"), (UPLOADS, "sam", "30"), (CHECKS, "hc", "91")]
    for who, kind, code in uses:
        await pair(vpn, who, kind, code)
    for who, kind, code in uses * 2:
        random, signed = await pair(vpn, who, kind, code)
        assert random == signed, who.client


async def test_another_use_of_the_same_client_is_learnt_anew(vpn: VpnSignatures) -> None:
    for code in ("11", "30"):
        first, second = [await pair(vpn, LOGIN, "sam", code) for _ in range(2)]
        assert first[0] != first[1]
        assert second[0] == second[1]


async def test_nothing_is_learnt_of_a_client_that_cannot_be_told(vpn: VpnSignatures) -> None:
    for _ in range(2):
        random, signed = await pair(vpn, Use(), "sam", "11")
        assert random != signed


async def test_a_card_that_was_there_last_time_keeps_nobody_from_a_random(
    vpn: VpnSignatures, bench: Bench
) -> None:
    await pair(vpn, LOGIN, "hc", "01")
    bench.simulator.world.remove("hc")
    random, signed = await pair(vpn, LOGIN, "sam", "30")
    assert random == signed


async def test_calls_of_one_process_are_those_of_one_client(bench: Bench) -> None:
    """Whatever connection of it they come by."""

    async def pairs(program: str) -> int:
        """How many signatures a pair costs this program."""
        before = len(signatures(bench))
        arguments = {"pBuffer": OutBuffer(64)}
        got = await bench.engine.call(LegacyCall("VPNGetRandom", arguments, caller=Caller(program)))
        wanted = {
            "pRandom": got.outputs["pBuffer"],
            "CardType": 3,
            "pServiceCode": b"11",
            "pBuffer": OutBuffer(512),
        }
        signed = await bench.engine.call(LegacyCall("VPNH_Sign", wanted, caller=Caller(program)))
        assert (got.code, signed.code) == (0, 0)
        return len(signatures(bench)) - before

    assert [await pairs(program) for program in ("a", "a", "b", "b")] == [2, 1, 2, 1]
