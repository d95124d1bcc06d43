"""The id that old telemedicine clients encrypt, against texts made by OpenSSL."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge.calls.context import TAIWAN, CallContext
from bridge.calls.telemedicine import telemedicine_person
from bridge.engine.given import decrypt

HOSPITAL = "3501200000"
# printf Z299999929 | openssl enc -aes-256-cbc -base64 \
#   -K $(printf 35012000002024052000000000000000 | xxd -p -c 99) -iv $(printf 3501200000240520 | xxd -p)
ENCRYPTED = "PxImTyUGaCvsAnJ76oVNyg=="


def on_day(day: int) -> CallContext:
    return CallContext(now=datetime(2024, 5, day, 12, 0, tzinfo=TAIWAN), decrypt=decrypt)


NOON = on_day(20)


def test_an_encrypted_id_is_read() -> None:
    assert telemedicine_person(ENCRYPTED, HOSPITAL, NOON) == "Z299999929"


def test_one_of_yesterday_is_read_too_but_none_of_another_day() -> None:
    assert telemedicine_person(ENCRYPTED, HOSPITAL, on_day(21)) == "Z299999929"
    for day in (19, 22):
        with pytest.raises(ValueError, match="no id number"):
            telemedicine_person(ENCRYPTED, HOSPITAL, on_day(day))


@pytest.mark.parametrize("text", ["Z299999929", "A123456789", "AB12345678"])
def test_a_plain_id_passes(text: str) -> None:
    assert telemedicine_person(text, "", NOON) == text


@pytest.mark.parametrize(
    ("text", "hospital", "fault"),
    [
        (ENCRYPTED, "", "needs the hospital's code"),
        (ENCRYPTED, "350120000", "needs the hospital's code"),
        (ENCRYPTED, "3501200001", "no id number"),
        ("z299999929", HOSPITAL, "no whole blocks|base64"),
        ("不是證號", HOSPITAL, "base64"),
        ("AAAA", HOSPITAL, "no whole blocks"),
        ("AAAAAAAAAAAAAAAAAAAAAA==", HOSPITAL, "no id number"),
    ],
)
def test_anything_else_is_refused(text: str, hospital: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        telemedicine_person(text, hospital, NOON)
