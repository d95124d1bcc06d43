"""Several readers: each port with one of its own has its own slots; the console still has one session."""

from __future__ import annotations

import pytest

from bridge.sim.errors import ControlError, ScenarioError, StatusError
from bridge.sim.scenario.file import scenario_of
from bridge.sim.world import World
from tests.support.stage import DEMO, MOTHER
from tests.support.two_readers import AT_COM1, AT_COM2, FIRST_SAM, SECOND_SAM, SLOT_2, two_readers

THIRD = {
    "id": "001000000301", "hospital_id": "3501200000", "hospital_name": "甲", "hospital_short_name": "甲",
    "comport": "COM3",
}  # fmt: skip


@pytest.fixture
def world(keys: object) -> World:
    made = World(keys)  # type: ignore[arg-type]
    made.load(two_readers())
    return made


def card_of(world: World, device: str) -> str:
    """The health card that the console reads with a device."""
    if world.session.initialised:
        world.session.finalise()
    world.session.initialise(device)
    world.session.verify_sam()
    return world.session.require_hc().card.number


def test_each_port_reads_its_own_slot(world: World) -> None:
    assert card_of(world, "COM1") == AT_COM1
    assert card_of(world, "COM2") == AT_COM2
    with pytest.raises(StatusError):
        card_of(world, SECOND_SAM)  # a physical SAM is opened by its port
    world.session.initialise("COM1")
    with pytest.raises(StatusError):
        world.session.initialise("COM1")  # one session, of one device


def test_cards_are_put_in_and_taken_out_by_the_ports_slot(world: World) -> None:
    world.insert(SLOT_2, MOTHER)
    assert card_of(world, "COM2") == MOTHER
    assert card_of(world, "COM1") == AT_COM1
    world.remove(SLOT_2)
    with pytest.raises(StatusError):
        card_of(world, "COM2")
    assert world.as_json()["slots"] == {
        "hc": AT_COM1, "hpc": "000000329470", "hc@COM2": None, "hpc@COM2": "000000329488",
    }  # fmt: skip
    with pytest.raises(ControlError, match="unknown slot 'hc@COM9'; one of hc, hpc, hc@COM2, hpc@COM2"):
        world.insert("hc@COM9", DEMO)


def test_a_practitioners_card_lies_at_one_port_only(world: World) -> None:
    card_of(world, "COM2")
    assert world.session.require_hpc().card.role == "pharmacist"
    card_of(world, "COM1")
    assert world.session.require_hpc().card.role == "doctor"


def test_sams_without_a_reader_of_their_own_share_the_usual_one(keys: object) -> None:
    world = World(keys)  # type: ignore[arg-type]
    document = {
        "scenario": 1, "title": {"en": "t", "zh": "t"}, "extends": "default", "sams": [THIRD],
        "start": {"hc": DEMO},
    }  # fmt: skip
    world.load(scenario_of(document))
    assert list(world.slots) == ["hc", "hpc"]
    assert card_of(world, FIRST_SAM) == card_of(world, THIRD["id"]) == DEMO


@pytest.mark.parametrize(
    ("readers", "fault"),
    [
        ([{"comport": "COM9"}], r"readers\[0\].comport: no SAM has COM9"),
        ([{"comport": "COM3", "hc": "000000000000"}], r"readers\[0\].hc: no card 000000000000 in cards"),
        ([{"comport": "COM3", "hpc": "000000000000"}], r"readers\[0\].hpc: no card .* in practitioners"),
        ([{"comport": "COM3"}, {"comport": "COM3"}], "readers: COM3 stands twice"),
        ([{"comport": "3"}], r"readers\[0\].comport: a port such as COM1 expected"),
    ],
)
def test_a_reader_that_cannot_be(readers: list[dict[str, str]], fault: str) -> None:
    document = {
        "scenario": 1, "title": {"en": "t", "zh": "t"}, "extends": "default", "sams": [THIRD],
        "readers": readers,
    }  # fmt: skip
    with pytest.raises(ScenarioError, match=fault):
        scenario_of(document)
