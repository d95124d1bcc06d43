"""The token file: made once, read by its owner only."""

import os
from pathlib import Path

import pytest

from bridge.channel.tokenfile import load_token, read_token
from bridge.errors import ConfigError


def test_missing_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "token"
    token = load_token(file)
    assert len(token) == 32
    assert file.read_text().strip() == token.hex()
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_token(file) == token


def test_two_files_have_different_tokens(tmp_path: Path) -> None:
    assert load_token(tmp_path / "a") != load_token(tmp_path / "b")


@pytest.mark.parametrize("content", [b"", b"00" * 31, b"00" * 33, b"zz" * 32, b"\xff" * 64])
def test_file_without_a_token_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="64 hexadecimal digits"):
        load_token(file)
    assert file.read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o620, 0o642])
def test_file_that_others_may_read_or_its_group_write_is_refused(tmp_path: Path, mode: int) -> None:
    load_token(tmp_path / "token")
    (tmp_path / "token").chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_token(tmp_path / "token")


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_a_group_may_read_it(tmp_path: Path) -> None:
    """Those whose programs may use the cards, where the bridge is a service under a user of its own."""
    made = load_token(tmp_path / "token")
    (tmp_path / "token").chmod(0o640)
    assert load_token(tmp_path / "token") == made


def test_place_that_cannot_hold_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        load_token(tmp_path / "file" / "token")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_token(tmp_path)


def test_callers_read_it_and_make_none(tmp_path: Path) -> None:
    assert read_token(None) == bytes(32)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_token(tmp_path / "token")
    assert not (tmp_path / "token").exists()
    made = load_token(tmp_path / "token")
    assert read_token(tmp_path / "token") == made
