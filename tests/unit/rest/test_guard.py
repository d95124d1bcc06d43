"""Host, Origin and body length: what is refused before a function is reached."""

import asyncio

import pytest
from starlette.responses import Response

from bridge.rest.guard import BodyLimit
from bridge.rest.origin_guard import OriginGuard
from bridge.rest.replies import always

PATH = "/VHC/VHChisGetBasicData"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:5067", "LOCALHOST:1", "127.0.0.1:3033", "[::1]", "[::1]:5067"]
)
async def test_own_hosts(client, host):
    assert (await client.post(PATH, headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:5067", "localhost.evil.example", "127.0.0.1.evil", "::1", "",
        "localhost:", "localhost:a",
    ],
)  # fmt: skip
async def test_other_hosts_are_refused(client, engine, host):
    for path in (PATH, "/healthz", "/swagger/v1/swagger.json"):
        reply = await client.post(path, headers={"host": host})
        assert (reply.status_code, reply.json()["ERRORCODE"]) == (400, "6018")
    assert not engine.calls


async def test_two_or_no_hosts_are_refused(app, engine):
    for headers in ([], [(b"host", b"localhost"), (b"host", b"evil.example")]):
        assert (await ask(app, headers))[0]["status"] == 400
    assert not engine.calls


@pytest.mark.parametrize(
    "origin",
    [
        "https://localhost:5067", "http://localhost", "http://127.0.0.1:8080", "https://iwp.nhi.gov.tw",
        "HTTPS://A.B.NHI.gov.tw", "http://[::1]:3033", "https://[::1]:5067",
    ],
)  # fmt: skip
async def test_allowed_origins_get_cors_headers(client, origin):
    reply = await client.post(PATH, headers={"origin": origin})
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == origin
    assert "Origin" in reply.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "https://nhi.gov.tw.evil.example", "https://evilnhi.gov.tw", "null", "", "file://",
        "https://evil@localhost", "https://evil.example/.nhi.gov.tw", "ftp://localhost", "https://localhost ",
        "https://localhost:5067/", "http://iwp.nhi.gov.tw", "http://[::2]", "HTTP://a.b.nhi.gov.tw:80",
    ],
)  # fmt: skip
async def test_other_origins_are_refused(app, engine, origin):
    start, _ = await ask(app, [(b"host", b"localhost"), (b"origin", origin.encode())])
    assert start["status"] == 403
    assert not any(name.startswith(b"access-control") for name, _ in start["headers"])
    assert not engine.calls


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://his.example", 200), ("http://his.example:8080", 200), ("https://his.example", 403),
        ("https://www.example", 200), ("http://www.example", 403),
    ],
)  # fmt: skip
async def test_a_page_without_encryption_is_allowed_by_its_scheme_only(origin, status):
    async def app(scope, receive, send):
        await Response()(scope, receive, send)

    guard = OriginGuard(app, ("http://his.example", "www.example"), always({"errorCode": 6018}))
    start, _ = await ask(guard, [(b"host", b"localhost"), (b"origin", origin.encode())])
    assert start["status"] == status


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "said",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "nonsense"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
        {"sec-fetch-site": "cross-site", "referer": "https://evil.example/form"},
        {"referer": "https://evil.example/form"},
        {"referer": "http://iwp.nhi.gov.tw/form"},
        {"referer": "https://localhost@evil.example/"},
        {"referer": "https://localhost:5067.evil.example/"},
        {"referer": "https://evil.example/https://localhost/"},
        {"referer": "about:blank"},
        {"referer": ""},
    ],
)
async def test_a_form_of_a_foreign_page_is_refused_without_an_origin(client, engine, said):
    reply = await client.post(PATH, headers={**FORM, **said}, content="a=b")
    assert (reply.status_code, reply.json()["ERRORCODE"]) == (403, "6018")
    assert "facade.allowed_origins" in reply.json()["message"]
    assert not engine.calls


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sec-fetch-site": "same-origin", "referer": "http://some.name/swagger/"},
        {"sec-fetch-site": "none"},
        {"referer": "http://localhost:3033/swagger/index.html"},
        {"referer": "https://iwp.nhi.gov.tw/"},
        {"referer": "https://iwp.nhi.gov.tw"},
        {"sec-fetch-site": "cross-site", "referer": "https://iwp.nhi.gov.tw/"},
    ],
)
async def test_own_pages_allowed_pages_and_programs_need_no_origin(client, engine, said):
    assert (await client.post(PATH, headers={**FORM, **said}, content="")).status_code == 200
    assert len(engine.calls) == 1


async def test_a_page_of_a_host_that_the_bridge_goes_by(app):
    """Its own page in an old browser: the Referer is of the Host that was asked."""
    own = [(b"host", b"[::1]:5067"), (b"referer", b"https://[::1]:5067/swagger/")]
    assert (await ask(app, own))[0]["status"] == 200


