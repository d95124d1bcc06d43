"""The old paths of card lookups: any letter case, JSON or form, query or body; what is answered and how."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.bhyt.loader import load_lookups
from bridge.bhyt.model import Lookup
from bridge.bhyt.routes import LookupRoutes
from bridge.config import FacadeSettings
from bridge.engine.engine import Engine
from bridge.errors import BadArgument
from bridge.rest.app import make_app

FAMILY = load_lookups()
assert FAMILY is not None
PATHS = [(path, lookup.name) for lookup in FAMILY.lookups.values() for path in lookup.paths]
FORM = {"maThe": "DN4010000000000", "hoTen": "Đỗ Thị Hậu", "ngaySinh": "05/03/1994"}
SMALL = {name.lower(): value for name, value in FORM.items()}


class FakeDesk:
    """Keeps what it is asked and answers with it."""

    family = FAMILY

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []

    async def look_up(self, lookup: Lookup, given: dict[str, object], client: str) -> dict[str, Any]:
        assert client == "127.0.0.1"  # httpx's ASGI transport calls from there
        self.asked.append((lookup.name, given))
        return {"maKetQua": "000", "hoTen": given.get("hoten")}

    async def take_token(self, given: dict[str, object]) -> dict[str, Any]:
        self.asked.append(("token", given))
        return {"maKetQua": "200"}

    def refuse(self, lookup: Lookup | None, error: BadArgument) -> dict[str, Any]:
        return {"maKetQua": "205", "of": lookup.name if lookup else "token"}


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def portal_client(engine: Engine, desk: FakeDesk) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(engine, LookupRoutes(desk)) as opened:  # type: ignore[arg-type]
        yield opened


def _client(engine: Engine, *routes: LookupRoutes) -> httpx.AsyncClient:
    app = make_app(engine, FacadeSettings(most_body_bytes=5_000), routes)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://localhost:5067")


@pytest.mark.parametrize(("path", "name"), PATHS)
@pytest.mark.parametrize("spell", [str, str.lower, str.upper, lambda path: path + "/"])
@pytest.mark.parametrize("kind", ["json", "data"])
async def test_every_path_in_any_letter_case_as_json_or_form(
    portal_client: httpx.AsyncClient, desk: FakeDesk, path: str, name: str, spell: Any, kind: str
) -> None:
    reply = await portal_client.post(spell(path), **{kind: FORM})
    assert (reply.status_code, reply.json()["maKetQua"]) == (200, "000")
    assert desk.asked == [(name, SMALL)]


async def test_replies_are_compact_utf8_and_say_so(portal_client: httpx.AsyncClient) -> None:
    reply = await portal_client.post(PATHS[0][0], json=FORM)
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.content == '{"maKetQua":"000","hoTen":"Đỗ Thị Hậu"}'.encode()


async def test_account_and_token_come_in_the_query_or_the_body(
    portal_client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    four = {"token": "a+b/c==", "id_token": "i", "username": "u", "password": "p"}
    path, name = PATHS[0]
    await portal_client.post(path, params={"Token": "a+b/c==", "ID_TOKEN": "i", **four}, json=FORM)
    await portal_client.post(path, json={**FORM, **four})
    await portal_client.post(path, params=four, data={**FORM, "username": "u", "password": ""})
    assert [asked[0] for asked in desk.asked] == [name] * 3
    assert all(asked[1] == {**SMALL, **four} for asked in desk.asked)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("username=a&username=b", {}),
        ("username=a&USERNAME=b", {}),
        ("username=a", {"username": "b"}),
        ("maThe=1", {"maThe": "2"}),
    ],
)
@pytest.mark.parametrize("path", [FAMILY.token.path, PATHS[0][0]])
async def test_two_values_for_one_name_are_refused(
    portal_client: httpx.AsyncClient, desk: FakeDesk, path: str, query: str, body: dict[str, str]
) -> None:
    assert (await portal_client.post(f"{path}?{query}", json=body)).json()["maKetQua"] == "205"
    assert desk.asked == []


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff", b'{"maThe": "1", "MATHE": "2"}'])
async def test_a_body_that_cannot_be_read_is_205_and_http_200(
    portal_client: httpx.AsyncClient, desk: FakeDesk, content: bytes
) -> None:
    path, name = PATHS[0]
    reply = await portal_client.post(path, content=content)
    assert (reply.status_code, reply.json()) == (200, {"maKetQua": "205", "of": name})
    reply = await portal_client.post(FAMILY.token.path, content=content)
    assert reply.json() == {"maKetQua": "205", "of": "token"}
    assert desk.asked == []


async def test_foreign_pages_and_hosts_are_refused(portal_client: httpx.AsyncClient, desk: FakeDesk) -> None:
    path = PATHS[0][0]
    for header in ({"Origin": "https://example.com"}, {"Host": "example.com"}):
        assert (await portal_client.post(path, json=FORM, headers=header)).status_code in (400, 403)
    assert (await portal_client.get(path)).status_code == 405
    assert desk.asked == []


async def test_without_a_desk_there_are_no_such_paths(engine: Engine) -> None:
    async with _client(engine) as client:
        for path in FAMILY.paths:
            assert (await client.post(path, json=FORM)).status_code == 404


async def test_the_openapi_document_has_them(portal_client: httpx.AsyncClient) -> None:
    document = (await portal_client.get("/swagger/v1/swagger.json")).json()
    assert set(FAMILY.paths) <= set(document["paths"])
    schemas = document["components"]["schemas"]
    for path in FAMILY.paths:
        text = json.dumps(document["paths"][path]["post"])
        named = [part.split('"')[0] for part in text.split("#/components/schemas/")[1:]]
        assert len(named) == 2
        assert all(name in schemas for name in named)
    assert schemas["bhyt_KQNhanLichSuKCB595"]["required"] == ["maThe", "hoTen", "ngaySinh"]
