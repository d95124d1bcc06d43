"""The portal's client: which token it uses, when it takes another, and what it makes of odd answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from bridge.bhyt.portal import TOKEN_PATH, VIET_NAM, Account, Portal, Token
from bridge.bhyt.tokens import MOST_TOKENS
from bridge.config import BhytSettings
from bridge.errors import BadReply, HttpFault, StatusError, TimedOut, UpstreamError
from bridge.upstream.httpx_transport import HttpxTransport

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=VIET_NAM)
ACCOUNT = Account("00001_TN", "0" * 32)
LOOKUP = "/api/egw/X"


class Answers:
    """A portal that gives token after token and notes what it was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.now = NOW
        self.life: Any = timedelta(hours=1)
        self.instead: Callable[[httpx.Request], httpx.Response] | None = None
        self.portal = Portal(
            BhytSettings(),
            HttpxTransport("portal", BhytSettings(), httpx.MockTransport(self._answer)),
            lambda: self.now,
        )

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        await asyncio.sleep(0)
        if self.instead is not None:
            return self.instead(request)
        number = len(self.requests)
        life = self.life
        expires = (self.now + life).isoformat() if isinstance(life, timedelta) else life
        key = {"access_token": f"a{number}", "id_token": f"i{number}", "expires_in": expires}
        return httpx.Response(200, json={"maKetQua": "200", "APIKey": key})

    @property
    def taken(self) -> int:
        return sum(request.url.path == TOKEN_PATH for request in self.requests)


@pytest.fixture
async def answers() -> Any:
    made = Answers()
    yield made
    await made.portal.aclose()


async def test_a_token_is_taken_with_user_name_and_md5_as_json(answers: Answers) -> None:
    account = Account.of("00001_TN", "mật khẩu")
    assert await answers.portal.token(account) == Token("a1", "i1")
    (request,) = answers.requests
    assert str(request.url) == "https://egw.baohiemxahoi.gov.vn/api/token/take"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {
        "username": "00001_TN",
        "password": "8b7c6c38e83316a8c738441782229fc4",
    }


async def test_a_token_serves_until_shortly_before_it_expires(answers: Answers) -> None:
    first = await answers.portal.token(ACCOUNT)
    answers.now = NOW + timedelta(minutes=59, seconds=29)
    assert await answers.portal.token(ACCOUNT) == first
    answers.now = NOW + timedelta(minutes=59, seconds=31)
    assert await answers.portal.token(ACCOUNT) != first
    assert answers.taken == 2


