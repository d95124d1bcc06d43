"""Other Host headers and Origins are refused on every path of both HTTP ports, and by the simulators' control
API: what a web page in a browser of this machine could send.
"""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bridge.table.loader import default_table
from tests.support.bridge_process import Bridge

BESIDE = (
    "/", "/healthz", "/metrics", "/swagger", "/swagger/", "/swagger/index.html", "/swagger/v1/swagger.json",
    "/swagger/swagger-ui-bundle.js", "/swagger/swagger-ui.css", "/no/such/path",
    "/desk", "/desk/page/app.js", "/desk/api/link", "/desk/api/events",
)  # fmt: skip
METHODS = ("GET", "POST", "OPTIONS")
OTHER_HOSTS = ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:5067", "192.0.2.1", "")
OTHER_ORIGINS = (
    "https://evil.example",
    "http://localhost.evil.example",
    "null",
    "https://evil-nhi.gov.tw",
    "file://",
)


def every_path(client: httpx.Client) -> list[str]:
    """Those of the document, those of the table, and those beside them."""
    documented = client.get("/swagger/v1/swagger.json").json()["paths"]
    table = default_table()
    served = [path for service in table.services.values() for path in service.served_at]
    return sorted({*documented, *(route.path for route in table.routes), *served, *BESIDE})


@pytest.fixture(params=["legacy_http", "facade"])
def client(request: pytest.FixtureRequest, bridge: Bridge):
    """Each HTTP port."""
    tls = ssl.create_default_context(cafile=bridge.ready["ca_file"])
    with httpx.Client(
        base_url=bridge.ready[request.param], verify=tls, trust_env=False, timeout=30
    ) as opened:
        yield opened


def test_other_hosts_are_refused_everywhere(client: httpx.Client, bridge: Bridge) -> None:
    paths = every_path(client)
    assert len(paths) > 60
    bridge.sim.clear_requests()
    for path in paths:
        for method in METHODS:
            reply = client.request(method, path, headers={"host": OTHER_HOSTS[0]})
            assert reply.status_code == 400, (method, path)
    for host in OTHER_HOSTS:
        for path in (paths[0], "/healthz"):
            assert client.post(path, headers={"host": host}, json={}).status_code == 400, host
    assert bridge.sim.requests() == []  # nothing was asked of console or cloud


def test_other_origins_are_refused_everywhere(client: httpx.Client, bridge: Bridge) -> None:
    paths = every_path(client)
    bridge.sim.clear_requests()
    for path in paths:
        for method in METHODS:
            reply = client.request(method, path, headers={"origin": OTHER_ORIGINS[0]})
            assert reply.status_code == 403, (method, path)
            assert not [name for name in reply.headers if name.startswith("access-control")]
    for origin in OTHER_ORIGINS:
        for path in (paths[0], "/healthz"):
            assert client.post(path, headers={"origin": origin}, json={}).status_code == 403, origin
    assert bridge.sim.requests() == []


def test_forms_of_foreign_pages_are_refused_everywhere_though_they_name_no_origin(
    client: httpx.Client, bridge: Bridge
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    paths = every_path(client)
    bridge.sim.clear_requests()
    for said in ({"sec-fetch-site": "cross-site"}, {"referer": "https://evil.example/x"}):
        for path in paths:
            for method in METHODS:
                reply = client.request(method, path, headers={**form, **said}, content=b"a=b")
                assert reply.status_code == 403, (method, path, said)
    assert bridge.sim.requests() == []


def test_a_page_that_is_allowed_reads_and_no_cookie_helps_it(client: httpx.Client) -> None:
    """The bridge has no session: a page gets nothing by the browser's own credentials."""
    reply = client.get("/healthz", headers={"origin": "https://iwp.nhi.gov.tw"})
    assert reply.headers["access-control-allow-origin"] == "https://iwp.nhi.gov.tw"
    assert "access-control-allow-credentials" not in reply.headers
    assert "set-cookie" not in reply.headers


def test_the_channel_does_not_speak_to_browsers(bridge: Bridge) -> None:
    """What a page can send to the channel's port is no frame; the connection ends without an answer."""
    host, port = bridge.ready["channel"].split(":")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):  # closed, or reset for the unread rest
        httpx.post(f"http://{host}:{port}/", content=b"x" * 1000, trust_env=False, timeout=30)


def test_the_simulators_are_not_steered_by_pages(bridge: Bridge) -> None:
    directory = Path(bridge.ready["config"]).parent
    control = json.loads((directory / "sim.json").read_text(encoding="utf-8"))["control"]
    with httpx.Client(base_url=control, trust_env=False) as client:
        assert client.get("/state").status_code == 200
        before = client.get("/state").json()["slots"]
        for method, path in (
            ("GET", "/people"),
            ("POST", "/reset"),
            ("DELETE", "/slots/hc"),
            ("GET", "/requests"),
        ):
            for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}):
                assert client.request(method, path, headers=headers).status_code in (400, 403), (
                    path,
                    headers,
                )
        assert client.get("/state").json()["slots"] == before
    assert urlsplit(control).hostname == "127.0.0.1"
