"""The file for everybody at a machine that is no Windows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.config import load_settings, settings
from bridge.errors import ConfigError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the registry has that place")


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of its own, so that no real settings file is found."""
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /etc/cshis-bridge/config.toml."""
    file = tmp_path / "machine.toml"
    monkeypatch.setattr(settings, "FILE", file)
    return file


def test_it_counts_where_nobody_else_says_anything(
    machine: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().reader.linger != 600
    machine.write_text(
        '[cloud]\nurl = "https://machine.example"\nread_timeout = 5.0\n[reader]\nlinger = 600.0\n'
    )
    (data_dir / "config.toml").write_text('[cloud]\nurl = "https://file.example"\nread_timeout = 6.0\n')
    monkeypatch.setenv("CSHIS_BRIDGE_CLOUD__READ_TIMEOUT", "7")
    read = load_settings()
    assert (read.cloud.url, read.cloud.read_timeout, read.reader.linger) == ("https://file.example", 7, 600)


def test_a_mistake_is_named_where_it_stands(machine: Path, data_dir: Path) -> None:
    machine.write_text("[facade]\nport = 70000\n")
    with pytest.raises(ConfigError, match=rf"^{machine}, line 2: facade.port"):
        load_settings()
    (data_dir / "config.toml").write_text("call_deadline = 50.0\n")
    with pytest.raises(ConfigError, match=rf"^{machine}, line 2: facade.port"):
        load_settings()
    machine.write_text("[facade\n")
    with pytest.raises(ConfigError, match=f"^{machine}: "):
        load_settings()
