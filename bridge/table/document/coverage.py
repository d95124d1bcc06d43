"""How much of the table is confirmed, comes from a working program, is our decision or is assumed.

How a provenance text is graded: :func:`bridge.table.openapi.facts.grade`. A function is as firm as its
weakest fact (row, requests, request fields, reply fields, notices); one that answers -2 counts as
``unsupported``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.table.document.chapter import Chapter
from bridge.table.model.console import provenances as console_provenances
from bridge.table.model.rows import Function, Table
from bridge.table.openapi.facts import GRADES, Grade, facts_of, grade, weakest

KINDS = {
    "row": "functions themselves (name, prototype)",
    "request": "requests (path, signature)",
    "request field": "request fields",
    "reply field": "reply fields",
    "notice": "notices",
    "record": "records (widths, fields)",
    "status": "statuses",
    "console": "the console's own requests",
}


@dataclass(frozen=True, slots=True)
class FunctionCoverage:
    """One function: its grade, and how many of its facts have each grade."""

    name: str
    status: str
    grade: Grade
    facts: Counter[Grade]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The report: every function, the counts by kind of fact, and what each kind is called."""

    functions: tuple[FunctionCoverage, ...]
    kinds: dict[str, Counter[Grade]]
    titles: dict[str, str]

    @property
    def by_function(self) -> Counter[Grade]:
        """Number of functions by grade, ``unsupported`` among them."""
        return Counter(function.grade for function in self.functions)


def coverage(table: Table, further: Sequence[Chapter] = ()) -> Coverage:
    """Count. Facts of unsupported functions are not counted by kind: nothing of them is used. ``further``:
    facts beside the table's own.
    """
    kinds: dict[str, Counter[Grade]] = {kind: Counter() for kind in KINDS}
    for function in table.functions.values():
        if function.status != "unsupported":
            for fact in facts_of(function):
                kinds[fact.kind][grade(fact.provenance)] += 1
    records = [*table.records_out.values(), *table.records_in.values()]
    kinds["record"].update(grade(record.provenance) for record in records)
    for entries in table.statuses.sources.values():
        kinds["status"].update(grade(entry.provenance) for entry in entries.values())
    kinds["console"].update(grade(provenance) for provenance in console_provenances(table.console))
    for chapter in further:
        kinds[chapter.kind] = Counter(grade(provenance) for provenance in chapter.provenances)
    titles = KINDS | {chapter.kind: chapter.title for chapter in further}
    return Coverage(tuple(_function(function) for function in table.functions.values()), kinds, titles)


def as_json(report: Coverage) -> dict[str, object]:
    """The report as plain values: ``functions`` and ``facts`` (counts by grade), ``rows`` (each function)."""
    return {
        "functions": _plain(report.by_function),
        "facts": {kind: _plain(counts) for kind, counts in report.kinds.items()},
        "rows": {
            row.name: {"status": row.status, "grade": row.grade, "facts": _plain(row.facts)}
            for row in report.functions
        },
    }


def as_lines(report: Coverage) -> Iterator[str]:
    """The report for people: the counts, then the functions that rest on an assumption."""
    yield from count_lines(report)
    doubtful = [row for row in report.functions if row.grade == "assumed"]
    if doubtful:
        yield ""
        yield "resting on an assumption (assumed facts of all):"
    for row in doubtful:
        yield f"  {row.name:<32} {row.facts['assumed']:>3} of {row.facts.total():>3}"


def count_lines(report: Coverage) -> Iterator[str]:
    """The counts as a text table: a line for the functions, one for each kind of fact, a column by grade."""
    functions = report.by_function
    yield f"{'':<40}" + "".join(f"{name:>13}" for name in (*GRADES, "unsupported"))
    yield _line("functions by their weakest fact", functions) + f"{functions['unsupported']:>13}"
    for kind, title in report.titles.items():
        yield _line(f"  {title}", report.kinds[kind])


def _plain(counts: Counter[Grade]) -> dict[str, int]:
    return dict(counts.items())


def _line(title: str, counts: Counter[Grade]) -> str:
    return f"{title:<40}" + "".join(f"{counts[name]:>13}" for name in GRADES)


def _function(function: Function) -> FunctionCoverage:
    counts: Counter[Grade] = Counter(grade(fact.provenance) for fact in facts_of(function))
    found: Grade = "unsupported" if function.status == "unsupported" else weakest(counts)
    return FunctionCoverage(function.name, function.status, found, counts)
