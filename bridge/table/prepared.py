"""A table that was read and checked before, kept as one file, so that a start need not do it again.

Reading YAML and checking every row takes longer than all else that a start does with the table, and leaves
more memory behind. The file is made when the native library or a wheel is built. It is used only while it is
what the YAML files and the code that reads them would give: a digest of both stands in front of it. Nothing
but rows of the table can come out of it, whatever somebody may have written into it.
"""

from __future__ import annotations

import hashlib
import io
import logging
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydantic

from bridge.table.model.rows import Table

log = logging.getLogger(__name__)

NAME = "table.prepared"
PACKAGE = Path(__file__).parent.parent
MODEL = f"{__package__}.model."
DIGEST_BYTES = 32
CODE = ("table", "codec")  # the rooms that make a table of the files


def prepared_file(directory: Path) -> Path:
    """Where the prepared form of a directory's table lies: beside it in a wheel, in build/ in a checkout."""
    return (directory if directory.parent == PACKAGE else directory.parent / "build") / NAME


def write_prepared(directory: Path, file: Path) -> None:
    """Keep the table of a directory. It is read here and not taken from the caller: what stands in the file
    must be what its digest says. Raises TableError, OSError.
    """
    from bridge.table.loader import load_table  # whoever reads a prepared table does without it

    content = pickle.dumps(load_table(directory), pickle.HIGHEST_PROTOCOL)
    file.parent.mkdir(parents=True, exist_ok=True)
    begun = file.with_suffix(".begun")
    begun.write_bytes(_digest_of(directory) + hashlib.sha256(content).digest() + content)
    begun.replace(file)


def read_prepared(directory: Path, file: Path) -> Table | None:
    """The kept table, if it is what reading the directory would give; else None."""
    try:
        held = file.read_bytes()
    except OSError:
        return None
    made_of, whole = held[:DIGEST_BYTES], held[DIGEST_BYTES : 2 * DIGEST_BYTES]
    content = held[2 * DIGEST_BYTES :]
    if made_of != _digest_of(directory) or whole != hashlib.sha256(content).digest():
        return None
    try:
        table = _OnlyRows(io.BytesIO(content)).load()
    except Exception:
        log.exception("%s cannot be used; the table is read from its YAML files", file)
        return None
    return table if isinstance(table, Table) else None


class _OnlyRows(pickle.Unpickler):
    """Makes the classes of the table's model and plain values, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(MODEL) and "." not in name:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a table")


def _digest_of(directory: Path) -> bytes:
    """What a table is made of: the YAML files, the code that reads them, the library that checks them."""
    digest = hashlib.sha256(pydantic.VERSION.encode())
    for file in _sources(directory):
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.digest()


def _sources(directory: Path) -> Iterator[Path]:
    yield from sorted(directory.glob("*.yaml"))
    yield from sorted((directory / "functions").glob("*.yaml"))
    for room in CODE:
        yield from sorted((PACKAGE / room).rglob("*.py"))
