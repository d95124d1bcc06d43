"""A parameter that cannot be used is 6018, and the reply says in ``message`` which one, on every path."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.table.loader import default_table
from bridge.table.model.arguments import BlockArgument, CountArgument, ScalarArgument, TextArgument
from bridge.table.model.rows import Route
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute

TABLE = default_table()
BAD_ARGUMENT = "6018"
WHOSE = {"pPatientID": "Z299999929", "pPatientBirthDate": "0920315"}
Needed = TextArgument | BlockArgument | ScalarArgument


def needed(route: Route) -> list[Needed]:
    """The arguments that a client must send on this path."""
    function = TABLE.functions[route.function]
    return [
        argument
        for argument in function.arguments
        if isinstance(argument, Needed)
        and not getattr(argument, "blank", False)
        and argument.name not in route.defaults
    ]


def served() -> Iterator[Route]:
    for route in TABLE.routes:
        if TABLE.functions[route.function].status != "unsupported" and needed(route):
            yield route


ROUTES = list(served())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_an_empty_body_is_told_what_is_missing(http: HttpRoute, route: Route) -> None:
    answer = http.post(route.path, {})
    names = {argument.name for argument in needed(route)}
    names |= {a.name for a in TABLE.functions[route.function].arguments if isinstance(a, CountArgument)}
    assert answer["ERRORCODE"] == BAD_ARGUMENT
    assert any(f"{name}: " in answer["message"] for name in names), answer["message"]
    assert not any(f"{name}: {name}: " in answer["message"] for name in names), answer["message"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_value_of_another_type_is_named(http: HttpRoute, route: Route) -> None:
    for argument in needed(route):
        wrong: object = "x" if isinstance(argument, ScalarArgument) else 55
        answer = http.post(route.path, {argument.name: wrong})
        assert answer["ERRORCODE"] == BAD_ARGUMENT
        assert answer["message"].startswith(f"{argument.name}: "), answer["message"]


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("VHChisGetCriticalIllnessID", {**WHOSE, "pPatientBirthDate": "0921399"}, "pPatientBirthDate"),
        ("VHChisGetCriticalIllnessID", {**WHOSE, "pPatientID": " "}, "pPatientID"),
        ("VHChisWriteNewBorn", {**WHOSE, "pNewBornDate": "never", "pNoOfDelivered": "1"}, "pNewBornDate"),
        ("VHChisGetTreatNumICCard", {"pDateTime": "1130230"}, "pDateTime"),
        ("VHChisReadPrescriptMain", {"iStartPos": 2, "iEndPos": 1}, "iStartPos"),
        ("VHChisReadPrescriptMain", {"iStartPos": 1}, "iEndPos"),
        (
            "VHChisWriteMultiPrescript",
            {**WHOSE, "pDateTime": "1130520093000", "pDataWrite": "?"},
            "pDataWrite.prescriptions 1: visit_datetime",
        ),
        ("VHCcsGetCardNo", {"CardType": 9}, "CardType"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(
    bridge: Bridge, http: HttpRoute, path: str, body: dict[str, object], name: str
) -> None:
    bridge.sim.clear_requests()
    answer = http.post(f"/VHC/{path}", body)
    assert (answer["ERRORCODE"], bridge.sim.requests()) == (BAD_ARGUMENT, [])
    assert name in answer["message"]


def test_other_failures_have_no_message(bridge: Bridge, http: HttpRoute) -> None:
    assert http.upload(bridge.sim.qr("000073898381")) == 0
    answer = http.post("/VHC/VHChisGetCriticalIllnessID", {**WHOSE, "pPatientID": "A123456789"})
    assert (answer["ERRORCODE"], "message" in answer) == ("5020", False)
