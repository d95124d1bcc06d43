"""Browsers of a person at Windows trust the facade: its authority goes into that person's own store, once.

The user's store, not the machine's: each person's bridge has an authority of its own, and another person at
the machine has no reason to believe it. The authority has signed the facade's certificate and nothing else,
and its key was thrown away when it was made.
"""

from __future__ import annotations

import hashlib
import logging
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bridge.windows import root_store

log = logging.getLogger(__name__)

NOTE = "trust.txt"
ASKED = "asked"
COMMON_NAME = "cshis-bridge local CA"  # of every authority that we make


def fingerprint(authority: Path) -> bytes:
    """The SHA-1 by which Windows knows an authority. In: its PEM file. Raises OSError, ValueError."""
    return hashlib.sha1(_der(authority), usedforsecurity=False).digest()


def is_trusted(authority: Path) -> bool | None:
    """Whether this user's programs believe an authority; None where that cannot be known."""
    try:
        return root_store.has(fingerprint(authority))
    except (OSError, ValueError):
        return None


def trust_in_background(authority: Path) -> threading.Thread:
    """Ask Windows to trust an authority, in a thread of its own: it shows a window and waits for a person."""
    thread = threading.Thread(target=trust, args=(authority,), name="trust", daemon=True)
    thread.start()
    return thread


def trust(
    authority: Path,
    add: Callable[[bytes], None] = root_store.add,
    remove: Callable[[bytes], bool] = root_store.remove,
) -> None:
    """Have this user trust an authority, unless that was asked before: a person who said no is not asked
    again until there is another one. One that was trusted before it goes.

    In: its PEM file, beside which the answer is noted. Never raises: the log says what became of it.
    """
    try:
        certificate, sum_ = _der(authority), fingerprint(authority)
        note = authority.with_name(NOTE)
        before = _noted(note)
        if before == sum_.hex():
            return
        note_trust(authority)
    except (OSError, ValueError) as error:
        log.warning("whether %s is trusted cannot be noted: %s", authority, error)
        return
    if before is not None:
        with suppress(OSError, ValueError):
            remove(bytes.fromhex(before))
    try:
        add(certificate)
    except OSError as error:
        log.warning("the facade's certificate is not trusted (%s): browsers will warn of it", error)
    else:
        log.info("the facade's certificate is trusted by this user's programs")


def note_trust(authority: Path) -> None:
    """Note beside an authority that it was to be trusted: who removes it must know also one that has been
    replaced. Raises OSError, ValueError.
    """
    text = f"{ASKED} {fingerprint(authority).hex()}\n"
    authority.with_name(NOTE).write_text(text, encoding="ascii")


def untrust(authority: Path) -> int:
    """Have nobody at the machine trust an authority any more, nor the one that was trusted before it.

    In: its PEM file, which may be missing. Out: in how many stores one stood. Never raises.
    """
    sums = set()
    with suppress(OSError, ValueError):
        sums.add(fingerprint(authority))
    with suppress(ValueError):
        sums.add(bytes.fromhex(_noted(authority.with_name(NOTE)) or ""))
    return sum(root_store.remove_from_all(each, COMMON_NAME) for each in sums if each)


def _noted(note: Path) -> str | None:
    try:
        word, _, sum_ = note.read_text(encoding="ascii").strip().partition(" ")
    except (OSError, ValueError):
        return None
    return sum_ if word == ASKED else None


def _der(authority: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(authority.read_text(encoding="ascii"))
