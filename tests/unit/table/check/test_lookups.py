"""Every kind of fault in bhyt.yaml is found, and its line says where."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.bhyt.loader import load_lookups
from bridge.bhyt.model import LookupFamily
from bridge.errors import TableError
from bridge.table.loader import default_directory, load_table
from bridge.table.model.rows import Table

Content = dict[str, Any]
OLD = "KQNhanLichSuKCB2018"
OLDEST = "nhanLichSuKCB"
NEW = "KQNhanLichSuKCB2024"
FILL = ("requests", NEW, "fills", "dsLichSuKCB2018")
FILLS = f"bhyt.yaml: requests: {NEW}: fills: dsLichSuKCB2018"


@cache
def _content() -> Content:
    return yaml.safe_load((default_directory() / "bhyt.yaml").read_text(encoding="utf-8"))


def _load(directory: Path, content: object) -> tuple[Table, LookupFamily | None]:
    (directory / "functions").mkdir(parents=True)
    for name in ("shared_records.yaml", "status.yaml", "console.yaml"):
        shutil.copy(default_directory() / name, directory)
    row = {
        "section": "9", "title": "x", "summary": "x", "status": "unsupported", "provenance": "test",
        "ordinal": 1,
    }  # fmt: skip
    route = {"path": "/VHC/x", "function": "row", "provenance": "test"}
    (directory / "functions" / "1.yaml").write_text(yaml.safe_dump({"row": row}), encoding="utf-8")
    vhc = {"functions": {}, "routes": [route]}
    (directory / "vhc.yaml").write_text(yaml.safe_dump(vhc), encoding="utf-8")
    if content is not None:
        text = yaml.safe_dump(content, allow_unicode=True)
        (directory / "bhyt.yaml").write_text(text, encoding="utf-8")
    table = load_table(directory)
    return table, load_lookups(table.routes, directory)


def _set(*path: str, to: Any) -> Callable[[Content], None]:
    def edit(content: Content) -> None:
        for name in path[:-1]:
            content = content[name]
        content[path[-1]] = to

    return edit


def _drop(*path: str) -> Callable[[Content], None]:
    def edit(content: Content) -> None:
        for name in path[:-1]:
            content = content[name]
        del content[path[-1]]

    return edit


def _needs_more(content: Content) -> None:
    content["requests"]["Lskcb2025"]["body"]["x"] = {"field": "x", "provenance": "test"}
    content["lookups"]["Lskcb2025"]["fields"].append("x")


FAULTS: dict[str, tuple[Callable[[Content], None], str]] = {
    "an unknown key": (
        _set("lookups", OLD, "colour", to=1),
        f"bhyt.yaml: lookups.{OLD}.colour: Extra inputs",
    ),
    "no provenance": (
        _drop("lookups", OLD, "provenance"),
        f"bhyt.yaml: lookups.{OLD}.provenance: Field required",
    ),
    "no origin": (
        _drop("requests", NEW, "body", "hoTen", "field"),
        f"bhyt.yaml: requests.{NEW}.body.hoTen: Value error, needs exactly one of field, account",
    ),
    "two origins": (
        _set("requests", NEW, "body", "hoTen", "token", to="id_token"),
        f"bhyt.yaml: requests.{NEW}.body.hoTen: Value error, needs exactly one of",
    ),
    "a converted token": (
        _set("requests", NEW, "query", "token", "convert", to="birth_date"),
        f"bhyt.yaml: requests.{NEW}.query.token: Value error, only a field is converted",
    ),
    "an unknown converter": (
        _set("requests", NEW, "body", "hoTen", "convert", to="nope"),
        f"bhyt.yaml: requests: {NEW}: hoTen: there is no converter nope",
    ),
    "an unknown person": (
        _set("requests", NEW, "person", to="nope"),
        f"bhyt.yaml: requests: {NEW}: person: no value is made from the field nope",
    ),
    "a field that nobody brings": (
        _set("lookups", OLD, "fields", to=["maThe", "hoTen"]),
        f"bhyt.yaml: lookups: {OLD}: its clients do not bring ngaySinh",
    ),
    "a field that nobody wants": (
        _set("lookups", OLD, "fields", to=["maThe", "hoTen", "ngaySinh", "x"]),
        f"bhyt.yaml: lookups: {OLD}: nothing is made of x; if the portal does not want it, it belongs to",
    ),
    "a field that is dropped and not": (
        _set("lookups", OLD, "dropped", to=["maThe"]),
        f"bhyt.yaml: lookups: {OLD}: maThe is dropped and not",
    ),
    "a rename of no list": (
        _set("lookups", OLD, "renames", to={"hoTen": "x"}),
        f"bhyt.yaml: lookups: {OLD}: renames: hoTen is no list of the reply",
    ),
    "a path of two lookups": (
        _set("lookups", OLD, "paths", to=["/API/egw/nhanlichsukcb2018"]),
        "bhyt.yaml: path /api/egw/nhanlichsukcb2018 stands 2 times",
    ),
    "a path of a route": (
        _set("lookups", OLD, "paths", to=["/vhc/X"]),
        "bhyt.yaml: path /vhc/x stands 2 times",
    ),
    "a path that is none": (
        _set("lookups", OLD, "paths", to=["api", "/api"]),
        f"bhyt.yaml: lookups.{OLD}.paths.0: String should match",
    ),
    "a fault that is missing": (_drop("faults", "deadline"), "bhyt.yaml: faults: deadline is missing"),
    "a fault that cannot happen": (
        _set("faults", "x", to={"result": "101", "note": "x", "provenance": "test"}),
        "bhyt.yaml: faults: x cannot happen",
    ),
    "a fault without a listed code": (
        _set("faults", "internal", "result", to="999"),
        "bhyt.yaml: faults: internal: 999 is no result code",
    ),
    "a fault that looks like a good card": (
        _set("faults", "internal", "result", to="000"),
        "bhyt.yaml: faults: internal: 000 is about a card; a fault says nothing about one",
    ),
    "a fault that looks like a bad card": (
        _set("faults", "bad-json", "result", to="050"),
        "bhyt.yaml: faults: bad-json: 050 is about a card; a fault says nothing about one",
    ),
    "an officer's part where it is not about officers": (
        _set("results", "000", "officer", to="cccdCb"),
        "bhyt.yaml: results.000: Value error, 'officer' goes with 'about: officer', and only there",
    ),
    "a code of other length": (
        _set("results", "00", to={"about": "card", "meaning": "x", "provenance": "test"}),
        "bhyt.yaml: results.00.[key]: String should match",
    ),
    "a lookup by no request": (
        _set("lookups", OLD, "request", to="nope"),
        f"bhyt.yaml: lookups: {OLD}: there is no request nope",
    ),
    "a list filled by no request": (_set(*FILL, "request", to="nope"), f"{FILLS}: there is no request nope"),
    "a list filled with no list": (
        _set(*FILL, "list", to="hoTen"),
        f"{FILLS}: hoTen is no list of Lskcb2025",
    ),
    "a filled list that is none": (
        _set("requests", NEW, "fills", to={"hoTen": _content()["requests"][NEW]["fills"]["dsLichSuKCB2018"]}),
        f"bhyt.yaml: requests: {NEW}: fills: hoTen: it is no list of the reply",
    ),
    "a list filled after a fault": (
        _set(*FILL, "results", to=["000", "101"]),
        f"{FILLS}: 101 is no result about a card",
    ),
    "a further request that needs more": (
        _needs_more,
        f"{FILLS}: Lskcb2025 needs more of the client than {NEW}",
    ),
    "a list without a documented name": (
        _set("requests", "Lskcb2025", "lists", to=["dsLichSuKCB2025", "x"]),
        "bhyt.yaml: requests: Lskcb2025: x is not among the names of the reply",
    ),
    "a person without a documented name": (
        _set("reply", "persons", to=["maThe", "x"]),
        "bhyt.yaml: reply: names: x is missing",
    ),
    "a birth date that nobody brings": (
        _set("reply", "born", to="gtTheTu"),
        "bhyt.yaml: reply: born: not every request is made of the field gtTheTu",
    ),
    "an own code of no result": (
        _set("lookups", OLDEST, "results", "08", "of", to=["080"]),
        f"bhyt.yaml: lookups: {OLDEST}: results: 080 is no result code",
    ),
    "two own codes of a result": (
        _set("lookups", OLDEST, "results", "08", "of", to=["070"]),
        f"bhyt.yaml: lookups: {OLDEST}: results: 070 stands 2 times",
    ),
    "a lookup that is none": (_set("lookups", OLD, to=1), f"bhyt.yaml: lookups.{OLD}: Input should be"),
    "lookups that are none": (_set("lookups", to=[]), "bhyt.yaml: lookups: Input should be"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_its_line_says_where(name: str, tmp_path: Path) -> None:
    edit, line = FAULTS[name]
    content = copy.deepcopy(_content())
    for request in content["requests"].values():  # YAML's anchors made them one
        request.update(copy.deepcopy({"query": request["query"], "body": request["body"]}))
    edit(content)
    with pytest.raises(TableError) as caught:
        _load(tmp_path / "mappings", content)
    assert len(caught.value.faults) == 1, caught.value.faults
    assert caught.value.faults[0].startswith(line)


def test_the_file_as_it_is_has_none_and_counts_in_the_digest(tmp_path: Path) -> None:
    with_file, lookups = _load(tmp_path / "a", _content())
    assert lookups is not None
    assert lookups == load_lookups()
    without, none = _load(tmp_path / "b", None)
    assert none is None
    assert with_file.digest != without.digest


def test_a_file_that_is_no_mapping_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"bhyt\.yaml: a mapping is expected at the top"):
        _load(tmp_path / "mappings", ["x"])
