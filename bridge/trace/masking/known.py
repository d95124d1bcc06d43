"""What a first pass over a trace has learnt, in a file: for processes that mask one hospital together."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TypeVar

from msgspec import MsgspecError, Struct, msgpack

from bridge.errors import TraceError
from bridge.private_files import create_private
from bridge.trace.masking.final_scan import RealState
from bridge.words import said

KnownT = TypeVar("KnownT", "Known", "Settled")


class Known(Struct):
    """Of some files. ``people``: by kind, what gets an invented value of its own.

    All of it is patients' data: its file is for its owner only (mode 0600) and has to be deleted once the
    masking is done.
    """

    real_values: RealState
    people: dict[str, list[bytes]]


class Settled(Struct):
    """Of all files of a hospital. ``made``: by kind, original and invented value. ``secret``: of the key."""

    known: Known
    made: dict[str, dict[bytes, bytes]]
    secret: bytes
    keep_hospitals: bool


def keep(file: Path, what: Known | Settled) -> None:
    """Write it down (mode 0600), in one step. Raises TraceError."""
    new = file.with_name(f"{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        with os.fdopen(create_private(new), "wb") as stream:
            stream.write(msgpack.encode(what))
        new.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise TraceError(
            said("{file}: cannot be written: {strerror}", file=file, strerror=error.strerror)
        ) from error


def kept(file: Path, kind: type[KnownT]) -> KnownT:
    """What stands in a file of :func:`keep`. Raises TraceError."""
    try:
        return msgpack.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be read: {strerror}", file=file, strerror=error.strerror)
        ) from error
    except MsgspecError as error:
        raise TraceError(said("{file}: not of this masking: {error}", file=file, error=error)) from error
