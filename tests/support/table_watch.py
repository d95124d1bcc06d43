"""A pytest plugin: every console and cloud request that the product makes in a whole run stands in the table.

Tests' networks and running bridges hand in what they saw (``SEEN``). At the end the methods and paths are
compared with the rows and with console.yaml; a request that stands nowhere fails the run and is named, with
the test that made it first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bridge.table.loader import default_table
from bridge.table.model.rows import Table

WATCHED = ("console", "cloud")
# What the doctor sends to see whether anybody answers there: it asks for nothing that a table could hold.
PROBES = {("cloud", "HEAD", "/")}
IN_BRACES = re.compile(r"{\w+}")

Request = tuple[str, str, str]  # service, method, path


def requests_of(table: Table) -> Iterator[Request]:
    """Every request to console and cloud that a table knows."""
    for _, request in table.console.named():
        yield "console", request.method, request.path
        if request.other_path is not None:
            yield "console", request.method, request.other_path
    for function in table.functions.values():
        for step in function.steps:
            if step.target in WATCHED:
                yield step.target, step.method, step.path


@dataclass
class Seen:
    """The requests that were made, each with the test that made it first; further tables that tests used."""

    requests: dict[Request, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)

    def note(self, service: str, method: str, path: str) -> None:
        """The product has made a request."""
        if service in WATCHED:
            key = (service, method, path)
            if key not in self.requests:
                test = os.environ.get("PYTEST_CURRENT_TEST", "after the tests").partition("[")[0]
                self.requests[key] = test

    def note_all(self, entries: Iterable[dict[str, Any]]) -> None:
        """What stands in a simulator's request log."""
        for entry in entries:
            self.note(entry["service"], entry["method"], entry["path"])

    def uses(self, table: Table) -> None:
        """A test has an engine work by a table of its own."""
        if not any(table is other for other in self.tables):
            self.tables.append(table)

    def strangers(self) -> list[str]:
        """One line for each request that stands in no table."""
        known = {*PROBES, *requests_of(default_table())}
        for table in self.tables:
            known |= {*requests_of(table)}
        templates = [each for each in known if IN_BRACES.search(each[2])]
        return [
            f"{service}: {method} {path} (first in {test})"
            for (service, method, path), test in self.requests.items()
            if (service, method, path) not in known and not _fits(templates, service, f"{method} {path}")
        ]


def _fits(templates: Iterable[Request], service: str, line: str) -> bool:
    """Whether a request is one of those that have a value in their path."""
    return any(
        of == service and re.fullmatch(IN_BRACES.sub("[^/]+", f"{method} {path}"), line)
        for of, method, path in templates
    )


SEEN = Seen()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The verdict."""
    if SEEN.strangers() and session.exitstatus in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was found, and how much was compared."""
    terminalreporter.write_line(f"{len(SEEN.requests)} console and cloud requests compared with the table")
    for line in SEEN.strangers():
        terminalreporter.write_line(f"NOT IN THE TABLE {line}", red=True)
