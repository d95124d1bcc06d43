"""Each rule of docs/architecture.md catches what it forbids: planted imports, and legacy names in code."""

from __future__ import annotations

import pytest

from tests.support.layers import PAGE, import_faults, read_rules
from tests.test_layers import name_faults

RULES = read_rules(PAGE.read_text(encoding="utf-8"))

# By module: what is planted, and what is then said that its room must not do.
PLANTED = {
    # pure rooms
    "bridge.calls.plan": {
        "import fastapi": "import fastapi",
        "import sqlite3": "import sqlite3",
        "import urllib.request": "import urllib.request",
        "from urllib import request": "import urllib.request",
        "import click": "import click",
        "import uvicorn": "import uvicorn",
        "import tkinter": "import tkinter",
        "import asyncio": "import asyncio",
        "import logging": "import logging",
        "import os.path": "import os",
        "import pydantic": "import pydantic",
        "import cryptography.x509": "import cryptography",
        "def f():\n    import httpx": "import httpx",
        "from bridge.reader.reader import Reader": "import reader/reader/Reader",
        "from ..reader import reader": "import reader/reader",
        "import bridge.engine.execute": "import engine/execute",
        "import bridge.records.journal": "import records/journal",
        "import bridge.upstream.client": "import upstream/client",
        "import bridge.table.loader": "import table/loader",
        "import bridge.table.check.steps": "import table/check/steps",
    },
    "bridge.codec": {"from ..engine import call": "import engine/call"},
    "bridge.codec.text": {
        "import bridge.table.model.rows as m": "import table/model/rows",
        "from bridge import config": "import config",
        "from .. import engine": "import engine",
        "import socket": "import socket",
        "import numpy": "import numpy",
    },
    # rooms inside rooms
    "bridge.table.model.rows": {
        "import yaml": "import yaml",
        "import pathlib": "import pathlib",
        "import bridge.table.check.steps": "import table/check/steps",
        "from ..loader import load_table": "import table/loader/load_table",
        "import bridge.bhyt.model": "import bhyt/model",
    },
    "bridge.table.check.steps": {"import bridge.table.document.codes": "import table/document/codes"},
    "bridge.table.codegen.abi": {"import bridge.table.check.steps": "import table/check/steps"},
    "bridge.table.loader": {"import bridge.table.document.codes": "import table/document/codes"},
    "bridge.trace.format": {
        "from bridge.trace.masking.masker import Masker": "import trace/masking/masker/Masker",
        "from . import masking": "import trace/masking",
        "import bridge.trace.reporting.report": "import trace/reporting/report",
        "import jinja2": "import jinja2",
    },
    "bridge.trace.masking.masker": {"import bridge.trace.worlds.world": "import trace/worlds/world"},
    "bridge.trace.comparing.calls": {
        "import bridge.trace.replaying.replay": "import trace/replaying/replay",
    },
    "bridge.trace.replaying.targets": {"import bridge.engine.engine": "import engine/engine"},
    "bridge.reader.pin.window": {"import bridge.reader.reader": "import reader/reader"},
    "bridge.rest.openapi.models": {"import bridge.engine.face": "import engine/face"},
    # the engine's face
    "bridge.rest.routes": {
        "from bridge.engine.execute import Executor": "import engine/execute/Executor",
        "from bridge.engine.engine import Engine": "import engine/engine/Engine",
        "from bridge.engine import changes": "import engine/changes",
        "from bridge.reader.reader import Reader": "import reader/reader/Reader",
        "import bridge.upstream.client": "import upstream/client",
        "import bridge.bhyt.routes": "import bhyt/routes",
        "from bridge.channel import frame": "import channel/frame",
        "if 1:\n    from bridge.sim.world import World": "import sim/world/World",
    },
    "bridge.channel.server": {
        "from bridge.engine.engine import Engine": "import engine/engine/Engine",
        "import bridge.engine.compose": "import engine/compose",
        "from bridge.reader.reader import Reader": "import reader/reader/Reader",
    },
    "bridge.bhyt.service": {"import bridge.engine.execute": "import engine/execute"},
    # one way
    "bridge.engine.engine": {
        "import bridge.relay.uploads": "import relay/uploads",
        "import fastapi": "import fastapi",
        "x.import_module('bridge.sim')": "import sim",
        "import socket\nsocket.create_connection(a)": "call create_connection",
        "loop.create_connection(f)": "call create_connection",
    },
    "bridge.reader.reader": {
        "from bridge.records.journal import Journal": "import records/journal/Journal",
        "import click": "import click",
    },
    "bridge.records.pending": {"import bridge.cli.journal": "import cli/journal"},
    "bridge.serving.logs": {"import bridge.engine.face": "import engine/face"},
    "bridge.cli.call": {
        "import bridge.rest.app": "import rest/app",
        "import bridge.engine.engine": "import engine/engine",
        "import native.build": "import native/build",
        "import tests.support.wine": "import tests/support/wine",
    },
    # the simulators
    "bridge.sim.world": {
        "from bridge.errors import BridgeError": "import errors/BridgeError",
        "from bridge.codec.dates import roc_date": "import codec/dates/roc_date",
        "import urllib.request": "import urllib.request",
    },
    "bridge.sim.cloud.visits": {"import bridge.table.loader": "import table/loader"},
    "bridge.sim.console.hc": {"import bridge.sim.cloud.visits": "import sim/cloud/visits"},
    # connections and packages
    "bridge.doctor.console": {
        "import httpx": "import httpx",
        "from http.client import HTTPConnection": "import http.client",
        "import bridge.cli.doctor": "import cli/doctor",
        "import uvicorn": "import uvicorn",
    },
    "bridge.doctor.tls": {"asyncio.open_connection(a)": "call open_connection"},
    "bridge.cli.table.openapi": {"from urllib import request": "import urllib.request"},
    "bridge.upstream.client": {"import aiohttp": "import aiohttp"},
    # beside the package
    "native.build": {
        "import bridge.engine.engine": "import bridge/engine/engine",
        "import bridge.config": "import bridge/config",
        "import httpx": "import httpx",
    },
    "benchmarks.speed": {
        "from tests.unit import conftest": "import tests/unit/conftest",
        "from wine import run": "import wine",
    },
    "tests.support.plugin": {
        "import benchmarks.speed": "import benchmarks/speed",
        "import tests.unit.rest": "import tests/unit/rest",
    },
}
CASES = [(module, source, said) for module, planted in PLANTED.items() for source, said in planted.items()]
PERMITTED = [
    ("bridge.calls.plan", "from bridge.codec.text import decode\nfrom bridge.calls.call import LegacyCall"),
    ("bridge.calls.plan", "import collections.abc\nfrom bridge.table.model.rows import Function"),
    ("bridge.upstream.client", "import httpx\nfrom .httpx_transport import border"),
    ("bridge.upstream.dialing", "loop.create_connection(f)"),
    ("bridge.sim.control.remote", "from urllib.request import Request"),
    ("bridge.sim.world", "import bridge.sim.clock\nfrom bridge.sim.portal.books import PortalBooks"),
    ("bridge.rest.app", "from bridge import __version__\nfrom bridge.engine.face import CallEngine"),
    ("bridge.channel.embedded", "from bridge.engine.compose import open_engine"),
    ("bridge.cli.main", "from bridge.cli.table.command import table"),
    ("bridge.__main__", "from bridge.cli.main import main"),
    ("native.build", "from bridge.table.loader import load_table"),
]


