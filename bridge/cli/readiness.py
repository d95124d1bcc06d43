"""``cshis-bridge readiness``: what a move to 6.0 means for the program of a trace, in English and Chinese."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from bridge.cli.in_parts import UNFINISHED, How, in_parts, tell_left_out
from bridge.cli.judged import readiness_of
from bridge.cli.streams import json_text, styled
from bridge.errors import BridgeError
from bridge.trace.readiness.advice import LEVELS, Level
from bridge.trace.readiness.report import Place, Readiness
from bridge.trace.reporting.judged import write_readiness
from bridge.trace.reporting.written import check_writable
from bridge.words import tr
from bridge.words.moments import moment_of

WIDTH = 110
INDENT = " " * 4
WORDS: dict[Level, tuple[str, str, str]] = {
    "stop": ("STOP", "red", "does not work any more 不再支援"),
    "check": ("CHECK", "yellow", "works otherwise than before 行為改變"),
    "note": ("note", "cyan", "good to know 說明"),
}
UNUSABLE = 2
MOST_PLACES = 50  # lines; the page and JSON have more


@click.command()
@click.argument("trace", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write a page for people.")
@in_parts
def readiness(trace: Path, as_json: bool, html: Path | None, how: How) -> None:
    """Says how ready a recorded program is for 6.0.

    Which functions the program of TRACE (a file, or a folder of parts, or of folders of many work places)
    uses, which of them change with control software 6.0, which of its habits are risky, in English and
    Chinese. Of many work places there is a line for each, and the report is about all of them. Exit code 0:
    nothing stops it, 1: something does not work any more, 2: the trace cannot be used, 3: some of it was left
    out, or the command was broken off.
    """
    try:
        check_writable(html)
        report = readiness_of(trace, how)
        if html is not None:
            write_readiness(report, html)
    except BridgeError as error:
        click.echo(tr("Error: {error}", error=error), err=True)
        sys.exit(UNUSABLE)
    click.echo(json_text(report.as_json(), indent=2) if as_json else "\n".join(_lines(report)))
    tell_left_out(report.left_out)
    sys.exit(UNFINISHED if report.left_out else 1 if report.worst == "stop" else 0)


def _lines(report: Readiness) -> Iterator[str]:
    yield styled("Readiness for control software 6.0 讀卡機控制軟體 6.0 準備度", bold=True)
    programs = ", ".join(report.programs) or "?"
    span = f"{moment_of(report.first)} - {moment_of(report.last)}" if report.first else "?"
    yield f"{programs}: {report.calls:,} calls 次呼叫, {span} (Taiwan time 臺灣時間)"
    yield from _places(report.places)
    for level in LEVELS:
        yield from _level(report, level)
    if report.unused:
        yield ""
        yield styled("Dropped by 6.0, not seen in this trace 未出現但已停用", bold=True)
        yield from _wrapped(", ".join(report.unused))
    yield ""
    yield styled("Before the first day, whatever the program does 上線前", bold=True)
    for advice in report.site:
        first, *further = _wrapped(advice.zh, WIDTH // 2)
        yield f"  - {first.strip()}"
        yield from further
        yield from _wrapped(advice.en)
    yield ""
    yield styled("Functions 使用的函式", bold=True)
    for use in report.uses:
        failed = f", {use.failures:,} failed 失敗" if use.failures else ""
        name = f"{use.function}  {use.title}".rstrip()
        yield f"  {use.section:>5}  {name}: {use.calls:,}{failed}"
    for problem in report.problems:
        yield f"not read 未讀取: {problem}"


def _places(places: Sequence[Place]) -> Iterator[str]:
    if places:
        yield ""
        yield styled(f"Work places 工作站: {len(places)}", bold=True)
    for place in places[:MOST_PLACES]:
        counts = f"STOP {place.stop}, CHECK {place.check}, note {place.note}"
        failed = f", {place.failures:,} failed 失敗" if place.failures else ""
        unread = f", {place.problems:,} not read 未讀取" if place.problems else ""
        yield f"  {place.name}: {place.calls:,} calls 次呼叫{failed}; {counts}{unread}"
    if len(places) > MOST_PLACES:
        yield f"  ... +{len(places) - MOST_PLACES}"


def _level(report: Readiness, level: Level) -> Iterator[str]:
    word, colour, meaning = WORDS[level]
    findings = report.findings(level)
    unknown = report.unknown if level == "stop" else []
    yield ""
    yield f"{styled(word, fg=colour)}  {meaning}: {len(findings) + len(unknown)}"
    for name in unknown:
        yield f"  - {name}: no row of the table has this name 對應表無此函式"
    for finding in findings:
        counts = ", ".join(f"{name} {count:,}" for name, count in finding.functions.items())
        about = f"{finding.habit.replace('_', ' ')}: {counts}" if finding.habit else counts
        first, *further = _wrapped(about)
        yield f"  - {first.strip()}"
        yield from further
        yield from _wrapped(finding.advice.zh, WIDTH // 2)  # its characters are twice as wide
        yield from _wrapped(finding.advice.en)
        yield from (f"{INDENT}({example})" for example in finding.examples)


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=INDENT, subsequent_indent=INDENT, break_on_hyphens=False)