@pytest.mark.parametrize("ahead", [timedelta(minutes=59, seconds=40), timedelta(hours=7), timedelta(400)])
async def test_with_a_clock_that_is_ahead_a_token_serves_until_it_is_refused(
    answers: Answers, ahead: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    answers.life = timedelta(hours=1) - ahead
    tokens = [await answers.portal.token(ACCOUNT) for _ in range(3)]
    assert answers.taken == 1
    assert "clock" in caplog.text
    assert await answers.portal.token(ACCOUNT, refused=tokens[0]) != tokens[0]
    assert answers.taken == 2


@pytest.mark.parametrize("expires", [None, "soon", 3600, ""])
async def test_a_token_without_a_usable_time_serves_until_it_is_refused(
    answers: Answers, expires: Any
) -> None:
    answers.life = expires
    first = await answers.portal.token(ACCOUNT)
    answers.now = NOW + timedelta(days=400)
    assert await answers.portal.token(ACCOUNT) == first
    assert await answers.portal.token(ACCOUNT, refused=first) == Token("a2", "i2")


async def test_a_time_without_a_zone_is_that_of_viet_nam(answers: Answers) -> None:
    answers.life = "2026-03-10T10:00:00.1234567"
    first = await answers.portal.token(ACCOUNT)
    answers.now = NOW + timedelta(minutes=59)
    assert await answers.portal.token(ACCOUNT) == first
    answers.now = NOW + timedelta(minutes=60)
    assert await answers.portal.token(ACCOUNT) != first


async def test_calls_at_the_same_time_take_one_token_together(answers: Answers) -> None:
    first = await answers.portal.token(ACCOUNT)
    renewed = await asyncio.gather(*(answers.portal.token(ACCOUNT, refused=first) for _ in range(10)))
    assert set(renewed) == {Token("a2", "i2")}
    assert answers.taken == 2


async def test_another_password_never_rides_on_a_token_at_hand(answers: Answers) -> None:
    await answers.portal.token(ACCOUNT)
    answers.instead = lambda _: httpx.Response(200, json={"maKetQua": "401", "APIKey": None})
    with pytest.raises(StatusError) as caught:
        await answers.portal.token(Account(ACCOUNT.username, "1" * 32))
    assert (caught.value.source, caught.value.status) == ("portal", "401")
    assert await answers.portal.token(ACCOUNT) == Token("a1", "i1")


async def test_a_refused_account_keeps_no_token(answers: Answers) -> None:
    first = await answers.portal.token(ACCOUNT)
    answers.instead = lambda _: httpx.Response(200, json={"maKetQua": "401"})
    for _ in range(2):
        with pytest.raises(StatusError):
            await answers.portal.token(ACCOUNT, refused=first)
    assert answers.taken == 3


async def test_the_number_of_tokens_kept_is_bounded(answers: Answers) -> None:
    accounts = [Account(f"u{number}", "0" * 32) for number in range(MOST_TOKENS + 1)]
    for account in accounts:
        await answers.portal.token(account)
    await answers.portal.token(accounts[-1])
    assert answers.taken == MOST_TOKENS + 1
    await answers.portal.token(accounts[0])
    assert answers.taken == MOST_TOKENS + 2


async def test_query_and_body_arrive_as_they_were(answers: Answers) -> None:
    answers.instead = lambda _: httpx.Response(200, json={"maKetQua": "000"})
    query = {"token": "a+b/c=&d", "username": "ngườidùng"}
    assert await answers.portal.ask(LOOKUP, query, {"hoTen": "Đỗ Thị Hậu"}) == {"maKetQua": "000"}
    (request,) = answers.requests
    assert (request.url.path, dict(request.url.params)) == (LOOKUP, query)
    assert json.loads(request.content) == {"hoTen": "Đỗ Thị Hậu"}


async def test_http_401_counts_as_the_result_401(answers: Answers) -> None:
    answers.instead = lambda _: httpx.Response(401)
    assert await answers.portal.ask(LOOKUP, {}, {}) == {"maKetQua": "401"}


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"<html>", b"[]", b"null", b"{}", b'{"maKetQua": 0}', b'{"maKetQua": null}'),
        *(b'{"maKetQua": ""}', b'{"maKetQua": "OK"}', b'{"maKetQua": "1234567890"}'),
        *('{"maKetQua": "００１"}'.encode(), b'{"maKetQua": "000", "x": NaN}'),
        b'{"maKetQua": "000", "hoTen": "\\ud800"}',
    ],
)
async def test_an_answer_that_is_none_is_refused(answers: Answers, content: bytes) -> None:
    answers.instead = lambda _: httpx.Response(200, content=content)
    with pytest.raises(BadReply):
        await answers.portal.ask(LOOKUP, {}, {})


@pytest.mark.parametrize(
    "key", [None, [], {}, {"access_token": "a"}, {"access_token": "a", "id_token": ""}, {"access_token": 1}]
)
async def test_a_success_without_a_token_is_refused(answers: Answers, key: Any) -> None:
    answers.instead = lambda _: httpx.Response(200, json={"maKetQua": "200", "APIKey": key})
    with pytest.raises(BadReply):
        await answers.portal.token(ACCOUNT)


@pytest.mark.parametrize(("status", "named"), [(403, "portal-http-4xx"), (502, "portal-http-5xx")])
async def test_other_http_failures_are_faults(answers: Answers, status: int, named: str) -> None:
    answers.instead = lambda _: httpx.Response(status)
    with pytest.raises(HttpFault) as caught:
        await answers.portal.ask(LOOKUP, {}, {})
    assert caught.value.status == named


async def test_a_fault_while_a_token_is_taken_leaves_the_next_call_free(answers: Answers) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late")

    answers.instead = fail
    with pytest.raises(TimedOut):
        await answers.portal.token(ACCOUNT)
    answers.instead = None
    assert (await answers.portal.token(ACCOUNT)).access_token == "a2"


def test_secrets_do_not_show() -> None:
    shown = f"{ACCOUNT!r} {Token('abc', 'def')!r} {UpstreamError('portal', 'x')!r}"
    assert not any(secret in shown for secret in (ACCOUNT.password_md5, "abc", "def"))
