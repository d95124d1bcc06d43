"""Command ``cshis-bridge sim from-trace``: a world for the simulators, made of a trace."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.sim.scenarios import tell_remarks
from bridge.cli.sim.steering import DATA_DIR, refusals_told, remote_of
from bridge.errors import BridgeError, TraceError
from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.checking import checked_items
from bridge.sim.scenario.writing import scenario_pieces
from bridge.words import reason, said, tr

if TYPE_CHECKING:
    from bridge.trace.format import Header, TracedCall
    from bridge.trace.places import WorkPlace
    from bridge.trace.stream import ProgramEnd
    from bridge.trace.worlds.document import WorldDocument


@click.command("from-trace")
@DATA_DIR
@click.pass_context
@click.argument("trace", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the scenario into this file.  [default: standard output, or nowhere with --load]",
)
@click.option("--load", "at_once", is_flag=True, help="Begin anew in it at once.")
@click.option(
    "--allow-unmasked", is_flag=True, help="Also of an unmasked trace: the file then holds patients' data."
)
def from_trace(
    context: click.Context,
    data_dir: Path | None,
    trace: Path,
    output: Path | None,
    at_once: bool,
    allow_unmasked: bool,
) -> None:
    """Make a scenario of a trace.

    It is the world in which the calls of TRACE (a file, a folder of parts, or of folders of many work places)
    were made. What the trace does not tell is named in its remarks. The file is readable by its owner only.
    Exit code 3: some of TRACE was left out.
    """
    from bridge.serving.memory import without_collector

    remarks: list[str] = []
    try:
        with without_collector():
            world, left_out = trace_world(trace, allow_unmasked)
            pieces = scenario_pieces(_noted(checked_items(world.items()), remarks))
            text = _written(pieces, trace, output)
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
    if at_once:
        with refusals_told():
            remote_of(context, data_dir).load(world.whole())
    elif text is not None:
        click.echo(text, nl=False)
    tell_remarks(remarks)
    if left_out:
        from bridge.cli.in_parts import UNFINISHED, tell_left_out

        tell_left_out(left_out)
        sys.exit(UNFINISHED)


def trace_world(place: Path, allow_unmasked: bool = False) -> tuple[WorldDocument, list[str]]:
    """The scenario of a trace, or of the traces of many work places together, not checked yet; and what of
    them was left out, for the screen. Of many, standard error is told how far it is. Raises TraceError: it
    cannot be read, or is not masked and that is not allowed.
    """
    from bridge.table.default import default_table  # most commands that steer a simulator read no trace
    from bridge.trace.many.calls import unmasked
    from bridge.trace.places import places_of
    from bridge.trace.stream import calls_by_time
    from bridge.trace.worlds.world import world_of_calls

    found = places_of(place)
    if not allow_unmasked and (names := unmasked(found.places)):
        raise TraceError(
            said(
                "{place}: not masked: its world would hold patients' data. Mask it first (cshis-bridge trace "
                "mask), or give --allow-unmasked",
                place=", ".join(names) if len(found.places) > 1 else place,
            )
        )
    headers: list[Header] = []
    left_out: dict[str, str] = {}
    if len(found.places) == 1:
        calls = partial(calls_by_time, *found.places[0].files, headers=headers)
    else:
        labels = iter(("sim from-trace", tr("sim from-trace, once more from the start")))
        calls = partial(_told_calls, labels, found.places, headers, left_out)
    world = world_of_calls(calls, default_table())
    if not allow_unmasked and not all(header.masked for header in headers):
        raise TraceError(said("{place}: some of it is not masked", place=place))
    return world, [*found.refused, *(f"{name}: {why}" for name, why in left_out.items())]


def _told_calls(
    labels: Iterator[str], places: Sequence[WorkPlace], headers: list[Header], left_out: dict[str, str]
) -> Iterator[TracedCall | ProgramEnd]:
    """The calls of many work places, with a line of progress; it begins with the next of the labels."""
    from bridge.cli.in_parts import progress_of
    from bridge.trace.many.calls import calls_of_places

    progress = progress_of(next(labels))
    try:
        yield from calls_of_places(places, headers, left_out, progress)
    finally:
        progress.end()


def _noted(items: Iterable[tuple[str, Any]], remarks: list[str]) -> Iterator[tuple[str, Any]]:
    """The items themselves; their remarks are added to ``remarks``."""
    for key, value in items:
        if key == "remarks":
            remarks += value
        yield key, value


def _written(pieces: Iterable[str], trace: Path, output: Path | None) -> str | None:
    """Write the pieces into a file, all or none; without one: the text. Raises TraceError: it cannot be
    written, or no scenario can be made of the trace.
    """
    from bridge.private_files import write_private_pieces

    try:
        if output is None:
            return "".join(pieces)
        write_private_pieces(output, pieces, "backslashreplace")
    except ScenarioError as error:
        raise TraceError(
            said("{place}: no scenario can be made of it: {error}", place=trace, error=error)
        ) from error
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be written: {strerror}", file=output, strerror=error.strerror)
        ) from error
    return None
