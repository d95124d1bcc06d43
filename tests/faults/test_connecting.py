"""Names that do not resolve and certificates that are not to be trusted: refused, and nothing was sent."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.certificates import UNTRUSTED, Authority
from tests.faults.rig import CONNECT_SECONDS, Stage, open_stage, quick_worlds

NETWORK_DOWN, CONSOLE_GONE, NO_CONNECTION = 4061, 4000, -1
SLACK = 6.0
# Codes where the console, and where the cloud cannot be reached.
BY_CONSOLE = {
    "csOpenCom": NO_CONNECTION,
    "csGetHospID": CONSOLE_GONE,
    "hisGetBasicData": CONSOLE_GONE,
    "hisWriteEmergentTel": CONSOLE_GONE,
    "hpcVerifyHPCPIN": CONSOLE_GONE,
    "csUploadData": CONSOLE_GONE,
}
BY_CLOUD = {
    "csOpenCom": 0,
    "csGetHospID": 0,
    "hisGetBasicData": NETWORK_DOWN,
    "hisWriteEmergentTel": NETWORK_DOWN,
    "hisGetSeqNumber256N1": NETWORK_DOWN,
    "hisGetICD10EnC": NETWORK_DOWN,
    "csUploadData": NETWORK_DOWN,
}
CODES = {"console": BY_CONSOLE, "cloud": BY_CLOUD}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def stage(tmp_path: Path, authority: Authority) -> AsyncIterator[Stage]:
    """A bridge that trusts ``authority``, whose certificates console and cloud show."""
    with quick_worlds():
        async with open_stage(tmp_path / "stage", ca_file=authority.file) as stage:
            for proxy in stage.proxies.values():
                await proxy.go("open", authority.good())
            yield stage


async def codes(stage: Stage, names: dict[str, int]) -> dict[str, int]:
    found = {}
    for name in names:
        started = time.monotonic()
        found[name] = (await stage.make(name, **stage.good(name))).result.code
        assert time.monotonic() - started < CONNECT_SECONDS + SLACK, name
    return found


@pytest.mark.parametrize("service", CODES)
@pytest.mark.parametrize("kind", UNTRUSTED)
async def test_an_untrusted_certificate(
    kind: str, service: str, stage: Stage, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.fresh()
    proxy = stage.proxies[service]
    before = len(proxy.seen)
    await proxy.go("open", UNTRUSTED[kind](authority))
    assert await codes(stage, CODES[service]) == CODES[service]
    assert len(proxy.seen) == before, "a request went to somebody who is not trusted"
    assert stage.journal.pending() == []
    assert "certificate is not trusted" in caplog.text
    await proxy.go("open", authority.good())
    assert await stage.works()


@pytest.mark.parametrize("service", CODES)
async def test_a_name_that_does_not_resolve(service: str, tmp_path: Path) -> None:
    with quick_worlds():
        async with open_stage(tmp_path, urls={service: f"https://{service}.invalid"}) as stage:
            assert await codes(stage, CODES[service]) == CODES[service]
            assert stage.journal.pending() == []


async def test_a_resolver_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time to connect holds for the looking up as well."""
    real = socket.getaddrinfo

    def slow(host: Any, *arguments: Any, **options: Any) -> Any:
        if str(host).endswith(".invalid"):
            time.sleep(CONNECT_SECONDS + 2)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return real(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with quick_worlds():
        async with open_stage(tmp_path, urls={"cloud": "https://cloud.invalid"}) as stage:
            started = time.monotonic()
            assert (
                await stage.make("hisGetBasicData", **stage.good("hisGetBasicData"))
            ).result.code == NETWORK_DOWN
            assert time.monotonic() - started < CONNECT_SECONDS + 1.5
