"""Replies of a server that sends the names of its members as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bridge.errors import BadReply, StatusError
from bridge.table.loader import default_table
from bridge.upstream.letter_case import camel_cased, camel_name
from tests.unit.upstream.test_client import answering


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("StatusCode", "statusCode"), ("HcId", "hcId"), ("HCId", "hcId"), ("SAMId", "samId"), ("ID", "id"),
        ("Id", "id"), ("I", "i"), ("ICD10Code", "icD10Code"), ("IsOK", "isOK"), ("idNo", "idNo"), ("", ""),
        ("_A", "_A"), ("9A", "9A"), ("V2", "v2"),
    ],
)  # fmt: skip
def test_names_as_json_net_and_system_text_json_write_them(member: str, name: str) -> None:
    assert camel_name(member) == name


def _json_names(row: Any) -> Iterator[str]:
    if isinstance(row, dict):
        named = row.get("json")
        yield from [named] if isinstance(named, str) else named or ()
    for inner in row.values() if isinstance(row, dict) else row if isinstance(row, list | tuple) else ():
        yield from _json_names(inner)


def test_every_name_that_rows_ask_for_is_that_of_its_member() -> None:
    rows = [function.model_dump(by_alias=True) for function in default_table().functions.values()]
    names = {part for name in _json_names(rows) for part in name.split(".") if part}
    assert "statusCode" not in names
    assert len(names) > 90
    assert [name for name in names if camel_name(name[0].upper() + name[1:]) != name] == []


async def test_such_a_reply_is_taken_whatever_is_in_it() -> None:
    reply = {"StatusCode": 0, "Name": "測試十", "Visits": [{"HospitalId": "3501200000"}, None, 1]}
    async with answering(lambda _: httpx.Response(200, json=reply)) as cloud:
        assert await cloud.request("POST", "/a") == {
            "statusCode": 0, "name": "測試十", "visits": [{"hospitalId": "3501200000"}, None, 1],
        }  # fmt: skip


async def test_its_refusals_and_faults_are_those_of_others() -> None:
    async with answering(lambda _: httpx.Response(200, json={"StatusCode": 5081})) as cloud:
        with pytest.raises(StatusError) as refused:
            await cloud.request("POST", "/a")
    assert refused.value.number == 5081


@pytest.mark.parametrize(
    "reply",
    [{"StatusCode": None}, {"StatusCode": "0"}, {"STATUSCODE": 0}, {"statusCode": None, "StatusCode": 0}],
)
async def test_no_other_spelling_is_a_status(reply: dict[str, Any]) -> None:
    async with answering(lambda _: httpx.Response(200, json=reply)) as cloud:
        with pytest.raises(BadReply):
            await cloud.request("POST", "/a")


def test_names_in_small_letters_stay() -> None:
    assert camel_cased({"a": {"bC": [{"dE": 1}]}}) == {"a": {"bC": [{"dE": 1}]}}
