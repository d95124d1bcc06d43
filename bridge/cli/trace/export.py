"""``cshis-bridge trace export``: a trace as Parquet, for questions of one's own."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from bridge.cli.in_parts import UNFINISHED, How, carried_out, held, in_parts, lacking, tell_left_out
from bridge.errors import BridgeError, TraceError
from bridge.private_files import make_private_folder
from bridge.serving.stop_signals import interrupting
from bridge.trace.many.parts import parts_of, versions
from bridge.trace.masking.target import move, put_in_place
from bridge.trace.places import WorkPlaces, places_of
from bridge.words import reason, said, tr


@click.command()
@click.argument("source", metavar="TRACE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--parquet",
    "target",
    metavar="OUT",
    type=click.Path(path_type=Path),
    required=True,
    help="Write this file; of a folder of several work places this folder, with a file for each.",
)
@click.option("--no-values", is_flag=True, help="Leave out what was passed and returned.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@in_parts
def export(source: Path, target: Path, no_values: bool, force: bool, how: How) -> None:
    """Writes a trace as Parquet, for questions of one's own.

    TRACE is a file, a folder of parts, or a folder of folders of many work places. A row is a call, an answer
    of a live comparison, or a note; times are Taiwan's. Of an unmasked trace the file holds patients' data:
    it is readable by its owner only. Exit code 3: some of TRACE was left out, or the command was broken off.
    """
    try:
        if os.path.lexists(target) and not force:
            raise TraceError(said("{target}: exists already; --force replaces it", target=target))
        found = places_of(source)
        if len(found.places) == 1:
            with interrupting():
                left_out = _one(found, target, values=not no_values)
        else:
            state = how.state_of(target, "export")
            with held(state):
                left_out = _many(found, target, state, how, values=not no_values)
    except (BridgeError, OSError) as error:
        raise click.ClickException(reason(error)) from error
    tell_left_out(left_out)
    if left_out:
        sys.exit(UNFINISHED)


def _one(found: WorkPlaces, target: Path, *, values: bool) -> list[str]:
    try:
        from bridge.trace.exporting.parquet import write_parquet  # an extra of the package
    except ModuleNotFoundError as error:
        raise lacking("trace export", "parquet") from error
    (place,) = found.places
    written = write_parquet(place.name, place.files, target, values=values)
    _tell(written.rows, written.left_out, target)
    return list(found.refused)


def _many(found: WorkPlaces, target: Path, state: Path, how: How, *, values: bool) -> list[str]:
    try:
        from bridge.trace.many.exporting import exporting, parquet_names  # an extra of the package
    except ModuleNotFoundError as error:
        raise lacking("trace export", "parquet") from error
    make_private_folder(state)
    work = exporting(state / "parquet", parquet_names(found.places), values=values)
    about = [*versions(), str(values)]
    finished = carried_out(tr("export"), work, parts_of(found.places), about, state / "written", how)
    if not finished.results:
        raise TraceError("\n".join(f"{name}: {why}" for name, why in finished.failed.items()))
    for unfinished in (state / "parquet").glob(".*"):  # of a process that was killed
        shutil.rmtree(unfinished)
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    move(state / "parquet", new)
    put_in_place(new, target)
    shutil.rmtree(state)
    _tell(_sum(finished.results, "rows"), _sum(finished.results, "left_out"), target)
    return [*found.refused, *(f"{name}: {why}" for name, why in finished.failed.items())]


def _sum(results: dict[str, dict[str, Any]], name: str) -> int:
    return sum(int(result[name]) for result in results.values())


def _tell(rows: int, left_out: int, target: Path) -> None:
    told = tr("{rows} rows, {count} lines left out: {target}", rows=rows, count=left_out, target=target)
    click.echo(told, err=True)
