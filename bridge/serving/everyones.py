"""The bridges of all people at a machine: before its files are replaced or taken away, they end."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from bridge.serving.stop_event import ask_to_stop

if sys.platform == "win32":
    from bridge.windows.processes import image_of

PATIENCE = 20.0  # seconds; calls under way are finished
LAST_PATIENCE = 5.0


def end_all(folder: Path, patience: float = PATIENCE) -> Iterator[str]:
    """End every program that lies in a folder, in all sessions: cleanly, else at once.

    This process and those that have started it go on. Out: a line for each that ran.
    """
    found = list(programs_in(folder, _own()))
    asked = [process for process in found if _ask(process)]
    ended, _ = psutil.wait_procs(asked, timeout=patience)
    for process in found:
        name = f"process {process.pid}"
        if process in ended:
            yield f"{name} has ended"
        else:
            yield _kill(process, name, process in asked)


def programs_in(folder: Path, but: Collection[int] = ()) -> Iterator[psutil.Process]:
    """The processes whose program lies in a folder or in one inside, without some of them by number."""
    wanted = Path(os.path.normcase(folder))
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            file = _file(process)
            if process.pid not in but and file and wanted in Path(os.path.normcase(file)).parents:
                yield process


def _file(process: psutil.Process) -> Path | None:
    if sys.platform == "win32":
        return image_of(process.pid)
    return Path(process.exe())


def _own() -> set[int]:
    own = psutil.Process()
    return {own.pid, *(parent.pid for parent in own.parents())}


def _ask(process: psutil.Process) -> bool:
    try:
        ask_to_stop(process.pid)
    except OSError:
        return False
    return True


def _kill(process: psutil.Process, name: str, asked: bool) -> str:
    """What a person sees of it: the journal bears that, and tells of changes that were under way."""
    try:
        process.kill()
        process.wait(LAST_PATIENCE)
    except psutil.NoSuchProcess:
        return f"{name} has ended"
    except psutil.Error as error:
        return f"FAILED: {name} cannot be ended: {error}"
    return f"{name} {'did not end when asked' if asked else 'cannot be asked'}, and was ended at once"
