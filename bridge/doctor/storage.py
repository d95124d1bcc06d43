"""The data directory: who may read it, whether it can be written, how much space there is; the journal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bridge.config import Settings
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.errors import BridgeError, ConfigError
from bridge.private_files import (
    check_token_file,
    how_to_close,
    is_foreign,
    may_be_read_by_others,
    owner_name,
    strange_entries,
    strangers,
)
from bridge.records.journal import JOURNAL_NAME
from bridge.records.journal_view import JournalView
from bridge.records.pending import pending_changes
from bridge.table.model.rows import Table
from bridge.words import said, text_of

SECRET = ("journal.sqlite3*", "running.toml", "certificate/*.key", "sim/*.key")
MEGABYTE = 1_000_000
LITTLE_SPACE, NO_SPACE = 500 * MEGABYTE, 50 * MEGABYTE


def check_data_dir(settings: Settings) -> Iterator[Finding]:
    """Rights of the directory and of what must stay secret in it, and the space on its disk."""
    directory = settings.data_dir
    if not directory.is_dir():
        yield unknown(
            "data_dir",
            said("the data directory {directory} is not there yet", directory=directory),
            said("The first start makes it."),
        )
    elif not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        yield broken(
            "data_dir",
            said("the data directory {directory} cannot be written by this user", directory=directory),
            said("Certificate and journal (紀錄) live there."),
            said("Run the bridge, and this command, as its owner, or give this user the right to write."),
        )
    else:
        yield ok("data_dir", said("the data directory is {directory}", directory=directory))
        yield from _check_owners(directory)
        yield _check_secrets(settings)
    yield _space(directory)


def _check_owners(directory: Path) -> Iterator[Finding]:
    """The bridge does not start with a directory that others could have laid something into."""
    if is_foreign(directory):
        yield unknown(
            "data_dir.owner",
            said(
                "the data directory belongs to another user ({owner_name}) than the one of this command",
                owner_name=owner_name(directory),
            ),
            said("The bridge must run as its owner; so should this command."),
        )
    strange = [str(file) for file in strange_entries(directory)]
    if strange:
        yield broken(
            "data_dir.owner",
            said("these belong to another user than the data directory: {names}", names=", ".join(strange)),
            said("The bridge does not start: somebody else could lead its writing elsewhere."),
            said("Look at them and delete them, or give them to the owner of the directory."),
        )


def _check_secrets(settings: Settings) -> Finding:
    directory = settings.data_dir
    files = [file for pattern in SECRET for file in directory.glob(pattern)] if strangers(directory) else []
    token = settings.channel.token_file
    files = [file for file in files if file != token]
    readers = {file: who for file in files if may_be_read_by_others(file) and (who := strangers(file))}
    if token is not None and token.exists() and _is_open(token):
        readers[token] = strangers(token)
    if readers:
        return warning(
            "data_dir.rights",
            said(
                "others can use {files}",
                files="; ".join(f"{file}: {', '.join(who)}" for file, who in readers.items()),
            ),
            said("These files hold keys, PINs of trials or the record of calls."),
            "; ".join(map(how_to_close, readers)),
        )
    return ok(
        "data_dir.rights",
        said("only its owner can read keys, journal and token{readers}", readers=_readers(token)),
    )


def _readers(token: Path | None) -> str:
    """Whom somebody has let read the token, as a service wants it."""
    names = strangers(token) if token is not None and token.exists() else ()
    return f"; the token also {', '.join(names)}" if names else ""


def _is_open(token: Path) -> bool:
    """Whether others than those may read it for whom somebody has meant it."""
    try:
        check_token_file(token)
    except ConfigError:
        return True
    return False


def _space(directory: Path) -> Finding:
    there = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    what = said("{value:,.0f} MB of disk space are free", value=free / MEGABYTE)
    if free < NO_SPACE:
        return broken(
            "disk",
            what,
            said("On a full disk the journal fails, and changes whose answer is lost cannot be traced."),
            said(
                "Make space; what the bridge itself may need: 4 log files of 5 MB and a journal of "
                "some 10 MB."
            ),
        )
    if free < LITTLE_SPACE:
        return warning(
            "disk", what, said("On a full disk the journal fails."), said("Make space on this disk.")
        )
    return ok("disk", what)


def check_journal(directory: Path, table: Table) -> Iterator[Finding]:
    """Whether changes wait for a person, and whether the directory's journal can be written."""
    file = directory / JOURNAL_NAME
    if not file.exists():
        yield unknown("journal", said("there is no journal yet"), said("The first start makes it."))
        return
    view = JournalView(file)
    try:
        waiting = [
            change for change in pending_changes(view.unclear(), table.title_of) if change.needs_a_person
        ]
        view.check_writable()
    except BridgeError as error:
        yield broken(
            "journal",
            text_of(error),
            said("Calls go on, but a change whose answer is lost leaves no trace."),
            said(
                "Look at the rights of the file and the space on its disk. A damaged file: stop "
                "the bridge, move journal.sqlite3 and the files beside it away, keep them, start "
                "the bridge."
            ),
        )
        return
    yield ok("journal", said("the journal can be read and written"))
    if waiting:
        yield warning(
            "journal.pending",
            said("{count} change(s) of the cloud's data did not end clearly", count=len(waiting)),
            said("Nobody knows whether the cloud has carried them out."),
            said("cshis-bridge journal pending lists them and says what to do."),
        )
    else:
        yield ok("journal.pending", said("every change ended clearly"))
