"""Every exported function once by ``cshis-bridge call``: the same codes and widths as by the libraries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.table.loader import default_table
from tests.routes.battery import Case, cases
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import NativeRoute
from tests.support.prototypes import PROTOTYPES
from tests.support.visit_steps import demo_patient, open_with_doctor, take_number


def words(function: str, case: Case) -> list[str]:
    """The command's ARG=VALUE words: in-texts and numbers; buffers and lengths are the command's own."""
    given = []
    for parameter in PROTOTYPES[function]:
        value = case.given.get(parameter.name)
        if isinstance(value, bytes) and parameter.kind != "out":
            given.append(f"{parameter.name}={value.rstrip(bytes(1)).decode('cp950')}")
        elif isinstance(value, int) and parameter.kind in ("num", "cnt"):
            given.append(f"{parameter.name}={value}")
    return given


def run(bridge: Bridge, function: str, *arguments: str) -> Result:
    config = str(bridge.ready["config"])
    return CliRunner().invoke(main, ["call", "--config", config, function, *arguments])


@pytest.mark.parametrize("function", [function.name for function in default_table().exported()])
def test_function(bridge: Bridge, client_route: NativeRoute, tmp_path: Path, function: str) -> None:
    visit = demo_patient()
    open_with_doctor(bridge, client_route)
    assert take_number(client_route, visit)[0] == 0
    case = cases(visit, tmp_path)[function]
    drawn = run(bridge, function, *words(function, case), "--json")
    assert drawn.exception is None or isinstance(drawn.exception, SystemExit), drawn.exception
    answer = json.loads(drawn.stdout)
    assert answer["code"] in case.codes
    assert set(answer["outputs"]) == {*case.outputs, *case.results}


def test_a_range_is_drawn_with_the_positions_asked_for_alone(
    bridge: Bridge, client_route: NativeRoute
) -> None:
    open_with_doctor(bridge, client_route)
    drawn = run(bridge, "hisReadPrescriptMain", "iStartPos=1", "iEndPos=2").stdout
    assert "outpatient_prescription, 122 bytes" in drawn
    assert "prescriptions 2 of 60" in drawn
    assert "prescriptions 3 of 60" not in drawn


def test_the_reason_of_a_failed_call_is_shown_and_not_only_in_the_log(
    bridge: Bridge, client_route: NativeRoute
) -> None:
    open_with_doctor(bridge, client_route)
    bridge.sim.arm("cloud", "http", 503)
    by_channel = run(bridge, "hisGetBasicData")
    assert (by_channel.exit_code, by_channel.stdout.splitlines()[0][:24]) == (1, "hisGetBasicData -> 9004 ")
    assert "reason: cloud: HTTP 503" in by_channel.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("csNoSuch",), "there is no function csNoSuch."),
        (("csGetCardNo",), "CardType: a whole number is needed: CardType=1"),
        (("csGetCardNo", "CardType"), "CardType: write ARG=VALUE"),
        (("csGetCardNo", "CardTyp=1"), "csGetCardNo has no in-argument CardTyp; it has: CardType."),
        (("csGetCardNo", "CardType=1", "--door", "vpn"), "csGetCardNo is not offered there; --door native"),
    ],
)
def test_what_cannot_be_called_as_it_is_written_is_an_error_of_usage(
    bridge: Bridge, arguments: tuple[str, ...], said: str
) -> None:
    done = run(bridge, *arguments)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
