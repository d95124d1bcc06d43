"""``cshis-bridge install-dll``: puts the DLL into folders of Windows programs, finds them, and takes it back.

With ``--recorder`` it is the recorder that goes there, and the official DLL that was there goes behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from bridge.installing.copies import Copy, is_boot_folder
from bridge.installing.dll import BOOT_FOLDER_WARNING, Request
from bridge.installing.many import Outcome, chosen_folders, install_all, renew_all, undo_all
from bridge.installing.names import ORIGINAL
from bridge.installing.programs import kind
from bridge.installing.searching import Search, search
from bridge.words import said, shown, tr

WHAT = {
    "bridge": said("the bridge's own"),
    "recorder": said("a recorder"),
    "other": said("not the bridge's"),
}
NOTHING, IN_PLACE = said("nothing to undo"), said("in place already")
SHOWN_DIGITS = 16


@click.command("install-dll")
@click.argument(
    "folders", metavar="[DIR]...", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--dll-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where win32/cshis.dll and win64/cshis.dll lie.  [default: those that came with cshis-bridge]",
)
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    metavar="NAME.exe",
    help="The program that loads the DLL, where DIR has several or it is elsewhere (full path).",
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option("--recorder", is_flag=True, help=f"Put the recorder before the official DLL ({ORIGINAL}).")
@click.option("--compare", is_flag=True, help="With --recorder: put reads to the bridge, too.")
@click.option(
    "--undo", "take_back", is_flag=True, help="Restore what was there before; without DIR, everywhere."
)
@click.option("--find", is_flag=True, help="List every cshis.dll of this machine and change nothing.")
@click.option(
    "--found", "into_found", is_flag=True, help="Place it wherever --find finds a program with one."
)
@click.option("--renew", is_flag=True, help="Put this version's DLL wherever one was placed before.")
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where --find and --found look, with all folders inside.  [default: the usual ones of all drives]",
)
@click.option(
    "--allow-nhi-lib", is_flag=True, help=r"Also C:\NHI\LIB, from where scripts copy it over all programs."
)
def install_dll(
    folders: tuple[Path, ...], dll_dir: Path | None, program: Path | None, config: Path | None,
    recorder: bool, compare: bool, take_back: bool, find: bool, into_found: bool, renew: bool,
    roots: tuple[Path, ...], allow_nhi_lib: bool,
) -> None:  # fmt: skip
    """Puts cshis.dll into the folders of hospital programs.

    For programs of Windows; it also finds them, and takes it back. Of several DIR each is served wholly or
    not at all. Of the 32-bit and the 64-bit DLL it takes the one that the programs there need, or that lies
    there. Beside it goes cshis-bridge.ini with the bridge's address (settings channel.host, channel.port,
    channel.token_file). A file that was there is kept with the ending .before-bridge. Doing it again changes
    nothing.

    With --recorder the official cshis.dll of DIR is renamed cshis_original.dll and the recorder takes its
    place: every call goes through and is written to a trace (docs/migrate/recorder.md).
    """
    if compare and not recorder:
        raise click.UsageError("--compare goes with --recorder")
    _check_one(bool(folders), find, into_found, renew, take_back)
    if find:
        _list(search(roots))
        return
    if take_back:
        _report(undo_all(folders), folders, NOTHING)
        return
    if renew:
        _report(renew_all(dll_dir), folders, IN_PLACE)
        return
    wanted = folders or _chosen(search(roots))
    given = Request(Path(), program, config, dll_dir, recorder, compare, boot_folder=allow_nhi_lib)
    _report(install_all(_requests(given, wanted)), folders, IN_PLACE)


def _check_one(folders: bool, find: bool, into_found: bool, renew: bool, take_back: bool) -> None:
    named = [find, into_found, renew, take_back]
    if sum(named) > 1:
        raise click.UsageError(tr("--find, --found, --renew and --undo do not go together"))
    if folders and (find or into_found or renew):
        raise click.UsageError(tr("DIR does not go with --find, --found and --renew"))
    if not folders and not any(named):
        raise click.UsageError(tr("name a folder, or --find, which lists those that have a cshis.dll"))


def _requests(given: Request, folders: Iterable[Path]) -> list[Request]:
    return [replace(given, folder=folder) for folder in folders]


def _report(outcomes: list[Outcome], named: tuple[Path, ...], nothing: str) -> None:
    """One folder that was named: its lines, or its fault. Several: a paragraph for each."""
    if len(outcomes) == 1 and len(named) == 1:
        if outcomes[0].refused:
            raise click.ClickException(shown(outcomes[0].refused))
        for line in outcomes[0].done or (nothing,):
            click.echo(shown(line))
        return
    for outcome in outcomes:
        click.echo(f"{outcome.folder}")
        failure = tr("FAILED: {why}", why=outcome.refused) if outcome.refused else nothing
        for line in outcome.done or (failure,):
            click.echo(f"  {shown(line)}")
    failed = sum(bool(outcome.refused) for outcome in outcomes)
    if not outcomes:
        click.echo(shown(nothing))
    if failed:
        raise click.ClickException(
            tr(
                "{failed} of {count} folders failed; nothing was changed in those, the others are done",
                failed=failed,
                count=len(outcomes),
            )
        )


def _chosen(found: Search) -> list[Path]:
    """The folders to be served, and a line for each that is left out."""
    chosen, left = chosen_folders(found)
    for path, reason in left.items():
        click.echo(tr("left as it is: {path}: {why}", path=path, why=reason))
    _say_unfinished(found)
    return chosen


def _list(found: Search) -> None:
    for copy in found.copies:
        for line in _lines(copy, found.running.get(copy.path, [])):
            click.echo(line)
    for path, reason in found.unread.items():
        click.echo(f"{path}\n  {tr('cannot be read: {why}', why=reason)}")
    if not found.copies and not found.unread:
        click.echo(tr("no cshis.dll was found"))
    _say_unfinished(found)


def _lines(copy: Copy, running: list[str]) -> Iterable[str]:
    made_for = kind(copy.machine) if copy.machine else "no DLL"
    yield f"{copy.path}"
    version = copy.version or tr("unknown")
    digest = copy.sha256[:SHOWN_DIGITS]
    yield "  " + tr(
        "{kind}, version {version}, sha256 {digest}", kind=made_for, version=version, digest=digest
    )
    what = shown(WHAT[copy.kind])
    if copy.is_ours:
        what += tr(", of this version") if copy.current else tr(", of another version: --renew")
        what += "" if copy.placed else tr("; not put there by install-dll, such as by a script")
    yield f"  {what}"
    if copy.original is not None:
        yield "  " + tr("what was there before: {name}", name=copy.original.name)
    if running:
        yield "  " + tr("loaded by or beside {programs}", programs=", ".join(running))
    if is_boot_folder(copy.path.parent):
        yield f"  {shown(BOOT_FOLDER_WARNING)}"


def _say_unfinished(found: Search) -> None:
    if found.unfinished:
        click.echo(tr("the time was over before all folders were seen: name folders with --root"), err=True)
