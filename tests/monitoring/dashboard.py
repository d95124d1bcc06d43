"""The dashboard as data: its panels, its variables, and every query in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.monitoring.prometheus import FOLDER, PLACE

DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
VARIABLES: dict[str, dict[str, Any]] = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
PANELS: list[dict[str, Any]] = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
# What Grafana puts in place of variables: "all" of them, and one chosen.
ALL = {"place": ".*", "instance": ".*", "door": ".*", "__rate_interval": "20s"}
CHOSEN = {**ALL, "place": PLACE, "door": "native|vhc"}
NOWHERE = {**ALL, "place": "nowhere"}
LABEL_VALUES = re.compile(r"label_values\((?P<series>.*), (?P<label>\w+)\)")


@dataclass(frozen=True)
class Query:
    """A query, and where it stands. ``instant``: it is asked for now, not over a time."""

    where: str
    text: str
    instant: bool

    def filled(self, values: dict[str, str]) -> str:
        """With values in place of its variables. Raises KeyError for a variable that nobody knows."""
        return filled(self.text, values)


def filled(text: str, values: dict[str, str]) -> str:
    """A text of the dashboard with values in place of its variables."""
    return re.sub(r"\$(\w+)", lambda found: values[found[1]], text)


def queries() -> Iterator[Query]:
    """Every query of panels and annotations."""
    for panel in PANELS:
        for target in panel["targets"]:
            yield Query(f"{panel['title']} {target['refId']}", target["expr"], bool(target.get("instant")))
    for annotation in DASHBOARD["annotations"]["list"]:
        yield Query(annotation["name"], annotation["expr"], False)
