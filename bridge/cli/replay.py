"""``cshis-bridge replay``: make the calls of a trace again and report every difference."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.names import scenario_names
from bridge.cli.streams import unguarded
from bridge.config import load_settings
from bridge.errors import BridgeError, TraceError
from bridge.lab.collecting import not_collected
from bridge.lab.replay_target import Prepared, running_bridge, simulators, simulators_of
from bridge.lab.stretch import How, StretchPart
from bridge.lab.stretch_by_stretch import Made, Source, replay_stretches
from bridge.serving.event_loop import new_event_loop
from bridge.table.default import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.kinds import KINDS
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.places import WorkPlaces, places_of
from bridge.trace.reading import Trace, read_trace, trace_files
from bridge.trace.replaying.reasons import CONSEQUENCES
from bridge.trace.replaying.recorded import compare_trace
from bridge.trace.replaying.replay import Limits
from bridge.trace.replaying.stretches import MOST_CALLS, read_stretch, stretches
from bridge.trace.reporting.report import About, Told, make_report, write_json
from bridge.trace.reporting.written import check_writable
from bridge.words import CHINESE, reason, said, spoken, tr

if TYPE_CHECKING:
    from bridge.lab.stretches import Whole

MOST_SHOWN = 15
SAME, DIFFERENT, UNUSABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    simulate: bool
    scenario: str | None
    keep_card: bool
    channel: str | None
    config: Path | None
    data_dir: Path | None
    token_file: Path | None
    changes: bool
    pins: bool
    timeout: float
    quiet: bool
    verbose: bool = False
    over_http: bool = False
    workers: int | None = None
    state: Path | None = None
    dask: str | None = None
    part_calls: int = MOST_CALLS
    differences: Path | None = None


@click.command()
@click.argument("trace", type=click.Path(exists=True, path_type=Path))
@click.option("--simulate", is_flag=True, help="Replay against simulators of its own: changes are made, too.")
@click.option(
    "--scenario",
    metavar="NAME_OR_FILE",
    shell_complete=scenario_names,
    help="World of --simulate, as of sim load.  [default: made of TRACE]",
)
@click.option(
    "--channel",
    metavar="HOST:PORT",
    help="Replay against a running bridge.  [default: the one that runs with data directory or console]",
)
@click.option(
    "--over-http",
    is_flag=True,
    help="With --simulate: ask the simulators over TLS and HTTP.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="With --simulate: replay so many parts at a time, each in a process of its own.  "
    "[default: one for each processor]",
)
@click.option(
    "--state", type=click.Path(file_okay=False, path_type=Path),
    help="With --simulate: where finished parts are kept until all are done, so that the same command goes "
    "on after a break.  [default: beside TRACE, its name with .parts]",
)  # fmt: skip
@click.option(
    "--part-calls", type=click.IntRange(1), default=MOST_CALLS, show_default=True,
    help="With --simulate: calls of a part, which then ends where a visit does.",
)  # fmt: skip
@click.option(
    "--differences", type=click.Path(file_okay=False, path_type=Path),
    help="With --simulate: write every difference into this folder, as JSON lines.",
)  # fmt: skip
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="With --simulate: have the workers of this Dask cluster do it, such as tcp://10.0.0.5:8786. They "
    "read the same folders under the same paths.",
)
@click.option("--keep-card", is_flag=True, help="With --scenario: its card stays in the reader.")
@click.option(
    "--recorded", is_flag=True, help="Call nothing: compare what the recorder asked a bridge meanwhile."
)
@click.option("--changes", is_flag=True, help="With --channel: make calls that change data, too.")
@click.option("--pins", is_flag=True, help="With --channel: make calls for which a person types a PIN, too.")
@click.option(
    "--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The channel's token.  [default: channel.token_file of the settings]",
)  # fmt: skip
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the running bridge.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write an HTML page.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write JSON.")
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=120.0, show_default=True, help="Seconds a call."
)
@click.option("--quiet", is_flag=True, help="No progress bar, no summary.")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")
def replay(
    trace: Path, simulate: bool, scenario: str | None, keep_card: bool, channel: str | None, recorded: bool,
    changes: bool, pins: bool, token_file: Path | None, config: Path | None, data_dir: Path | None,
    report: Path | None, json_file: Path | None, timeout: float, quiet: bool, verbose: bool, over_http: bool,
    workers: int | None, state: Path | None, part_calls: int, differences: Path | None,
    dask: str | None,
) -> None:  # fmt: skip
    """Makes the calls of a trace again and compares every field.

    TRACE is a file, a folder of its parts, or with --simulate a folder of folders of many work places.
    Against simulators a long trace is replayed in parts, each in a world made of its own calls, and each run
    of a program by itself. Against a running bridge only reads are
    made, unless --changes is given. Exit code: 0 nothing differs but what is expected, 1 something does, or
    not all could be compared, 2 trace or target cannot be used.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL, stream=sys.stderr)
    if simulate + recorded + (channel is not None) > 1:
        raise click.UsageError(tr("--simulate, --channel and --recorded exclude each other"))
    if (scenario is not None and not simulate) or (keep_card and scenario is None):
        raise click.UsageError(tr("--keep-card goes with --scenario, and that with --simulate"))
    if (over_http or workers or state or differences or dask) and not simulate:
        raise click.UsageError(
            tr("--over-http, --workers, --dask, --state and --differences go with --simulate")
        )
    if workers and dask:
        raise click.UsageError(tr("--workers and --dask exclude each other"))
    options = Options(
        simulate=simulate,
        scenario=scenario,
        keep_card=keep_card,
        channel=channel,
        config=config,
        data_dir=data_dir,
        token_file=token_file,
        changes=changes,
        pins=pins,
        timeout=timeout,
        quiet=quiet,
        verbose=verbose,
        over_http=over_http,
        workers=workers,
        state=state,
        dask=dask,
        part_calls=part_calls,
        differences=differences,
    )
    try:
        check_writable(json_file, report)
        write_page = None if report is None else _page_writer()
        if recorded:
            about, told, tally = _recorded(trace)
        elif simulate and scenario is None:
            about, told, tally = _simulated(trace, options)
        else:
            about, told, tally = _of_stretches(trace, options)
        made = make_report(default_table(), about, told, tally)
        if json_file is not None:
            write_json(made, json_file)
        if report is not None and write_page is not None:
            write_page(made, report)
    except BridgeError as error:
        click.echo(tr("Error: {error}", error=error), err=True)
        sys.exit(UNUSABLE)
    except OSError as error:  # no room for the differences
        click.echo(tr("Error: {error}", error=f"{error.filename or differences}: {error.strerror}"), err=True)
        sys.exit(UNUSABLE)
    except asyncio.CancelledError:  # before the first call
        click.echo(tr("interrupted: no call was made"), err=True)
        sys.exit(DIFFERENT)
    if not quiet:
        _summary(made, report, json_file)
    left_out = any("not_done" in function.skipped for function in tally.functions.values())
    sys.exit(DIFFERENT if about.interrupted or tally.different or left_out or about.left_out else SAME)


