"""packaging/monitoring/dashboard.json as Grafana reads it, as far as it can be told without Grafana."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest

from tests.monitoring.dashboard import DASHBOARD, PANELS, VARIABLES, queries

COLUMNS = 24  # of Grafana's grid
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_panels_are_numbered_and_lie_beside_each_other() -> None:
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert sorted(set(numbers)) == sorted(numbers)
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= COLUMNS for place in places)
    assert not [pair for pair in combinations(places, 2) if overlap(*pair)]


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    across = one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
    return across and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]


@pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])
def test_a_panel_is_named_in_both_languages_and_asks_the_chosen_source(panel: dict[str, Any]) -> None:
    assert CHINESE.search(panel["title"])
    assert re.search(r"[a-z]{3}", panel["title"])
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
    letters = [target["refId"] for target in panel["targets"]]
    assert len(set(letters)) == len(letters) > 0


def test_every_query_can_be_narrowed_to_a_work_place() -> None:
    for query in queries():
        selectors = re.findall(r"(?:cshis_bridge_|process_|\bup|ALERTS)[\w:]*(\{[^}]*\})?", query.text)
        assert selectors, query
        for selector in selectors:
            assert 'place=~"$place"' in selector, query
            assert 'instance=~"$instance"' in selector, query


def test_all_means_also_those_without_the_label() -> None:
    for name in ("place", "instance", "door"):
        assert (VARIABLES[name]["includeAll"], VARIABLES[name]["allValue"]) == (True, ".*")
