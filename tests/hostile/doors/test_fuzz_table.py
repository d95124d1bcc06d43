"""Mapping files with nodes left out, exchanged or replaced, and with broken text: a TableError that says
where and what, or a sound table. Never another exception.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from bridge.bhyt.loader import load_lookups
from bridge.errors import TableError
from bridge.table import files
from bridge.table.loader import default_directory, default_table, load_table
from bridge.trace.comparing import rules as compare_rules
from bridge.trace.masking import rules as mask_rules
from bridge.trace.readiness.advice import check_readiness, readiness_data
from bridge.trace.worlds import check as world_check
from tests.hostile.doors.junk import damaged

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
TABLE = default_table()
READ_ELSEWHERE: dict[str, Callable[[], object]] = {  # files that the table does without, and who reads them
    "bhyt.yaml": lambda: load_lookups(TABLE.routes),
    "migration/compare.yaml": compare_rules.default_rules.__wrapped__,
    "migration/mask.yaml": mask_rules.default_rules.__wrapped__,
    "migration/readiness.yaml": lambda: check_readiness(readiness_data.__wrapped__(), TABLE),
    "migration/world.yaml": world_check.default_rules.__wrapped__,
}
FILES = sorted(str(file.relative_to(default_directory())) for file in default_directory().rglob("*.yaml"))
TABLE_FILES = [file for file in FILES if not file.startswith("migration/")]
JUNK: list[Any] = [
    None, True, 0, -1, 70000, 1.5, float("nan"), "", " ", "x", "step.x", "a.b.c", "hc", "number", "[", [], {},
    [None], [[]], [{}], {None: None}, {1: "x"}, {"kind": "text"}, {"x": {"y": "z"}}, "測試", "(",
    b"bytes", 10**400,
]  # fmt: skip
EACH = 12  # of each file; FUZZ_FACTOR=20 for a long night


@cache
def parsed(text: str) -> Any:
    """The tree of a mapping file; anchors become copies."""
    return files.strict_yaml(text)


def load_or_told(load: Callable[[], object] = load_table) -> bool:
    """Load the table. Out: whether it was sound. Fails for an error that says nothing."""
    try:
        load()
    except TableError as error:
        faults = error.faults
    else:
        return True
    assert faults
    assert all(fault.strip() for fault in faults)
    return False


@pytest.mark.parametrize("file", FILES)
def test_damaged_trees(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (default_directory() / file).read_text(encoding="utf-8")
    chance = random.Random(file)
    tree: Any = None

    def load(text: str, Loader: Any) -> Any:
        return tree if text == whole else copy.deepcopy(parsed(text))

    monkeypatch.setattr(files, "yaml", SimpleNamespace(load=load, YAMLError=yaml.YAMLError))
    refused = 0
    for number in range(EACH * FACTOR):
        tree = damaged(parsed(whole), chance, JUNK)
        try:
            refused += not load_or_told(READ_ELSEWHERE.get(file, load_table))
        except Exception as error:
            pytest.fail(f"{file}, number {number}: {type(error).__name__}: {error}")
    assert refused > EACH // 4


@pytest.mark.parametrize("root", [None, 0, "x", [], {}, [1], {"functions": []}, {"functions": {"x": None}}])
@pytest.mark.parametrize("file", FILES)
def test_other_roots(file: str, root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (default_directory() / file).read_text(encoding="utf-8")

    def load(text: str, Loader: Any) -> Any:
        return root if text == whole else copy.deepcopy(parsed(text))

    monkeypatch.setattr(files, "yaml", SimpleNamespace(load=load, YAMLError=yaml.YAMLError))
    load_or_told(READ_ELSEWHERE.get(file, load_table))


@pytest.mark.parametrize("seed", range(6))
def test_broken_text(seed: int, tmp_path: Path) -> None:
    """Bytes changed in the files themselves; the line names the file where the text cannot be read."""
    chance = random.Random(seed)
    shutil.copytree(default_directory(), tmp_path / "mappings")
    name = chance.choice(TABLE_FILES)
    file = tmp_path / "mappings" / name
    text = bytearray(file.read_bytes())
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        text[at : at + chance.randint(0, 5)] = bytes(
            chance.choice(b"\0\xff\t:{}[]&*!%@'\"\n -#|>") for _ in range(3)
        )
    file.write_bytes(text)
    load_or_told(lambda: load_table(tmp_path / "mappings"))


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]",
        "a: &a {b: *a}",
        "&a [" * 2000,
        "[" * 5000,
        "{" * 5000,
        "a: !!python/object/apply:os.system [id]",
        "<<: 1",
        "? [1, 2]\n: x",
        "? {a: b}\n: x",
        "1: 2\n1: 3",
        "a: 2026-13-45",
        "a: " + "9" * 5000,
        "---\na: 1\n---\nb: 2",
        "%YAML 9.9\n---\na: 1",
    ],
)
def test_tricks_of_yaml(text: str, tmp_path: Path) -> None:
    (tmp_path / "shared_records.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as raised:
        load_table(tmp_path)
    assert any(fault.startswith("shared_records.yaml: ") for fault in raised.value.faults)