def _page_writer() -> Callable[[dict[str, Any], Path], None]:
    """What makes the page; nobody else loads it. Raises PartsError, before hours of work, where it lacks."""
    try:
        from bridge.trace.reporting.page import write_page
    except ModuleNotFoundError as error:
        from bridge.cli.in_parts import lacking

        raise lacking("replay --report", "migration") from error
    return write_page


def _simulated(file: Path, options: Options) -> tuple[About, Told, Tally]:
    """Against simulators in a world made of the trace: a short one here, a long one in parts."""
    found = places_of(file)
    parts, left_out = _stretches(found, options)
    if not any(part.stretch.calls for part in parts):
        if len(found.places) == 1:
            read_trace(file)  # which says what is wrong
        raise TraceError("\n".join(left_out) or said("no calls in this trace, so no world"))
    if len(parts) == 1 and not left_out:
        only = parts[0].stretch
        with not_collected():
            return _replayed(file, Source([only], read_stretch(only)), options)
    return _in_parts(file, parts, left_out, options)


def _in_parts(
    file: Path, parts: list[StretchPart], left_out: list[str], options: Options
) -> tuple[About, Told, Tally]:
    """By several processes, each part in a world of its own."""
    from bridge.cli.in_parts import cluster, held, parts_beside, tell_left_out  # a short trace needs none
    from bridge.lab.stretches import replay_all
    from bridge.parts.processes import usual_count
    from bridge.parts.progress import Progress

    started, begun = time.monotonic(), datetime.now(UTC)
    state = (options.state or parts_beside(file)) / "replay"
    progress = Progress("replay", None if options.quiet else unguarded(sys.stderr))
    log = logging.INFO if options.verbose else logging.CRITICAL
    how = How(options.over_http, options.timeout, log, options.differences)
    workers = options.workers or usual_count() if options.dask is None else cluster(options.dask)
    with held(state):
        whole = replay_all(parts, how, workers, state, progress)
    _tell_parts(whole, state, options)
    tell_left_out(left_out)
    about = About(
        "simulator", file.name, whole.target, begun, whole.masked, whole.interrupted, whole.world,
        time.monotonic() - started, tuple(whole.remarks), tuple(whole.places.values()), tuple(left_out),
    )  # fmt: skip
    return about, whole.told, whole.tally


