"""A cloud SAM behind any port number, as processes with the library see it; physical readers with keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge, running_bridge
from tests.support.legacy_routes import NativeRoute
from tests.support.two_readers import DOCUMENT
from tests.support.visit_steps import DEMO_CARD

OPEN_FAILED, CONSOLE_GONE = -1, 4000
CANCELLED, WRONG_PIN = 5109, 5102
WITH_PIN = "000099990010"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge over the usual console, which has one cloud SAM and no port."""
    with running_bridge(tmp_path_factory.mktemp("cloud-sam"), "[reader]\nhold = 0.1\n") as bridge:
        yield bridge


@pytest.fixture
def programs(
    clinic: Bridge, client_library: Path, driver_cache: Path
) -> Iterator[tuple[NativeRoute, NativeRoute]]:
    """Two processes."""
    environment = {"CSHIS_BRIDGE": clinic.ready["channel"]}
    with ExitStack() as ends:
        made = [
            ends.enter_context(NativeRoute(name, client_library, driver_cache, environment))
            for name in ("HIS1", "HIS2")
        ]
        yield made[0], made[1]


def open_port(program: NativeRoute, port: int) -> int:
    return program.call("csOpenCom", pComNum=port)[0]


def card(program: NativeRoute) -> tuple[int, str]:
    """Code and card number of a read."""
    code, outputs = program.call("hisGetBasicData", pBuffer=72)
    return code, bytes(outputs.get("pBuffer", b""))[:12].decode()  # type: ignore[arg-type]


def test_the_port_of_the_slides_and_the_port_of_a_second_program(
    clinic: Bridge, programs: tuple[NativeRoute, NativeRoute]
) -> None:
    """The console's page shows the SAM at COM4; the console itself knows it by its id alone."""
    first, second = programs
    assert open_port(first, 3) == 0
    assert card(first) == (0, DEMO_CARD)
    assert first.call("csCloseCom")[0] == 0
    assert open_port(second, 1) == OPEN_FAILED  # that could be a reader of its own
    assert card(second) == (CONSOLE_GONE, "")
    assert open_port(second, 3) == 0
    assert card(second) == card(first) == (0, DEMO_CARD)
    log = clinic.log.read_text(encoding="utf-8")
    assert log.count('the setting reader.devices names it for good (3 = "001000000103")') == 1
    assert "so COM2 is refused" in log


@pytest.fixture(scope="module")
def with_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge over two readers with keys."""
    folder = tmp_path_factory.mktemp("keys")
    scenario = folder / "two-readers.yaml"
    scenario.write_text(json.dumps(DOCUMENT), encoding="utf-8")  # JSON is YAML
    settings = '[pin]\nprovider = "keypad"\n'
    with running_bridge(folder, settings, "--scenario", str(scenario)) as bridge:
        yield bridge


@pytest.mark.parametrize(("typed", "code"), [("cancel", CANCELLED), ("wrong", WRONG_PIN), ("right", 0)])
def test_pins_are_typed_on_the_reader(
    with_keys: Bridge, client_library: Path, driver_cache: Path, typed: str, code: int
) -> None:
    with_keys.start_anew()
    with_keys.sim.insert("hc", WITH_PIN)
    with_keys.sim.change_settings({"keypad": typed})
    environment = {"CSHIS_BRIDGE": with_keys.ready["channel"]}
    with NativeRoute("HIS", client_library, driver_cache, environment) as program:
        assert open_port(program, 0) == 0
        assert program.call("csVerifyHCPIN") == (code, {})
        assert program.call("hpcVerifyHPCPIN") == (code, {})
        expected = 4 if typed == "right" else 2
        assert program.call("hisGetCardStatus", CardType=2) == (expected, {})
