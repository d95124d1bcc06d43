"""What an upload needs beside the caller's arguments: settings, the time, and what its receipt is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from bridge.calls.call import LegacyCall
from bridge.calls.context import UNSET, CallContext
from bridge.calls.converters import REPLY_CONVERTERS, VALUE_CONVERTERS, ReplyContext
from bridge.calls.reply import StepReply
from bridge.config import UploadSettings, VpnSettings, load_settings
from bridge.engine.given import row_settings
from bridge.errors import ConfigError
from bridge.table.loader import default_table
from bridge.table.model import names

OPCODE = "20231105093001000001" + "3501200000" + "001000000103"
SIGNER = {"sam_id": "001000000103", "hospital_id": "3501200000"}


def converted(name: str, value: object) -> str:
    context = ReplyContext(LegacyCall("aFunction", {}), default_table().console, SIGNER)
    return REPLY_CONVERTERS[name](value, context)


# --- settings and time --------------------------------------------------------------------------------------


def test_rows_may_name_exactly_the_settings_that_there_are() -> None:
    assert set(row_settings(UploadSettings())) == set(names.SETTINGS)
    assert row_settings(UploadSettings()) == UNSET
    for key in ("format", "type"):
        assert get_args(UploadSettings.model_fields[key].annotation) == names.SETTINGS[f"upload.{key}"]


def test_rows_may_ask_for_every_card_type_that_can_be_guessed() -> None:
    for card_type in map(int, names.SETTINGS["vpn.guess_card_type"]):
        assert VpnSettings(guess_card_type=card_type).guess_card_type == card_type
    for row in default_table().served():
        asked = {step.when.value for step in row.steps if step.when and step.when.setting}
        if any(step.reader == "take_random" for step in row.steps):
            assert asked == set(names.SETTINGS["vpn.guess_card_type"])


def test_unless_somebody_says_so_uploads_go_to_the_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = row_settings(load_settings().upload)
    assert (settings["upload.format"], settings["upload.type"]) == ("1.0", "A1")
    monkeypatch.setenv("CSHIS_BRIDGE_UPLOAD__FORMAT", "2.0")
    monkeypatch.setenv("CSHIS_BRIDGE_UPLOAD__TYPE", "ZZ")
    monkeypatch.setenv("CSHIS_BRIDGE_UPLOAD__CENTRE__URL", "https://centre.example/V2000/")
    upload = load_settings().upload
    settings = row_settings(upload)
    assert (settings["upload.format"], settings["upload.type"]) == ("2.0", "ZZ")
    assert (upload.centre.url, upload.centre.read_timeout) == ("https://centre.example/V2000/", 60.0)


def test_unless_somebody_says_so_the_upload_of_visit_records_is_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def guessed() -> tuple[str, str]:
        loaded = load_settings()
        settings = row_settings(loaded.upload, loaded.vpn)
        return settings["vpn.guess_card_type"], settings["vpn.guess_service_code"]

    assert guessed() == ("3", "30")
    monkeypatch.setenv("CSHIS_BRIDGE_VPN__GUESS_CARD_TYPE", "1")
    monkeypatch.setenv("CSHIS_BRIDGE_VPN__GUESS_SERVICE_CODE", "01")
    assert guessed() == ("1", "01")


@pytest.mark.parametrize(("key", "value"), [("CARD_TYPE", "6"), ("CARD_TYPE", "0"), ("SERVICE_CODE", "300")])
def test_a_guess_that_no_card_can_sign_is_a_fault_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str
) -> None:
    monkeypatch.setenv(f"CSHIS_BRIDGE_VPN__GUESS_{key}", value)
    with pytest.raises(ConfigError, match=r"vpn\.guess"):
        load_settings()


def test_the_time_is_taiwans_in_17_digits() -> None:
    around = CallContext(now=datetime(2023, 11, 5, 17, 30, 0, 7999, tzinfo=UTC))
    assert around.western_milliseconds == "20231106013000007"


def test_what_was_sent_does_not_stand_in_the_text_of_a_reply() -> None:
    assert "YWJj" not in repr(StepReply({}, "centre", sent={"sPatData": "YWJj"}))


# --- converters ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", ["0", "12", "999"])
def test_a_count_of_at_most_3_digits(count: str) -> None:
    assert VALUE_CONVERTERS["at_most_3_digits"](count) == count


@pytest.mark.parametrize("count", ["", "-1", "1.5", "１"])
def test_what_is_no_count(count: str) -> None:
    with pytest.raises(ValueError, match="3 digits"):
        VALUE_CONVERTERS["at_most_3_digits"](count)


@pytest.mark.parametrize("count", ["1000", "0999", "123456"])
def test_a_count_that_3_digits_cannot_hold_says_what_to_do(count: str) -> None:
    with pytest.raises(ValueError, match=rf"{count} are too many.* make several files.*請分成數個檔案上傳"):
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
        ("20231399" + OPCODE[8:], "does not match|unconverted"),
        (OPCODE.replace("3501200000", "9999999901"), "another hospital"),
        (OPCODE.replace("001000000103", "001000000104"), "another SAM"),
        ({"opcode": OPCODE}, "expected"),
    ],
)
def test_an_execution_number_that_is_not_ours(opcode: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        converted("own_execution_number", opcode)