def _stretches(found: WorkPlaces, options: Options) -> tuple[list[StretchPart], list[str]]:
    """What of each work place can be replayed by itself; and what cannot be read, for the screen."""
    parts, left_out = [], list(found.refused)
    for place in found.places:
        name = place.name if len(found.places) > 1 else ""
        try:
            of_place = list(stretches(place.files, default_table(), options.part_calls))
        except TraceError as error:
            if not name:
                raise
            left_out.append(f"{name}: {reason(error)}")
        else:
            parts += [StretchPart.of(each, name) for each in of_place]
    return parts, left_out


def _tell_parts(whole: Whole, state: Path, options: Options) -> None:
    """What a person should know of the parts beside the report."""
    if whole.before and not options.quiet:
        told = tr("{count} parts finished before, taken from {folder}", count=whole.before, folder=state)
        click.echo(told, err=True)
    for name in whole.again:
        if name not in whole.failed:
            click.echo(tr("{name}: its process ended; replayed a second time", name=name), err=True)
    for name, why in list(whole.failed.items())[:MOST_SHOWN]:
        click.echo(tr("{name}: not replayed: {why}", name=name, why=why), err=True)
    if whole.lost is not None:  # which says how it goes on
        click.echo(tr("Error: {error}", error=whole.lost), err=True)
    elif whole.interrupted:
        told = tr("what is finished is kept in {folder}: the same command goes on from there", folder=state)
        click.echo(told, err=True)


def _recorded(file: Path) -> tuple[About, Told, Tally]:
    tally = Tally()
    found = compare_trace(file, Comparer(default_table(), default_rules()), tally)
    if not found.calls and not found.headed:
        read_trace(file)  # which says what is wrong
    unasked = found.unasked
    remarks = (f"{unasked} reads were not put to the bridge: it had not caught up.",) if unasked else ()
    about = About(
        "recorded", file.name, "the bridge's answers in the trace", datetime.now(UTC), found.masked,
        remarks=remarks,
    )  # fmt: skip
    told = Told.of(Trace(notes=found.notes, problems=found.problems))
    return about, replace(told, calls=found.calls, unreadable=found.unreadable), tally


def _of_stretches(file: Path, options: Options) -> tuple[About, Told, Tally]:
    """A trace stretch by stretch, each run of a program after the other, so that none is held whole."""
    found = list(stretches(trace_files(file), default_table(), options.part_calls))
    if not any(stretch.calls for stretch in found):
        read_trace(file)  # which says what is wrong
    return _replayed(file, Source(found), options)


def _replayed(file: Path, source: Source, options: Options) -> tuple[About, Told, Tally]:
    started, begun = time.monotonic(), datetime.now(UTC)
    kept: list[Made] = []  # not given back: asyncio makes a text of all that its task gives
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_run(source, options, kept))
    (made,) = kept
    prepared = made.prepared
    return About(
        prepared.mode, file.name, prepared.target_text, begun, Trace(made.headers).masked,
        interrupted=made.interrupted, world=prepared.world, seconds=time.monotonic() - started,
        remarks=(*prepared.remarks, *_consequences(made.tally)),
    ), made.told, made.tally  # fmt: skip


