"""``cshis-bridge journal``: what the bridge has noted: changes that need a person, receipts, calls."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from bridge.cli.lazy_group import Group
from bridge.cli.steps import step_line
from bridge.cli.streams import json_text
from bridge.config import load_settings
from bridge.errors import BridgeError
from bridge.records.journal import JOURNAL_NAME
from bridge.records.journal_view import JournalView, Made
from bridge.records.pending import PendingChange, pending_changes
from bridge.records.stages import StageBook
from bridge.table.default import default_table
from bridge.words import said, shown, tr
from bridge.words.moments import iso_moment, moment

AFTERWARDS = (
    said(
        "The journal holds nothing about patients: find them by time and function in the records of the "
        "hospital program."
    ),
    said("When it is clear what happened: cshis-bridge journal resolve ID"),
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def looking(
    command: Callable[..., None], looks_at: Callable[[Path], object] = JournalView
) -> Callable[..., None]:
    """Give a command its ``view`` of the journal, by --data-dir or --config; a journal that cannot be used
    becomes one line on stderr and exit code 2.
    """

    @click.option(
        "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where the bridge keeps it."
    )
    @click.option(
        "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
    )
    @functools.wraps(command)
    def run(data_dir: Path | None, config: Path | None, **arguments: Any) -> None:
        try:
            command(looks_at((data_dir or load_settings(config).data_dir) / JOURNAL_NAME), **arguments)
        except BridgeError as error:
            click.echo(tr("Error: {error}", error=error), err=True)
            sys.exit(2)

    return run


@click.group(cls=Group)
def journal() -> None:
    """Lists changes that need a person, receipts and calls.

    What the bridge has noted holds nothing about patients, and may be looked at while the bridge runs.
    """


@journal.command()
@looking
@as_json_option
def pending(view: JournalView, as_json: bool) -> None:
    """Lists the changes that did not end clearly.

    Newest last, with what to do about each; times are Taiwan's. Exit code 0 when nothing needs a person, 1
    when something does, 2 when there is no journal.
    """
    changes = pending_changes(view.unclear(), default_table().title_of)
    if as_json:
        click.echo(json_text([_change_as_json(change) for change in changes], indent=2))
    else:
        click.echo("\n".join(_lines(changes)))
    sys.exit(1 if any(change.needs_a_person for change in changes) else 0)


@journal.command()
@click.argument("number", metavar="ID", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@looking
def resolve(view: JournalView, number: int, yes: bool) -> None:
    """Notes that a person knows what became of change ID.

    ID is the number that "journal pending" shows.
    """
    changes = pending_changes(view.unclear(), default_table().title_of)
    change = next((each for each in changes if each.id == number), None)
    if change is None:
        raise click.ClickException(_why_not(view, number))
    click.echo("\n".join(_about(change)))
    if not change.needs_a_person:
        raise click.ClickException(tr("change {number} is still under way", number=number))
    if not yes:
        click.confirm(tr("Has somebody made sure what happened to it?"), abort=True)
    if not view.resolve(number):
        raise click.ClickException(tr("change {number} has just ended by itself", number=number))
    click.echo(tr("change {number} is resolved", number=number))


@journal.command()
@looking
@click.option("--function", metavar="NAME", help="Only calls of this function.")
@click.option("--failed", is_flag=True, help="Only calls that did not succeed.")
@click.option("--last", type=click.IntRange(1), default=50, show_default=True, help="So many of them.")
@as_json_option
def calls(view: JournalView, function: str | None, failed: bool, last: int, as_json: bool) -> None:
    """Lists the calls: time, door, milliseconds, code, function.

    Newest last; times are Taiwan's. How many are kept, the settings say (journal.kept_calls).
    """
    table = default_table()
    wanted = (
        call
        for call in view.calls()
        if (function is None or call.function == function)
        and not (failed and table.succeeded(call.function, call.code))
    )
    _print_calls(list(itertools.islice(wanted, last))[::-1], as_json)


@journal.command()
@looking
@as_json_option
def receipts(view: JournalView, as_json: bool) -> None:
    """Lists execution numbers of uploads (執行編號) and the like.

    That is what the other side gave for changes.
    """
    table = default_table()
    found = view.receipts()
    if as_json:
        listed = [
            {
                "time": iso_moment(each.at),
                "function": each.function,
                "title": table.title_of(each.function),
                "path": each.path,
                "receipt": each.receipt,
            }
            for each in found
        ]
        click.echo(json_text(listed, indent=2))
        return
    for each in found:
        click.echo(
            f"{moment(each.at)}  {each.receipt}  {each.function} {table.title_of(each.function)}".rstrip()
        )
    if not found:
        click.echo(tr("there are no receipts"))


@journal.command()
@functools.partial(looking, looks_at=StageBook)
@as_json_option
def stages(book: StageBook, as_json: bool) -> None:
    """Lists the steps of the cut-over (cutover apply, cutover back).

    Newest last: when, in which folder, from which stage to which.
    """
    steps = book.steps()
    if as_json:
        rows = [dataclasses.asdict(step) for step in steps]
        listed = [{"time": iso_moment(row.pop("at")), **row, "folder": str(row["folder"])} for row in rows]
        click.echo(json_text(listed, indent=2))
        return
    for step in steps:
        click.echo(step_line(step))
    if not steps:
        click.echo(tr("no folder was given a stage"))


# --- how it looks -------------------------------------------------------------------------------------------


def _lines(changes: list[PendingChange]) -> Iterable[str]:
    needing = [change for change in changes if change.needs_a_person]
    running = [change for change in changes if not change.needs_a_person]
    if not needing:
        yield tr("nothing is pending: every change ended clearly")
    elif len(needing) == 1:
        yield tr("1 change did not end clearly:")
    else:
        yield tr("{count} changes did not end clearly:", count=len(needing))
    for change in needing:
        yield ""
        yield from _about(change)
    if needing:
        yield ""
        yield from map(shown, AFTERWARDS)
    if running:
        yield tr("({count} more under way at this moment)", count=len(running))


def _about(change: PendingChange) -> Iterable[str]:
    yield f"{change.id:>5}  {moment(change.at)}  {change.function} {change.title}".rstrip()
    yield f"       {change.path}  {change.state}"
    yield f"       {tr(change.advice)}"


def _change_as_json(change: PendingChange) -> dict[str, Any]:
    return {
        "id": change.id,
        "time": iso_moment(change.at),
        "function": change.function,
        "title": change.title,
        "path": change.path,
        "state": change.state,
        "advice": change.advice,
    }


def _print_calls(found: list[Made], as_json: bool) -> None:
    if as_json:
        listed = [
            {
                "time": iso_moment(call.at),
                "door": call.door,
                "function": call.function,
                "code": call.code,
                "milliseconds": round(call.milliseconds, 1),
            }
            for call in found
        ]
        click.echo(json_text(listed, indent=2))
        return
    for call in found:
        click.echo(
            f"{moment(call.at)}  {call.door:<6}  {call.milliseconds:>9.1f} ms  {call.code:>6}"
            f"  {call.function}"
        )
    if not found:
        click.echo(tr("no such calls"))


def _why_not(view: JournalView, number: int) -> str:
    state = view.state_of(number)
    if state is None:
        return tr("there is no change {number}; see: cshis-bridge journal pending", number=number)
    return tr("change {number} is {state} already", number=number, state=state)
