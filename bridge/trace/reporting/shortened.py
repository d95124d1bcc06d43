"""A report cut to what a page can hold; all of it stands in tables beside the page. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.trace.reporting.dump import shown_text
from bridge.trace.tables import Row, table_text

DIFFERENCES = (
    "group", "function", "verdict", "kind", "argument", "field", "calls", "rule", "work_place", "process",
    "call", "time", "old_code", "new_code", "row", "detail", "old", "new",
)  # fmt: skip
PLACES = ("work_place", "calls", "same", "expected", "different", "not_replayed")
PLACES_KEYS = {key: key for key in PLACES} | {"work_place": "name"}
FUNCTIONS = ("function", "section", "compared", "same", "expected", "different", "not_replayed")


@dataclass(frozen=True, slots=True)
class Room:
    """How much is shown: kinds of differences, examples of each, and of these how many with their bytes;
    functions and work places; names in a list of functions.
    """

    groups: int
    examples: int
    pieces: int
    functions: int
    names: int


# One after the other is tried until the page is small enough; the last one always is.
ROOMS = (
    Room(100_000, 1000, 1000, 100_000, 100_000),
    Room(800, 5, 2, 400, 100),
    Room(400, 3, 1, 300, 60),
    Room(150, 2, 1, 200, 30),
    Room(60, 1, 1, 80, 10),
    Room(60, 1, 0, 40, 5),
)


def shortened(report: dict[str, Any], room: Room) -> dict[str, Any]:
    """The report (see report.py) with as much as there is room for; ``cut`` says how much was left out."""
    groups = [_group(group, room) for group in report["groups"][: room.groups]]
    functions = report["functions"][: room.functions]
    return {
        **report,
        "groups": groups,
        "functions": functions,
        "not_replayed": [_skipped(each, room.names) for each in report["not_replayed"]],
        "places": report["places"][: room.functions],
        "cut": {
            "places": max(len(report["places"]) - room.functions, 0),
            "groups": len(report["groups"]) - len(groups),
            "functions": len(report["functions"]) - len(functions),
        },
    }


def _group(group: dict[str, Any], room: Room) -> dict[str, Any]:
    examples = [
        example if number < room.pieces else {**example, "piece": None}
        for number, example in enumerate(group["examples"][: room.examples])
    ]
    return {**group, "examples": examples}


def _skipped(skipped: dict[str, Any], names: int) -> dict[str, Any]:
    shown = dict(list(skipped["functions"].items())[:names])
    return {**skipped, "functions": shown, "more": len(skipped["functions"]) - len(shown)}


def differences_table(report: dict[str, Any]) -> str:
    """All kinds of differences with their examples, as CSV."""
    return table_text(DIFFERENCES, _differences(report))


def places_table(report: dict[str, Any]) -> str:
    """All work places, as CSV."""
    return table_text(PLACES, ([place[PLACES_KEYS[key]] for key in PLACES] for place in report["places"]))


def functions_table(report: dict[str, Any]) -> str:
    """All functions, as CSV."""
    rows = (
        [function[{"function": "name"}.get(key, key)] for key in FUNCTIONS]
        for function in report["functions"]
    )
    return table_text(FUNCTIONS, rows)


def _differences(report: dict[str, Any]) -> Iterator[Row]:
    for group in report["groups"]:
        about = [group[key] for key in DIFFERENCES[:8]]
        about[0] = group["group"]
        for example in group["examples"]:
            values = [example.get(key, "") for key in DIFFERENCES[8:16]]
            texts = [shown_text(base64.b64decode(example[key])) for key in ("old", "new")]
            yield [*about, *values, *texts]
