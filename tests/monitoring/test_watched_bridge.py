"""A real Prometheus watches a real bridge: every query of the dashboard, every name, every alert."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.dashboard import ALL, CHOSEN, LABEL_VALUES, NOWHERE, VARIABLES, Query, filled, queries
from tests.monitoring.prometheus import PLACE, RULES, Prometheus, watching
from tests.support.bridge_process import Bridge, running_bridge

QUERIES = list(queries())
EACH = pytest.mark.parametrize("query", QUERIES, ids=[query.where for query in QUERIES])
NEW = "door_function_code:cshis_bridge_calls:new5m"
# Nothing is under way, and no program uploads through the library.
MAY_BE_EMPTY = re.compile(r"in flight|Uploads B")
METRIC = re.compile(r"\b(?:cshis_bridge|process|python)_\w+")
CHILD = "000099990001"
FAILED = 6


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge through which calls have gone, well and not."""
    with running_bridge(tmp_path_factory.mktemp("watched")) as running:
        read_card(running)
        running.sim.arm("console", "http", 503)
        assert {post(running, "/VHC/VHChisGetBasicData") for _ in range(FAILED)} == {4000}
        running.sim.clear_faults()
        refused = requests.post(running.ready["legacy_http"] + "/V2000/VNHI_Upload", json={}, timeout=30)
        assert "9999" in refused.text
        yield running


def post(bridge: Bridge, path: str, **body: str) -> int:
    reply = requests.post(bridge.ready["legacy_http"] + path, json=body, timeout=30)
    return int(reply.json()["ERRORCODE"])


def read_card(bridge: Bridge) -> None:
    """Two calls that succeed."""
    assert post(bridge, "/QRCodeReader/uploadqrcode", QRCodeString=bridge.sim.qr(CHILD)) == 0
    assert post(bridge, "/VHC/VHChisGetBasicData") == 0


@pytest.fixture(scope="module")
def watcher(bridge: Bridge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It has seen the bridge before and after more calls."""
    target = urlsplit(bridge.ready["legacy_http"]).netloc
    with watching(target, tmp_path_factory.mktemp("prometheus")) as running:
        running.eventually("cshis_bridge_calls_total")
        read_card(bridge)
        running.eventually("sum(rate(cshis_bridge_calls_total[20s])) > 0")
        running.eventually(f'{NEW}{{code="4000"}} >= {FAILED}')
        running.eventually('ALERTS{alertstate="firing"}')
        yield running


@EACH
def test_a_query_gives_something(watcher: Prometheus, query: Query) -> None:
    for values in (ALL, CHOSEN):
        text = query.filled(values)
        found = watcher.samples(text) if query.instant else watcher.over_time(text)
        assert found or MAY_BE_EMPTY.search(query.where), text


@EACH
def test_a_query_gives_nothing_of_other_places(watcher: Prometheus, query: Query) -> None:
    found = watcher.samples(query.filled(NOWHERE))
    assert [each for each in found if float(each["value"][1]) != 0] == []


def test_variables_offer_the_work_place(watcher: Prometheus, bridge: Bridge) -> None:
    offered = {}
    for name, variable in VARIABLES.items():
        if variable["type"] == "query":
            wanted = LABEL_VALUES.fullmatch(variable["query"]["query"])
            assert wanted, variable
            series = filled(wanted["series"], ALL)
            offered[name] = watcher.get(f"label/{wanted['label']}/values", **{"match[]": series})
    target = urlsplit(bridge.ready["legacy_http"]).netloc
    assert offered == {"place": [PLACE], "instance": [target], "door": ["upload", "vhc"]}


def test_every_metric_that_is_asked_for_is_there(bridge: Bridge) -> None:
    text = requests.get(bridge.ready["legacy_http"] + "/metrics", timeout=10).text
    families = list(text_string_to_metric_families(text))
    there = {sample.name for family in families for sample in family.samples}
    for family in families:  # a family of counters that nobody has counted in has its name alone
        there |= {f"{family.name}_total" if family.type == "counter" else family.name}
    rules = [
        rule for group in yaml.safe_load(Path(RULES).read_text("utf-8"))["groups"] for rule in group["rules"]
    ]
    recorded = {rule["record"].split(":")[1] for rule in rules if "record" in rule}
    asked = " ".join([rule["expr"] for rule in rules] + [query.text for query in QUERIES])
    names = {name for name in METRIC.findall(asked.replace(NEW, "")) if name not in recorded}
    assert len(names) > 10
    assert names <= there


def test_the_rules_tell_of_the_failed_calls_and_of_nothing_else(watcher: Prometheus) -> None:
    alerts = {alert["labels"]["alertname"]: alert for alert in watcher.get("alerts")["alerts"]}
    assert set(alerts) == {"CshisConsoleUnreachable", "CshisUploadsFail"}
    assert {(alert["state"], alert["labels"]["place"]) for alert in alerts.values()} == {("firing", PLACE)}
    told = alerts["CshisConsoleUnreachable"]["annotations"]
    assert f"{PLACE} 127.0.0.1:" in told["summary"]
    assert told["description_en"].startswith(f"{FAILED} calls failed")


def test_prometheus_evaluates_every_rule(watcher: Prometheus) -> None:
    judged = [rule for group in watcher.get("rules")["groups"] for rule in group["rules"]]
    assert {rule["health"] for rule in judged} == {"ok"}
    assert len(judged) >= 15