def _consequences(tally: Tally) -> list[str]:
    skipped = {reason for function in tally.functions.values() for reason in function.skipped}
    return [text for reason, text in CONSEQUENCES.items() if reason in skipped]


async def _run(source: Source, options: Options, kept: list[Made]) -> None:
    limits = Limits(
        changes=options.simulate or options.changes, pins=options.simulate or options.pins,
        http=options.simulate, seconds=options.timeout,
    )  # fmt: skip
    calls = sum(stretch.calls for stretch in source.stretches)
    with ExitStack() as stack:
        progress = _progress(stack, calls, options)
        target = _target(source, options)
        kept.append(await replay_stretches(source, target, limits, options.differences, progress))


def _target(source: Source, options: Options) -> AbstractAsyncContextManager[Prepared]:
    """Raises TraceError, ConfigError."""
    if not options.simulate:
        return running_bridge(*_channel(options))
    if options.scenario is None:
        return simulators(source.read(source.stretches[0]), over_http=options.over_http)
    return simulators_of(
        options.scenario, source.calls, move_cards=not options.keep_card, over_http=options.over_http
    )


def _channel(options: Options) -> tuple[str, int, Path | None]:
    """The channel of the bridge that is named, else of the one that runs: host, port, file of the token.
    Raises TraceError, ConfigError.
    """
    from bridge.cli.running_bridge import Finding, channel_of, find  # with all that asks a bridge

    if options.channel is not None:
        host, port = _address(options.channel)
        settings = load_settings(options.config)
    else:
        settings = find(Finding(options.config, options.data_dir)).settings
        host, port = channel_of(settings)
    return host, port, options.token_file or settings.channel.token_file


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise TraceError(said("--channel {text}: write HOST:PORT, such as 127.0.0.1:5068", text=text))
    return host.strip("[]"), int(port)


def _progress(stack: ExitStack, calls: int, options: Options) -> Callable[[], None]:
    """What is called after each call."""
    if options.quiet or sys.stderr is None or not sys.stderr.isatty():
        return lambda: None
    steps = max(calls // 500, 1)  # a slow terminal must not hold up the calls
    bar = stack.enter_context(
        click.progressbar(
            length=calls, label="replay", file=unguarded(sys.stderr), show_pos=True, update_min_steps=steps
        )
    )
    return lambda: bar.update(1)


def _summary(report: dict[str, Any], *files: Path | None) -> None:
    counts = report["counts"]
    left_out = tr("not compared") if report["mode"] == "recorded" else tr("not replayed")
    click.echo(
        tr(
            "{calls} calls: {same} the same, {expected} as expected, {different} different, {number} "
            "{left_out}",
            calls=counts["calls"],
            same=counts["same"],
            expected=counts["expected"],
            different=counts["different"],
            number=counts["not_replayed"],
            left_out=left_out,
        )
    )
    if counts["by_library"]:
        by_library = counts["by_library"]
        click.echo(
            "  "
            + tr("{count} of them are answered -2 by the library: 6.0 does not offer them", count=by_library)
        )
    for skipped in report["not_replayed"]:
        why = skipped["why_zh"] if spoken() == CHINESE else f"{skipped['why']} {skipped['why_zh']}"
        click.echo(f"  {left_out}: {skipped['calls']} {why}")
    shown = [group for group in report["groups"] if group["verdict"] == "different"]
    for group in shown[:MOST_SHOWN]:
        place = group["field"] or group["argument"]
        kind = KINDS[group["kind"]]
        label = kind.label_zh if spoken() == CHINESE else f"{kind.label} {kind.label_zh}"
        calls = tr("{count} call(s)", count=group["calls"])
        click.echo(f"  {group['function']} {place}: {label}, {calls}".replace(" :", ":"))
    if len(shown) > MOST_SHOWN:
        click.echo("  " + tr("and {count} more kinds of differences", count=len(shown) - MOST_SHOWN))
    for remark in report["remarks"]:
        click.echo(f"  {remark}")
    for problem in report["problems"][:3]:
        click.echo(f"  {problem}", err=True)
    if report["interrupted"]:
        click.echo(tr("interrupted: not all calls were made"), err=True)
    for file in files:
        if file is not None:
            click.echo(tr("report: {file}", file=file))
