"""``/metrics``, read by the Prometheus library's own parsers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from bridge import __version__
from bridge.calls.call import OutBuffer
from bridge.config import FacadeSettings
from bridge.records.call_lines import CallRecord
from bridge.rest.app import make_app
from bridge.rest.health import Health, Room, WatchedDoor
from bridge.sim.simulator import Simulator
from tests.support.journals import inside
from tests.support.simulated import Bench, open_bench

OPENMETRICS = {"accept": "application/openmetrics-text; version=1.0.0"}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench(Simulator()) as opened:
        yield opened


async def scrape(bench: Bench, headers: dict[str, str] | None = None) -> httpx.Response:
    health = Health()
    health.doors["facade"] = WatchedDoor("https://127.0.0.1:5067", lambda: True)
    health.doors["channel"] = WatchedDoor("127.0.0.1:5068", lambda: False, lambda: Room(3, 256, 7))
    transport = httpx.ASGITransport(make_app(bench.engine, FacadeSettings(), health=health))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3033") as client:
        return await client.get("/metrics", headers=headers)


async def families(bench: Bench) -> dict[str, Metric]:
    reply = await scrape(bench)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {family.name: family for family in plain(reply.text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    base = name.removesuffix("_total").removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
    (sample,) = (
        sample
        for sample in found[base].samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
    return sample.value


def note(bench: Bench, code: int, milliseconds: float, upstream: float = 0.0, function: str = "csX") -> None:
    bench.engine.calls.note(CallRecord(1, 0.0, "native", function, code, milliseconds, upstream))


async def test_a_call_is_counted_by_door_function_and_code(bench: Bench) -> None:
    assert (await bench.call("hisGetBasicData", pBuffer=OutBuffer(100))).code == 0
    assert (await bench.call("hisGetBasicData", pBuffer=OutBuffer(3))).code != 0
    found = await families(bench)
    name, labels = "cshis_bridge_calls_total", {"door": "native", "function": "hisGetBasicData"}
    assert value(found, name, code="0", **labels) == 1
    assert sum(sample.value for sample in found["cshis_bridge_calls"].samples if sample.name == name) == 2
    seconds = value(found, "cshis_bridge_call_duration_seconds_sum", **labels)
    assert 0 < value(found, "cshis_bridge_upstream_seconds_total", **labels) <= seconds < 30


async def test_durations_add_up(bench: Bench) -> None:
    for code, milliseconds in ((0, 0.4), (0, 1.0), (0, 7.0), (4000, 7.5), (4000, 60_000.0)):
        note(bench, code, milliseconds, upstream=milliseconds / 2)
    found = await families(bench)
    name = "cshis_bridge_call_duration_seconds"
    for bound, count in (("0.001", 2), ("0.005", 2), ("0.01", 4), ("30.0", 4), ("+Inf", 5)):
        assert value(found, f"{name}_bucket", le=bound, function="csX") == count, bound
    assert value(found, f"{name}_count", function="csX") == 5
    assert value(found, f"{name}_sum", function="csX") == pytest.approx(60.0159)
    assert value(found, "cshis_bridge_upstream_seconds_total", function="csX") == pytest.approx(30.00795)


async def test_what_is_under_way_and_what_is_unclear(bench: Bench) -> None:
    bench.engine.calls.begin()
    bench.journal.end(bench.journal.begin("csX", "/p", "r"), "ambiguous", "Look.")
    found = await families(bench)
    assert value(found, "cshis_bridge_calls_in_flight") == 1
    assert value(found, "cshis_bridge_journal_pending_changes") == 1
    assert value(found, "cshis_bridge_journal_faults_total") == 0
    assert value(found, "cshis_bridge_journal_ok") == 1
    bench.engine.calls.end()


async def test_a_journal_that_fails(bench: Bench) -> None:
    inside(bench.journal, lambda database: database.execute("PRAGMA query_only = ON"))
    note(bench, 0, 1.0)
    found = await families(bench)
    assert value(found, "cshis_bridge_journal_ok") == 0
    assert value(found, "cshis_bridge_journal_faults_total") >= 1
    inside(bench.journal, lambda database: database.execute("PRAGMA query_only = OFF"))
    note(bench, 0, 1.0)
    assert value(await families(bench), "cshis_bridge_journal_ok") == 1


async def test_the_bridge_itself(bench: Bench) -> None:
    found = await families(bench)
    assert value(found, "cshis_bridge_listening", door="facade") == 1
    assert value(found, "cshis_bridge_listening", door="channel") == 0
    assert value(found, "cshis_bridge_connections", door="channel") == 3
    assert value(found, "cshis_bridge_connections_most", door="channel") == 256
    assert value(found, "cshis_bridge_evictions_total", door="channel") == 7
    assert value(found, "cshis_bridge_console_session_open") == 0
    assert value(found, "cshis_bridge_start_time_seconds") > 1_700_000_000
    assert found["cshis_bridge_info"].samples[0].labels == {
        "version": __version__,
        "table": bench.engine.table.digest,
    }
    assert "python_gc_objects_collected" in found
    await bench.call("csOpenCom", pComNum=0)
    assert value(await families(bench), "cshis_bridge_console_session_open") == 1


async def test_openmetrics_for_those_who_ask_for_it(bench: Bench) -> None:
    note(bench, 0, 12.0)
    reply = await scrape(bench, OPENMETRICS)
    assert reply.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in openmetrics(reply.text)}
    assert {"cshis_bridge_calls", "cshis_bridge_call_duration_seconds", "cshis_bridge"} <= names


async def test_a_read_of_a_card_leaves_nothing_about_the_person(bench: Bench) -> None:
    assert (await bench.call("hisGetBasicData", pBuffer=OutBuffer(100))).code == 0
    text = (await scrape(bench)).text
    card = bench.simulator.world.cards[bench.simulator.world.slots["hc"].card_number]
    for personal in (card.id_no, card.name, card.number):
        assert personal not in text


@pytest.mark.parametrize(
    ("headers", "status"), [({"host": "evil.example"}, 400), ({"origin": "https://evil.example"}, 403)]
)
async def test_strangers_learn_nothing(bench: Bench, headers: dict[str, str], status: int) -> None:
    reply = await scrape(bench, headers)
    assert (reply.status_code, "cshis_bridge_calls" in reply.text) == (status, False)
