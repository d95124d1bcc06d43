"""The simulated console as a web server: letter case, headers, pages of other hosts, its own document."""

from __future__ import annotations

import httpx
import pytest

from bridge.sim.console.app import ENDPOINTS
from bridge.sim.console.samples import SAMPLES

STATUS, NAME = "/api/common/v1/Status", "/api/common/v1/Name"
SAMS = "/api/settings/v1/CloudSam"
HERE, CENTRE, ELSEWHERE = "https://localhost:5066", "https://medvpn.nhi.gov.tw", "https://evil.example"


async def asked(desk, method, path, **headers) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await desk.console_client.request(method, path, headers=named)


@pytest.mark.parametrize("path", [STATUS, STATUS.lower(), STATUS.upper(), "/API/Common/V1/status"])
async def test_the_letter_case_of_a_path_does_not_matter(desk, path):
    assert (await asked(desk, "GET", path)).json()["statusCode"] == 0


async def test_a_value_in_a_path_keeps_its_letter_case(desk):
    path = "/api/settings/v1/Cors"
    await desk.code("POST", path, {"allowHost": "His.Example"})
    assert await desk.code("DELETE", path.upper() + "/his.example") == 1704
    assert await desk.code("DELETE", path.upper() + "/His.Example") == 0


async def test_a_path_that_does_not_exist_is_told_in_any_case(desk):
    reply = await asked(desk, "GET", "/api/common/v1/statuses")
    assert (reply.status_code, reply.json()["nearest"]) == (404, f"GET {STATUS}")


async def test_headers_are_those_of_the_samples(desk):
    reply = await asked(desk, "GET", NAME)
    assert reply.headers["server"] == "Kestrel"
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.headers["date"] == "Tue, 10 Mar 2026 02:00:00 GMT"
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("origin", [HERE, CENTRE, "http://LOCALHOST"])
async def test_a_page_of_an_allowed_host_may_read(desk, origin):
    reply = await asked(desk, "GET", STATUS, Origin=origin)
    assert reply.headers["access-control-allow-origin"] == origin
    assert reply.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [ELSEWHERE, "https://nhi.gov.tw.evil.example", "https://evilnhi.gov.tw", "null", "localhost", "://"],
)
async def test_a_page_of_another_host_may_not(desk, origin):
    reply = await asked(desk, "GET", STATUS, Origin=origin)
    assert reply.json()["statusCode"] == 0  # the browser, not the console, keeps it from the page
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize(("origin", "told"), [(HERE, True), (ELSEWHERE, False)])
async def test_a_page_that_asks_first(desk, origin, told):
    wanted = {"Origin": origin, "Access_Control_Request_Method": "POST"}
    reply = await asked(desk, "OPTIONS", SAMS, Access_Control_Request_Headers="content-type", **wanted)
    assert (reply.status_code, reply.content) == (204, b"")
    assert ("access-control-allow-origin" in reply.headers) is told
    assert reply.headers.get("access-control-allow-methods") == ("POST" if told else None)
    assert reply.headers.get("access-control-allow-headers") == ("content-type" if told else None)


async def test_a_host_that_was_allowed_now_counts_after_a_restart(desk):
    await desk.code("POST", "/api/settings/v1/Cors", {"allowHost": "his.example"})
    reply = await asked(desk, "GET", STATUS, Origin="https://his.example")
    assert "access-control-allow-origin" not in reply.headers


def test_there_is_a_sample_for_every_request_and_no_other():
    assert set(SAMPLES) == {f"{method} {path}" for method, path in ENDPOINTS}


async def test_the_page_leads_to_the_document(desk):
    page = await asked(desk, "GET", "/api/swagger/index.html")
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="/api/swagger/v1/swagger.json"' in page.text
    document = (await asked(desk, "GET", "/api/swagger/v1/swagger.json")).json()
    assert document["openapi"].startswith("3.")
    told = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert told == set(SAMPLES)


SIMPLE = [
    request
    for request, (body, reply) in SAMPLES.items()
    if body is None and isinstance(reply, dict) and request.startswith("GET ") and "Record" not in request
]


@pytest.mark.parametrize("request_line", SIMPLE)
async def test_a_reply_has_the_names_of_its_sample(desk, request_line):
    """What the simulator answers is what its document says."""
    await desk.open_with_doctor()
    method, path = request_line.split(" ")
    reply = (await asked(desk, method, path)).json()
    assert _shape(reply) == _shape(SAMPLES[request_line][1])


def _shape(value):
    return {name: _shape(each) for name, each in value.items()} if isinstance(value, dict) else None


@pytest.mark.parametrize("kind", ["sam", "hc", "hpc", "hpchc"])
async def test_a_signature_has_the_names_of_its_sample(desk, kind):
    await desk.open_with_doctor()
    signed = await desk.sign(kind, "01")
    paths = {"sam": "sam/v1/Signature", "hpc": "hpc/v1/Signature"}
    path = paths.get(kind, f"hc/v1/Signature/{'Hc' if kind == 'hc' else 'HpcHc'}")
    assert set(signed) == set(SAMPLES[f"POST /api/{path}"][1])
