"""The store of randoms and signatures: found by what was handed out, once, while they are good."""

from __future__ import annotations

import pytest

from bridge.reader.vpn_pairs import MOST_PAIRS, Pairs, Signed, Use
from bridge.table.loader import default_table

UPLOAD, LOGIN = Use("sam", "30"), Use("hc", "01")
HOUR = 3600
EIGHT_HOURS = 8 * HOUR
LIVES = [("30", HOUR), ("01", HOUR), ("11", HOUR), ("15", EIGHT_HOURS), ("17", EIGHT_HOURS)]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def signature(number: int) -> Signed:
    return Signed(f"random {number}", f"signature {number}", {"samId": "1"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pairs(clock: Clock) -> Pairs:
    return Pairs(default_table().console.lifetimes, clock)


def test_a_pair_is_held_under_its_random(pairs: Pairs) -> None:
    pairs.hold(UPLOAD, signature(1))
    held = pairs.held("random 1")
    assert held is not None
    assert (held.use, held.signature) == (UPLOAD, signature(1))
    assert pairs.held("random 2") is None


def test_a_pair_is_taken_once(pairs: Pairs) -> None:
    pairs.hold(UPLOAD, signature(1))
    assert [pairs.take("random 1"), pairs.take("random 1")] == [True, False]
    assert pairs.held("random 1") is None


@pytest.mark.parametrize(("code", "seconds"), LIVES)
def test_a_held_pair_lives_as_long_as_its_signature(
    pairs: Pairs, clock: Clock, code: str, seconds: int
) -> None:
    pairs.hold(Use("sam", code), signature(1))
    clock.now += seconds - 1
    assert pairs.held("random 1") is not None
    clock.now += 1
    assert pairs.held("random 1") is None


def test_a_pair_given_in_place_of_a_guess_is_translated(pairs: Pairs) -> None:
    pairs.hold(UPLOAD, signature(1))
    pairs.give("random 1", LOGIN, signature(2))
    assert pairs.real_random("random 1", "signature 2") == "random 2"
    assert pairs.held("random 1") is None  # its own signature cannot be had any more


def test_only_the_very_pair_is_translated(pairs: Pairs) -> None:
    pairs.give("random 1", LOGIN, signature(2))
    assert pairs.real_random("random 3", "signature 2") is None
    assert pairs.real_random("random 1", "signature 1") is None


def test_a_random_signed_twice_has_two_translations(pairs: Pairs) -> None:
    pairs.give("random 1", LOGIN, signature(2))
    pairs.give("random 1", UPLOAD, signature(3))
    assert pairs.real_random("random 1", "signature 2") == "random 2"
    assert pairs.real_random("random 1", "signature 3") == "random 3"


@pytest.mark.parametrize(("code", "seconds"), LIVES)
def test_a_translation_lives_as_long_as_its_signature(
    pairs: Pairs, clock: Clock, code: str, seconds: int
) -> None:
    pairs.give("random 1", Use("sam", code), signature(2))
    clock.now += seconds - 1
    assert pairs.real_random("random 1", "signature 2") == "random 2"
    clock.now += 1
    assert pairs.real_random("random 1", "signature 2") is None


def test_too_many_push_the_oldest_out(pairs: Pairs) -> None:
    for number in range(MOST_PAIRS + 2):
        pairs.hold(UPLOAD, signature(number))
        pairs.give(f"handed {number}", LOGIN, signature(number))
    assert pairs.held("random 0") is None
    assert pairs.real_random("handed 0", "signature 0") is None
    assert pairs.held(f"random {MOST_PAIRS + 1}") is not None
    assert pairs.real_random(f"handed {MOST_PAIRS + 1}", f"signature {MOST_PAIRS + 1}") is not None
