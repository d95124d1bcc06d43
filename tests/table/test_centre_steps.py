"""Steps that ask the upload centre, and what only they use: signature fields, settings, receipts."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bridge.sim.centre import app as centre_app
from bridge.table.check.table import check_table
from bridge.table.loader import default_directory, default_table
from bridge.table.model.names import SETTINGS
from bridge.table.model.rows import Function, Step
from bridge.table.shorthand.row import expand_row

TABLE = default_table()
NAME = "csUploadDataPrec"
ROWS = yaml.safe_load((default_directory() / "functions" / "3-upload.yaml").read_text(encoding="utf-8"))
CLOUD, CENTRE = 0, 1  # positions of the row's steps
CENTRE_STEPS = [
    pytest.param(function, step, id=f"{function.name}-{step.id}")
    for function in TABLE.functions.values()
    for step in function.steps
    if step.target == "centre"
]
Edit = Callable[[dict[str, Any]], object]


def put(*path: Any) -> Edit:
    """An edit that sets the thing at a path to the last argument."""

    def edit(row: dict[str, Any]) -> None:
        thing: Any = row
        for key in path[:-2]:
            thing = thing[key]
        thing[path[-2]] = path[-1]

    return edit


def _edited(edit: Edit) -> dict[str, Any]:
    row = copy.deepcopy(ROWS[NAME])
    edit(row)
    return {"name": NAME, **expand_row(row).row}


def faults(edit: Edit) -> list[str]:
    """What the check finds in a table whose only row is the edited one."""
    function = Function.model_validate(_edited(edit))
    return check_table(
        TABLE.model_copy(update={"functions": {NAME: function}, "routes": (), "cutover": None})
    )


# --- the project's own rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "step"), CENTRE_STEPS)
def test_a_centre_step_asks_for_something_that_the_centre_offers(row: Function, step: Step) -> None:
    assert (step.method, f"/V2000{step.path}") in centre_app.ENDPOINTS


@pytest.mark.parametrize(("row", "step"), CENTRE_STEPS)
def test_a_centre_step_sends_every_field_that_the_centre_needs(row: Function, step: Step) -> None:
    assert set(centre_app.UPLOADED) <= set(step.body) <= {*centre_app.UPLOADED, *centre_app.COUNTS}


@pytest.mark.parametrize(("row", "step"), CENTRE_STEPS)
def test_an_upload_signs_as_seed_003_says_is_never_repeated_and_wants_a_receipt(
    row: Function, step: Step
) -> None:
    assert step.signature is not None
    assert (step.signature.kind, step.signature.service_type) == ("sam", "30")
    assert step.once
    assert step.receipt is not None
    assert step.receipt.convert == "own_execution_number"


def test_every_value_of_the_format_has_its_step() -> None:
    for name in ("csUploadData", NAME):
        steps = TABLE.functions[name].steps
        assert {step.when.value for step in steps if step.when} == set(SETTINGS["upload.format"])
        assert {step.id for step in steps} == {"upload"}


# --- faults -------------------------------------------------------------------------------------------------


def test_the_row_itself_is_sound() -> None:
    assert faults(lambda row: None) == []


def _receipt_of_a_reader_step(row: dict[str, Any]) -> None:
    del row["steps"]
    row["step"] = {"reader": "verify_sam", "provenance": "design", "receipt": {"json": "a"}}


UNSOUND: list[tuple[str, Edit, str]] = [
    (
        "unknown signature field",
        put("steps", CENTRE, "body", "sSamid", "signature", "hcId"),
        "sSamid: the step's signature has no field hcId",
    ),
    (
        "signature inside a list",
        put(
            *("steps", CENTRE, "body", "x"),
            {"each": "a.b", "fields": {"c": {"signature": "samId"}}, "provenance": "design"},
        ),
        "a signature's field stands at the top of the body only",
    ),
    (
        "field without provenance",
        put("steps", CENTRE, "body", "sSamid", {"signature": "samId"}),
        "sSamid: a centre field needs its provenance",
    ),
    (
        "unknown setting as a value",
        put("steps", CENTRE, "body", "sType", "setting", "upload.colour"),
        "sType: there is no setting upload.colour",
    ),
    (
        "unknown setting as a condition",
        put("steps", CENTRE, "when", "setting", "upload.colour"),
        "step upload: there is no setting upload.colour with the value 2.0",
    ),
    (
        "value that a setting never has",
        put("steps", CENTRE, "when", "value", "3.0"),
        "step upload: there is no setting upload.format with the value 3.0",
    ),
    (
        "return code that is not listed",
        put("steps", CENTRE, "tolerate", [3245]),
        "tolerates 3245, which status.yaml does not list",
    ),
    (
        "value that no request sends",
        put("outputs", "pBuffer", "fields", "sam_id", "sent", "sNothing"),
        "sam_id: no request of step upload sends sNothing",
    ),
    (
        "sent beside a constant",
        put("outputs", "pBuffer", "fields", "sam_id", {"sent": "sSamid", "constant": "x"}),
        "sam_id: needs exactly one of json, constant",
    ),
    (
        "sent count",
        put("outputs", "pNumber", "value", "sent", "sNothing"),
        "value: no request of step upload sends sNothing",
    ),
    (
        "receipt by no converter",
        put("steps", CENTRE, "receipt", "convert", "upside_down"),
        "receipt: there is no converter upside_down",
    ),
    ("receipt of a read", put("effect", "read"), "only a change that the cloud or the centre carries out"),
    ("receipt of a reader step", _receipt_of_a_reader_step, "only a change that the cloud or the centre"),
]


@pytest.mark.parametrize(("edit", "line"), [pytest.param(e, line, id=name) for name, e, line in UNSOUND])
def test_what_points_to_nothing_is_a_fault(edit: Edit, line: str) -> None:
    found = faults(edit)
    assert any(fault.startswith(f"{NAME}: ") and line in fault for fault in found), found


def test_the_ways_to_the_centre_must_have_their_codes() -> None:
    transport = dict(TABLE.statuses.sources["transport"])
    del transport["centre-dropped"]
    statuses = TABLE.statuses.model_copy(
        update={"sources": {**TABLE.statuses.sources, "transport": transport}}
    )
    found = check_table(TABLE.model_copy(update={"statuses": statuses}))
    assert found == ["status.yaml: transport: centre-dropped is missing"]


MISSHAPEN: list[tuple[str, Edit, str]] = [
    ("no signature", lambda row: row["steps"][CENTRE].pop("sign"), "needs a signature"),
    ("two targets", put("steps", CENTRE, "cloud", "POST /x"), "needs exactly one of cloud, centre"),
    ("another method", put("steps", CENTRE, "centre", "GET /VNHI_Upload"), "pattern"),
    ("path without slash", put("steps", CENTRE, "centre", "POST VNHI_Upload"), "pattern"),
    ("unknown form of the time", put("steps", CENTRE, "body", "sUploadDT", "now", "roc"), "western_millisec"),
    (
        "two origins",
        put("steps", CENTRE, "body", "sType", "constant", "A1"),
        "needs exactly one of argument",
    ),
    (
        "condition and setting",
        put("steps", CENTRE, "when", "condition", "argument_is"),
        "needs exactly one of condition, setting",
    ),
    (
        "neither condition nor setting",
        put("steps", CENTRE, "when", {"value": "2.0"}),
        "needs exactly one of condition, setting",
    ),
    ("setting and argument", put("steps", CENTRE, "when", "argument", "pNumber"), "nothing else"),
    ("setting that is a number", put("steps", CENTRE, "when", "value", 2), "nothing else"),
]


@pytest.mark.parametrize(("edit", "line"), [pytest.param(e, line, id=name) for name, e, line in MISSHAPEN])
def test_a_step_of_the_wrong_shape_is_refused(edit: Edit, line: str) -> None:
    with pytest.raises(ValidationError, match=line):
        Function.model_validate(_edited(edit))
