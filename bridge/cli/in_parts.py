"""What commands share that take a folder of many work places: their options, and how they are carried out."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from bridge.cli.streams import unguarded
from bridge.errors import PartsError
from bridge.parts.kept import Kept
from bridge.parts.part import Part, Work
from bridge.parts.progress import Progress
from bridge.parts.run import Finished, run
from bridge.parts.workers import Workers
from bridge.private_files import make_private_folder
from bridge.serving.one_owner import Holder, Lock, holder_of, take
from bridge.words import said, tr

UNFINISHED = 3  # exit code: something was left out, or interrupted
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class How:
    """What the command line says of it. ``workers``: None: as many as is usual. ``dask``: address of a
    scheduler, whose workers do the parts then. ``state``: where finished parts are kept.
    """

    workers: int | None
    dask: str | None
    state: Path | None

    def state_of(self, folder: Path, command: str) -> Path:
        """The folder of a command's finished parts."""
        return (self.state or parts_beside(folder)) / command


def parts_beside(trace: Path) -> Path:
    """The folder of finished parts beside a trace, or OUT."""
    whole = Path(os.path.abspath(trace))  # "." and ".." have names, too
    return whole.parent / f"{whole.name}.parts"


@contextmanager
def held(state: Path) -> Iterator[None]:
    """The folder of a command's finished parts, made for its user alone, is this process's until the end of
    the with statement: two runs in one folder would take each other's half-written files for finished ones.
    A signal, also between two steps, ends the process: what is finished stays there. Raises PartsError where
    another run has it, or it cannot be made.
    """
    lock = state.with_name(f"{state.name}.lock")
    try:
        make_private_folder(state.parent)
        found = _taken(lock)
    except OSError as error:
        raise PartsError(
            said("{folder}: cannot be written: {strerror}", folder=state, strerror=error.strerror)
        ) from error
    if isinstance(found, Holder):
        raise PartsError(
            said(
                "{folder}: another run works there (process {pid}): wait until it has ended, or give this "
                "one a folder of its own: --state",
                folder=state,
                pid=found.pid or "?",
            )
        )
    try:
        with found, _signals():
            yield
    except KeyboardInterrupt:
        told = tr(
            "interrupted: what is finished is kept in {folder}; the same command goes on from there",
            folder=state,
        )
        click.echo(told, err=True)
        sys.exit(UNFINISHED)
    finally:
        with suppress(OSError):
            lock.unlink()
            state.parent.rmdir()  # where nothing else is in it


def _taken(lock: Path) -> Lock | Holder:
    """The lock, or who holds it: not of a file that its last holder has removed meanwhile."""
    while True:
        found = take(lock, lock)
        if isinstance(found, Holder):
            return found
        seen = holder_of(lock)
        if seen is not None and seen.pid in (0, os.getpid()):
            return found
        found.release()


def in_parts(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of such a command, which gets them as ``how``."""

    @wraps(command)
    def with_how(
        *arguments: Any, workers: int | None, dask: str | None, state: Path | None, **options: Any
    ) -> Any:
        if workers is not None and dask is not None:
            raise click.UsageError(tr("--workers and --dask exclude each other"))
        return command(*arguments, how=How(workers, dask, state), **options)

    for option in _OPTIONS:
        with_how = option(with_how)
    return with_how


_OPTIONS = (
    click.option(
        "--state",
        type=click.Path(file_okay=False, path_type=Path),
        help="Of a folder of several work places: keep what is finished here, so that the command can be "
        "broken off and given again.  [default: beside the folder, its name with .parts]",
    ),
    click.option(
        "--dask",
        metavar="ADDRESS",
        help="Of a folder of several work places: have the workers of this Dask cluster do it, such as "
        "tcp://10.0.0.5:8786. They read the same folders under the same paths.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 256),
        help="Of a folder of several work places: so many at a time, each in a process of its own.  "
        "[default: one for each processor]",
    ),
)


def carried_out(
    label: str, work: Work, parts: Sequence[Part], about: Sequence[str], state: Path, how: How
) -> Finished:
    """Do all parts, with a line of progress on standard error. ``about``: as of
    :class:`bridge.parts.kept.Kept`. A signal, or that the work cannot go on, ends the process: what is done
    is kept.
    """
    try:
        workers = _workers(how, len(parts))
    except PartsError as error:
        _give_up(error)
    kept = Kept(state, [label, *about])
    done = 0

    def counted(part: Part) -> None:
        nonlocal done
        done += 1

    try:
        with _signals():
            finished = run(parts, work, workers, kept, progress_of(label), counted)
    except KeyboardInterrupt:
        told = tr(
            "interrupted: {done} of {all} work places are finished, and kept in {folder}; the same command "
            "goes on from there",
            done=done,
            all=len(parts),
            folder=state,
        )
        click.echo(told, err=True)
        sys.exit(UNFINISHED)
    except PartsError as error:
        _give_up(error)
    finally:
        workers.close()
    _tell(finished, state)
    return finished


def progress_of(label: str) -> Progress:
    """Tells on standard error how far a command is."""
    return Progress(label, unguarded(sys.stderr))


def _give_up(error: PartsError) -> NoReturn:
    click.echo(tr("Error: {error}", error=error), err=True)
    sys.exit(UNFINISHED)


def _workers(how: How, parts: int) -> Workers:
    if how.dask is None:
        from bridge.parts.processes import LocalProcesses, usual_count  # of one work place nobody needs them

        return LocalProcesses(max(min(how.workers or usual_count(), parts), 1))
    return cluster(how.dask)


def cluster(address: str) -> Workers:
    """The workers of a Dask scheduler. Raises PartsError."""
    try:
        from bridge.parts.cluster import DaskCluster  # an extra of the package
    except ModuleNotFoundError as error:
        raise lacking("--dask", "cluster") from error
    return DaskCluster(address)


def lacking(name: str, extra: str) -> PartsError:
    """What to say where an extra of the package is not installed."""
    return PartsError(said("{name} needs more: pip install 'cshis-bridge[{extra}]'", name=name, extra=extra))


def _tell(finished: Finished, state: Path) -> None:
    if finished.before:
        click.echo(
            tr("{count} finished before, taken from {folder}", count=finished.before, folder=state), err=True
        )
    for name in finished.again[:MOST_TOLD]:
        if name not in finished.failed:
            click.echo(tr("{name}: its worker died; done a second time", name=name), err=True)


def tell_left_out(left_out: Sequence[str]) -> None:
    """Say on standard error what is not in a result."""
    for text in left_out[:MOST_TOLD]:
        click.echo(tr("Left out: {text}", text=text), err=True)
    if len(left_out) > MOST_TOLD:
        click.echo(tr("Left out: ... and {count} more", count=len(left_out) - MOST_TOLD), err=True)


@contextmanager
def _signals() -> Iterator[None]:
    """What asks a process to end does what Ctrl-C does. One that it was started to ignore stays ignored."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    names = ("SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
