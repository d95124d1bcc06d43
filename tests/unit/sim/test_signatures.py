"""Signatures of both kinds are checked: whatever is altered is refused."""

from __future__ import annotations

import base64

import pytest

from bridge.sim.clock import Clock
from bridge.sim.errors import StatusError
from bridge.sim.signatures import Issued, Keys, Signatures

IDS = {"samId": "001000000103", "hospitalId": "3501200000", "hcId": "000073898381", "hcIdNo": "Z299999929"}


@pytest.fixture(scope="module", params=["rsa", "cheap"])
def keys(request: pytest.FixtureRequest) -> Keys:
    return Keys() if request.param == "rsa" else Keys.cheap()


def body_of(issued: Issued, **other: str) -> dict[str, str]:
    return {**IDS, "signature": issued.signature, "clientRandom": issued.client_random, **other}


def test_a_signature_is_taken_once(keys: Keys) -> None:
    signatures = Signatures(keys, Clock())
    issued = signatures.issue("hc", "01", IDS)
    assert len(base64.b64decode(issued.signature)) == 256
    assert signatures.check(body_of(issued), "hc", "01") is issued
    issued.used = True
    with pytest.raises(StatusError) as refused:
        signatures.check(body_of(issued), "hc", "01")
    assert refused.value.code == 3245


def altered(signature: str) -> str:
    data = bytearray(base64.b64decode(signature))
    data[7] ^= 1
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("what", ["byte", "shorter", "empty", "other", "id", "no base64"])
def test_an_altered_signature_is_refused(keys: Keys, what: str) -> None:
    signatures = Signatures(keys, Clock())
    issued, other = signatures.issue("hc", "01", IDS), signatures.issue("hc", "01", IDS)
    wrong = {
        "byte": {"signature": altered(issued.signature)},
        "shorter": {"signature": base64.b64encode(base64.b64decode(issued.signature)[:-1]).decode()},
        "empty": {"signature": ""},
        "other": {"signature": other.signature},
        "id": {"hcIdNo": "A123456789"},
        "no base64": {"signature": "?"},
    }[what]
    with pytest.raises(StatusError) as refused:
        signatures.check(body_of(issued, **wrong), "hc", "01")
    assert refused.value.code == 3100


def test_another_simulator_s_signature_is_refused(keys: Keys) -> None:
    mine, theirs = Signatures(keys, Clock()), Signatures(type(keys).cheap(), Clock())
    issued = mine.issue("hc", "01", IDS)
    assert theirs.find(body_of(issued), "hc", "01") is None
    assert not Keys.cheap().console.is_signed(keys.console.sign("text"), "text")


def test_a_visit_s_signature_has_256_characters(keys: Keys) -> None:
    assert len(Signatures(keys, Clock()).sign_visit("visit")) == 256
