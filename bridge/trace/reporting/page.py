"""The report as one HTML page that needs nothing else; its own style and script are all that may run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from bridge.trace.pages import environment, read
from bridge.trace.reporting.charts import PARTS, LatencyScale, bars, stacked, time_text
from bridge.trace.reporting.dump import dump, hex_text, shown_text
from bridge.trace.reporting.shortened import (
    ROOMS,
    differences_table,
    functions_table,
    places_table,
    shortened,
)
from bridge.trace.reporting.written import write_private_text
from bridge.words.moments import TAIWAN

MOST_BYTES = 2_000_000
MOST_PLACES = 20  # in the chart
LEGEND = (
    ("different", "different", "差異"),
    ("expected", "expected", "預期差異"),
    ("same", "same", "相同"),
    ("not_replayed", "left out", "未比對"),
)


def make_page(report: dict[str, Any], tables: Sequence[str] = ()) -> str:
    """The page of a report (see report.py), at most 2 MB: what has no room is left out, and named. What
    stands in the trace is shown as text, whatever it is. ``tables``: names of the files beside it that have
    all of it.
    """
    page, _ = _fitting(report, tables)
    return page


def _fitting(report: dict[str, Any], tables: Sequence[str] = ()) -> tuple[str, bool]:
    """The page, and whether something was left out for want of room."""
    for room in ROOMS:
        page = _page(shortened(report, room), tables)
        if len(page.encode("utf-8")) <= MOST_BYTES:
            break
    return page, room is not ROOMS[0]


def _page(report: dict[str, Any], tables: Sequence[str]) -> str:
    style, script = read("report.css"), read("report.js")
    scale = LatencyScale(report["functions"])
    template = _environment().get_template("report.html")
    return template.render(
        report=report,
        tables=tables,
        legend=LEGEND,
        bars=bars(report["functions"]),
        place_bars=stacked(
            [
                (place["name"], {part: place[part] for part in PARTS})
                for place in report["places"][:MOST_PLACES]
            ]
        ),
        ticks=scale.ticks(),
        dots=scale.dots(report["functions"]),
        style=Markup(style),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def write_page(report: dict[str, Any], file: Path) -> None:
    """Write the page (mode 0600), and tables beside it: of several work places (``NAME.places.csv``), and
    where it has no room for all of it (``NAME.differences.csv``, ``NAME.functions.csv``). Raises TraceError.
    """
    page, is_cut = _fitting(report)
    tables = {"places": places_table(report)} if report["places"] else {}
    if is_cut:
        tables |= {"differences": differences_table(report), "functions": functions_table(report)}
    files = {file.with_name(f"{file.stem}.{what}.csv"): text for what, text in tables.items()}
    for beside, text in files.items():
        write_private_text(beside, text)
    if files:
        page, _ = _fitting(report, [beside.name for beside in files])
    write_private_text(file, page)


@cache
def _environment() -> Environment:
    made = environment()
    made.filters |= {
        "time": time_text,
        "local": _local,
        "dump": dump,
        "text": lambda value: shown_text(base64.b64decode(value)),
        "hex": lambda value: hex_text(base64.b64decode(value)),
    }
    return made


def _local(time: str) -> str:
    """A time of the report in Taiwan's time, as the logs of a HIS have it."""
    at = datetime.fromisoformat(time).astimezone(TAIWAN)
    return at.strftime("%Y-%m-%d %H:%M:%S") + (f".{at.microsecond // 1000:03d}" if at.microsecond else "")


def _hash(text: str) -> str:
    """The source expression by which a content security policy admits exactly this text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
