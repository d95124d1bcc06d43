"""The last look: what it finds sooner, and in another process, is what it finds at all."""

from __future__ import annotations

import hmac
from datetime import date
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.compact import CompactSet
from bridge.trace.masking.dates import moved
from bridge.trace.masking.final_scan import RealValues
from bridge.trace.masking.key import Hmac
from bridge.trace.masking.pieces import Cutter, Piece
from bridge.trace.masking.recent import Recent
from bridge.trace.masking.rules import default_rules
from tests.unit.trace.masking.masked_world import TABLE

ALPHABET = [
    b"A", b"a", b"1", b"2", b"3", b"0", b" ", b"\0", b"x", b"+", b"-", b"\t", b"\xa4", "林".encode("cp950"),
]  # fmt: skip
WORDS = st.lists(st.sampled_from(ALPHABET), max_size=40).map(b"".join)
IDS = st.from_regex(rb"[AB][12][0-9]{8}", fullmatch=True)
NUMBERS = st.from_regex(rb"[0-9]{7,14}", fullmatch=True)
LONG = st.from_regex(rb"[0-9A-Za-z+/]{24,40}={0,2}", fullmatch=True)
VALUES = st.one_of(WORDS, IDS, NUMBERS, LONG)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(VALUES, st.booleans()), max_size=6), st.data())
def test_what_is_looked_for_by_words_is_what_stands_there(
    values: list[tuple[bytes, bool]], data: st.DataObject
) -> None:
    real = RealValues()
    for value, passing in values:
        real.add(value, passing=passing)
    there = RealValues()
    there.learn(real.state())
    parts = st.one_of(VALUES, st.sampled_from([value for value, _ in values] or [b"x"]), st.just(b"x" * 12))
    texts = [b"".join(data.draw(st.lists(parts, max_size=5))) for _ in range(3)]
    assert there.clean(texts) == (not any(map(real.found, texts)))
    for text in texts:
        assert real.clean([text]) == (real.found(text) == [])
        assert real.clean([text]) == (real.found(text) == [])  # of words that were there before
        assert there.found(text) == real.found(text)
        assert there.clean([text]) == real.clean([text])


def test_what_is_learnt_later_is_found_in_words_that_were_clean() -> None:
    real = RealValues()
    assert real.clean([b"TID A123456789 3"])
    real.add(b"A123456789")
    assert not real.clean([b"TID A123456789 3"])
    other = RealValues()
    assert other.clean([b"0000481516230"])
    other.learn(RealValues().state())
    real.add(b"000048151623")
    other.learn(real.state())
    assert not other.clean([b"0000481516230"])


def test_digits_that_were_clean_are_not_once_a_long_value_begins_with_them() -> None:
    digits = b"1150302081041350120000046021"
    real = RealValues()
    real.add(b"F" * 12 + b"0" * 28)  # digits alone are looked at only where one is all digits
    assert real.clean([b"A%bB" % digits])
    real.add_hexadecimal([digits])
    assert not real.clean([digits])
    assert not real.clean([b"A%bB" % digits])


LONG_DIGITS = b"048151623421592653589793"
IN_LONG = [LONG_DIGITS, *(LONG_DIGITS[:at] + b"A" + LONG_DIGITS[at + 1 :] for at in (0, 1, 22, 23))]


@pytest.mark.parametrize("value", [b"4815162", b"48151623", b"0481516234", b"048151623426", *IN_LONG])
def test_a_value_is_found_wherever_it_stands_among_digits(value: bytes) -> None:
    real = RealValues()
    real.add(value)
    real.add(b"987654321012")
    for before, after in product(range(30), (0, 1, 5)):
        text = b"7" * before + value + b"7" * after
        assert real.found(text)
        assert not real.clean([text])


@given(st.from_regex(rb"[0-9A-F]{24,60}|[0-9]{24,30}|[0-9A]{24,30}", fullmatch=True))
def test_a_hexadecimal_value_is_known_as_any_other(value: bytes) -> None:
    one, other = RealValues(), RealValues()
    one.add(value)
    if value.strip(value[:1]):
        other.add_hexadecimal([value])
    assert one.state() == other.state()


PIECES = st.builds(
    Piece, st.sampled_from(["signature", "token", "card_no"]), st.just(0), st.just(0), st.booleans()
)
ALIKE = st.sampled_from([7, 16, 23, 24, 40]).flatmap(
    lambda width: st.lists(
        st.text("0123456789ABCDEF", min_size=width, max_size=width)
        | st.sampled_from("0Ag").map(lambda each: each * width),
        min_size=1,
        max_size=4,
    )
)


@example(Piece("signature", 0, 16), [b"0123456789ABCDEF", b"FEDCBA9876543210"])  # short for one
@given(PIECES, ALIKE.map(lambda texts: [text.encode() for text in texts]))
def test_law_pieces_that_are_alike_are_learnt_as_each_of_them_is(piece: Piece, texts: list[bytes]) -> None:
    cutter = Cutter(TABLE, default_rules())
    one, other = Collector(cutter, default_rules()), Collector(cutter, default_rules())
    one.pieces(piece, texts)
    for text in texts:
        other.piece(piece, text)
    assert one.known() == other.known()


@given(st.lists(st.binary(max_size=30), max_size=3000), st.lists(st.binary(max_size=30), max_size=50))
@settings(max_examples=20, deadline=None)
def test_a_compact_set_holds_what_was_added_and_nothing_else(texts: list[bytes], others: list[bytes]) -> None:
    compact = CompactSet()
    for text in texts:
        compact.add(text)
    again = CompactSet(compact.prints())
    for each in (compact, again):
        assert len(each) == len(set(texts))
        assert all(text in each for text in texts)
        assert [text for text in others if (text in each) != (text in texts)] == []
        assert each.isdisjoint(others) == set(texts).isdisjoint(others)
        assert not texts or not each.isdisjoint([*others, texts[-1]])


def test_a_compact_set_takes_no_more_than_it_says() -> None:
    compact = CompactSet()
    for number in range(50_000):
        compact.add(b"%d" % number)
    assert len(compact) == 50_000
    assert compact.size <= 50_000 * 32
    assert b"50000" not in compact


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_law_hmac_is_what_python_says_it_is(key: bytes, text: bytes) -> None:
    assert Hmac(key).digest(text) == hmac.digest(key, text, "sha256")


CLOCKS = st.text("0123456789x ", min_size=6, max_size=6)


@given(st.dates(date(1912, 1, 1), date(2100, 1, 1)), st.integers(-400, 400), CLOCKS)
def test_law_a_time_of_day_moves_with_its_date(day: date, days: int, clock: str) -> None:
    for text in (f"{day.year - 1911:03d}{day:%m%d}", f"{day:%Y%m%d}"):
        later = moved(text.encode(), days)
        with_time = moved((text + clock).encode(), days)
        if clock.isdigit() and later is not None:
            assert with_time == later + clock.encode()
        else:
            assert with_time is None


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=200))
def test_what_is_kept_of_what_came_last_is_right_and_bounded(asked: list[tuple[int, int]]) -> None:
    recent: Recent[int] = Recent(40)
    for key, size in asked:
        assert recent.get(key, size) in (None, key * 7)
        recent.keep(key, key * 7, size)
        assert recent.get(key, size) == key * 7
        assert len(recent) <= 82