async def test_two_headers_do_not_hide_one_another(app, engine):
    for pair in ((b"same-origin", b"cross-site"), (b"cross-site", b"same-origin")):
        headers = [(b"host", b"localhost"), *((b"sec-fetch-site", site) for site in pair)]
        assert (await ask(app, headers))[0]["status"] == 403
    headers = [
        (b"host", b"localhost"),
        (b"referer", b"https://localhost/"),
        (b"referer", b"https://evil.example/"),
    ]
    assert (await ask(app, headers))[0]["status"] == 403
    assert not engine.calls


async def test_a_link_that_a_person_follows(client):
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert (await client.get("/swagger/", headers=link)).status_code != 403
    framed = {**link, "sec-fetch-dest": "iframe"}
    assert (await client.get("/swagger/", headers=framed)).status_code == 403


async def test_no_origin_no_cors(client):
    assert "access-control-allow-origin" not in (await client.post(PATH)).headers


async def test_preflight(client, engine):
    asked = {
        "origin": "https://iwp.nhi.gov.tw",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-one",
        "access-control-request-private-network": "true",
    }
    reply = await client.options(PATH, headers=asked)
    assert reply.status_code == 204
    assert reply.headers["access-control-allow-origin"] == "https://iwp.nhi.gov.tw"
    assert reply.headers["access-control-allow-methods"] == "GET, POST"
    assert reply.headers["access-control-allow-headers"] == "content-type,x-one"
    assert reply.headers["access-control-allow-private-network"] == "true"
    assert not engine.calls
    del asked["access-control-request-private-network"]
    assert "access-control-allow-private-network" not in (await client.options(PATH, headers=asked)).headers


async def test_preflight_of_another_origin(client):
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert (await client.options(PATH, headers=asked)).status_code == 403


async def test_body_limit(client, engine):
    assert (await client.post(PATH, content="{}" + " " * 4_998)).status_code == 200
    reply = await client.post(PATH, content="{}" + " " * 4_999, headers={"origin": "https://localhost"})
    assert (reply.status_code, reply.json()["ERRORCODE"]) == (413, "6018")
    assert reply.headers["access-control-allow-origin"] == "https://localhost"
    assert len(engine.calls) == 1


@pytest.mark.parametrize("length", [b"9" * 5_000, b"1" + b"0" * 7])
async def test_a_huge_declared_length_is_enough(app, length):
    start, _ = await ask(app, [(b"host", b"localhost"), (b"content-length", length)], [])
    assert start["status"] == 413
    assert (b"connection", b"close") in start["headers"]


async def test_a_body_that_does_not_end_is_not_read_for_ever(app, engine):
    piece = {"type": "http.request", "body": b" " * 1_000_000, "more_body": True}
    start, _ = await ask(app, [(b"host", b"localhost")], [piece] * 9)
    assert start["status"] == 413
    assert not engine.calls


async def test_a_body_without_length_is_counted(client, engine):
    async def pieces(count):
        for _ in range(count):
            yield b" " * 1_000

    assert (await client.post(PATH, content=pieces(5))).status_code == 200
    assert (await client.post(PATH, content=pieces(6))).status_code == 413
    assert len(engine.calls) == 1


async def test_a_client_that_goes_away_is_not_answered(app, engine):
    half = {"type": "http.request", "body": b"{", "more_body": True}
    assert await ask(app, [(b"host", b"localhost")], [half, {"type": "http.disconnect"}]) == []
    assert not engine.calls


async def test_a_body_that_does_not_come():
    async def never():
        await asyncio.Event().wait()

    limited = BodyLimit(app=None, most=10, refused=always({}), seconds=0.01)
    sent = await run(limited, [], never)
    assert sent[0]["status"] == 408


async def ask(app, headers, messages=({"type": "http.request", "body": b"{}", "more_body": False},)):
    """The messages that an app answers to a POST with exactly these headers."""
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    return await run(app, headers, receive)


async def run(app, headers, receive):
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
    }  # fmt: skip
    sent = []

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("scheme", "origin", "status"),
    [
        ("https", "https://localhost:5067", 200),
        ("https", "https://localhost:3033", 403),  # another program's port
        ("https", "https://127.0.0.1:5067", 403),
        ("https", "http://localhost:5067", 403),
        ("http", "https://localhost:5067", 403),
        ("http", "http://localhost:5067", 403),  # whoever can change it on its way can have put it there
    ],
)
async def test_the_bridges_own_pages_call_whatever_the_setting_says(scheme, origin, status):
    async def served(scope, receive, send):
        await Response()(scope, receive, send)

    guard = OriginGuard(served, ("his.example",), always({}))
    headers = [(b"host", b"localhost:5067"), (b"origin", origin.encode())]
    scope = {"type": "http", "scheme": scheme, "method": "POST", "path": "/desk/api/pin", "headers": headers}
    sent = []

    async def send(message):
        sent.append(message)

    await guard(scope, None, send)
    assert sent[0]["status"] == status
