"""Where a masked trace is put: looked at before, put in place in one step."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path

from bridge.errors import TraceError
from bridge.private_files import make_private_folder
from bridge.trace.reading import SUFFIX
from bridge.words import said


def check_target(source: Path, target: Path, force: bool) -> None:
    """Raises TraceError where the masked trace cannot be put there."""
    if source.is_dir() and source.resolve() in target.resolve().parents:
        raise TraceError(said("{target}: lies in the trace that is to be masked", target=target))
    if not os.path.lexists(target):
        if not target.parent.is_dir():
            raise TraceError(
                said("{target}: there is no folder {parent}", target=target, parent=target.parent)
            )
        return
    if not force:
        raise TraceError(said("{target}: exists already; --force replaces it", target=target))
    if target.resolve() == source.resolve():
        raise TraceError(said("{target}: is the trace that is to be masked", target=target))
    if target.is_dir() != source.is_dir():
        raise TraceError(
            said(
                "{target}: a {value} is needed, as {source} is one",
                target=target,
                value=said("file") if source.is_file() else said("folder"),
                source=source,
            )
        )
    if target.is_dir() and any(file.suffix != SUFFIX and not file.is_dir() for file in target.rglob("*")):
        raise TraceError(
            said("{target}: holds other files than a trace; nothing was replaced", target=target)
        )


def move(folder: Path, new: Path) -> None:
    """Move a private folder, also to another disk: all of it, or nothing. Raises TraceError."""
    try:
        try:
            folder.rename(new)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            make_private_folder(new)
            shutil.copytree(folder, new, dirs_exist_ok=True)
            shutil.rmtree(folder)
    except OSError as error:
        remove(new)
        why = error.strerror or error.args[0][0][2]  # of copytree: the first of a list
        raise TraceError(said("{target}: cannot be written: {strerror}", target=new, strerror=why)) from error


def put_in_place(new: Path, target: Path) -> None:
    """One step; a folder that stood there is moved aside first and then deleted."""
    if not (target.is_dir() and not target.is_symlink()):
        new.replace(target)
        return
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def remove(new: Path) -> None:
    """What was not put in place."""
    with contextlib.suppress(OSError):
        if new.is_dir():
            shutil.rmtree(new)
        else:
            new.unlink(missing_ok=True)
