"""Requests for services of the upload centre: names, widths, the 10 MB limit."""

from __future__ import annotations

import base64

import pytest

from bridge.calls.arguments import MOST_FILE_BYTES
from bridge.calls.file_text import Base64Text
from bridge.errors import BadArgument, FileSizeWrong
from bridge.relay.upload_request import make_request
from bridge.table.loader import default_table

SERVICE = default_table().services["VNHI_Upload"]
GOOD: dict[str, object] = {
    "ssamid": "001000000103",
    "shospid": "3501200000",
    "sclientrandom": "0kzA2wHgyeI=",
    "ssignature": "c2lnbg==",
    "stype": "A1",
    "spatdata": "YWJj",
    "suploaddt": "20231105093000123",
}


def of_bytes(size: int) -> str:
    return base64.b64encode(bytes(size)).decode()


def test_names_become_those_of_the_specification() -> None:
    assert make_request(SERVICE, {**GOOD, "smrecs": "12", "other": "x"}) == {
        "sSamid": "001000000103",
        "sHospid": "3501200000",
        "sClientrandom": "0kzA2wHgyeI=",
        "sSignature": "c2lnbg==",
        "sType": "A1",
        "sMrecs": "12",
        "sPatData": "YWJj",
        "sUploadDT": "20231105093000123",
    }


def test_padding_and_numbers_are_taken() -> None:
    body = make_request(SERVICE, {**GOOD, "stype": "A1 \0", "smrecs": 12})
    assert (body["sType"], body["sMrecs"]) == ("A1", "12")


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("value", [None, "", "  ", [], {}, True, 1.5])
def test_a_field_that_is_needed_is_named(name: str, value: object) -> None:
    wanted = next(field.name for field in SERVICE.all_fields if field.name.lower() == name)
    with pytest.raises(BadArgument, match=wanted):
        make_request(SERVICE, {**GOOD, name: value})


@pytest.mark.parametrize("field", [field for field in SERVICE.all_fields if field.holds != "content"])
def test_no_field_is_longer_than_documented(field: object) -> None:
    name, width = field.name, field.width  # type: ignore[attr-defined]
    assert make_request(SERVICE, {**GOOD, name.lower(): "1" * width})[name] == "1" * width
    with pytest.raises(BadArgument, match=name):
        make_request(SERVICE, {**GOOD, name.lower(): "1" * (width + 1)})


@pytest.mark.parametrize("size", [MOST_FILE_BYTES - 2, MOST_FILE_BYTES - 1, MOST_FILE_BYTES])
def test_a_file_of_10_mb_is_taken(size: int) -> None:
    assert make_request(SERVICE, {**GOOD, "spatdata": of_bytes(size)})["sPatData"] == of_bytes(size)


def test_line_breaks_of_an_encoder_do_not_count() -> None:
    text = of_bytes(MOST_FILE_BYTES)
    broken = "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    assert make_request(SERVICE, {**GOOD, "spatdata": broken})["sPatData"] == broken


@pytest.mark.parametrize("size", [MOST_FILE_BYTES + 1, MOST_FILE_BYTES + 2, MOST_FILE_BYTES + 3])
def test_a_larger_one_is_refused(size: int) -> None:
    with pytest.raises(FileSizeWrong, match=f"sPatData: a file of {size} bytes"):
        make_request(SERVICE, {**GOOD, "spatdata": of_bytes(size)})


def test_a_file_that_is_sent_in_pieces_is_measured_by_its_bytes() -> None:
    whole = Base64Text(bytes(MOST_FILE_BYTES))
    assert make_request(SERVICE, {**GOOD, "spatdata": whole})["sPatData"] is whole
    with pytest.raises(FileSizeWrong, match="sPatData: a file of"):
        make_request(SERVICE, {**GOOD, "spatdata": Base64Text(bytes(MOST_FILE_BYTES + 1))})
    with pytest.raises(BadArgument, match="sType"):
        make_request(SERVICE, {**GOOD, "stype": whole})
