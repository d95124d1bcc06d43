"""Every exported function once, by each route: the documented code and widths, guard bytes untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.table.codegen.abi import declared
from bridge.table.loader import default_table
from tests.routes.battery import Case, cases
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import Route
from tests.support.prototypes import PROTOTYPES, UNSUPPORTED
from tests.support.visit_steps import DEMO_CARD, Visit, demo_patient, open_with_doctor, take_number

EXPORTED = [function.name for function in default_table().exported()]
C_TYPES = {
    **dict.fromkeys(("in", "out", "text", "size"), "char *"),
    **dict.fromkeys(("len", "cnt", "res"), "short *"),
}
ROUTES = ("engine", "client", "embedded")


def test_every_exported_function_is_in_the_battery(tmp_path: Path) -> None:
    assert sorted(cases(demo_patient(), tmp_path)) == sorted(EXPORTED)
    assert sorted(PROTOTYPES) == sorted(EXPORTED)


@pytest.mark.parametrize("function", EXPORTED)
def test_the_table_declares_the_official_prototype(function: str) -> None:
    table = default_table()
    arguments = declared(table, table.functions[function])
    parameters = PROTOTYPES[function]
    assert len(arguments) == len(parameters)
    for argument, parameter in zip(arguments, parameters, strict=True):
        if parameter.kind == "word":
            continue
        assert argument.name == parameter.name
        assert argument.c_type.strip() == C_TYPES.get(parameter.kind, argument.c_type).strip()
        assert ("*" in argument.c_type) == (parameter.kind != "num")
        if parameter.kind == "text":
            assert argument.most == parameter.width


@pytest.fixture(params=ROUTES)
def prepared(request: pytest.FixtureRequest, bridge: Bridge) -> tuple[Route, Visit]:
    """A route with the port open, SAM and doctor verified, a visit number taken."""
    route: Route = request.getfixturevalue(f"{request.param}_route")
    visit = demo_patient()
    open_with_doctor(bridge, route)
    assert take_number(route, visit)[0] == 0
    return route, visit


@pytest.mark.parametrize("function", EXPORTED)
def test_function(prepared: tuple[Route, Visit], tmp_path: Path, function: str) -> None:
    route, visit = prepared
    case = cases(visit, tmp_path)[function]
    code, outputs = route.call(function, **case.given)
    assert code in case.codes
    check(case, outputs)


def check(case: Case, outputs: dict[str, bytes | int]) -> None:
    """Exactly the expected out-arguments, each with its length or value."""
    assert set(outputs) == {*case.outputs, *case.results}
    for name, wanted in case.outputs.items():
        value = outputs[name]
        assert isinstance(value, bytes)
        if isinstance(wanted, tuple):
            assert value in wanted, name
        else:
            assert (value if isinstance(wanted, bytes) else len(value)) == wanted, name
    for name, number in case.results.items():
        assert outputs[name] == number, name


def test_what_the_writes_have_stored(bridge: Bridge, prepared: tuple[Route, Visit], tmp_path: Path) -> None:
    """The writes of the battery one after another, then the cloud's own records."""
    route, visit = prepared
    for function, case in cases(visit, tmp_path).items():
        if function.startswith("hisWrite") and function not in UNSUPPORTED:
            assert route.call(function, **case.given)[0] in case.codes, function
    stored = bridge.sim.stored(DEMO_CARD)
    newest = stored["visits"][0]
    assert (newest["codes"]["mainCode"], newest["codes"]["subCode1"]) == ("J029", "R509")
    assert (newest["fees"]["outpatientFee"], newest["fees"]["costFee"]) == ("450", "150")
    assert sum(row["treatmentDateTime"] == visit.time.decode() for row in stored["prescriptions"]) == 6
    assert (stored["newborn_birthday"], stored["newborn_baby"]) == ("1141001", "1")
    assert stored["allergic_medicines"] == ["LATEX", "", "LATEX"]
    assert stored["preventive_care"][0]["itemCode"] == "21"
    assert stored["emergency_tel"] == "0912345678"
    assert stored["prenatal_checkups"][0]["itemCode"] == "41"
    assert stored["vaccinations"][0]["packageNumber"] == "TEST0009"
