"""Console and cloud fail in every way: the code, never success, and one visit number at most."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge, clean_environment, running_bridge
from tests.support.legacy_routes import HttpRoute, NativeRoute, Route
from tests.support.visit_steps import (
    DEMO_CARD,
    demo_patient,
    read_basic,
    take_number,
    works,
    write_diagnoses_and_fees,
)

CONSOLE_GONE = 4000
NO_CONNECTION = -1
CLOUD_GONE = 4061
CLOUD_TIMEOUT = 9003
NEXT = "/api/v1/SequelNumber/Next"
BASIC = "/api/v1/BasicData/Query"
FAST = "[cloud]\nread_timeout = 0.8\n[console]\nread_timeout = 0.8\n"


def test_console_down(bridge: Bridge, every_route: list[Route]) -> None:
    for route in every_route:
        assert works(route), route.name
    bridge.sim.arm("console", "down")
    for route in every_route:
        started = time.monotonic()
        assert read_basic(route) == (CONSOLE_GONE, {}), route.name
        assert route.call("csOpenCom", pComNum=0) == (NO_CONNECTION, {}), route.name
        assert take_number(route, demo_patient()) == (CONSOLE_GONE, {}), route.name
        assert time.monotonic() - started < 2, route.name
    bridge.sim.clear_faults()
    for route in every_route:
        assert route.call("csOpenCom", pComNum=0) == (0, {}), route.name
        assert works(route), route.name


def test_cloud_down(
    bridge: Bridge, every_route: list[Route], vhc_https_route: HttpRoute, vhc_http_route: HttpRoute
) -> None:
    by_http = [vhc_https_route, vhc_http_route]
    bridge.sim.arm("cloud", "down")
    for route in every_route:
        assert route.call("csOpenCom", pComNum=0) == (0, {}), route.name
        assert read_basic(route) == (CLOUD_GONE, {}), route.name
        assert take_number(route, demo_patient()) == (CLOUD_GONE, {}), route.name
    for http in by_http:
        assert http.upload(bridge.sim.qr(DEMO_CARD)) == 0, http.name
        assert read_basic(http) == (CLOUD_GONE, {}), http.name
    bridge.sim.clear_faults()
    for route in [*by_http, *every_route]:
        assert works(route), route.name


ANSWERS = [
    ("http", 500, 9004),
    ("http", 503, 9004),
    ("http", 404, 9002),
    ("http", 400, 9002),
    ("garbage", None, 9001),
    ("empty", None, 9001),
    ("status", 3100, 9020),
    ("status", 3228, 9083),
    ("status", 9999, 9004),
]


@pytest.mark.parametrize(("kind", "value", "code"), ANSWERS)
def test_bad_answers_of_the_cloud(
    bridge: Bridge, route: Route, kind: str, value: float | None, code: int
) -> None:
    bridge.sim.arm("cloud", kind, value, times=1)
    assert read_basic(route) == (code, {})
    assert works(route)


@pytest.mark.parametrize(
    ("kind", "value"), [("http", 500), ("garbage", None), ("empty", None), ("status", 1119)]
)
def test_bad_answers_of_the_console(bridge: Bridge, route: Route, kind: str, value: float | None) -> None:
    bridge.sim.arm("console", kind, value, path="/Initial", times=1)
    assert route.call("csOpenCom", pComNum=0) == (NO_CONNECTION, {})
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert works(route)


@pytest.mark.parametrize("kind", ["garbage", "empty", "http"])
def test_a_bad_answer_to_a_write_is_no_success(bridge: Bridge, route: Route, kind: str) -> None:
    visit = demo_patient()
    assert take_number(route, visit)[0] == 0
    bridge.sim.arm("cloud", kind, 500 if kind == "http" else None, times=1)
    code, outputs = write_diagnoses_and_fees(route, visit)
    assert (code, outputs) == (9004 if kind == "http" else 9001, {})
    assert not any(bridge.sim.stored(DEMO_CARD)["visits"][0]["codes"].values())
    assert write_diagnoses_and_fees(route, visit)[0] == 0
    assert any(bridge.sim.stored(DEMO_CARD)["visits"][0]["codes"].values())


@pytest.fixture(scope="module")
def impatient_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge that waits 0.8 s for an answer."""
    with running_bridge(tmp_path_factory.mktemp("impatient"), FAST) as running:
        yield running


