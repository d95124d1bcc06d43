"""The house's architecture: who may import whom, and what must not stand in the code at all."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.table.loader import default_table

ROOT = Path(__file__).parent.parent
PACKAGE = "bridge"
BELOW_ENGINE = {
    "errors",
    "private_files",
    "config",
    "serving",
    "codec",
    "table",
    "upstream",
    "reader",
    "records",
    "calls",
}
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "private_files": {"errors"},
    "config": {"errors", "private_files"},
    "codec": {"errors"},
    "table": {"errors", "codec"},
    "records": {"errors", "config", "private_files", "table", "cli"},
    "serving": {"errors", "config", "private_files", "records"},
    "upstream": {"errors", "config", "table"},
    "reader": {"errors", "config", "table", "upstream"},
    "calls": {"errors", "codec", "table"},
    "engine": {*BELOW_ENGINE, "relay"},
    "relay": {*BELOW_ENGINE, "engine"},
    "bhyt": {*BELOW_ENGINE, "engine"},
    "channel": {"engine", *BELOW_ENGINE},
    "rest": {"engine", "bhyt", "relay", *BELOW_ENGINE},
    "trace": {"channel", "engine", *BELOW_ENGINE},
    "sim": {"config"},
    "lab": {"engine", "channel", "sim", "trace", *BELOW_ENGINE},
    "doctor": {"channel", "installing", "rest", *BELOW_ENGINE},
    "installing": {"errors", "config", "codec"},
    "cli": {
        "engine",
        "channel",
        "rest",
        "sim",
        "trace",
        "relay",
        "bhyt",
        "lab",
        "doctor",
        "installing",
        *BELOW_ENGINE,
    },
    "__init__": set(),
    "__main__": {"cli"},
}
HTTP_CLIENTS = {"httpx": {"upstream"}, "requests": set(), "aiohttp": set(), "httpcore": set()}
PURE = {"codec", "calls"}  # rooms that import nothing but Python's own library and ours
LEGACY_NAMES = frozenset(default_table().functions)

Fault = str


def room_of(module: str) -> str:
    """The room of a dotted module name: bridge.codec.text -> codec, bridge -> __init__."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_of(tree: ast.Module, module: str, is_package: bool) -> Iterator[str]:
    """Every module that is imported anywhere in a source, also inside functions, as an absolute name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _is_dynamic_import(node):
            argument = node.args[0]
            yield str(argument.value) if isinstance(argument, ast.Constant) else "<computed>"


def _absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if node.level == 0:
        return node.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*base, *([node.module] if node.module else [])])


def _is_dynamic_import(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("import_module", "__import__") and bool(node.args)


def import_faults(source: str, module: str, is_package: bool = False) -> list[Fault]:
    """What a module imports although its room may not."""
    room = room_of(module)
    allowed = ROOMS.get(room)
    if allowed is None:
        return [f"{module}: {room} is no room of the house"]
    faults = []
    for name in imports_of(ast.parse(source), module, is_package):
        top = name.split(".")[0]
        outside = top != PACKAGE and top not in sys.stdlib_module_names
        if (outside and room in PURE) or room not in HTTP_CLIENTS.get(top, {room}):
            faults.append(f"{module}: {room} must not import {top}")
        if top == PACKAGE and name.count(".") >= 1:
            target = room_of(name)
            if target in ROOMS and target != room and target not in allowed:
                faults.append(f"{module}: {room} must not import {target}")
        if name == "<computed>":
            faults.append(f"{module}: an import whose name is computed")
    return faults


def name_faults(source: str, module: str) -> list[Fault]:
    """Legacy function names in a source: identifiers and texts, but for docstrings and comments."""
    tree = ast.parse(source)
    docstrings = {id(node) for node in _docstrings(tree)}
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(LEGACY_NAMES)))})(?!\w)")
    faults = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else str(node.value)
            found = pattern.findall(text)
        else:
            names = (getattr(node, part, None) for part in ("id", "attr", "name", "arg", "asname"))
            found = [name for name in names if isinstance(name, str) and name in LEGACY_NAMES]
        faults += [f"{module}: names {name}" for name in found]
    return faults


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


def _sources(directory: str = PACKAGE) -> list[Path]:
    return sorted((ROOT / directory).rglob("*.py"))


def _module(file: Path) -> str:
    parts = list(file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = pytest.mark.parametrize("file", _sources(), ids=_module)


@SOURCES
def test_a_module_imports_only_what_its_room_may(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert import_faults(source, _module(file), file.name == "__init__.py") == []


@SOURCES
def test_no_python_code_names_a_legacy_function(file: Path) -> None:
    assert name_faults(file.read_text(encoding="utf-8"), _module(file)) == []


def test_the_builder_of_the_native_library_needs_only_the_table() -> None:
    allowed = {"table", "errors", "codec"}
    for file in _sources("native"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for name in imports_of(tree, _module(file), file.name == "__init__.py"):
            assert not name.startswith(f"{PACKAGE}.") or room_of(name) in allowed, f"{_module(file)}: {name}"


def test_nothing_is_called_utils() -> None:
    files = [*_sources(), *_sources("native"), *_sources("tests")]
    assert files
    forbidden = re.compile(r"^(utils?|helpers?|misc|common)$", re.IGNORECASE)
    assert [
        str(file) for file in files if any(forbidden.match(part) for part in (file.stem, file.parent.name))
    ] == []


def test_every_room_of_the_house_is_there() -> None:
    present = {room_of(_module(file)) for file in _sources()}
    assert present - set(ROOMS) == set()
    assert set(ROOMS) - present == set()


# --- this test itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("bridge.codec.text", "from bridge.calls.call import OutBuffer", "codec must not import calls"),
        ("bridge.codec.text", "import bridge.table.model.rows", "codec must not import table"),
        ("bridge.codec.text", "import bridge.table.model.rows as m", "codec must not import table"),
        ("bridge.codec.text", "from bridge import config", "codec must not import config"),
        ("bridge.codec.text", "from ..engine import call", "codec must not import engine"),
        ("bridge.codec.text", "from .. import engine", "codec must not import engine"),
        ("bridge.codec", "from ..engine import call", "codec must not import engine"),
        ("bridge.calls.plan", "def f():\n    import bridge.rest.app", "calls must not import rest"),
        ("bridge.calls.plan", "def f():\n    import httpx", "calls must not import httpx"),
        ("bridge.calls.plan", "from httpx import get", "calls must not import httpx"),
        ("bridge.calls.plan", "def f():\n    import cryptography", "calls must not import cryptography"),
        ("bridge.calls.reply", "from bridge.engine.changes import Intent", "calls must not import engine"),
        ("bridge.calls.context", "from bridge.config import UploadSettings", "calls must not import config"),
        ("bridge.codec.text", "import pydantic", "codec must not import pydantic"),
        ("bridge.upstream.x", "from bridge.records import timers", "upstream must not import records"),
        ("bridge.reader.x", "from bridge.records.journal import Journal", "reader must not import records"),
        ("bridge.table.x", "from bridge.upstream.client import Json", "table must not import upstream"),
        ("bridge.rest.app", "from bridge.channel import frame", "rest must not import channel"),
        ("bridge.rest.app", "if 1:\n    from bridge.sim.world import World", "rest must not import sim"),
        ("bridge.sim.world", "from bridge.errors import BridgeError", "sim must not import errors"),
        ("bridge.sim.world", "from bridge.codec.dates import roc_date", "sim must not import codec"),
        ("bridge.engine.x", "x.import_module('bridge.sim')", "engine must not import sim"),
        ("bridge.engine.x", "__import__(name)", "an import whose name is computed"),
        ("bridge.helpers.x", "", "helpers is no room of the house"),
        ("bridge.errors", "import bridge.config", "errors must not import config"),
    ],
)  # fmt: skip
def test_a_forbidden_import_is_found(module: str, source: str, fault: Fault) -> None:
    is_package = module.count(".") == 1 and module != "bridge.errors"
    assert import_faults(source, module, is_package) == [f"{module}: {fault}"]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "bridge.calls.plan",
            "from bridge.codec.text import decode\nfrom bridge.calls.call import OutBuffer",
        ),
        ("bridge.upstream.client", "import httpx\nfrom .httpx_transport import border"),
        ("bridge.cli.serve", "from bridge.sim.simulator import Simulator"),
        ("bridge.sim.world", "from bridge.config import default_data_dir\nimport bridge.sim.clock"),
        ("bridge.rest.app", "from bridge import __version__"),
    ],
)
def test_a_permitted_import_passes(module: str, source: str) -> None:
    assert import_faults(source, module) == []


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
