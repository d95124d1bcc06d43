"""What an upload needs beside the caller's arguments: settings, the time, and what its receipt is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from bridge.config import UploadSettings, load_settings
from bridge.engine.call import LegacyCall
from bridge.engine.converters import REPLY_CONVERTERS, VALUE_CONVERTERS, ReplyContext
from bridge.engine.surroundings import Surroundings, row_settings
from bridge.reader.session import SIGNATURE_FIELDS
from bridge.table import names

OPCODE = "20231105093001000001" + "3501200000" + "001000000103"
SIGNER = {"samId": "001000000103", "hospitalId": "3501200000"}


def converted(name: str, value: object) -> str:
    return REPLY_CONVERTERS[name](value, ReplyContext(LegacyCall("aFunction", {}), SIGNER))


# --- settings and time --------------------------------------------------------------------------------------


def test_rows_may_name_exactly_the_settings_that_there_are() -> None:
    assert set(row_settings(UploadSettings())) == set(names.SETTINGS)
    for name, values in names.SETTINGS.items():
        field = UploadSettings.model_fields[name.removeprefix("upload.")]
        assert get_args(field.annotation) == values


def test_rows_may_name_exactly_the_fields_that_a_signature_has() -> None:
    assert names.SIGNATURE_FIELDS == SIGNATURE_FIELDS


def test_unless_somebody_says_so_uploads_go_to_the_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    assert row_settings(load_settings().upload) == {"upload.format": "1.0", "upload.type": "A1"}
    monkeypatch.setenv("CSHIS_BRIDGE_UPLOAD__FORMAT", "2.0")
    monkeypatch.setenv("CSHIS_BRIDGE_UPLOAD__TYPE", "ZZ")
    monkeypatch.setenv("CSHIS_BRIDGE_UPLOAD__CENTRE__URL", "https://centre.example/V2000/")
    upload = load_settings().upload
    assert row_settings(upload) == {"upload.format": "2.0", "upload.type": "ZZ"}
    assert (upload.centre.url, upload.centre.read_timeout) == ("https://centre.example/V2000/", 60.0)


def test_the_time_is_taiwans_in_17_digits() -> None:
    around = Surroundings(now=datetime(2023, 11, 5, 17, 30, 0, 7999, tzinfo=UTC))
    assert around.western_milliseconds == "20231106013000007"


# --- converters ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", ["0", "12", "999"])
def test_a_count_of_at_most_3_digits(count: str) -> None:
    assert VALUE_CONVERTERS["at_most_3_digits"](count) == count


@pytest.mark.parametrize("count", ["1000", "", "-1", "1.5", "１"])
def test_a_count_that_3_digits_cannot_hold(count: str) -> None:
    with pytest.raises(ValueError, match="3 digits"):
        VALUE_CONVERTERS["at_most_3_digits"](count)


@pytest.mark.parametrize(
    "text",
    [
        "20231105093001",
        "20231105093001123",
        OPCODE,
        "2023-11-05T09:30:01",
        "2023-11-05 09:30:01.123+08:00",
    ],
)
def test_the_western_time_that_a_text_begins_with(text: str) -> None:
    assert converted("western_time", text) == "20231105093001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "2023110509300",
        "20231305093001",
        "1121105093001",
        "２０２３１１０５０９３００１",
        "x" * 42,
        True,
    ],
)
def test_a_text_that_begins_with_no_western_time(text: object) -> None:
    with pytest.raises(ValueError, match=r"expected|format|data"):
        converted("western_time", text)


@pytest.mark.parametrize("opcode", [OPCODE, OPCODE + "A1", OPCODE + "x" * 214])
def test_the_execution_number_is_kept_whole(opcode: str) -> None:
    assert converted("own_execution_number", opcode) == opcode


@pytest.mark.parametrize(
    ("opcode", "why"),
    [
        ("", "expected"),
        (None, "expected"),
        (OPCODE[:-1], "expected"),
        ("x" + OPCODE[1:], "expected"),
        (OPCODE + "x" * 215, "expected"),
        (OPCODE + "\n", "expected"),
        (OPCODE.replace("3501200000", "9999999901"), "another hospital"),
        (OPCODE.replace("001000000103", "001000000104"), "another SAM"),
        ({"opcode": OPCODE}, "expected"),
    ],
)
def test_an_execution_number_that_is_not_ours(opcode: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        converted("own_execution_number", opcode)
