"""Requests of 5.x for interactions of medicines, which go on in the form of 6.0."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.calls.caller import Caller
from bridge.errors import BadArgument, BridgeError, CallerGone, Unreachable
from bridge.reader.use import Use
from bridge.relay.uploads import Uploads
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from tests.support.simulated import Bench
from tests.support.stage import DEMO, ELDER, open_stage, verify_practitioner

SERVICE = default_table().services["GetMedPrtData"]
VERIFIED = {
    *("signature", "clientRandom", "serviceType", "samId", "hospitalId"),
    *("hcId", "hcIdNo", "hpcId", "hpcIdNo"),
}
ONE, OTHER = "A012345100", "B023456100"
WHO = Use(program="p", client="c")


async def pair(bench: Bench, kind: str = "hpchc", code: str = "91", guess: str = "sam") -> tuple[str, str]:
    """A random and the signature for it, as a program has them: the random first."""
    asked = bench.reader.protocol.signatures.hpchc
    random = (await bench.engine.vpn.take_random(WHO, guess, "30"))[asked.json_name("random")]
    signed = await bench.engine.vpn.sign_random(WHO, random, kind, code)
    return random, signed[asked.json_name("signature")]


def request(bench: Bench, random: str, signature: str, **changed: object) -> dict[str, Any]:
    """A whole request of 5.x, names in small letters."""
    patient = bench.simulator.world.cards[DEMO]
    fields = {
        "sHospId": "3501200000",
        "sHcaId": "C123456789",
        "sPatId": patient.id_no,
        "sPatCardType": "2",
        "sHcaCardId": "000000329470",
        "sPatCardId": DEMO,
        "sClientRandom": random,
        "sSignature": signature,
        "vhcCloudToken": "",
        "sSamId": "001000000103",
        "sub": [{"sType": "09", "sub": [{"sOrder": ONE}, {"sOrder": OTHER}, {"sOrder": "C034567100"}]}],
        **changed,
    }
    return {name.lower(): value for name, value in fields.items()}


@pytest.mark.parametrize("guess", ["sam", "hpchc"])
async def test_a_request_of_old_becomes_one_of_6_0(simulator: Simulator, guess: str) -> None:
    """Whether the pair was guessed ahead or signed anew."""
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        random, signature = await pair(bench, guess=guess)
        reply = await bench.uploads.relay(SERVICE, request(bench, random, signature))
        assert reply["rtnCode"] == "00"
        assert [each["oOrder"] for each in reply["sub"][0]["sub"]] == [ONE, OTHER]
        (sent,) = bench.centre.requests
        assert sent.url.path == "/api/imie5000/GetMedPrtInfo"
        body = json.loads(sent.content)
        assert set(body) == {"sHospId", "sHpcId", "sPatId", "sVerify", "sub"}
        assert set(body["sVerify"]) == VERIFIED
        assert (body["sVerify"]["hcId"], body["sVerify"]["serviceType"]) == (DEMO, "91")
        assert bench.journal.pending() == []


async def test_a_pair_serves_several_questions(simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        given = request(bench, *await pair(bench))
        for _ in range(2):
            assert (await bench.uploads.relay(SERVICE, given))["rtnCode"] == "00"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"sClientRandom": "AAAAAAAAAAA="}, "sSignature: no pair of this bridge"),
        ({"sSignature": "xxxx"}, "sSignature: no pair of this bridge"),
        ({"sPatId": "A123456789"}, "sPatId: another patient's card has signed"),
        ({"sPatId": ""}, "sPatId: missing"),
        ({"sub": []}, "sub: 0 entries"),
        ({"sub": "x"}, "sub: a list of objects"),
        ({"sub": ["x"]}, "sub: a list of objects"),
        ({"sub": [{}] * 1000}, "sub: 1000 entries"),
        ({"sub": None}, "sub: a list of objects"),
        ({"sClientRandom": "", "sSignature": ""}, "sClientRandom: missing"),
    ],
)
async def test_what_cannot_be_one_is_not_sent(
    simulator: Simulator, changed: dict[str, Any], word: str
) -> None:
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        given = request(bench, *await pair(bench), **changed)
        with pytest.raises(BadArgument, match=word):
            await bench.uploads.relay(SERVICE, given)
        assert bench.centre.requests == []


async def test_a_pair_of_other_cards_is_refused(simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        given = request(bench, *await pair(bench, kind="hc"))
        with pytest.raises(BadArgument, match="other cards have signed"):
            await bench.uploads.relay(SERVICE, given)
        assert bench.centre.requests == []


async def test_a_pair_of_the_patient_before_is_never_the_next_ones(simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        random, signature = await pair(bench)
        simulator.world.insert("hc", ELDER)
        given = request(bench, random, signature, sPatId=simulator.world.cards[ELDER].id_no)
        with pytest.raises(BadArgument, match="another patient"):
            await bench.uploads.relay(SERVICE, given)
        assert bench.centre.requests == []


async def test_a_refusal_comes_back_as_it_is(simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        reply = await bench.uploads.relay(SERVICE, request(bench, *await pair(bench, code="30")))
        assert reply == {"rtnCode": "9002", "sub": []}


async def test_nothing_is_asked_for_a_caller_that_has_gone(simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        given = request(bench, *await pair(bench))
        with pytest.raises(CallerGone):
            await bench.uploads.relay(SERVICE, given, Caller(gone=lambda: "it was closed"))
        assert bench.centre.requests == []


async def test_without_a_query_system_nothing_is_sent(simulator: Simulator) -> None:
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        engine = bench.engine
        alone = Uploads(bench.reader, engine.vpn, bench.journal, None, 30.0, engine.calls)
        with pytest.raises(Unreachable, match=r"medicloud\.url") as refused:
            await alone.relay(SERVICE, request(bench, *await pair(bench)))
        assert isinstance(refused.value, BridgeError)
