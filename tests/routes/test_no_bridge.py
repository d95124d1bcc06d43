"""Without a bridge, or for the embedded library without a console: -1 from csOpenCom, 4000 from the rest."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bridge_process import clean_environment
from tests.support.legacy_routes import NativeRoute
from tests.support.prototypes import PROTOTYPES, UNSUPPORTED

CONSOLE_GONE = 4000
NO_CONNECTION = -1


@pytest.fixture(scope="session")
def closed_port() -> Iterator[int]:
    """A port that is taken and does not listen: connecting to it is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def lonely_route(client_library: Path, driver_cache: Path, closed_port: int) -> Iterator[NativeRoute]:
    """The client library without a bridge."""
    env = clean_environment(CSHIS_BRIDGE=f"127.0.0.1:{closed_port}")
    with NativeRoute("client", client_library, driver_cache, env) as route:
        yield route


@pytest.fixture(scope="module")
def consoleless_route(
    embedded_library: Path, driver_cache: Path, closed_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NativeRoute]:
    """The embedded library, which is its own bridge, without a console and a cloud."""
    folder = tmp_path_factory.mktemp("no-console")
    config = folder / "config.toml"
    url = f'url = "https://127.0.0.1:{closed_port}"\n'
    config.write_text(f'data_dir = "{folder}"\n[console]\n{url}[cloud]\n{url}', encoding="utf-8")
    env = clean_environment(CSHIS_BRIDGE_CONFIG=str(config))
    with NativeRoute("embedded", embedded_library, driver_cache, env) as route:
        yield route


CALLS: dict[str, dict[str, bytes | int]] = {
    "csOpenCom": {"pComNum": 0},
    "csCloseCom": {},
    "csVerifySAMDC": {},
    "hisGetCardStatus": {"CardType": 2},
    "hisGetBasicData": {"pBuffer": 72},
    "hisGetTreatmentNoNeedHPC": {"pBuffer": 498},
    "csGetVersion": {},
    "csISSetPIN": {},
    "hisGetICD10EnC": {"pIN": b"G44201"},
    "hisGetSeqNumber256N1": {
        "cTreatItem": b"01",
        "cBabyTreat": b" ",
        "cTreatAfterCheck": b"1",
        "pBuffer": 316,
    },
    "hisWriteTreatmentData": {
        "pDateTime": b"1150101120000",
        "pPatientID": b"Z299999929",
        "pPatientBirthDate": b"0920315",
        "pDataWrite": b"1" + b"J029   " + b" " * 35 + b"0" * 38,
    },
    "csUnGetSeqNumber": {"pUnTreatDate": b"1150101120000"},
}


@pytest.mark.parametrize("function", CALLS)
def test_no_bridge(lonely_route: NativeRoute, function: str) -> None:
    started = time.monotonic()
    result = lonely_route.call(function, **CALLS[function])
    assert time.monotonic() - started < 2
    assert result == (NO_CONNECTION if function == "csOpenCom" else CONSOLE_GONE, {})


def test_what_6_0_dropped_is_refused_without_a_bridge_too(lonely_route: NativeRoute) -> None:
    for function in sorted(UNSUPPORTED):
        strings = {each.name: b"Z" for each in PROTOTYPES[function] if each.kind == "in"}
        assert lonely_route.call(function, **strings) == (-2, {}), function


@pytest.mark.parametrize("function", CALLS)
def test_embedded_without_console(consoleless_route: NativeRoute, function: str) -> None:
    result = consoleless_route.call(function, **CALLS[function])
    if function == "csCloseCom":  # a stray close is success
        assert result == (0, {})
    else:
        assert result == (NO_CONNECTION if function == "csOpenCom" else CONSOLE_GONE, {})
