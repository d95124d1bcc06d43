"""Every cshis.dll of this machine, by hash: the bridge's own, an old one of ours, or the official one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bridge.doctor.finding import Finding, ok, unknown, warning
from bridge.installing.copies import Copy, is_boot_folder
from bridge.installing.placed import entries
from bridge.installing.programs import kind
from bridge.installing.searching import Search
from bridge.words import said

CHECK = "copies"
DIGITS = 12
SCRIPT = said("Scripts of hospitals copy it over that of every program at each start of the machine.")


def check_copies(found: Search) -> Iterator[Finding]:
    """In: what a search has found. One finding for each copy."""
    boot = next((copy for copy in found.copies if is_boot_folder(copy.path.parent)), None)
    for copy in found.copies:
        yield _copy(copy, boot)
    for path, reason in found.unread.items():
        yield unknown(CHECK, said("{path} cannot be read: {reason}", path=path, reason=reason))
    if not found.copies and not found.unread:
        yield unknown(
            CHECK, said("no cshis.dll was found"), said("cshis-bridge install-dll --find looks further.")
        )


def check_failed() -> Iterator[Finding]:
    """Folders where the DLL was to be placed or renewed, and was not."""
    for entry in entries():
        if entry.failed:
            yield warning(
                "copies.failed",
                said("{folder} was not served: {failed}", folder=entry.folder, failed=entry.failed),
                said("The program there has no DLL of the bridge, or one of a version before."),
                said(
                    'End that program, then as administrator: cshis-bridge install-dll "{folder}"',
                    folder=entry.folder,
                ),
            )


def placed_folders() -> list[Path]:
    """Where a DLL was placed and the folder still is."""
    return [entry.folder for entry in entries() if not entry.failed and entry.folder.is_dir()]


def _copy(copy: Copy, boot: Copy | None) -> Finding:
    made_for = kind(copy.machine) if copy.machine else "no DLL"
    what = said(
        "{path}: {made_for}, version {version}, sha256 {value}, ",
        path=copy.path,
        made_for=made_for,
        version=copy.version or said("unknown"),
        value=copy.sha256[:DIGITS],
    )
    folder, install = copy.path.parent, f'cshis-bridge install-dll "{copy.path.parent}"'
    if copy.kind == "recorder":
        return unknown(
            CHECK,
            said("{what}a recorder", what=what),
            said("{install} --undo takes it back.", install=install),
        )
    if copy.kind == "other":
        return _other(copy, boot, what, install)
    if not copy.current:
        return warning(
            CHECK,
            said("{what}the bridge's, of another version", what=what),
            said("Functions that differ between the two are refused with -2."),
            said("As administrator: cshis-bridge install-dll --renew")
            if copy.placed
            else said("{install}", install=install),
        )
    if is_boot_folder(folder):
        return ok(
            CHECK,
            said("{what}the bridge's own. {script}", what=what, script=SCRIPT),
            said("{install} --undo restores all of them.", install=install),
        )
    if copy.placed:
        kept = f", {copy.original.name} is kept" if copy.original else ""
        return ok(CHECK, said("{what}the bridge's own{kept}", what=what, kept=kept))
    return unknown(
        CHECK,
        said("{what}the bridge's own, not put there by install-dll but by a script or by hand", what=what),
        said(
            "{install} puts cshis-bridge.ini beside it, and makes that it can be renewed and undone.",
            install=install,
        ),
    )


def _other(copy: Copy, boot: Copy | None, what: str, install: str) -> Finding:
    """One that is not ours: the official one, or that of another maker."""
    if copy.original is not None and boot is not None and copy.sha256 == boot.sha256:
        return warning(
            f"{CHECK}.overwritten",
            said("{what}not the bridge's any more: the one of {parent}", what=what, parent=boot.path.parent),
            said("{script} So the program talks past the bridge.", script=SCRIPT),
            said(
                'End those scripts, or: cshis-bridge install-dll "{parent}" --allow-nhi-lib. Then: {install}',
                parent=boot.path.parent,
                install=install,
            ),
        )
    return unknown(
        CHECK,
        said("{what}not the bridge's", what=what),
        said("Where its programs are to use the bridge: {install}", install=install),
    )
