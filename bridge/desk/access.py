"""Who may open the page: whoever can read a file of the bridge's user, and a browser sent by one.

The file's key is good for one thing, a link. The link carries a token in its fragment, is good once and for a
short time, and is exchanged for the token of a session, which the page keeps. No token is kept here, only
what it is recognised by.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bridge.errors import ConfigError
from bridge.private_files import write_private
from bridge.words import said

log = logging.getLogger(__name__)

KEY_FILE = "desk.key"  # in the data directory
TOKEN_BYTES = 32
LINK_SECONDS = 120.0
MOST_LINKS = 8
SESSION_SECONDS = 12 * 3600.0  # without a request
MOST_SESSIONS = 16


class Access:
    """Keys, links and sessions of one run of the bridge. ``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = b""
        self._links: dict[bytes, float] = {}  # until when, oldest first
        self._sessions: dict[bytes, float] = {}  # until when, the one not used for longest first

    def leave_key(self, directory: Path) -> Path:
        """Put a fresh key (64 hexadecimal digits) where only the bridge's user can read it. Out: the file.

        Where it cannot be written, on a full disk, calls are served all the same; the log says that nobody
        can open the page.
        """
        key = secrets.token_hex(TOKEN_BYTES)
        file = directory / KEY_FILE
        try:
            write_private(file, key + "\n")
        except OSError as error:
            log.warning("nobody can open the desk: no key can be left in %s: %s", file, error.strerror)
        else:
            self._key = _known_by(key)
        return file

    def link(self, key: str) -> str | None:
        """The token of a fresh link for whoever has the key; None for others."""
        if not self._key or not hmac.compare_digest(_known_by(key), self._key):
            return None
        return _added(self._links, self._clock() + LINK_SECONDS, MOST_LINKS)

    def enter(self, token: str) -> str | None:
        """Exchange the token of a link, once, for that of a session; None where it is not good (any more)."""
        until = self._links.pop(_known_by(token), 0.0)
        if until <= self._clock():
            return None
        return _added(self._sessions, self._clock() + SESSION_SECONDS, MOST_SESSIONS)

    def admits(self, token: str) -> bool:
        """Whether this is the token of a session, which goes on by being used."""
        known = _known_by(token)
        until = self._sessions.pop(known, 0.0)
        if until <= self._clock():
            return False
        self._sessions[known] = self._clock() + SESSION_SECONDS
        return True

    def leave(self, token: str) -> None:
        """The session ends."""
        self._sessions.pop(_known_by(token), None)


def read_key(directory: Path) -> str:
    """The key that a running bridge has left in its data directory. Raises ConfigError with what to do."""
    file = directory / KEY_FILE
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise ConfigError(
            said(
                "there is no {file}: the page is for the user who runs the bridge (of a service: "
                "the service's user); a bridge of before there was a page has none, restart it",
                file=file,
            )
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is damaged; restart the bridge"
        raise ConfigError(
            said(
                "{file} cannot be read ({reason}): the page is for the user who runs the bridge",
                file=file,
                reason=reason,
            )
        ) from error


def forget_key(file: Path) -> None:
    """Remove the key of a bridge that ends."""
    with suppress(OSError):
        file.unlink(missing_ok=True)


def _added(known: dict[bytes, float], until: float, most: int) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    known[_known_by(token)] = until
    while len(known) > most:
        del known[next(iter(known))]
    return token


def _known_by(token: str) -> bytes:
    """What a token is recognised by; comparing it tells nothing of the token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
