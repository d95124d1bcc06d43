"""Who may import whom: the rules as docs/architecture.md states them, and what of a source breaks them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = "bridge"
OUTSIDE = ("native", "benchmarks", "tests")  # what is ours beside the package; rooms of the same table
PURE = "pure"

Fault = str


@dataclass(frozen=True)
class Room:
    """A row of the table of rooms. ``packages``: those from outside; ``pure``: it only decides."""

    name: str
    imports: tuple[str, ...]
    packages: frozenset[str]
    pure: bool


@dataclass(frozen=True)
class Rules:
    """Everything the page says. ``connects``: by module, what it opens; ``clients`` and ``openers``: the
    modules and the functions that open connections.
    """

    rooms: Mapping[str, Room]
    pure_library: frozenset[str]
    clients: frozenset[str]
    openers: frozenset[str]
    connects: Mapping[str, str]

    def room_of(self, path: str) -> str | None:
        """The room of a path such as ``table/model/rows``: the longest name of a room that begins it."""
        parts = path.split("/")
        names = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((name for name in names if name in self.rooms), None)


# --- the page -----------------------------------------------------------------------------------------------


def read_rules(page: str) -> Rules:
    """The rules of the page. Raises ValueError where a part of them is missing."""
    rooms = {}
    for name, _, imports, packages in _table(page, "room"):
        named = _names(packages)
        rooms[name] = Room(name, tuple(_names(imports)), frozenset(named) - {PURE}, PURE in named)
    clients, openers = _sentence(page, "a client"), _sentence(page, "calls\n")
    connects = {module: opened.strip("`") for module, opened, _ in _table(page, "module")}
    pure_library = _sentence(page, "own library only:")
    if not (rooms and connects and clients and openers and pure_library):
        raise ValueError("the page does not state all of the rules")
    return Rules(rooms, pure_library, clients, openers, connects)


def _table(page: str, first_heading: str) -> Iterator[list[str]]:
    """The rows of the table whose first column has that heading; the first cell without its backticks."""
    _, found, rest = page.partition(f"\n| {first_heading} |")
    if not found:
        raise ValueError(f"there is no table of {first_heading}s")
    for line in rest.split("\n")[2:]:
        if not line.startswith("|"):
            return
        first, *others = (cell.strip() for cell in line.strip("|").split("|"))
        yield [first.strip("`"), *others]


def _names(cell: str) -> list[str]:
    return [] if cell == "-" else [name.strip(" `") for name in cell.split(",")]


def _sentence(page: str, start: str) -> frozenset[str]:
    """The names in backticks between ``start`` and the next full stop, bracket or "stands"."""
    _, _, rest = page.partition(start)
    return frozenset(re.findall(r"`([\w.]+)`", re.split(r"\.\n|\)|stands", rest)[0]))


# --- a source -----------------------------------------------------------------------------------------------


def import_faults(rules: Rules, source: str, module: str, is_package: bool = False) -> list[Fault]:
    """What a module imports or opens although its room may not. In: the dotted name of the module."""
    path = path_of(module)
    name = rules.room_of(path)
    if name is None:
        return [f"{module}: {path} is in no room"]
    imported, called = _facts(source, module, is_package)
    faults = [fault for found in imported if (fault := _fault(rules, path, found))]
    if name not in ("upstream", *OUTSIDE, "tests/support"):
        opened = (each for each in called if each in rules.openers and rules.connects.get(path) != each)
        faults += [f"{name} must not call {each}" for each in opened]
    return [f"{module}: {fault}" for fault in dict.fromkeys(faults)]


@cache
def _facts(source: str, module: str, is_package: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a source imports, and the names of the functions that it calls."""
    tree = ast.parse(source)
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    called = (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls)
    return tuple(imports_of(tree, module, is_package)), tuple(called)


def _fault(rules: Rules, path: str, found: str) -> Fault | None:
    """What is wrong with one import, if anything."""
    room = rules.rooms[str(rules.room_of(path))]
    top = found.split(".")[0]
    if found == "<computed>":
        return "an import whose name is computed"
    if top == PACKAGE or top in OUTSIDE:
        target = path_of(found, full=room.name.split("/")[0] in OUTSIDE)
        return None if _permitted(rules, room, path, target) else f"{room.name} must not import {target}"
    client = next((each for each in rules.clients if f"{found}.".startswith(f"{each}.")), None)
    if client is not None:
        allowed = rules.connects.get(path) == client or client in room.packages
        return None if allowed else f"{room.name} must not import {client}"
    if top in sys.stdlib_module_names:
        allowed = not room.pure or top in rules.pure_library
    else:
        allowed = top in room.packages
    return None if allowed else f"{room.name} must not import {top}"


def _permitted(rules: Rules, room: Room, path: str, target: str) -> bool:
    if target.rpartition("/")[2] in ("__init__", "__version__"):
        return True
    if rules.room_of(target) == room.name or target == path:
        return True
    return any(_covers(rules, entry, target) for entry in room.imports)


def _covers(rules: Rules, entry: str, target: str) -> bool:
    if entry.endswith("/*") or entry in (PACKAGE, "native"):
        base = entry.removesuffix("/*")
        return target == base or target.startswith(f"{base}/")
    if entry in rules.rooms:
        return rules.room_of(target) == entry
    return target == entry or target.startswith(f"{entry}/")


def path_of(module: str, full: bool = False) -> str:
    """``bridge.table.model`` -> ``table/model``; with ``full``, and for what lies beside the package, the
    whole name.
    """
    path = f"{PACKAGE}/__init__" if module == PACKAGE else module.replace(".", "/")
    return path if full else path.removeprefix(f"{PACKAGE}/")


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


# --- the files ----------------------------------------------------------------------------------------------


def sources(directory: str = PACKAGE) -> list[Path]:
    """All Python files of a folder of the project."""
    return sorted((ROOT / directory).rglob("*.py"))


def module_of(file: Path) -> str:
    """The dotted name of a file of the project."""
    parts = list(file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
