"""The part of ``trace mask`` that masks a folder of many work places."""

from __future__ import annotations

import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from bridge.cli.in_parts import UNFINISHED, How, carried_out, held, tell_left_out
from bridge.errors import TraceError
from bridge.private_files import make_private_folder, write_private
from bridge.trace.many.masking import (
    Places,
    agreed,
    learning,
    list_of_places,
    masked_places,
    missing,
    together,
    writing,
)
from bridge.trace.many.parts import parts_of, versions
from bridge.trace.masking.files import Masked
from bridge.trace.masking.key import open_key
from bridge.trace.masking.target import check_target, move, put_in_place
from bridge.trace.places import WorkPlaces
from bridge.words import said, tr


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says."""

    source: Path
    target: Path
    key_file: Path | None
    keep_hospitals: bool
    keep_places: bool
    force: bool


def mask_places(found: WorkPlaces, wanted: Wanted, how: How) -> tuple[Masked, list[str]]:
    """Mask them. Out: what was done, and what was left out, for the screen. Until all is done, what is
    finished lies in a private folder beside OUT, which a broken run leaves there. Raises TraceError,
    PartsError, OSError.
    """
    check_target(wanted.source, wanted.target, wanted.force)
    state = how.state_of(wanted.target, "mask")
    if wanted.source.resolve() in state.resolve().parents:  # the next run would mask it once more
        raise TraceError(said("{target}: lies in the trace that is to be masked", target=state))
    with held(state):
        return _masked(found, wanted, state, how)


def _masked(found: WorkPlaces, wanted: Wanted, state: Path, how: How) -> tuple[Masked, list[str]]:
    places = masked_places(wanted.source, found.places, keep_places=wanted.keep_places)
    try:
        make_private_folder(state)
        key = open_key(wanted.key_file or state / "key")
        about = [*versions(), key.digest("state", b""), str(wanted.keep_hospitals)]
        work = learning(state, wanted.keep_hospitals)
        learnt = carried_out(tr("learning"), work, parts_of(found.places), about, state / "learnt", how)
        if not learnt.results:
            raise TraceError("\n".join(f"{name}: {why}" for name, why in learnt.failed.items()))
        who = agreed(state, learnt.results, key, wanted.keep_hospitals)
        parts = [part for part in parts_of(found.places) if part.name in learnt.results]
        about += [who.digest, str(wanted.keep_places), *(str(place) for place in places.targets.items())]
        work = writing(state, who.file, places)
        written = carried_out(tr("masking"), work, parts, about, state / "written", how)
        done = together(written.results, who.people)
        failed = {**learnt.failed, **written.failed}
        _put_in_place(state, wanted, places, list(written.results))
    except OSError as error:
        raise TraceError(
            said("{folder}: cannot be written: {strerror}", folder=state, strerror=error.strerror)
        ) from error
    return done, [*found.refused, *(f"{name}: {why}" for name, why in failed.items())]


def _put_in_place(state: Path, wanted: Wanted, places: Places, done: list[str]) -> None:
    """OUT in one step, with a list of its work places beside it; then what the masking knew goes."""
    gone = missing(state, places, done)
    if gone:
        shutil.rmtree(state)
        raise TraceError(
            said("{file}: was taken away while it was masked; give the command again", file=gone[0])
        )
    new = wanted.target.with_name(f".{wanted.target.name}.{secrets.token_hex(4)}")
    move(state / "masked", new)
    try:
        put_in_place(new, wanted.target)
    except OSError:
        move(new, state / "masked")  # another run needs only this step
        raise
    if any(places.folders.values()) and not wanted.keep_places:
        names = wanted.target.with_name(f"{wanted.target.name}.places.csv")
        write_private(names, list_of_places(places))
        click.echo(tr("which work place is which: {file}; it stays in the hospital", file=names), err=True)
    shutil.rmtree(state)


def end(left_out: list[str]) -> None:
    """Say what was left out; then the command has not done all that it was asked for."""
    tell_left_out(left_out)
    if left_out:
        sys.exit(UNFINISHED)
