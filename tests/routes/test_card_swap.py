"""The card is changed between two calls, at every point of a visit: the first person never shows again.

The program does not notice: it goes on with the first person's id and visit time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import EngineRoute, HttpRoute, Outputs, Route
from tests.support.record_bytes import cards
from tests.support.visit_steps import (
    FOR_ONE_PERSON,
    STEPS,
    Visit,
    give_number_back,
    open_with_doctor,
    take_number,
)

FIRST, SECOND = "000073898381", "000099990001"
OTHER_PERSON = 5020
NO_CARD = 4013
NO_SUCH_VISIT = 5150
SAME_DAY = 5010
NO_QR = 1019
CARD_CHANGED = 4033
FILLED = (0, SAME_DAY)
POINTS = range(1, len(STEPS))


def markers(card: str) -> list[bytes]:
    """What would give a person away."""
    printed = cards()[card]
    values = (card, printed["name"], printed["id_no"], printed["birthday"])
    return [value.encode("cp950") for value in values]


def gives_away(outputs: Outputs, card: str) -> bool:
    found = [value for value in outputs.values() if isinstance(value, bytes)]
    return any(marker in value for marker in markers(card) for value in found)


def test_the_search_would_find_the_first_person(bridge: Bridge, route: Route) -> None:
    """Before the swap the same steps do show the person, or this file would test nothing."""
    open_with_doctor(bridge, route)
    visit = first_visit()
    results = {name: step(route, visit) for name, step in STEPS.items()}
    shown = {name for name, (_, outputs) in results.items() if gives_away(outputs, FIRST)}
    assert shown == {"card number", "basic data", "registration"}
    codes = {name: code for name, (code, _) in results.items()}
    assert codes == {**dict.fromkeys(STEPS, 0), "card status": codes["card status"]}


def first_visit() -> Visit:
    printed = cards()[FIRST]
    return Visit(printed["id_no"].encode(), printed["birthday"].encode())


def swap(bridge: Bridge, how: str, by_http: HttpRoute) -> None:
    if how == "other card":
        bridge.sim.insert("hc", SECOND)
        return
    bridge.sim.remove("hc")
    if how == "virtual card":
        assert by_http.upload(bridge.sim.qr(SECOND)) == 0


def without_visits(stored: dict[str, object]) -> dict[str, object]:
    """What a number that the second person's own card took may not have changed."""
    changing = ("visits", "visits_taken", "counter", "qr_with_visit")
    return {key: value for key, value in stored.items() if key not in changing}


@pytest.mark.parametrize("point", POINTS, ids=[f"before {name}" for name in list(STEPS)[1:]])
@pytest.mark.parametrize("how", ["other card", "no card", "virtual card"])
def test_swap(bridge: Bridge, route: Route, vhc_https_route: HttpRoute, how: str, point: int) -> None:
    steps = list(STEPS.items())
    visit = first_visit()
    open_with_doctor(bridge, route)
    for name, step in steps[:point]:
        code, outputs = step(route, visit)
        assert code == 0 or name == "card status", name
    swap(bridge, how, vhc_https_route)
    first, second = bridge.sim.stored(FIRST), bridge.sim.stored(SECOND)
    taken = len(second["visits"])

    for name, step in steps[point:]:
        code, outputs = step(route, visit)
        assert not gives_away(outputs, FIRST), name
        if name in FOR_ONE_PERSON:
            assert code in (OTHER_PERSON, NO_CARD), name
            assert outputs == {}, name
        if how == "no card" and name not in ("card status", "close"):
            assert (code, outputs) == (NO_CARD, {}), name
        if how == "other card" and name == "basic data":
            assert code == 0
            assert gives_away(outputs, SECOND)

    assert bridge.sim.stored(FIRST) == first
    after = bridge.sim.stored(SECOND)
    assert without_visits(after) == without_visits(second)
    assert after["visits"][-taken:] == second["visits"]
    for added in after["visits"][:-taken]:  # a number that the program took with the second card
        assert not any(added["codes"].values())


