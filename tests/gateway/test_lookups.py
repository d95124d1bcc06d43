"""Lookups through the gateway: two workers before the simulated portal, for programs of two hospitals."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from bridge.config import load_running
from bridge.sim.clock import Clock
from bridge.sim.portal.books import PortalBooks
from tests.doors.bhyt.old_programs import FormProgram595, JsonProgram2018, OldestProgram, Program2025
from tests.gateway.processes import Running, gateway_for
from tests.support.bridge_process import Bridge, running_bridge

CARD = next(card for card in PortalBooks(Clock()).cards if card.visits == 2)
KINDS = {
    FormProgram595: "dsLichSuKCB",
    OldestProgram: "dsLichSuKCB",
    JsonProgram2018: "dsLichSuKCB2018",
    Program2025: "dsLichSuKCB2018",
}
OFFICERS = """
ca_file = "{ca_file}"

[bhyt.officers.00001_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Một"
cccdCb = "000000000001"

[bhyt.officers.00002_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Hai"
cccdCb = "000000000002"
"""


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge with simulators, of which only the portal is used."""
    with running_bridge(tmp_path_factory.mktemp("simulated")) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(simulated: Bridge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    portal = load_running(simulated.config).bhyt
    place: Path = tmp_path_factory.mktemp("gateway")
    with gateway_for(portal.url, place, OFFICERS.format(ca_file=portal.ca_file)) as running:
        yield running


def test_every_program_finds_card_and_visits_whichever_worker_answers(gateway: Running) -> None:
    def look_up(number: int) -> tuple[str, int]:
        kind, visits = [*KINDS.items()][number % len(KINDS)]
        hospital = number % 2 + 1
        program = kind(
            gateway.ready["bhyt"], username=f"0000{hospital}_TN", password=f"thu-nghiem-{hospital}"
        )
        reply = program.check(CARD.number, CARD.name, CARD.born)
        program.close()
        return reply["maKetQua"], len(reply[visits])

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(look_up, range(24)))
    assert found == [("00" if number % len(KINDS) == 1 else "000", 2) for number in range(24)]


def test_the_metrics_of_all_workers_count_the_visits(gateway: Running) -> None:
    program = JsonProgram2018(gateway.ready["bhyt"])
    for _ in range(3):
        program.check(CARD.number, CARD.name, CARD.born)
    program.close()
    metrics = requests.get(f"{gateway.ready['bhyt']}/metrics", timeout=10).text
    (line,) = [each for each in metrics.splitlines() if 'door="bhyt-fill"' in each and "calls_total" in each]
    assert float(line.rpartition(" ")[2]) >= 3
