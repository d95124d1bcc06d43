"""Two programs as processes of their own, each with the library and a port: the bridge tells them apart."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.load.bridge_alone import alone_arguments, start
from tests.support.bridge_process import Bridge, running_bridge
from tests.support.legacy_routes import NativeRoute
from tests.support.stage import MOTHER
from tests.support.two_readers import AT_COM1, AT_COM2, DOCUMENT, SLOT_2

Programs = tuple[NativeRoute, NativeRoute]
OPEN_FAILED, BUSY = -1, 4000


@pytest.fixture(scope="module")
def two_ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge over two readers."""
    folder = tmp_path_factory.mktemp("two-readers")
    scenario = folder / "two-readers.yaml"
    scenario.write_text(json.dumps(DOCUMENT), encoding="utf-8")  # JSON is YAML
    with running_bridge(folder, "[reader]\nhold = 0.1\n", "--scenario", str(scenario)) as bridge:
        yield bridge


@pytest.fixture
def programs(two_ports: Bridge, client_library: Path, driver_cache: Path) -> Iterator[Programs]:
    """Two processes."""
    two_ports.start_anew()
    environment = {"CSHIS_BRIDGE": two_ports.ready["channel"]}
    with ExitStack() as ends:
        made = [
            ends.enter_context(NativeRoute(name, client_library, driver_cache, environment))
            for name in ("HIS1", "HIS2")
        ]
        yield made[0], made[1]


def card(program: NativeRoute) -> tuple[int, str]:
    """Code and card number of a read."""
    code, outputs = program.call("hisGetBasicData", pBuffer=72)
    return code, bytes(outputs.get("pBuffer", b""))[:12].decode()  # type: ignore[arg-type]


def open_port(program: NativeRoute, port: int) -> int:
    return program.call("csOpenCom", pComNum=port)[0]


def test_each_reads_its_own_reader(two_ports: Bridge, programs: Programs) -> None:
    first, second = programs
    assert open_port(first, 0) == 0
    assert card(first) == (0, AT_COM1)
    assert open_port(second, 1) == 0
    for _ in range(2):
        assert card(first) == (0, AT_COM1)
        assert card(second) == (0, AT_COM2)
    two_ports.sim.insert(SLOT_2, MOTHER)
    assert first.call("csCloseCom")[0] == 0
    assert card(first) == (0, AT_COM1)
    assert card(second) == (0, MOTHER)


def test_a_port_that_is_not_there_disturbs_nobody(two_ports: Bridge, programs: Programs) -> None:
    first, second = programs
    assert open_port(first, 1) == 0
    assert card(first) == (0, AT_COM2)
    two_ports.sim.clear_requests()
    assert open_port(second, 7) == OPEN_FAILED
    assert card(second) == (BUSY, "")
    assert card(first) == (0, AT_COM2)
    assert not any(entry["path"].endswith("/Finalize") for entry in two_ports.sim.requests())


def test_a_doctor_who_is_logged_in_keeps_the_console(two_ports: Bridge, programs: Programs) -> None:
    first, second = programs
    assert open_port(first, 0) == 0
    assert first.call("hpcVerifyHPCPIN")[0] == 0
    assert open_port(second, 1) == OPEN_FAILED
    assert card(second) == (BUSY, "")
    assert card(first) == (0, AT_COM1)
    log = two_ports.log.read_text(encoding="utf-8")
    assert "port COM1, and a practitioner's PIN is verified there: port COM2 of another program" in log
    assert first.call("csSoftwareReset", Device=2)[0] == 0
    assert open_port(second, 1) == 0
    assert card(second) == (0, AT_COM2)


def test_a_bridge_that_was_killed_and_started_again_knows_whose_port_is_which(
    two_ports: Bridge, client_library: Path, driver_cache: Path, tmp_path: Path
) -> None:
    two_ports.start_anew()
    arguments = alone_arguments(two_ports.config, tmp_path)
    alone = start(arguments, tmp_path)
    environment = {"CSHIS_BRIDGE": alone.ready["channel"]}
    with ExitStack() as ends:
        first, second = (
            ends.enter_context(NativeRoute(name, client_library, driver_cache, environment))
            for name in ("HIS1", "HIS2")
        )
        assert (open_port(first, 0), open_port(second, 1)) == (0, 0)
        for end in (signal.SIGKILL, signal.SIGTERM):
            alone.process.send_signal(end)
            alone.process.communicate(timeout=30)
            port = alone.ready["channel"].rpartition(":")[2]
            alone = start([*arguments, f"--channel-port={port}"], tmp_path)
            assert card(second) == (0, AT_COM2)
            assert card(first) == (0, AT_COM1)
    alone.process.terminate()
    alone.process.communicate(timeout=30)
