"""hisGetCardStatus as the gate that programs take it for: they wait for 2 or 3 and only then read."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute, Route, record_of
from tests.support.visit_steps import DEMO_CARD, demo_patient, read_basic, take_number

OTHER_CARD = "000099990001"
NONE, PUT_IN, VERIFIED, WITH_PRACTITIONER = 0, 1, 2, 3
POLLS = 1000


def asked(route: Route) -> int:
    code, outputs = route.call("hisGetCardStatus", CardType=2)
    assert outputs == {}
    return code


def requests(bridge: Bridge) -> Counter[str]:
    """What the console was asked since the journal was cleared, by path."""
    paths = (entry["path"] for entry in bridge.sim.requests() if entry["service"] == "console")
    return Counter(path.removeprefix("/api/") for path in paths)


def begin_the_day(bridge: Bridge, route: Route, pin: bool = True) -> None:
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert route.call("csVerifySAMDC") == (0, {})
    if pin:
        bridge.verify_doctor()
    bridge.sim.clear_requests()


@pytest.mark.parametrize(("pin", "told"), [(False, VERIFIED), (True, WITH_PRACTITIONER)])
def test_a_program_that_waits_can_go_on(bridge: Bridge, route: Route, pin: bool, told: int) -> None:
    begin_the_day(bridge, route, pin)
    assert [asked(route) for _ in range(3)] == [told] * 3
    bridge.sim.remove("hc")
    assert asked(route) == NONE
    bridge.sim.insert("hc", OTHER_CARD)
    assert asked(route) == told
    assert record_of(read_basic(route)[1])[:12] == OTHER_CARD.encode()
    assert asked(route) == told
    assert take_number(route, demo_patient())[0] == 0
    assert asked(route) == told
    assert route.call("csUpdateHCContents") == (0, {})
    assert asked(route) == told


def test_polls_cost_one_signature(bridge: Bridge, client_route: Route) -> None:
    begin_the_day(bridge, client_route)
    assert {asked(client_route) for _ in range(POLLS)} == {WITH_PRACTITIONER}
    assert requests(bridge) == {"common/v1/Status": POLLS + 1, "hc/v1/Signature/HpcHc": 1}


def test_a_swapped_card_is_never_told_with_the_state_of_the_other(bridge: Bridge, route: Route) -> None:
    begin_the_day(bridge, route)
    assert asked(route) == WITH_PRACTITIONER
    for path in ("Signature/HpcHc", "Signature/Hc"):
        bridge.sim.arm("console", "status", 1501, path=path)
    bridge.sim.insert("hc", OTHER_CARD)
    assert [asked(route) for _ in range(3)] == [PUT_IN] * 3


def test_a_card_with_a_pin_asks_nobody(bridge: Bridge, route: Route) -> None:
    begin_the_day(bridge, route)
    bridge.sim.insert("hc", "000099990010")
    assert [asked(route) for _ in range(2)] == [WITH_PRACTITIONER] * 2
    assert not any("Pin" in path for path in requests(bridge))


def test_the_virtual_twin(bridge: Bridge, vhc_route: HttpRoute, client_route: Route) -> None:
    """The virtual card has its state at the HTTP door, the card in the slot at the library's."""
    assert vhc_route.call("hisGetCardStatus") == (NONE, {})
    assert vhc_route.upload(bridge.sim.qr(DEMO_CARD)) == 0
    assert vhc_route.call("hisGetCardStatus") == (VERIFIED, {})
    assert asked(client_route) == NONE
    bridge.verify_doctor()
    assert [vhc_route.call("hisGetCardStatus") for _ in range(2)] == [(WITH_PRACTITIONER, {})] * 2
    assert asked(client_route) == NONE
    assert record_of(vhc_route.call("hisGetBasicData")[1])[:12] == DEMO_CARD.encode()
