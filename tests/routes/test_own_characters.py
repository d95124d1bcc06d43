"""The list of characters that a site has drawn (造字): what its file says counts on every way to a bridge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from tests.support.bridge_process import Bridge, clean_environment, running_bridge
from tests.support.legacy_routes import ChannelRoute, HttpRoute, NativeRoute, Route, record_of

CARD, NAME = "000099990006", "測堃喆"
LISTED = b"\xb4\xfa\xfa\x40\xc6\xe7".ljust(20)


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    folder = tmp_path_factory.mktemp("listing")
    file = folder / "造字.txt"
    file.write_bytes("\ufeff# our own\r\nFA40 U+5803\r\nC6E7,喆\r\n".encode())
    with running_bridge(folder, f"[text]\neudc = '{file}'\n") as bridge:
        bridge.sim.insert("hc", CARD)
        yield bridge


@pytest.fixture(params=["channel", "client", "embedded"])
def way(request: pytest.FixtureRequest, listing: Bridge, driver_cache: Path) -> Iterator[Route]:
    """Each way of a legacy program in turn."""
    name = str(request.param)
    with ExitStack() as stack:
        if name == "channel":
            yield stack.enter_context(ChannelRoute(listing.ready["channel"]))
            return
        library = request.getfixturevalue(f"{name}_library")
        found = {
            "client": clean_environment(CSHIS_BRIDGE=listing.ready["channel"]),
            "embedded": clean_environment(CSHIS_BRIDGE_CONFIG=str(listing.config)),
        }[name]
        yield stack.enter_context(NativeRoute(name, library, driver_cache, found))


def test_a_program_gets_the_codes_of_the_list(way: Route) -> None:
    way.call("csOpenCom", pComNum=0)
    code, outputs = way.call("hisGetBasicData", pBuffer=72)
    assert (code, record_of(outputs)[12:32]) == (0, LISTED)


def test_the_command_shows_the_characters(listing: Bridge) -> None:
    done = CliRunner().invoke(main, ["call", "--config", str(listing.config), "hisGetBasicData", "--json"])
    assert json.loads(done.stdout)["outputs"]["pBuffer"][12:15] == NAME


def test_a_client_of_the_sdk_gets_the_characters_or_the_codes(listing: Bridge) -> None:
    with HttpRoute("3033", listing.ready["legacy_http"], None) as route:
        assert route.upload(listing.sim.qr(CARD)) == 0
        told = {
            form: route.post(f"/VHC/VHChisGetBasicData{form}", {})["pBuffer"] for form in ("", "Json", "Big5")
        }
    assert told["Json"]["name"] == NAME
    assert told[""][12:15] == "測\ue000\uf6f7"  # as Windows reads the codes
    assert told["Big5"][12:32].encode("latin-1") == LISTED
