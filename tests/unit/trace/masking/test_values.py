"""Laws of masking: widths, forms, check digits, order of dates; who is who."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.trace.masking import ids
from bridge.trace.masking.dates import is_date, moved
from bridge.trace.masking.final_scan import RealValues
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.pieces import Piece
from bridge.trace.masking.rules import Kind, default_rules
from bridge.trace.masking.shapes import filled
from bridge.trace.masking.values import Values

KINDS: list[Kind] = [
    "id", "name", "card_no", "birthday", "newborn_birthday", "date", "datetime", "year", "phone",
    "hospital", "hospital_name", "signature", "token", "words", "file_name", "sam_card_info", "free_text",
    "order_code", "keep",
]  # fmt: skip
KEY = MaskKey(b"\x17" * 32)
KEPT = Values(default_rules(), MaskKey(b"\x17" * 32), RealValues())  # one for many examples: it grows


def values(key: MaskKey | None = None, *real_values: bytes) -> Values:
    known = RealValues()
    for needle in real_values:
        known.add(needle)
    return Values(default_rules(), key or MaskKey(b"\x17" * 32), known)


def masked(kind: Kind, data: bytes, by: Values = KEPT, person: bytes = b"") -> bytes:
    return by.masked(Piece(kind, 0, len(data), person=person), data)


@pytest.mark.parametrize("count", [1, 2, 39, 40, 255, 256, 257, 512])
def test_a_hexadecimal_signature_becomes_the_same_as_any(count: int) -> None:
    signature = (b"0123456789ABCDEF" * 32)[-count:]
    other = signature[::-1]
    made = [masked("signature", each) for each in (signature, other)]
    assert KEPT.hexadecimal([signature, other]) == made


ANY = st.binary(max_size=60) | st.text(max_size=30).map(lambda text: text.encode("cp950", "replace"))
FIRST = st.builds(
    lambda letter, sex, number: f"{letter}{sex}{number:07d}".encode(),
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    st.sampled_from("1289ABCD"),
    st.integers(0, 9_999_999),
)
WHOLE = FIRST.map(lambda first: first + b"%d" % ids.check_digit(first))
DAYS = st.dates(date(1930, 1, 1), date(2030, 12, 31))


def roc(day: date) -> bytes:
    return b"%03d%02d%02d" % (day.year - 1911, day.month, day.day)


def day_of(text: bytes) -> date:
    return date(int(text[:3]) + 1911, int(text[3:5]), int(text[5:7]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [b"A123456789", b"0790412", b"12", b"00", b" A"])
def test_what_a_program_left_behind_a_nul_is_filled(kind: Kind, value: bytes) -> None:
    made = masked(kind, value + b"\0Wang 12\0-5")
    assert made[len(value) :] == b"\0xxxx xx\0xx"


@pytest.mark.parametrize(
    ("kind", "data", "person", "made"),
    [
        ("id", b"A123456789", b"", b"Z193867640"),
        ("id", b"A12345678", b"", b"D01685216"),
        ("name", "測試".encode("cp950").ljust(20), b"", b"\xb8\xd5\xa8\xbb".ljust(20)),
        ("name", b"Lin, Mei-hua", b"", b"Apu, Lwi-sxo"),
        ("card_no", b"000012345678", b"", b"999905655455"),
        ("phone", b"02-2345 6789   ", b"", b"02-0000 6030   "),
        ("hospital", b"3501200000", b"", b"9975862957"),
        ("birthday", b"0800101", b"A123456789", b"0781229"),
        ("datetime", b"1150302083000", b"", b"1140908083000"),
        ("signature", b"Ab3+" * 10, b"", b"kVzxg4FkXQXeymxw7bokE+PdLEwi9B6vcEOTYFip"),
        ("signature", b"0aF3", b"", b"c1ac"),
        ("token", b"Qr-12 xY", b"", b"Xs-12 iR"),
        ("words", b"Peanuts 2", b"", b"Anevqkp 2"),
        ("file_name", b"C:\\up\\a12.xml", b"", b"C:\\yu\\m26.xml"),
    ],
)
def test_a_key_that_is_kept_makes_the_same_of_a_value_for_ever(
    kind: Kind, data: bytes, person: bytes, made: bytes
) -> None:
    """What was masked last month has to go together with what is masked next month."""
    assert masked(kind, data, values(), person) == made


@given(st.sampled_from(KINDS), ANY)
def test_the_width_is_kept_and_the_same_value_becomes_the_same(kind: Kind, data: bytes) -> None:
    once = masked(kind, data)
    assert len(once) == len(data)
    assert masked(kind, data) == once


@given(st.sampled_from(KINDS), st.integers(0, 80))
def test_nothing_and_zeros_stay_what_they_are(kind: Kind, width: int) -> None:
    assert masked(kind, b" " * width) == b" " * width
    assert masked(kind, b"\0" * width) == b"\0" * width
    if kind != "free_text":
        assert masked(kind, b"0" * width) == b"0" * width


@given(st.sampled_from([kind for kind in KINDS if kind not in ("keep", "order_code")]), WHOLE)
def test_an_id_remains_in_no_field_whatever_it_is_for(kind: Kind, number: bytes) -> None:
    assert number not in masked(kind, number + b" " * 4)


# --- ids ----------------------------------------------------------------------------------------------------


# The Ministry of the Interior's value of each letter, written out.
LETTERS = (
    "A10 B11 C12 D13 E14 F15 G16 H17 I34 J18 K19 L20 M21 N22 O35 P23 Q24 R25 S26 T27 U28 V29 W32 X30 Y31 Z33"
)
LETTER_VALUES = {each[0]: each[1:] for each in LETTERS.split()}


@pytest.mark.parametrize(
    "number",
    [
        "A123456789", "Z299999929", "Z199999016", "F223456786",
        "A800000014", "A900000016",  # residents since 2021
        "FA12345689",  # a resident before: the second letter counts by the last digit of its value
    ],
)  # fmt: skip
def test_check_digits_known_from_elsewhere(number: str) -> None:
    assert ids.check_digit(number[:9].encode()) == int(number[9])


def test_an_invented_practitioner_of_the_simulators_has_a_wrong_one() -> None:
    assert ids.check_digit(b"C12345678") != 9


@given(WHOLE)
def test_law_the_weighted_sum_of_every_form_can_be_divided_by_ten(number: bytes) -> None:
    first, second, *rest = number.decode()
    digits = [*LETTER_VALUES[first], LETTER_VALUES.get(second, second)[-1], *rest]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    assert sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


@given(WHOLE)
def test_a_valid_id_becomes_a_valid_one_of_its_kind(number: bytes) -> None:
    made = masked("id", number)
    assert ids.is_id(made)
    assert int(made[9:]) == ids.check_digit(made[:9])
    assert (made[:1], made[1:2]) == (b"Z", number[1:2])
    assert made[2:3] == b"9"
    assert not made.startswith((b"Z1999", b"Z2999"))


@given(FIRST, st.integers(1, 9))
def test_a_wrong_check_digit_stays_as_wrong(first: bytes, wrong_by: int) -> None:
    number = first + b"%d" % ((ids.check_digit(first) + wrong_by) % 10)
    made = masked("id", number)
    assert (int(made[9:]) - ids.check_digit(made[:9])) % 10 == wrong_by


@given(st.binary(max_size=12).filter(lambda text: not ids.is_id(text.upper())))
def test_what_is_no_id_becomes_none(text: bytes) -> None:
    assert not ids.is_id(masked("id", text).strip(b" \0").upper())


@given(WHOLE)
def test_small_letters_are_the_same_person(number: bytes) -> None:
    assert masked("id", number.lower()) == masked("id", number).lower()


@settings(max_examples=3, deadline=None)  # thousands take their time
@given(st.binary(min_size=32, max_size=32))
def test_thousands_of_people_stay_as_many(secret: bytes) -> None:
    by = values(MaskKey(secret))
    people = {
        b"A1%07d0" % (number * 37) for number in range(4000)
    }  # some nine of them want one that is taken
    assert len({masked("id", number, by)[:9] for number in people}) == len(people) == 4000
    assert by.pseudonyms.shared == 0


def test_names_and_telephones_of_a_few_characters_stay_apart_as_long_as_there_are_enough() -> None:
    by = values()
    names = {f"{first}{second}".encode("cp950") for first in "林陳李" for second in "一人入八力十又山川工"}
    assert len({masked("name", name, by) for name in names}) == len(names) == 30
    phones = {b"%04d" % number for number in range(1, 4000)}
    assert len({masked("phone", phone, by) for phone in phones}) == len(phones)


def test_somebody_invented_is_never_somebody_of_the_trace() -> None:
    first = values()
    made = masked("id", b"A123456789", first)
    again = values(None, made)
    assert masked("id", b"A123456789", again) not in (made, b"A123456789")


def test_a_kept_key_remembers_who_was_given_what() -> None:
    people = [b"A1%07d0" % (number * 37) for number in range(4000)]
    key = MaskKey(b"\x2a" * 32)
    first = values(key)
    before = {number: masked("id", number, first) for number in people}
    later = values(MaskKey(key.secret, key.given))
    newcomers = [b"B2%07d0" % number for number in range(500)]
    made = {number: masked("id", number, later) for number in [*newcomers, *reversed(people)]}
    assert {number: made[number] for number in people} == before
    assert len({number[:9] for number in made.values()}) == len(made)


def test_another_key_makes_another_person() -> None:
    people = {masked("id", b"A123456789", values(MaskKey(bytes([secret]) * 32))) for secret in range(20)}
    assert len(people) == 20


# --- names --------------------------------------------------------------------------------------------------


@given(st.text("林陳李王張劉．堃喆 ABC一丁七", min_size=1, max_size=10))
def test_a_name_can_be_read_in_the_code_page(name: str) -> None:
    data = name.encode("cp950", "replace")
    made = masked("name", data)
    text = made.decode("cp950")
    assert len(text) == len(data.decode("cp950"))
    chinese = [character for character in text if not character.isascii() and character != "．"]
    assert not chinese or chinese[0] in "測試虛假擬樣範偽"


def test_a_name_that_is_cut_in_a_character_stays_cut() -> None:
    made = masked("name", "林陳李".encode("cp950")[:5])
    made[:4].decode("cp950")
    with pytest.raises(UnicodeDecodeError):
        made.decode("cp950")


@pytest.mark.parametrize(
    "name", ["巴奈．虛構．庫穗．測試專用姓名", "一巴奈．虛構．庫穗．測試", "VERY LONG NAME OF A FOREIGNER"]
)
def test_a_long_name_begins_as_it_does_in_a_short_record(name: str) -> None:
    data = name.encode("cp950")
    cut = data[:20].decode("cp950", "ignore").encode("cp950")
    assert len(cut) in (19, 20)
    assert masked("name", data).startswith(masked("name", cut.ljust(20)).rstrip())
    assert len(masked("name", data)) == len(data)


# --- dates --------------------------------------------------------------------------------------------------


@given(st.lists(DAYS, min_size=2, max_size=6))
def test_intervals_order_and_weekdays_stay(days: list[date]) -> None:
    made = [day_of(masked("date", roc(day))) for day in days]
    assert {(before - after).days for before, after in zip(days, made, strict=True)} == {-KEPT.days}
    assert KEPT.days % 7 == 0
    assert 4 <= -KEPT.days // 7 <= 52


@given(DAYS, st.integers(0, 86_399))
def test_date_times_move_as_dates_do_and_keep_their_time(day: date, second: int) -> None:
    clock = b"%02d%02d%02d" % (second // 3600, second // 60 % 60, second % 60)
    assert masked("datetime", roc(day) + clock) == masked("date", roc(day)) + clock
    western = b"%04d%02d%02d" % (day.year, day.month, day.day) + clock
    assert masked("datetime", western)[8:] == clock
    assert int(masked("datetime", western)[:4]) == day_of(masked("date", roc(day))).year


@given(DAYS, WHOLE)
def test_a_birthday_goes_back_by_less_than_a_year_more(day: date, person: bytes) -> None:
    made = day_of(masked("birthday", roc(day), person=person))
    further = (day + timedelta(days=KEPT.days)) - made
    assert 1 <= further.days <= 300
    assert masked("birthday", roc(day + timedelta(days=1)), person=person) == roc(made + timedelta(days=1))


def test_a_year_alone_moves_with_the_day_of_its_call() -> None:
    by = values()
    assert by.days == -175
    for month, years in ((1, 1), (12, 0)):
        by.begin_call(datetime(2026, month, 20, 1, tzinfo=UTC))
        assert masked("year", b"115", by) == b"%03d" % (115 - years)
    by.begin_call(datetime(2025, 12, 31, 20, tzinfo=UTC))  # the year has begun in Taiwan
    assert masked("year", b"115", by) == b"114"
    by.begin_call(datetime.min)
    assert masked("year", b"115", by) == b"115"
    assert masked("year", b"1x5", by) != b"1x5"


@given(st.binary(min_size=1, max_size=14).filter(lambda text: not is_date(text.strip(b" \0"))))
def test_what_is_no_date_becomes_none(text: bytes) -> None:
    assert not is_date(masked("date", text).strip(b" \0"))


@pytest.mark.parametrize(
    ("text", "days", "later"),
    [
        (b"0920315", 1, b"0920316"),
        (b"920315", 1, b"920316"),
        (b"1150301083000", -1, b"1150228083000"),
        (b"20260301", -1, b"20260228"),
        (b"2026-03-01", -1, b"2026-02-28"),
        (b"0010101", -1, None),
        (b"0920230", 1, None),
        (b"9991231", 1, None),
        (b"0920315 ", 1, None),
        (b"991231", 1, None),
        (b"", 1, None),
    ],
)
def test_days_are_counted_in_every_form(text: bytes, days: int, later: bytes | None) -> None:
    assert moved(text, days) == later


def test_for_ever_stays_for_ever() -> None:
    assert masked("date", b"1991231") == b"1991231"


# --- other texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [b"0F" * 128, b"ab01" * 10, b"Zm9vYmFyIGJhcg==", b"V" * 20])
def test_a_signature_keeps_its_alphabet(text: bytes) -> None:
    made = masked("signature", text + b" " * 3)
    assert made != text + b" " * 3
    for allowed in (b"0123456789ABCDEF", b"0123456789abcdef"):
        if not text.strip(allowed):
            assert not made.strip(allowed + b" ")
    assert made[len(text) :] == b"   "
    assert made.count(b"=") == text.count(b"=")


@given(st.binary(min_size=128, max_size=128))
def test_raw_bytes_and_their_hexadecimal_text_stay_one_signature(data: bytes) -> None:
    raw = KEPT.masked(Piece("signature", 0, 128, raw=True), data)
    if data.strip(b" \0"):
        assert raw.hex().upper().encode() == masked("signature", data.hex().upper().encode())


@given(st.text("0123456789-() #", min_size=10, max_size=14))
def test_a_telephone_number_keeps_its_shape(text: str) -> None:
    made = masked("phone", text.encode())
    assert [chr(byte) for byte in made if not chr(byte).isdigit()] == [
        character for character in text if not character.isdigit()
    ]


def test_a_file_name_keeps_drive_separators_and_ending() -> None:
    made = masked("file_name", b"C:\\his\\data 1\\upload.xml")
    assert made[:3] == b"C:\\"
    assert made[6:7] == b"\\"
    assert made[-4:] == b".xml"
    assert b"his" not in made
    assert b"upload" not in made


@given(ANY)
def test_filler_is_blank_where_blank_was(data: bytes) -> None:
    data = data.replace(b"[", b"(")
    assert filled(data) == bytes(byte if byte in b" \0" else ord("x") for byte in data)


def test_a_pattern_stays_in_filler() -> None:
    assert filled(b"[XXXXXXX]      A123[XXXXXXX] 7") == b"[XXXXXXX]      xxxx[XXXXXXX] x"
    assert filled(b"[A123456]9") == b"[xxxxxxx]x"


# --- the last look ------------------------------------------------------------------------------------------


def test_an_id_that_nobody_is_known_by_is_not_kept_either() -> None:
    number = b"B28765432%d" % ids.check_digit(b"B28765432")
    assert masked("keep", b"TID " + number + b" 3") == b"TID xxxxxxxxxx 3"
    assert masked("order_code", b"TID " + number + b" 3") == b"TID xxxxxxxxxx 3"
    assert masked("keep", b"T 0912345678") == b"T xxxxxxxxxx"
    assert KEPT.masked(Piece("keep", 0, 10, digits=True), b"0012345678") == b"0012345678"  # a fee
    assert masked("keep", number[:9] + b"%d" % ((int(number[9:]) + 1) % 10)) != b"x" * 10


@pytest.mark.parametrize("form", ["A1", "A2", "A8", "A9", "AA", "AB", "AC", "AD", "ac", "z8"])
def test_an_id_of_every_form_is_found_where_it_stands_alone_in_a_kept_text(form: str) -> None:
    first = f"{form}2345678".encode()
    number = first + b"%d" % ids.check_digit(first.upper())
    for text in (b"%s", b" %s ", b"TID %s 3", b"(%s)"):
        assert masked("keep", text % number) == text % (b"x" * 10)
    assert masked("keep", b"X" + number) == b"X" + number  # no id: a longer word


def test_the_code_of_a_drug_stays_though_it_could_be_an_id() -> None:
    assert ids.check_digit(b"AC1234500") == 8
    assert masked("order_code", b"AC12345008  ") == b"AC12345008  "
    assert masked("order_code", b"AC12345008", values(None, b"AC12345008")) == b"xxxxxxxxxx"  # somebody's
    assert masked("keep", b"AC12345008") == b"xxxxxxxxxx"
    assert masked("keep", b"AC12345100") == b"AC12345100"


def test_a_value_of_somebody_is_not_kept_even_in_a_code() -> None:
    by = values(None, b"A123456789", b"000012345678", "林陳李".encode("cp950"))
    assert masked("keep", b"TID a123456789", by) == b"TID xxxxxxxxxx"
    assert masked("keep", b"A9000012345678", by) == b"A9xxxxxxxxxxxx"
    assert masked("keep", "林陳李 1".encode("cp950"), by) == b"xxxxxx 1"
    assert by.swept == 2


@given(
    st.binary(max_size=40),
    st.sampled_from([b"A123456789", b"LI XIANG", "林陳".encode("cp950")]),
    st.binary(max_size=40),
)
def test_the_last_look_finds_a_value_anywhere(before: bytes, value: bytes, after: bytes) -> None:
    real_values = RealValues()
    real_values.add(value)
    place = len(before)
    assert (place, place + len(value)) in real_values.found(before + value + after)


def test_a_birthday_is_found_only_where_it_is_all_of_a_value() -> None:
    real_values = RealValues()
    real_values.add_birthday(b"0920315")
    assert real_values.found(b"0920315 ", alone=True)
    assert not real_values.found(b"00920315", alone=True)
    assert not real_values.found(b"0920315")
