"""The house's architecture: who may import whom, and what must not stand in the code at all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from tests.support.layers import (
    PAGE,
    ROOT,
    Fault,
    Rules,
    import_faults,
    module_of,
    path_of,
    read_rules,
    sources,
)

LEGACY_NAMES = frozenset(default_table().functions)
RULES = read_rules(PAGE.read_text(encoding="utf-8"))
WALKED = [
    *(
        file
        for directory in ("bridge", "native", "benchmarks", "tests/support")
        for file in sources(directory)
    ),
    ROOT / "tests" / "installer" / "windows.py",  # benchmarks use it, too
]

# Faults that are known and being mended. Each must still be there: what is mended leaves this list.
OPEN: dict[str, set[Fault]] = {}


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


SOURCES = pytest.mark.parametrize("file", sources(), ids=module_of)


@pytest.mark.parametrize("file", WALKED, ids=module_of)
def test_a_module_imports_only_what_its_room_may(file: Path) -> None:
    module = module_of(file)
    assert set(_faults(RULES, file)) == {f"{module}: {fault}" for fault in OPEN.get(module, ())}


@SOURCES
def test_no_python_code_names_a_legacy_function(file: Path) -> None:
    assert name_faults(file.read_text(encoding="utf-8"), module_of(file)) == []


def test_every_known_fault_belongs_to_a_module_that_is_there() -> None:
    assert set(OPEN) <= {module_of(file) for file in WALKED}


def test_nothing_is_called_utils() -> None:
    files = [*sources(), *sources("native"), *sources("benchmarks"), *sources("tests")]
    forbidden = re.compile(r"^(utils?|helpers?|misc|common)$", re.IGNORECASE)
    assert [
        str(file) for file in files if any(forbidden.match(part) for part in (file.stem, file.parent.name))
    ] == []


def test_the_page_names_every_room_and_no_other() -> None:
    found = {RULES.room_of(path_of(module_of(file))) for file in WALKED}
    assert found == set(RULES.rooms)


def test_every_entry_of_the_page_is_a_room_or_a_module() -> None:
    modules = {module_of(file).replace(".", "/") for file in WALKED}
    known = {*modules, *(module.removeprefix("bridge/") for module in modules)}
    named = {entry.removesuffix("/*") for room in RULES.rooms.values() for entry in room.imports}
    assert (named | set(RULES.connects)) - known == set()


def test_nothing_is_permitted_that_nobody_uses() -> None:
    """A permission that no import needs is a door left open."""
    unused = []
    for room in RULES.rooms.values():
        files = [file for file in WALKED if RULES.room_of(path_of(module_of(file))) == room.name]
        for entry in (*room.imports, *sorted(room.packages)):
            fewer = replace(
                room,
                imports=tuple(each for each in room.imports if each != entry),
                packages=room.packages - {entry},
            )
            rules = replace(RULES, rooms={**RULES.rooms, room.name: fewer})
            if all(_faults(rules, file) == _faults(RULES, file) for file in files):
                unused.append(f"{room.name} may import {entry} and does not")
    assert unused == []


def test_whoever_may_open_a_connection_does() -> None:
    for path in RULES.connects:
        fewer = {other: opened for other, opened in RULES.connects.items() if other != path}
        file = ROOT / "bridge" / f"{path}.py"
        assert _faults(replace(RULES, connects=fewer), file), f"{path} opens nothing"


@cache
def _source(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _faults(rules: Rules, file: Path) -> list[Fault]:
    return import_faults(rules, _source(file), module_of(file), file.name == "__init__.py")


EXAMPLES = re.findall(r"`(bridge/[\w/]+\.py)`: `(?:(\w+)\.)?(\w+)`", PAGE.read_text(encoding="utf-8"))


def test_the_examples_of_the_page_are_there() -> None:
    assert len(EXAMPLES) == 9
    for file, owner, name in EXAMPLES:
        tree = ast.parse(_source(ROOT / file))
        classes = {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}
        body = classes[owner] if owner else tree.body
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert name in [node.name for node in body if isinstance(node, functions)], f"{file}: {name}"
