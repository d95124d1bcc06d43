"""A world with two readers of the insurance (健保讀卡機): one at COM1, one at COM2 with slots of its own."""

from __future__ import annotations

from bridge.sim.scenario.file import scenario_of
from bridge.sim.scenario.model import Scenario
from tests.support.stage import CHILD, DEMO, DOCTOR, PHARMACIST

FIRST_SAM, SECOND_SAM = "001000000103", "001000000202"
AT_COM1, AT_COM2 = DEMO, CHILD  # the health cards that lie there at the start
SLOT_2 = "hc@COM2"


DOCUMENT = {
    "scenario": 1,
    "title": {"en": "Two readers", "zh": "兩台讀卡機"},
    "extends": "default",
    "sams": [
        {
            "id": number, "hospital_id": "3501200000", "hospital_name": "臺北虛擬診所",
            "hospital_short_name": "臺北虛擬診", "comport": port, "physical": True,
        }
        for number, port in ((FIRST_SAM, "COM1"), (SECOND_SAM, "COM2"))
    ],
    "start": {"hc": AT_COM1, "hpc": DOCTOR},
    "readers": [{"comport": "COM2", "hc": AT_COM2, "hpc": PHARMACIST}],
}  # fmt: skip


def two_readers() -> Scenario:
    """The usual people; the doctor's card lies at COM1, the pharmacist's at COM2."""
    return scenario_of(DOCUMENT)
