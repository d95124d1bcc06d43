"""Puts files into a folder so that it can be undone exactly: what stood there before is kept beside it.

A record (``NAME.cshis-bridge.json`` beside the first file) says what was placed, by SHA-256, and which backup
(``NAME.before-cshis-bridge``, or another ending) belongs to it, if any, with its own. A file that somebody
changed since is never touched, unless it is again the one that stood there before; a backup is never
overwritten, and one that was changed is restored with a word of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.installing.read_only import put_on, take_off
from bridge.words import said

BACKUP = ".before-cshis-bridge"
RECORD = ".cshis-bridge.json"
PARTIAL = ".cshis-bridge-new"
KEPT = ("backup", "backup_sha256")  # of an entry: what it says of the backup


class PlacingRefused(Exception):
    """The files are not in the state that placing or undoing needs; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to place: its full name, its content, its mode; under which name what stands there is kept, None
    for its own with an ending. ``keep``: False where what stands there is a copy of ours that somebody else
    has brought, so that there is nothing to restore.
    """

    path: Path
    content: bytes
    mode: int
    kept_as: str | None = None
    keep: bool = True

    def backup(self, ending: str) -> Path:
        """Where what stands there is kept."""
        return self.path.with_name(self.kept_as) if self.kept_as else _beside(self.path, ending)


def place(files: Iterable[Wanted], ending: str = BACKUP) -> list[str]:
    """Place files; all of them or, after a fault, none.

    In: the files, all in one folder; what is added to the name of a file that stood there. What was placed
    there before and is not among them stays. Out: one line for each thing done; none when everything is in
    place. Raises PlacingRefused, OSError.
    """
    wanted = tuple(files)
    record_file = _beside(wanted[0].path, RECORD)
    record = _read_record(record_file)
    for file in wanted:
        _check(file, record, ending)
    done: list[str] = []
    with ExitStack() as back:
        made = _make_folder(wanted[0].path.parent, back) or record.get("made", [])
        placed = {file.path.name: _place_one(file, record, ending, back, done) for file in wanted}
        entries = {**record.get("files", {}), **placed}
        if done or entries != record.get("files", {}):
            _write(record_file, json.dumps({"files": entries, "made": made}, indent=2).encode(), 0o644)
        back.pop_all()
    return done


def undo(first: Path) -> list[str]:
    """Take back what :func:`place` did with ``first`` and the files beside it.

    Out: one line for each thing done; none when nothing is placed. Raises PlacingRefused before anything is
    changed; OSError, after which all is as it was.
    """
    record_file = _beside(first, RECORD)
    record = _read_record(record_file)
    entries = {first.with_name(name): entry for name, entry in record.get("files", {}).items()}
    for path, entry in entries.items():
        current = _digest(path)
        if current not in (None, entry["sha256"], _kept_digest(path, entry)):
            raise PlacingRefused(
                said("{path} was changed since it was placed: move it away, then undo again", path=path)
            )
        if entry["backup"] and not os.path.lexists(path.with_name(entry["backup"])):
            raise PlacingRefused(
                said(
                    "{with_name} is missing: what stood there cannot be restored",
                    with_name=path.with_name(entry["backup"]),
                )
            )
    with ExitStack() as back:
        done = [line for path, entry in entries.items() for line in _restore(path, entry, back)]
        if entries:
            _unlink(record_file)
        back.pop_all()
    for folder in reversed(record.get("made", [])):
        if Path(folder) in first.parents and not any(Path(folder).iterdir()):
            Path(folder).rmdir()
    return done


def overwrite(path: Path, content: bytes) -> None:
    """Give a file another content in one step; its mode stays. Nothing is kept or noted. Raises OSError."""
    _write(path, content, path.stat().st_mode & 0o777)


def replace_placed(first: Path, path: Path, content: bytes | None) -> None:
    """Give a file beside ``first`` another content in one step, or (None) take it away. Where ``first`` was
    placed, undo() takes the file for one of its own and restores what it has kept of it. Raises
    PlacingRefused, OSError.
    """
    record_file = _beside(first, RECORD)
    record = _read_record(record_file)
    files = record.get("files", {})
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _write(path, content, path.stat().st_mode & 0o777 if path.exists() else 0o644)
    if first.name not in files:
        return
    kept = files.get(path.name, {}).get("backup")
    if content is not None:
        files[path.name] = {"sha256": _sha256(content), "backup": kept}
    elif kept is None:
        files.pop(path.name, None)
    _write(record_file, json.dumps(record, indent=2).encode(), 0o644)


def stood_before(path: Path) -> Path | None:
    """Where the file is now that stood at ``path`` before anything was placed there; None if none did.

    Raises PlacingRefused when the record cannot be read.
    """
    entry = _read_record(_beside(path, RECORD)).get("files", {}).get(path.name)
    if entry is None:
        return path if path.exists() else None
    return path.with_name(entry["backup"]) if entry["backup"] else None


def placed_digest(path: Path) -> str | None:
    """The SHA-256 of what :func:`place` has put there; None where it has not. Raises PlacingRefused."""
    entry = _read_record(_beside(path, RECORD)).get("files", {}).get(path.name)
    return str(entry["sha256"]) if entry else None


def _kept_digest(path: Path, entry: Mapping[str, Any]) -> str | None:
    """What is kept is back in its place where scripts or an update have put the same file there again."""
    return _digest(path.with_name(entry["backup"])) if entry["backup"] else None


def _check(file: Wanted, record: dict[str, Any], ending: str) -> None:
    """Refuse before anything is changed."""
    current = _digest(file.path)
    entry = record.get("files", {}).get(file.path.name)
    if entry is not None:
        known = (None, entry["sha256"], _sha256(file.content), _kept_digest(file.path, entry))
        if current not in known:
            raise PlacingRefused(
                said("{path} was changed since it was placed: undo that or move it away", path=file.path)
            )
    elif os.path.lexists(backup := file.backup(ending)):
        raise PlacingRefused(
            said("{backup} exists, and no record says what it is: move it away", backup=backup)
        )


def _place_one(
    file: Wanted, record: dict[str, Any], ending: str, back: ExitStack, done: list[str]
) -> dict[str, Any]:
    """Place one file. Out: its entry in the record; ``backup`` is the name of what stood there, or null."""
    digest = _sha256(file.content)
    entry = record.get("files", {}).get(file.path.name)
    kept = {"backup": None} if entry is None else {name: entry[name] for name in KEPT if name in entry}
    if entry is None and file.keep and os.path.lexists(file.path):
        backup = file.backup(ending)
        kept = {"backup": backup.name, "backup_sha256": _digest(file.path)}
        _keep_and_write(file, backup, back)
        done.append(said("kept {backup}", backup=backup))
    elif _digest(file.path) == digest:
        return {"sha256": digest, **kept}
    else:
        _remember(file.path, back)
        _write(file.path, file.content, file.mode)
    done.append(said("wrote {path}", path=file.path))
    return {"sha256": digest, **kept}


def _keep_and_write(file: Wanted, backup: Path, back: ExitStack) -> None:
    """The mark "read-only" stays with what it was on."""
    marked = take_off(file.path)
    if marked:
        back.callback(put_on, file.path)
    _keep(file.path, backup)
    back.callback(_put_back, backup, file.path)
    _write(file.path, file.content, file.mode)
    if marked:
        put_on(backup)


def _remember(path: Path, back: ExitStack) -> None:
    """A file of ours that is about to be replaced: put back its bytes if something goes wrong later."""
    if path.exists():
        back.callback(_write, path, path.read_bytes(), path.stat().st_mode & 0o777)
    else:
        back.callback(path.unlink, missing_ok=True)


def _keep(path: Path, backup: Path) -> None:
    """A second name for the file itself: owner, mode and time survive. A copy where that cannot be."""
    try:
        os.link(path, backup, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(path, backup, follow_symlinks=False)


def _put_back(backup: Path, path: Path) -> None:
    marked = take_off(backup)
    take_off(path)
    if os.path.lexists(path) and _one_file(os.lstat(path), os.lstat(backup)):
        backup.unlink()  # two names of one file: renaming would do nothing
    else:
        os.replace(backup, path)
    if marked:
        put_on(path)


def _unlink(path: Path) -> None:
    take_off(path)
    path.unlink(missing_ok=True)


def _one_file(first: os.stat_result, second: os.stat_result) -> bool:
    """Whether two names are of one file. Some network drives number no files: all of theirs say 0."""
    return first.st_ino != 0 and os.path.samestat(first, second)


def _restore(path: Path, entry: Mapping[str, Any], back: ExitStack) -> Iterator[str]:
    """Out: what was done. What goes wrong later puts ours in its place again."""
    if not entry["backup"]:
        _remember(path, back)
        _unlink(path)
        yield said("removed {path}", path=path)
        return
    backup = path.with_name(entry["backup"])
    changed = entry.get("backup_sha256", _digest(backup)) != _digest(backup)
    _remember(path, back)
    _put_back(backup, path)
    back.callback(os.replace, path, backup)
    yield said("restored {path}", path=path)
    if changed:
        yield said("{path} is not the file that was kept: somebody has changed it since", path=path)


def _make_folder(folder: Path, back: ExitStack) -> list[str]:
    """Make the folder and those above it. Out: the ones that were made, outermost first."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir()
        back.callback(parent.rmdir)
    return [str(parent) for parent in reversed(missing)]


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file in one step: a program that starts meanwhile finds the old or the new one, whole.

    Others may write to the folder, and the installer has the rights of Windows itself: the new file is a new
    one, and not what somebody has laid there.
    """
    partial = _beside(path, f".{secrets.token_hex(4)}{PARTIAL}")
    try:
        with partial.open("xb") as file:
            file.write(content)
        partial.chmod(mode)
        take_off(path)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _read_record(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise PlacingRefused(said("{file} cannot be read: {error}", file=file, error=error)) from error
    return found if isinstance(found, dict) else {}


def _digest(path: Path) -> str | None:
    return _sha256(path.read_bytes()) if path.exists() else None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
