"""Settings files as the editors of Windows save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config import load_settings
from bridge.errors import ConfigError

TEXT = "# 診所\r\n[channel]\r\nport = 6001\r\ntoken_file = 'C:\\ProgramData\\cshis-bridge\\token'\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_with_and_without_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(TEXT.encode(encoding))
    channel = load_settings(file).channel
    assert (channel.port, str(channel.token_file)) == (6001, "C:\\ProgramData\\cshis-bridge\\token")


@pytest.mark.parametrize("encoding", ["cp950", "utf-16"])
def test_another_encoding_is_refused_with_the_files_name(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(TEXT.encode(encoding))
    with pytest.raises(ConfigError, match=r"config\.toml: .*utf-8"):
        load_settings(file)