@pytest.mark.parametrize("back", [False, True], ids=["stays", "comes back"])
def test_a_visit_of_the_first_card_is_not_the_second_ones(bridge: Bridge, route: Route, back: bool) -> None:
    visit = first_visit()
    assert take_number(route, visit)[0] == 0
    bridge.sim.insert("hc", SECOND)
    assert give_number_back(route, visit) == (NO_SUCH_VISIT, {})
    assert bridge.sim.stored(FIRST)["visits"][0]["rolled_back"] is False
    if back:
        bridge.sim.insert("hc", FIRST)
        assert give_number_back(route, visit) == (0, {})
        assert bridge.sim.stored(FIRST)["visits"][0]["rolled_back"] is True


# --- virtual cards ------------------------------------------------------------------------------------------

VIRTUAL_STEPS = ("basic data", "registration", "number", "give back")


@pytest.mark.parametrize("point", range(len(VIRTUAL_STEPS)), ids=[f"before {n}" for n in VIRTUAL_STEPS])
def test_second_qr_code(bridge: Bridge, vhc_route: HttpRoute, point: int) -> None:
    bridge.sim.remove("hc")
    visit = first_visit()
    assert vhc_route.upload(bridge.sim.qr(FIRST)) == 0
    for name in VIRTUAL_STEPS[:point]:
        assert STEPS[name](vhc_route, visit)[0] in FILLED, name
    assert vhc_route.upload(bridge.sim.qr(SECOND)) == 0
    first = bridge.sim.stored(FIRST)
    for name in VIRTUAL_STEPS[point:]:
        assert not gives_away(STEPS[name](vhc_route, visit)[1], FIRST), name
    assert bridge.sim.stored(FIRST) == first


def test_a_refused_qr_code_leaves_no_card(bridge: Bridge, vhc_route: HttpRoute) -> None:
    """The person before must not be read in place of one whose code was refused."""
    bridge.sim.remove("hc")
    assert vhc_route.upload(bridge.sim.qr(FIRST)) == 0
    assert vhc_route.upload("bm90.YQ==.Y29kZQ==") == 1022
    assert vhc_route.call("hisGetBasicData") == (NO_QR, {})


def test_a_physical_call_between_ends_the_virtual_card(
    bridge: Bridge, vhc_route: HttpRoute, client_route: Route
) -> None:
    """The library reads the card in the slot, not the virtual one; afterwards the virtual one is gone."""
    bridge.sim.insert("hc", SECOND)
    assert vhc_route.upload(bridge.sim.qr(FIRST)) == 0
    assert gives_away(vhc_route.call("hisGetBasicData")[1], FIRST)
    code, outputs = client_route.call("hisGetBasicData", pBuffer=72)
    assert code == 0
    assert gives_away(outputs, SECOND)
    assert not gives_away(outputs, FIRST)
    assert vhc_route.call("hisGetBasicData") == (NO_QR, {})


# --- a reader that does not notice --------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["unproved", "always"])
def careful_route(
    session_bridge: Bridge, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[EngineRoute]:
    """An engine as nobody has set it, and one that looks at the card anew before each read."""
    careful = tmp_path_factory.mktemp("careful")
    given = session_bridge.config.read_text(encoding="utf-8")
    assert 'logout_before_read = "unproved"' in given
    config = Path(careful, "config.toml")
    config.write_text(given.replace('"unproved"', f'"{request.param}"'), encoding="utf-8")
    with EngineRoute(config, careful) as route:
        yield route


def test_a_reader_that_keeps_the_old_card(bridge: Bridge, careful_route: EngineRoute) -> None:
    bridge.sim.change_settings({"sticky_card": True})
    assert gives_away(careful_route.call("hisGetBasicData", pBuffer=72)[1], FIRST)
    bridge.sim.insert("hc", SECOND)
    first = bridge.sim.stored(FIRST)
    for name, step in STEPS.items():
        code, outputs = step(careful_route, first_visit())
        assert not gives_away(outputs, FIRST), name
        if name in FOR_ONE_PERSON:
            assert code in (OTHER_PERSON, CARD_CHANGED), name
    assert bridge.sim.stored(FIRST) == first
