"""The channel's token: 32 random bytes, kept as hexadecimal text in a file that only its owner can read, or
those of its group, too: as a service the bridge is for all who belong to that.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from bridge.channel.handshake import NO_TOKEN, TOKEN_BYTES
from bridge.errors import ConfigError
from bridge.words import said

GRANTED = 0o640  # the most that its mode may allow


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
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_hex(TOKEN_BYTES) + "\n")


def _read(file: Path) -> bytes:
    try:
        with file.open(encoding="ascii") as opened:
            mode = os.fstat(opened.fileno()).st_mode
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
    if os.name == "posix" and stat.S_IMODE(mode) & ~GRANTED:
        raise ConfigError(
            said(
                "channel.token_file {file} is open to others; chmod 600 it (640: its group may read it, too)",
                file=file,
            )
        )
    return token
