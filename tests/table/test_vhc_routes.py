"""The paths of the virtual-card SDK, against the list of seed 002 and of real clients."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bridge.errors import NotSupported
from bridge.table.check.table import check_table
from bridge.table.loader import default_table
from bridge.table.model.rows import Route

TABLE = default_table()
ROUTES = {route.path: route for route in TABLE.routes}
FILE = Path(__file__).with_name("vhc_paths.csv")
OFFICIAL = list(csv.DictReader(line for line in FILE.read_text("utf-8").splitlines() if line[0] != "#"))
OFF_LINE = {
    "VHCOfflineGetUniqueSeqNum",
    "VHCOfflineWritePrescription",
    "exportOfflineMData",
    "clearOfflineMData",
}


@pytest.mark.parametrize("official", OFFICIAL, ids=lambda row: row["path"])
def test_a_path_of_the_sdk_calls_its_function_in_its_form(official: dict[str, str]) -> None:
    route = ROUTES[official["path"]]
    assert route.function == official["function"]
    assert route.form == (official["form"] or "plain")
    assert route.bracketed == bool(official["icd10"])


def test_there_are_no_other_paths_of_the_sdk() -> None:
    listed = {row["path"] for row in OFFICIAL}
    assert {path for path, route in ROUTES.items() if route.door == "vhc"} == listed


@pytest.mark.parametrize(
    "row", [r for r in TABLE.functions.values() if r.section == "VHC"], ids=lambda r: r.name
)
def test_what_is_not_supported_has_its_code_and_a_sentence(row: object) -> None:
    if row.status != "unsupported":  # type: ignore[attr-defined]
        assert row.steps  # type: ignore[attr-defined]
        return
    code = TABLE.statuses.legacy(NotSupported.source, NotSupported.status, ("vhc", *row.contexts))  # type: ignore[attr-defined]
    assert code == (1099 if row.name in OFF_LINE else -2)  # type: ignore[attr-defined]
    assert len(row.summary) > 40  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        (
            {"function": "hisGetBasicData", "bracketed": True},
            "hisGetBasicData has no record with an ICD-10 form",
        ),
        ({"function": "csOpenCom", "defaults": {"pPort": 1}}, "defaults: pPort is no scalar"),
        ({"function": "hisGetBasicData", "defaults": {"pBuffer": 1}}, "defaults: pBuffer is no scalar"),
        ({"function": "hisGetNothing"}, "there is no row hisGetNothing"),
    ],
)
def test_a_faulty_route_is_a_fault_of_the_table(route: dict[str, object], fault: str) -> None:
    wrong = Route(path="/VHC/Wrong", provenance="a test", **route)
    faults = check_table(TABLE.model_copy(update={"routes": (*TABLE.routes, wrong)}))
    assert len(faults) == 1
    assert faults[0].startswith("route /VHC/Wrong: ")
    assert fault in faults[0]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"key": "Nobody"}, "key: Nobody is no argument that a converter needs"),
        ({"convert": "roc_date"}, "there is no converter roc_date with a key"),
        ({"key": None}, "there is no converter telemedicine_person"),
        ({"convert": None}, "key: HospID is no argument that a converter needs"),
    ],
)
def test_a_converter_with_a_key_names_an_argument(value: dict[str, object], fault: str) -> None:
    row = TABLE.functions["GetVHCTeleMedicineReqCode"]
    (step,) = row.steps
    body = {"patientId": step.body["patientId"].model_copy(update=value)}
    wrong = row.model_copy(update={"steps": (step.model_copy(update={"body": body}),)})
    faults = check_table(TABLE.model_copy(update={"functions": {**TABLE.functions, row.name: wrong}}))
    assert any(fault in line for line in faults)
