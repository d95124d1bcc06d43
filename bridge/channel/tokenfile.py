"""The channel's token: 32 random bytes, kept as hexadecimal text in a file that only its owner can read, or
those whom somebody has let: its group, on Windows also named people. As a service the bridge is for them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from bridge.channel.handshake import NO_TOKEN, TOKEN_BYTES
from bridge.errors import ConfigError
from bridge.private_files import check_token_file, create_private
from bridge.words import said


def load_token(file: Path) -> bytes:
    """The 32 bytes of the token file, which is made (mode 0600) if it does not exist.

    Raises ConfigError when it cannot be made or read, every user may read it or its group may write it, or it
    has no 64 hexadecimal digits.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _create_if_missing(file)
    except OSError as error:
        raise ConfigError(
            said("channel.token_file {file} cannot be made: {why}", file=file, why=error.strerror)
        ) from error
    return _read(file)


def read_token(file: Path | None) -> bytes:
    """The token of a running bridge whose channel.token_file this is, for its callers; zeros for None.

    None is made: raises ConfigError where there is none that can be read.
    """
    return NO_TOKEN if file is None else _read(file)


def _create_if_missing(file: Path) -> None:
    with (
        contextlib.suppress(FileExistsError),
        os.fdopen(create_private(file), "w", encoding="ascii") as opened,
    ):
        opened.write(secrets.token_hex(TOKEN_BYTES) + "\n")


def _read(file: Path) -> bytes:
    try:
        with file.open(encoding="ascii") as opened:
            token = bytes.fromhex(opened.read(4096).strip())
    except OSError as error:
        raise ConfigError(
            said("channel.token_file {file} cannot be read: {why}", file=file, why=error.strerror)
        ) from error
    except ValueError:
        token = b""
    if len(token) != TOKEN_BYTES:
        raise ConfigError(
            said(
                "channel.token_file {file} must hold {count} hexadecimal digits; delete it to get one",
                file=file,
                count=2 * TOKEN_BYTES,
            )
        )
    check_token_file(file)
    return token
