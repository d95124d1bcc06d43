"""Whether this bridge shows an icon, and with what."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.config import Settings
from bridge.installing.libraries import library_folder
from bridge.serving.owners import RUNNING_FILE
from bridge.serving.service import runs_as_service
from bridge.table.model.rows import Table
from bridge.this_python import own_command
from bridge.tray.leftover import close_icon, name_of
from bridge.tray.lines import balloon_line, look_line, menu_lines, stays_line
from bridge.tray.look import Look
from bridge.tray.menu import Here, menu, menu_of_failure
from bridge.tray.program import icon_shown
from bridge.tray.watch import Watch
from bridge.tray.words import language_here

PROGRAM = Path("win64", "cshis-tray.exe")  # in the folder of the native libraries


def on_windows() -> bool:
    """Whether there is a notification area at all."""
    return os.name == "nt"


def tray_icon(
    settings: Settings,
    table: Table,
    report: Callable[[], Mapping[str, Any]],
    calls: Callable[[], int],
    running: Path,
) -> AbstractAsyncContextManager[None]:
    """The icon, until the end of the with statement; nothing on other systems than Windows, as a service, or
    where the settings or the installation have none.

    In: the settings in use; what ``/healthz`` says; how many calls are under way; the file with the settings
    in use.
    """
    program = library_folder() / PROGRAM
    if not settings.tray.shown:
        close_icon(settings.data_dir)  # that of a start that failed
    if not on_windows() or not settings.tray.shown or runs_as_service() or not program.is_file():
        return nullcontext()
    chosen = settings.tray.language
    language = language_here() if chosen == "auto" else chosen
    here = _here(settings, running)
    command = (str(program), name_of(settings.data_dir))
    watch = Watch(settings, table, report, calls)
    return icon_shown(command, watch, partial(menu, here, language), language)


def icon_of_failure(data_dir: Path) -> subprocess.Popen[bytes] | None:
    """A red icon for a bridge without a window that cannot start: nobody sees it otherwise. It stays until a
    bridge with this data directory starts, and its menu says why there is none.

    Out: its program, which outlives this one; None where there cannot be an icon, or for a service.
    """
    program = library_folder() / PROGRAM
    if not on_windows() or runs_as_service() or not program.is_file():
        return None
    language, look = language_here(), Look("red", ("unstartable",))
    entries = menu_of_failure(
        _place(data_dir, data_dir / RUNNING_FILE, data_dir), language, look.tip(language)
    )
    lines = (stays_line, look_line, balloon_line)
    said = b"".join(line(look, language) for line in lines) + menu_lines(entries)
    nowhere = subprocess.DEVNULL
    try:
        shown = subprocess.Popen(  # noqa: S603 - our own program
            [str(program), name_of(data_dir)], stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere
        )
    except OSError:
        return None
    if shown.stdin is not None:
        with suppress(OSError), shown.stdin as stream:
            stream.write(said)
    return shown


def _here(settings: Settings, running: Path) -> Here:
    log = settings.log.file
    return _place(settings.data_dir, running, settings.data_dir if log is None else log.parent)


def _place(data_dir: Path, running: Path, logs: Path) -> Here:
    return Here(
        command=own_command(),
        silent=own_command(window=False),
        arguments=sys.argv[1:],
        running=running,
        data_dir=data_dir,
        logs=logs,
        version=__version__,
    )