@pytest.fixture(scope="module", params=["client", "embedded", "5067"])
def impatient_route(
    request: pytest.FixtureRequest, impatient_bridge: Bridge, driver_cache: Path
) -> Iterator[Route]:
    ready = impatient_bridge.ready
    if request.param == "5067":
        with HttpRoute("5067", ready["facade"], ready["ca_file"]) as by_http:
            assert by_http.upload(impatient_bridge.sim.qr(DEMO_CARD)) == 0
            yield by_http
        return
    library: Path = request.getfixturevalue(f"{request.param}_library")
    env = clean_environment(CSHIS_BRIDGE=ready["channel"], CSHIS_BRIDGE_CONFIG=ready["config"])
    with NativeRoute(request.param, library, driver_cache, env) as native:
        yield native


def test_slow_cloud(impatient_bridge: Bridge, impatient_route: Route) -> None:
    assert works(impatient_route)
    impatient_bridge.sim.arm("cloud", "slow", 3, times=1)
    started = time.monotonic()
    assert read_basic(impatient_route) == (CLOUD_TIMEOUT, {})
    assert time.monotonic() - started < 2.5
    assert works(impatient_route)


def test_slow_cloud_takes_one_number_only(impatient_bridge: Bridge, impatient_route: Route) -> None:
    """The first request is worked on although nobody waits; its repeat carries the same signature."""
    assert works(impatient_route)
    taken = impatient_bridge.sim.stored(DEMO_CARD)["visits_taken"]
    impatient_bridge.sim.clear_requests()
    impatient_bridge.sim.arm("cloud", "slow", 1.0, path=NEXT, times=2)
    assert take_number(impatient_route, demo_patient()) == (CLOUD_TIMEOUT, {})
    deadline = time.monotonic() + 5
    while (
        impatient_bridge.changes().count(NEXT) < 2
    ):  # the journal notes a request when it has been worked on
        assert time.monotonic() < deadline
    assert impatient_bridge.sim.stored(DEMO_CARD)["visits_taken"] == taken + 1


def test_slow_console(impatient_bridge: Bridge, impatient_route: Route) -> None:
    assert works(impatient_route)
    impatient_bridge.sim.arm("console", "slow", 3, path="/Signature/Hc", times=1)
    started = time.monotonic()
    assert read_basic(impatient_route) == (CONSOLE_GONE, {})
    assert time.monotonic() - started < 2.5
    assert works(impatient_route)


def test_lost_answer_to_a_number(bridge: Bridge, route: Route) -> None:
    """The number was taken. The repeat with the same signature says so; no second one is taken."""
    bridge.sim.arm("cloud", "lost", path=NEXT, times=1)
    assert take_number(route, demo_patient()) == (5007, {})
    stored = bridge.sim.stored(DEMO_CARD)
    assert (stored["visits_taken"], stored["counter"]) == (1, 5)
    assert bridge.changes() == [NEXT, NEXT]
    assert take_number(route, demo_patient())[0] == 5010
    assert bridge.sim.stored(DEMO_CARD)["visits_taken"] == 2


def test_number_lost_twice(bridge: Bridge, route: Route) -> None:
    bridge.sim.arm("cloud", "lost", path=NEXT, times=2)
    code, outputs = take_number(route, demo_patient())
    assert code == CLOUD_TIMEOUT
    assert outputs == {}
    assert bridge.sim.stored(DEMO_CARD)["visits_taken"] == 1


def test_lost_answer_to_a_read_is_no_data(bridge: Bridge, route: Route) -> None:
    bridge.sim.arm("cloud", "lost", path=BASIC, times=1)
    assert read_basic(route) == (CLOUD_TIMEOUT, {})
    assert works(route)
