"""The page of a readiness report, and the tables beside it that hold what has no room there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bridge.trace.pages import render
from bridge.trace.readiness.advice import LEVELS
from bridge.trace.readiness.report import Place, Readiness, Use
from bridge.trace.reporting.charts import stacked
from bridge.trace.reporting.report import write_private_text
from bridge.trace.tables import table_text
from bridge.words.moments import moment_of

MOST_PLACES = 300  # on the page
MOST_USES = 400
MOST_CODES = 20  # of a function
MOST_TEXTS = 100  # of a list of names, problems
MOST_TEXT = 200  # characters of what stands in a trace
MOST_BARS = 20


def write_readiness(report: Readiness, file: Path) -> None:
    """Write the page (mode 0600), at most 2 MB however long the report is. Where there are several work
    places, or more functions than it shows, CSV files beside it (``NAME.places.csv``,
    ``NAME.functions.csv``) have all of them. Raises TraceError.
    """
    tables = []
    if report.places:
        tables.append(_beside(file, "places"))
        write_private_text(tables[-1], _places(report.places))
    if len(report.uses) > MOST_USES or any(len(use.codes) > MOST_CODES for use in report.uses):
        tables.append(_beside(file, "functions"))
        write_private_text(tables[-1], _functions(report.uses))
    write_private_text(file, readiness_page(report, [table.name for table in tables]))


def readiness_page(report: Readiness, tables: Sequence[str] = ()) -> str:
    """The page. ``tables``: names of the files beside it."""
    shown = [_short(use) for use in report.uses[:MOST_USES]]
    most_called = sorted(shown, key=lambda use: -use.calls)
    return render(
        "readiness.html",
        report=replace(report, problems=tuple(map(_cut, report.problems)), left_out=_some(report.left_out)),
        uses=shown,
        unknown=_some(report.unknown),
        places=report.places[:MOST_PLACES],
        tables=tables,
        levels=LEVELS,
        first=_moment(report.first),
        last=_moment(report.last),
        moment=_moment,
        place_bars=stacked(
            [
                (place.name, {"stop": place.stop, "check": place.check, "note": place.note})
                for place in report.places[:MOST_BARS]
            ]
        ),
        use_bars=stacked(
            [
                (use.function, {"failed": use.failures, "worked": use.calls - use.failures})
                for use in most_called[:MOST_BARS]
            ]
        ),
    )


def _short(use: Use) -> Use:
    """A function as the page has room for it: its most frequent codes."""
    codes = sorted(use.codes.items(), key=lambda each: -each[1])[:MOST_CODES]
    return replace(use, function=_cut(use.function), codes=dict(sorted(codes)))


def _some(texts: Sequence[str]) -> tuple[str, ...]:
    more = [f"... (+{len(texts) - MOST_TEXTS})"] if len(texts) > MOST_TEXTS else []
    return (*map(_cut, texts[:MOST_TEXTS]), *more)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _moment(iso: str) -> str:
    return moment_of(iso)[:16] if iso else "?"


# --- tables -------------------------------------------------------------------------------------------------


def _beside(file: Path, what: str) -> Path:
    return file.with_name(f"{file.stem}.{what}.csv")


def _places(places: Iterable[Place]) -> str:
    head = ("work_place", "calls", "failed", "first", "last", "stop", "check", "note", "not_read")
    rows = (
        (
            place.name, place.calls, place.failures, place.first, place.last, place.stop, place.check,
            place.note, place.problems,
        )
        for place in places
    )  # fmt: skip
    return table_text(head, rows)


def _functions(uses: Iterable[Use]) -> str:
    rows = ((use.section, use.function, code, count) for use in uses for code, count in use.codes.items())
    return table_text(("section", "function", "code", "calls"), rows)
