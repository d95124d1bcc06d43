"""Where the DLL finds the bridge: cshis-bridge.ini beside it, whatever folder the program is started in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bridge.channel.tokenfile import load_token
from tests.support.fake_bridge import FakeBridge
from tests.support.hosts.driver import Driver
from tests.support.small_table import UNREACHABLE
from tests.support.wine import Wine, windows_path

NOTEPAD = b"\xef\xbb\xbf"


@pytest.fixture
def installed(small_library: Path, tmp_path: Path) -> Path:
    """The DLL in a folder of its own, whose name has a blank, as under Program Files."""
    folder = tmp_path / "HIS folder"
    folder.mkdir()
    return Path(shutil.copy(small_library, folder / "cshis.dll"))


@pytest.mark.parametrize("mark", [b"", NOTEPAD], ids=["plain", "saved by Notepad"])
def test_ini_beside_the_library(
    windows: Wine, installed: Path, driver_program: Path, fake_bridge: FakeBridge, mark: bytes
) -> None:
    token_file = installed.with_name("token")
    token = fake_bridge.token = load_token(token_file)
    lines = f"bridge = {fake_bridge.address}\r\n; comment\r\ntoken_file={windows_path(token_file)}\r\n"
    installed.with_name("cshis-bridge.ini").write_bytes(mark + lines.encode("ascii"))
    command = windows.command(driver_program)
    with Driver(windows_path(installed), installed.parent, windows.environment(), command=command) as driver:
        assert driver.call("csCloseCom").code == 0
    assert fake_bridge.proofs == [True]
    assert token not in fake_bridge.received


def test_token_file_that_is_not_there(
    windows: Wine, installed: Path, driver_program: Path, fake_bridge: FakeBridge
) -> None:
    lines = f"bridge = {fake_bridge.address}\r\ntoken_file=Z:\\nowhere\\token\r\n"
    installed.with_name("cshis-bridge.ini").write_bytes(lines.encode("ascii"))
    command = windows.command(driver_program)
    with Driver(windows_path(installed), installed.parent, windows.environment(), command=command) as driver:
        assert driver.call("csCloseCom").code == UNREACHABLE
    assert fake_bridge.opened == 0
