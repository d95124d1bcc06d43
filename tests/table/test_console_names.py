"""No path, JSON name or status number of the console stands in Python: they have one home, console.yaml.

Simulators are the oracle and have their own. The three rules:

- a text that is a path of the console (``/api/common|sam|hc|hpc|settings/v1/...``) stands nowhere;
- a JSON name of the console is no key anywhere (``x["name"]``, ``x.get("name")``, ``{"name": ...}``); names
  that other things have, too (``status``, ``name``, ``token`` ...), are looked for only in the rooms where
  the console is asked and its replies are read;
- a number of its statuses stands nowhere in those rooms.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.table.loader import default_table

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = default_table().console
PATH = re.compile(r"/?api/(common|sam|hc|hpc|settings)/v\d+/")
NAMES = {name for _, request in PROTOCOL.named() for field in request.every_field() for name in field.path}
NUMBERS = {n for _, group in PROTOCOL.statuses.named() for n in (*group.statuses, *group.cloud)}
# The rooms where the console is asked, and the files that read its replies.
OF_THE_CONSOLE = (
    "bridge/reader/",
    "bridge/engine/",
    "bridge/console_settings/",
    "bridge/doctor/console.py",
    "bridge/doctor/devices.py",
    "bridge/calls/converters.py",
)
# What is the same text or number and means something else, with the file that says it.
OTHER_MEANINGS: dict[tuple[str, str | int], str] = {
    ("bridge/reader/vpn_pairs.py", 1000): "how many pairs are held",
    ("bridge/engine/engine.py", 1000): "milliseconds in a second",
    ("bridge/engine/operations.py", "token"): "an argument of a reader operation, named by rows",
    ("bridge/doctor/the_bridge.py", "status"): "the health report of a bridge",
    ("bridge/cli/sim/command.py", "idNo"): "the simulator's control API",
    ("bridge/cli/sim/command.py", "initialized"): "the simulator's control API",
    ("bridge/cli/sim/command.py", "hasPin"): "the simulator's control API",
    ("bridge/calls/converters.py", "token"): "a converter",
    ("bridge/cli/through_bridge.py", "statusCode"): "in a reply of the bridge's own door",
    ("bridge/rest/openapi/reply_models.py", "statusCode"): "in a reply of the bridge's own door",
    ("bridge/rest/replies.py", "statusCode"): "in a reply of the bridge's own door",
}
# SAM and cards, as needs and kinds of signatures are called; the console calls parts of its status so.
CARDS = {"sam", "hc", "hpc"}
# In the clients of the console a key is one of our names, which ConsoleRequest turns into the console's.
CLIENTS = ("bridge/reader/console_client.py", "bridge/console_settings/client.py")
OURS = {
    name
    for _, request in PROTOCOL.named()
    for part in (request.in_path, request.in_query, request.body or {}, request.reply)
    for name in part
}


def faults_in(source: str, file: str) -> list[str]:
    """What stands in a source of ``file`` (its path in the project) and belongs into console.yaml."""
    tree = ast.parse(source)
    documented = set(_docstrings(tree))
    strict = file.startswith(OF_THE_CONSOLE)
    distinct = NAMES if strict else {name for name in NAMES if not name.islower()} | {"initialized"}
    distinct = distinct - CARDS - (OURS if file in CLIENTS else set())
    faults = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in documented:
            continue
        if isinstance(node.value, str) and PATH.search(node.value):
            faults.append(f"{file}:{node.lineno}: path {node.value}")
        if strict and type(node.value) is int and node.value in NUMBERS:
            faults.append(f"{file}:{node.lineno}: status {node.value}")
    faults += [f"{file}:{line}: name {name}" for name, line in _keys(tree) if name in distinct]
    return [fault for fault in faults if not _means_something_else(file, fault)]


def _keys(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The texts that a source uses as keys, each with its line."""
    for node in ast.walk(tree):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.Subscript):
            found = [node.slice]
        elif isinstance(node, ast.Dict):
            found = [*node.keys, *node.values]  # as a value it names a key, too
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("get", "pop", "setdefault"):
            found = [*node.args[:1]]
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            found = [*node.elts]
        elif isinstance(node, ast.Compare):
            found = [node.left]
        for each in found:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value, each.lineno


def _docstrings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            yield id(body[0].value)


def _means_something_else(file: str, fault: str) -> bool:
    return any(file == where and fault.endswith(f" {what}") for where, what in OTHER_MEANINGS)


def _sources() -> list[Path]:
    simulator = ROOT / "bridge" / "sim"
    return [file for file in sorted((ROOT / "bridge").rglob("*.py")) if simulator not in file.parents]


@pytest.mark.parametrize("file", _sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_of_the_console_stands_in_a_source(file: Path) -> None:
    where = file.relative_to(ROOT).as_posix()
    faults = faults_in(file.read_text(encoding="utf-8"), where)
    assert faults == []


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("bridge/trace/x.py", 'PATH = "/api/hc/v1/Basic"', "path /api/hc/v1/Basic"),
        ("bridge/trace/x.py", 'url = f"{base}/api/common/v1/{what}"', "path /api/common/v1/"),
        ("bridge/cli/x.py", 'signed["clientRandom"]', "name clientRandom"),
        ("bridge/cli/x.py", 'reply.get("hcIdNo", "")', "name hcIdNo"),
        ("bridge/rest/x.py", 'body = {"newPin": pin}', "name newPin"),
        ("bridge/rest/x.py", 'names = {"x": "samId"}', "name samId"),
        ("bridge/rest/x.py", 'if "initialized" in status: pass', "name initialized"),
        ("bridge/relay/x.py", 'FIELDS = ("samId", "hospitalId")', "name samId"),
        ("bridge/reader/x.py", 'await ask({"token": code})', "name token"),
        ("bridge/reader/x.py", 'state.get("status")', "name status"),
        ("bridge/reader/x.py", "NO_CARD = 1102", "status 1102"),
        ("bridge/engine/x.py", "if error.number in {1511, 3200}: pass", "status 1511"),
        ("bridge/reader/console_client.py", 'reply.get("cardId")', "name cardId"),
        ("bridge/reader/vpn_pairs.py", "GONE = 1001", "status 1001"),
    ],
)
def test_what_is_planted_is_found(file: str, source: str, found: str) -> None:
    assert [fault.partition(": ")[2] for fault in faults_in(source, file)][:1] == [found]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("bridge/reader/x.py", '"""POST /api/hc/v1/Pin answers 1513."""'),
        ("bridge/reader/x.py", 'needs = ("console", "sam", "hc")'),
        ("bridge/reader/console_client.py", 'self._ask(request, {"pin": pin})'),
        ("bridge/trace/x.py", 'row["name"], row.get("status"), 1000'),
        ("bridge/bhyt/x.py", 'TOKEN_PATH = "/api/token/take"'),
    ],
)
def test_what_is_not_the_consoles_is_let_pass(file: str, source: str) -> None:
    assert faults_in(source, file) == []


def test_every_other_meaning_is_still_there() -> None:
    for file, what in OTHER_MEANINGS:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"""["']{what}["']""" if isinstance(what, str) else rf"\b{what}\b", text), (
            file,
            what,
        )