@pytest.mark.parametrize(("module", "source", "said"), CASES)
def test_a_forbidden_import_is_found(module: str, source: str, said: str) -> None:
    (fault,) = import_faults(RULES, source, module, module == "bridge.codec")
    assert fault.startswith(f"{module}: ")
    assert fault.endswith(f" must not {said}")


def test_what_cannot_be_judged_is_a_fault() -> None:
    computed = import_faults(RULES, "__import__(name)", "bridge.engine.x")
    assert computed == ["bridge.engine.x: an import whose name is computed"]
    assert import_faults(RULES, "", "bridge.x.y") == ["bridge.x.y: x/y is in no room"]


@pytest.mark.parametrize(("module", "source"), PERMITTED)
def test_a_permitted_import_passes(module: str, source: str) -> None:
    assert import_faults(RULES, source, module) == []


@pytest.mark.parametrize("part", ["| room |", "| module |", "own library only:", "imports a client"])
def test_a_page_without_a_part_of_the_rules_is_refused(part: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert part in page
    with pytest.raises(ValueError, match=r"there is no table of|does not state all"):
        read_rules(page.replace(part, ""))


@pytest.mark.parametrize(
    "source",
    [
        "x = 'hisGetBasicData'",
        "x = b'hisGetBasicData'",
        "x = f'{1} hisGetBasicData '",
        "def hisGetBasicData(): pass",
        "x.hisGetBasicData()",
        "f(hisGetBasicData=1)",
        "'''doc'''\n'hisGetBasicData'",
        "def f(hisGetBasicData): pass",
        "from x import y as hisGetBasicData",
    ],
)
def test_a_legacy_name_in_code_is_found(source: str) -> None:
    assert name_faults(source, "m") == ["m: names hisGetBasicData"]


@pytest.mark.parametrize(
    "source",
    [
        "'''As hisGetBasicData does.'''",
        "def f():\n    '''hisGetBasicData'''",
        "class C:\n    '''hisGetBasicData'''",
        "x = 1  # hisGetBasicData",
        "x = 'hisGetBasicDataset'",
    ],
)
def test_a_legacy_name_in_docstrings_and_comments_passes(source: str) -> None:
    assert name_faults(source, "m") == []
