"""``cshis-bridge trace``: mask a trace so that it can leave the hospital, and look into one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bridge.cli.in_parts import How, in_parts, tell_left_out
from bridge.cli.lazy_group import Group
from bridge.cli.streams import unguarded
from bridge.cli.trace.export import export
from bridge.cli.trace.mask_places import Wanted, end, mask_places
from bridge.errors import BridgeError
from bridge.serving.stop_signals import interrupting
from bridge.table.default import default_table
from bridge.trace.lines import shown
from bridge.trace.masking.files import Masked, TraceMasking
from bridge.trace.masking.key import MaskKey, open_key
from bridge.trace.masking.rules import default_rules
from bridge.trace.places import WorkPlace, WorkPlaces, work_places
from bridge.trace.reading import Problem, parsed_lines, trace_files
from bridge.words import reason, tr

MOST_SHOWN = 20
place = click.Path(exists=True, path_type=Path)


@click.group(cls=Group)
def trace() -> None:
    """Works on recorded traces: masks them, shows them."""


trace.add_command(export)


@trace.command()
@click.argument("source", metavar="IN", type=place)
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the key here (made at first use): the same person becomes the same one in several traces."
    "  [default: a key of this run only]",
)
@click.option("--keep-hospitals", is_flag=True, help="Leave the ids and names of hospitals as they are.")
@click.option(
    "--keep-places",
    is_flag=True,
    help="Of a folder of several work places: leave the names of their folders as they are.  [default: "
    "numbers, and a list of them beside OUT]",
)
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@in_parts
def mask(
    source: Path,
    target: Path,
    key_file: Path | None,
    keep_hospitals: bool,
    keep_places: bool,
    force: bool,
    how: How,
) -> None:
    """Writes a trace anew with invented people in it.

    IN is a file, a folder of parts, or a folder of folders of many work places. Ids, names, cards, birthdays,
    telephone numbers and signatures become others of the same width, the same person always the same one; all
    dates move back by one number of weeks. Codes, fees and lengths stay. Whatever the mapping table does not
    know is filled with x. A person must look at OUT before it leaves the hospital (cshis-bridge trace show
    OUT --fields), and the key file must stay there. Exit code 3: some of it was left out, or the command was
    broken off.
    """
    try:
        found = work_places(source) if source.is_dir() else None
        if found is not None and (len(found.places) > 1 or found.refused):
            wanted = Wanted(source, target, key_file, keep_hospitals, keep_places, force)
            done, left_out = mask_places(found, wanted, how)
            _summary(done)
            return end(left_out)
        key = open_key(key_file) if key_file is not None else MaskKey(remembers=False)
        total = 2 * sum(file.stat().st_size for file in trace_files(source))
        with click.progressbar(length=total, label=tr("masking"), file=unguarded(sys.stderr)) as bar:
            masking = TraceMasking(
                default_table(), default_rules(), key, keep_hospitals=keep_hospitals, progress=bar.update
            )
            with interrupting():
                done = masking.run(source, target, force=force)
    except (BridgeError, OSError) as error:
        raise click.ClickException(reason(error)) from error
    _summary(done)


def _summary(done: Masked) -> None:
    counts = done.counts
    for problem in done.problems[:MOST_SHOWN]:
        click.echo(tr("Warning: {problem}", problem=problem), err=True)
    if len(done.problems) > MOST_SHOWN:
        click.echo(tr("Warning: ... and {count} more", count=len(done.problems) - MOST_SHOWN), err=True)
    click.echo(
        tr(
            "{calls} calls, {answers} answers of the bridge, {notes} notes",
            calls=counts.calls,
            answers=counts.answers,
            notes=counts.notes,
        ),
        err=True,
    )
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(done.replaced.items()))
    click.echo(
        tr("{people} people; replaced: {kinds}", people=done.people, kinds=kinds or tr("nothing")), err=True
    )
    click.echo(tr("{count} lines left out: they could not be read", count=counts.left_out), err=True)
    if done.shared:
        click.echo(
            tr("{count} short values share an invented one: there are not enough", count=done.shared),
            err=True,
        )
    remains = done.swept + counts.remains
    if remains:
        click.echo(
            tr("{count} real values were found where none should be, and overwritten", count=remains),
            err=True,
        )
    click.echo(
        tr("Look through it before it leaves the hospital: cshis-bridge trace show OUT --fields"), err=True
    )


@trace.command()
@click.argument("file", metavar="FILE", type=place)
@click.option(
    "--fields", is_flag=True, help="With every argument, and every field of the records with its offset."
)
def show(file: Path, fields: bool) -> None:
    """Prints the calls of a trace, one line each.

    Time (Taiwan's), milliseconds, code, function. What an unmasked trace holds about patients is printed,
    too, with --fields.
    """
    table = default_table()
    try:
        found = work_places(file) if file.is_dir() else WorkPlaces((WorkPlace("", (file,)),), ())
        for place in found.places:
            if len(found.places) > 1:
                click.echo(f"## {place.name}")
            for part in place.files:
                for line, _ in parsed_lines(part):
                    if isinstance(line, Problem):
                        click.echo(tr("Warning: {problem}", problem=line), err=True)
                    else:
                        click.echo("\n".join(shown(table, line, fields=fields)))
        tell_left_out(found.refused)
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
