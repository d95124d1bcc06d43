"""The services of vpn.yaml: what they must fulfil, and how their faults are reported."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.errors import TableError
from bridge.table.loader import default_directory, default_table, load_table

Change = Callable[[dict[str, Any]], object]
UPLOAD = "vpn.yaml: services: VNHI_Upload"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    copied = tmp_path / "mappings"
    shutil.copytree(default_directory(), copied)
    return copied


def upload(content: dict[str, Any]) -> dict[str, Any]:
    service = content["services"]["VNHI_Upload"]
    assert isinstance(service, dict)
    return service


FAULTS: list[tuple[str, Change, str]] = [
    ("unknown key", lambda c: upload(c).update(colour=1), f"{UPLOAD}: colour: Extra inputs"),
    ("no path of ours", lambda c: upload(c).update(served_at=[]), f"{UPLOAD}: served_at: Tuple should have"),
    ("a path without slash", lambda c: upload(c).update(path="VNHI"), f"{UPLOAD}: path: String should match"),
    (
        "a field twice",
        lambda c: upload(c)["fields"].append({"name": "STYPE", "width": 1, "term": "", "provenance": "test"}),
        "a field stands twice",
    ),
    ("no random", lambda c: upload(c).update(signed=[]), "one field that holds the random"),
    ("no code in the reply", lambda c: upload(c)["reply"].pop(0), "one name that holds the code"),
    (
        "services that are a list",
        lambda c: c.update(services=[1]),
        "vpn.yaml: services: a mapping is expected",
    ),
    ("routes that are none", lambda c: c.update(routes={}), "vpn.yaml: routes: a list is expected"),
    (
        "a path that is taken",
        lambda c: upload(c).update(served_at=["/vpn/vpngetrandomx"]),
        "route /vpn/vpngetrandomx stands 2 times",
    ),
    ("a route without row", lambda c: c["routes"][0].update(function="Nothing"), "there is no row Nothing"),
    ("an unknown door", lambda c: c["routes"][0].update(door="back"), "routes[0]: door: Input should be"),
]


@pytest.mark.parametrize(("what", "change", "told"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_reported(directory: Path, what: str, change: Change, told: str) -> None:
    file = directory / "vpn.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(TableError) as caught:
        load_table(directory)
    assert any(told in fault for fault in caught.value.faults), caught.value.faults


def test_a_table_may_be_without_services(directory: Path) -> None:
    (directory / "vpn.yaml").unlink()
    table = load_table(directory)
    assert table.services == {}
    assert "/VPN/VPNGetRandomX" not in {route.path for route in table.routes}


def test_the_rows_of_the_component_are_served_and_not_exported() -> None:
    table = default_table()
    component = {row.name for row in table.exported("cshisx")}
    assert component == {"VPNGetRandomX", "VPNH_SignX", "GetSAMCardInfoInCS"}
    assert component.isdisjoint(row.name for row in table.exported())
    assert component < {row.name for row in table.served()}
    commands = {row.name for row in table.functions.values() if row.command}
    assert {row.name for row in table.served()} == component | commands | {r.name for r in table.exported()}


def test_what_a_command_asks_for_nobody_else_can() -> None:
    table = default_table()
    commands = {row.name for row in table.functions.values() if row.command}
    assert {"applyTestCard", "testCardQr"} <= commands
    assert commands.isdisjoint(row.name for row in table.exported())
    by_http = {route.function for route in table.routes}
    assert commands & by_http == {"VerificationMobileHca"}, "a program may log in so, too"
