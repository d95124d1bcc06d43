"""Tells our native libraries from others, and from which table they were built, by the stamp in them."""

from __future__ import annotations

import re

# native/templates writes it: as text into exports.c, as UTF-16 into the version resource of DLLs.
STAMP = "mapping table "
DIGEST_LETTERS = 64
_NARROW = re.compile(STAMP.encode() + rb"([0-9a-f]{64})")
RECORDER_STAMP = "recorder of table "
_RECORDER = re.compile(RECORDER_STAMP.encode() + rb"([0-9a-f]{64})")
_WIDE = re.compile(re.escape(STAMP.encode("utf-16-le")) + rb"((?:[0-9a-f]\x00){64})")


def table_digest(library: bytes) -> str | None:
    """The digest of the table that a native library was built from; None where it is not one of ours."""
    if found := _NARROW.search(library):
        return found[1].decode("ascii")
    if found := _WIDE.search(library):
        return found[1].decode("utf-16-le")
    return None


def recorder_digest(library: bytes) -> str | None:
    """The digest of the table that a recorder (native/recorder) was built from; None for anything else."""
    found = _RECORDER.search(library)
    return found[1].decode("ascii") if found else None
