"""``cshis-bridge cutover``: moves work places to 6.0 in stages, function by function, and back."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from bridge.cli.in_parts import UNFINISHED, How, in_parts, tell_left_out
from bridge.cli.judged import readiness_of
from bridge.cli.lazy_group import Group
from bridge.cli.steps import stage_name, step_line
from bridge.cli.streams import json_text
from bridge.config import Settings, load_settings
from bridge.cutover.folders import STEPS, Done, State, apply_stage, state_of, step_back
from bridge.cutover.plan import GroupUse, Plan, make_plan
from bridge.cutover.routing_file import read_routing, text_of_file
from bridge.cutover.stages import find_stage
from bridge.errors import BridgeError
from bridge.private_files import private_directory
from bridge.records.journal import JOURNAL_NAME
from bridge.records.stages import StageBook, Step
from bridge.table.default import default_table
from bridge.table.model.cutover import Words
from bridge.words import ENGLISH, shown, spoken, tr

MOST_LINES = 5
FAILED, UNUSABLE = 1, 2
directories = click.argument(
    "folders_", metavar="DIR...", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
config_option = click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)


@click.group(cls=Group)
def cutover() -> None:
    """Moves work places to 6.0 in stages (分段上線).

    The library of the bridge and the old software's beside it: cshis-bridge.ini says which function goes
    where. What touches a card goes one way for a whole visit (docs/migrate/cutover.md).
    """


@cutover.command()
@click.argument("trace", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@in_parts
def plan(trace: Path, as_json: bool, how: How) -> None:
    """Says what each stage moves.

    For the recorded program of TRACE (a file, or a folder of parts, or of folders of many work places):
    which of its functions touch no card and can go first, how many of its calls each stage moves, and which
    functions 6.0 does not have. Exit code 2: the trace cannot be used, 3: some of it was left out.
    """
    with _told():
        table = default_table()
        if table.cutover is None:
            raise click.ClickException(tr("this table has no cutover.yaml"))
        report = readiness_of(trace, how)
        made = make_plan(report, table, table.cutover)
        click.echo(json_text(_as_json(made), indent=2) if as_json else "\n".join(_plan_lines(made)))
    tell_left_out(report.left_out)
    if report.left_out:
        sys.exit(UNFINISHED)


@cutover.command()
@click.argument("stage")
@directories
@config_option
def apply(stage: str, folders_: tuple[Path, ...], config: Path | None) -> None:
    """Gives folders a stage.

    STAGE is a name (cutover stages) or a file; DIR are folders with the library. Of several each is served
    wholly or not at all. Programs that run take it when they next open the port.
    """
    if not folders_:
        raise click.UsageError(tr("name the folders"))
    with _told():
        table = default_table()
        routing = find_stage(stage, table)
        book = _book(load_settings(config))
        _report("apply", book, (apply_stage(folder, routing, table, config) for folder in folders_))


@cutover.command()
@directories
@config_option
def back(folders_: tuple[Path, ...], config: Path | None) -> None:
    """Takes the last step back.

    Every file of DIR is then as it was before that step; without DIR, in all folders that were given a
    stage.
    """
    with _told():
        table, book = default_table(), _book(load_settings(config))
        wanted = folders_ or tuple(folder for folder in book.folders() if _has_steps(folder))
        _report("back", book, (step_back(folder, table) for folder in wanted))


@cutover.command()
@directories
@config_option
def status(folders_: tuple[Path, ...], config: Path | None) -> None:
    """Says which stage is where.

    For DIR, else for all folders that were given a stage, and what was done last.
    """
    with _told():
        table, book = default_table(), StageBook(load_settings(config).data_dir / JOURNAL_NAME)
        for folder in folders_ or tuple(book.folders()):
            try:
                click.echo("\n".join(_state_lines(state_of(folder, table))))
            except BridgeError as error:
                click.echo(f"{folder}\n  {tr('FAILED: {why}', why=error)}")
        for step in book.steps()[-MOST_LINES:]:
            click.echo(step_line(step))


@cutover.command()
def stages() -> None:
    """Lists the stages by name."""
    cutover_ = default_table().cutover
    for name, stage in (cutover_.stages if cutover_ is not None else {}).items():
        click.echo(f"{name}: {_in_language(stage.title)}")
        for group, route in stage.routes.items():
            click.echo(f"  {group}={route}")


@cutover.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Checks a routing file.

    Exit code 0: the library obeys it; 2: it refuses it as a whole.
    """
    with _told():
        routing = read_routing(text_of_file(file.read_bytes()), default_table())
    click.echo(
        tr("it has no routes: every call goes to the bridge") if routing is None else tr("it is sound")
    )


