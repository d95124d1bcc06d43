"""What the installer has done for the whole machine, and what it takes back when it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.config import load_settings
from bridge.errors import ConfigError
from bridge.installing.dll import Request
from bridge.installing.given import Given
from bridge.installing.many import Outcome, chosen_folders, install_all, renew_all, undo_all
from bridge.installing.placed import entries
from bridge.installing.searching import search


def set_up_folders(given: Given) -> Iterator[str]:
    """Put the DLL into the HIS folders that the installer was told or is to find, and renew it wherever it
    was placed before. Out: what was done and what was not, a line each; nothing is half done.
    """
    folders = [folder for folder in given.folders if folder.is_absolute()]
    relative = [folder for folder in given.folders if not folder.is_absolute()]
    yield from (f"FAILED: {folder}: a full path is needed, such as C:\\HIS" for folder in relative)
    if given.finds:
        found = search()
        chosen, left = chosen_folders(found)
        folders += [folder for folder in chosen if folder not in folders]
        yield from (f"left as it is: {path}: {reason}" for path, reason in left.items())
        if found.unfinished:
            yield "the time was over before all folders were seen"
    waiting = [entry.folder for entry in entries() if entry.failed and entry.asked_by_installer]
    folders += [folder for folder in waiting if folder not in folders]
    wanted = [Request(folder, boot_folder=given.boot_folder) for folder in folders]
    yield from report(install_all(wanted, by_installer=True))
    yield from report(renew_all(but=folders))


def check_settings() -> Iterator[str]:
    """Out: a line where the settings of the machine are such that no bridge starts with them."""
    try:
        load_settings(None)
    except ConfigError as error:
        yield f"FAILED: the bridge does not start with these settings: {error}"


def clear_folders() -> tuple[list[str], bool]:
    """Restore everywhere what was there before the DLL. Out: lines as above, and whether all went well."""
    outcomes = undo_all()
    return list(report(outcomes)), not any(outcome.refused for outcome in outcomes)


def report(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A line for each thing done or refused."""
    for outcome in outcomes:
        if outcome.refused:
            yield f"FAILED: {outcome.folder}: {outcome.refused}"
        yield from (f"{outcome.folder}: {line}" for line in outcome.done)
