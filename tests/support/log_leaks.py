"""A pytest plugin: no log of the whole suite holds anything about a person.

Every record of every logger at every level is examined, and at the end the log files and journals that
processes wrote below pytest's temporary directory. Where the simulator's people, PINs, signatures or QR codes
stand in one, the run fails and names the logger or file, the kind and the test; never the value.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import traceback
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

SIM = Path(__file__).resolve().parents[2] / "bridge" / "sim"
KINDS = ("cards", "practitioners")  # of people in a scenario
LEVEL = "TEST_LOG_LEVEL"  # what bridge_process starts bridges with
WORTH_A_LOOK = re.compile(r"\d{4}|[^\x00-\x7f]|\\[xu]|[A-Za-z0-9+/]{12}|[A-Z]{3} [A-Z]|thu-")
BASE64 = "A-Za-z0-9+/"
# Of the tests' own clients and servers, which tell the addresses that are asked. The bridge uses neither; if
# it did, its log files would show it.
OF_TESTS = {"httpx", "uvicorn.access"}
SHAPES = {
    "signature": rf"[{BASE64}]{{150,}}",
    "QR or transfer code": rf"(?<![{BASE64}])[{BASE64}]{{22}}==",
    "id of Taiwan": r"(?<![A-Za-z0-9])[A-Z][1289]\d{8}(?![A-Za-z0-9])",
}


def _read(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((SIM / name).read_text(encoding="utf-8")))


def _people() -> Iterator[tuple[str, str]]:
    """Kind and value of everything personal in the simulators."""
    scenarios = [
        _read("scenario/people.yaml"),
        *(_read(f"scenario/scenarios/{f.name}") for f in SIM.glob("scenario/scenarios/*.yaml")),
    ]
    people = (person for told in scenarios for kind in KINDS for person in told.get(kind, ()))
    for person in people:
        yield "card number", str(person["number"])
        yield "id", person["id_no"]
        yield "birthday", str(person["birthday"])
        for name in ("pin", "puk"):
            yield "PIN", person.get(name, "")
        for name in ("name", "english_name"):
            yield "name", person.get(name, "")
        yield "telephone number", person.get("emergency_tel", "")
    portal = _read("portal/people.yaml")
    for card in portal["cards"]:
        yield "insurance number", card["number"]
        yield "name", card["name"]
        yield "birthday", card["born"]
    for account in portal["accounts"]:
        yield "password", account["password"]
        for number, name in account["officers"].items():
            yield "id", number
            yield "name", name


def _western(birthday: str) -> Iterator[str]:
    if re.fullmatch(r"\d{7}", birthday):
        year, month, day = str(int(birthday[:3]) + 1911), birthday[3:5], birthday[5:]
        yield from (birthday, year + month + day, f"{year}-{month}-{day}")
    elif len(birthday) > 4:  # a year alone stands anywhere
        yield birthday


def _forms(kind: str, value: str) -> Iterator[str]:
    """The ways in which a value may stand in a text."""
    if kind == "birthday":
        yield from map(_digits, _western(value))
    elif re.fullmatch(r"[A-Za-z0-9]+", value):
        yield _digits(value)
        yield re.escape(value.encode().hex())
    else:
        for text in (value, repr(value.encode("utf-8"))[2:-1], value.encode("unicode_escape").decode()):
            yield re.escape(text)
        encoded = value.encode("cp950", "replace")
        if "?" not in encoded.decode("cp950"):
            yield re.escape(repr(encoded)[2:-1])
            yield encoded.hex()


def _digits(value: str) -> str:
    """Not as a part of a longer number, nor behind the point of one."""
    return rf"(?<![0-9A-Za-z.]){re.escape(value)}(?![0-9A-Za-z])"


@cache
def _pattern() -> re.Pattern[str]:
    known: dict[str, dict[str, None]] = {}
    for kind, value in _people():
        if value:
            known.setdefault(kind, {}).update(dict.fromkeys(_forms(kind, value)))
    parts = {**{kind: "|".join(forms) for kind, forms in known.items()}, **SHAPES}
    return re.compile("|".join(f"(?P<{kind.replace(' ', '_')}>{form})" for kind, form in parts.items()))


def kinds_in(text: str) -> set[str]:
    """The kinds of personal values that stand in a text."""
    if not WORTH_A_LOOK.search(text):
        return set()
    return {str(found.lastgroup).replace("_", " ") for found in _pattern().finditer(text)}


def text_of(record: logging.LogRecord) -> str:
    """Everything that a log would say: the message, and the exceptions with it."""
    try:
        message = record.getMessage()
    except Exception as error:  # a broken call of a logger: whatever it would have shown
        message = f"{record.msg!r} {record.args!r} {error}"
    if record.exc_info and isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
        message += "\n" + "".join(traceback.format_exception(*record.exc_info))
    return f"{message}\n{record.stack_info or ''}"


@dataclass
class Watch:
    """What was found so far: where, which kind, in which test."""

    found: dict[tuple[str, str], str] = field(default_factory=dict)
    examined: int = 0

    def examine(self, where: str, text: str) -> None:
        """Look at one text."""
        self.examined += 1
        for kind in kinds_in(text):
            test = os.environ.get("PYTEST_CURRENT_TEST", "after the tests").partition("[")[0]
            self.found.setdefault((where, kind), test)

    def examine_files(self, directory: Path) -> None:
        """Look at all log files and journals below a directory."""
        for file in sorted(path for path in directory.rglob("*") if path.is_file()):
            if ".log" in file.suffixes:
                self.examine(f"{file.parent.name}/{file.name}", file.read_text("utf-8", errors="replace"))
            elif file.suffix == ".sqlite3":
                for row in rows_of(file):
                    self.examine(f"{file.parent.name}/{file.name}", row)

    def report(self) -> Iterable[str]:
        """One line for each leak."""
        return [
            f"{where}: a {kind} in the log (first in {test})" for (where, kind), test in self.found.items()
        ]


def rows_of(file: Path) -> Iterator[str]:
    """Every row of every table as text; none of what is no journal."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            tables = [
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    yield " | ".join(str(value) for value in row if isinstance(value, str))
    except sqlite3.Error:
        return


class LogLeaks:
    """The plugin, for the time of a session."""

    def __init__(self) -> None:
        self.watch = Watch()
        self._original = logging.Logger.callHandlers

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Examine what any logger hands to its handlers, from DEBUG on. Tests see what they saw before."""
        original, watch = self._original, self.watch

        def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            if logger.name not in OF_TESTS:
                watch.examine(logger.name, text_of(record))
            original(logger, record)

        logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign, assignment]
        logging.getLogger().setLevel(logging.DEBUG)
        capture = session.config.pluginmanager.get_plugin("logging-plugin")
        if capture is not None:
            for handler in (capture.caplog_handler, capture.report_handler):
                handler.setLevel(logging.WARNING)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The files, then the verdict."""
        logging.Logger.callHandlers = self._original  # type: ignore[method-assign]
        factory = getattr(session.config, "_tmp_path_factory", None)
        if factory is not None:
            self.watch.examine_files(factory.getbasetemp())
        if self.watch.found and session.exitstatus in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was found, and how much was looked at."""
        terminalreporter.write_line(f"{self.watch.examined} log lines and journal rows examined for people")
        for line in self.watch.report():
            terminalreporter.write_line(f"LEAK {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Starts with the session. Load tests measure: their bridges log as a clinic's do."""
    if not any("tests/load" in argument for argument in config.args):
        os.environ.setdefault(LEVEL, "DEBUG")
    config.pluginmanager.register(LogLeaks(), "log-leaks-session")