class _told:
    """Errors of the bridge become one line and exit code 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BridgeError):
            click.echo(tr("Error: {error}", error=error), err=True)
            sys.exit(UNUSABLE)


def _has_steps(folder: Path) -> bool:
    """True also where that cannot be told: then the step back says why."""
    try:
        return bool(state_of(folder, default_table()).steps)
    except BridgeError:
        return (folder / STEPS).exists() or not folder.exists()


def _book(settings: Settings) -> StageBook:
    """The steps in the journal. Raises ConfigError where no line could be kept."""
    private_directory(settings.data_dir)
    book = StageBook(settings.data_dir / JOURNAL_NAME)
    book.check_writable()
    return book


def _report(action: str, book: StageBook, outcomes: Iterable[Done]) -> None:
    """A line for each folder, and one in the journal for each that was changed."""
    failed = count = 0
    for done in outcomes:
        count += 1
        if done.refused:
            failed += 1
            click.echo(f"{done.folder}: {tr('FAILED: {why}', why=shown(done.refused))}")
            continue
        click.echo(f"{done.folder}: {stage_name(done.before)} -> {stage_name(done.after)}")
        book.note(Step(time.time(), action, done.folder.absolute(), done.before, done.after))
    if failed:
        click.echo(
            tr(
                "{failed} of {count} folders failed; nothing was changed in those", failed=failed, count=count
            ),
            err=True,
        )
        sys.exit(FAILED)


def _state_lines(state: State) -> Iterator[str]:
    yield f"{state.folder}"
    if state.refused:
        yield "  " + tr("the library refuses cshis-bridge.ini as a whole: {why}", why=state.refused)
    elif not state.routed:
        yield "  " + tr("no routes: every call goes to the bridge")
    else:
        yield "  " + tr("stage: {stage}", stage=stage_name(state.stage))
    if state.routed and not state.original:
        yield "  " + tr("the old software's library is missing")
    if state.steps:
        yield "  " + tr("steps that can be taken back: {steps}", steps=", ".join(state.steps))


def _plan_lines(made: Plan) -> Iterator[str]:
    yield tr("{calls} calls", calls=f"{made.calls:,}")
    yield tr("Can go first, as they touch no card:")
    yield from _group_lines(made.first)
    yield tr("The others go together with the visits, or are not on 6.0:")
    yield from _group_lines(group for group in made.groups if group not in made.first)
    yield tr("Stages:")
    for stage in made.stages:
        yield f"  {stage.name}: {_in_language(stage.title)}"
        yield "    " + tr("{moved} calls are answered by the bridge", moved=f"{stage.moved:,}")
        if stage.failing:
            yield "    " + tr("6.0 does not have: {names}", names=", ".join(stage.failing))
    if made.unknown:
        yield tr("not in the table, so that no stage can move them: {names}", names=", ".join(made.unknown))


def _group_lines(groups: Iterable[GroupUse]) -> Iterator[str]:
    for group in groups:
        yield f"  {group.name}: {_in_language(group.title)}"
        yield "    " + ", ".join(f"{name} {calls:,}" for name, calls in group.calls.items())


def _in_language(words: Words) -> str:
    return words.en if spoken() == ENGLISH else words.zh


def _as_json(made: Plan) -> dict[str, object]:
    return {
        "plan": 1,
        "calls": made.calls,
        "first": [group.name for group in made.first],
        "groups": {group.name: group.calls for group in made.groups},
        "stages": [
            {"name": stage.name, "moved": stage.moved, "failing": list(stage.failing)}
            for stage in made.stages
        ],
        "unknown": list(made.unknown),
    }
