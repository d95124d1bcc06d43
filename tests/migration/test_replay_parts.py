"""``cshis-bridge replay`` of long traces: in parts, by several processes, both ways to the simulators, and
taken up again.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Hashable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.cli import in_parts
from bridge.cli.replay import replay as replay_command
from bridge.errors import TraceError, WorkersLost
from bridge.lab import stretches as in_stretches
from bridge.lab.replay_target import Prepared
from bridge.lab.stretch import How, StretchPart, replay_part
from bridge.lab.stretch_by_stretch import Source, replay_stretches
from bridge.lab.stretches import replay_all
from bridge.parts import kept as parts_kept
from bridge.parts.part import Done, Outcome, Part, Work
from bridge.parts.progress import Progress
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.trace.recording import CallRecorder
from bridge.trace.replaying.replay import Limits
from bridge.trace.replaying.stretches import stretches
from bridge.trace.writing import TraceWriter
from tests.migration.test_replayed_trace import morning
from tests.support.bridge_process import ROOT, clean_environment
from tests.support.stage import open_stage

TABLE = default_table()
SILENT = Progress("test", None)
MORNINGS = 4


def replay(*arguments: object) -> Result:
    return CliRunner().invoke(replay_command, [*map(str, arguments), "--simulate", "--quiet"])


@pytest.fixture
def trace(simulator: Simulator, tmp_path: Path) -> Path:
    """Some mornings of the demo card's holder, as a bridge recorded them.

    Its reader's clock is days ahead of the calls, by which a replay puts its own: no moment of a replay is
    ever that of the recording, however fast or slow it is.
    """
    file = tmp_path / "mornings.jsonl"
    asyncio.run(recorded(simulator, file))
    return file


async def recorded(simulator: Simulator, file: Path) -> None:
    async with open_stage(simulator) as bench:
        writer = TraceWriter(file, TABLE.digest)
        bench.engine.observer = CallRecorder(TABLE, writer)
        for _ in range(MORNINGS):
            simulator.world.shift_clock(86_400)
            await morning(bench)
        writer.close()


def report_of(trace: Path, *options: object) -> dict[str, Any]:
    """The report of a replay, without what is another each time. Its exit code is as ``code``."""
    file = trace.parent / "report.json"
    done = replay(trace, "--json", file, *options)
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for name in ("started", "seconds", "target"):
        del report[name]
    for function in report["functions"]:
        del function["old_us"], function["new_us"]
    return {**report, "code": done.exit_code, "said": done.stderr}


def groups(report: dict[str, Any]) -> set[tuple[str, str, str, int]]:
    return {(g["function"], g["field"], g["verdict"], g["calls"]) for g in report["groups"]}


@pytest.mark.parametrize("part_calls", [5000, 20])
def test_both_ways_to_the_simulators_give_the_same(trace: Path, part_calls: int) -> None:
    options = ("--part-calls", part_calls, "--workers", 2)
    at_hand = report_of(trace, *options)
    over_http = report_of(trace, "--over-http", *options)
    for report in (at_hand, over_http):
        for group in report["groups"]:  # moments, signatures: each replay has its own
            del group["examples"]
    assert at_hand == over_http
    assert at_hand["counts"]["compared"] == at_hand["counts"]["calls"] > 100
    assert groups(at_hand)


def test_parts_find_what_the_whole_finds(trace: Path) -> None:
    whole = report_of(trace)
    parts = report_of(trace, "--part-calls", 20, "--workers", 2)
    assert f"replayed in {MORNINGS} parts" in parts["remarks"][0]
    assert (whole["counts"]["different"], whole["code"]) == (0, 0)
    assert parts["counts"] == whole["counts"]
    assert groups(parts) == groups(whole)
    assert list(trace.parent.glob("*.parts")) == []  # all is done


def test_a_scenarios_world_goes_on_from_stretch_to_stretch(trace: Path) -> None:
    """The trace is not held whole, and nothing is found that it would not be found at once."""
    whole = report_of(trace, "--scenario", "default")
    cut = report_of(trace, "--scenario", "default", "--part-calls", 20)
    for name in ("calls", "compared", "different", "fields"):  # a clock's second may be the same by chance
        assert cut["counts"][name] == whole["counts"][name]
    assert (cut["remarks"], cut["said"]) == (whole["remarks"], "")
    assert (whole["counts"]["calls"], whole["world"]) == (104, "scenario default")


async def test_a_thread_that_goes_on_is_left_when_its_last_call_was_made(trace: Path) -> None:
    found = list(stretches([trace], TABLE, 20))
    target = Leaving()

    @asynccontextmanager
    async def opened() -> AsyncIterator[Prepared]:
        yield Prepared("bridge", target, "")

    made = await replay_stretches(Source(found), opened(), Limits(True, True, True), None, lambda: None)
    assert (len(found) > 3, made.told.calls, made.interrupted) == (True, 104, False)
    assert target.left == [target.called.index(lane) + target.called.count(lane) for lane in {*target.called}]


class Leaving:
    """Answers nothing. ``left``: how many calls had been made when a thread was left."""

    def __init__(self) -> None:
        self.called: list[Hashable] = []
        self.left: list[int] = []

    async def call(self, lane: Hashable, call: LegacyCall) -> LegacyResult:
        self.called.append(lane)
        raise ConnectionError

    async def leave(self, lane: Hashable) -> None:
        self.left.append(len(self.called))


def test_a_planted_difference_is_found_in_its_part(trace: Path) -> None:
    text = trace.read_text(encoding="utf-8").splitlines()
    wrong = [number for number, line in enumerate(text) if '"csCloseCom"' in line][2]
    text[wrong] = text[wrong].replace('"code":0', '"code":4000')
    trace.write_text("\n".join(text) + "\n", encoding="utf-8")
    report = report_of(trace, "--part-calls", 20)
    (group,) = [group for group in report["groups"] if group["verdict"] == "different"]
    assert (group["function"], group["count"], group["examples"][0]["old_code"]) == ("csCloseCom", 1, 4000)
    assert report["code"] == 1


def test_every_difference_stands_in_a_file(trace: Path, tmp_path: Path) -> None:
    for name, part_calls in (("whole", 5000), ("parts", 20)):
        folder = tmp_path / name
        report = report_of(trace, "--part-calls", part_calls, "--differences", folder)
        files = sorted(folder.iterdir())
        assert [file.name for file in files] == [
            f"differences-{number:05d}.jsonl" for number in range(1, 2 if name == "whole" else MORNINGS + 1)
        ]
        assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, *files)} == {0o700, 0o600}
        lines = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
        counts = Counter((line["function"], line["argument"], line["field"], line["kind"]) for line in lines)
        assert counts == {
            (group["function"], group["argument"], group["field"], group["kind"]): group["count"]
            for group in report["groups"]
        }
        assert all(line["line"] and line["rule"] and line["time"].endswith("+08:00") for line in lines)


def test_no_room_for_differences_is_one_sentence(trace: Path) -> None:
    taken = trace.with_suffix(".taken")
    taken.touch()
    done = replay(trace, "--differences", taken / "folder")
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "Not a directory" in done.stderr


# --- parts that are not done --------------------------------------------------------------------------------


def parts_of(trace: Path) -> list[StretchPart]:
    return [StretchPart.of(each) for each in stretches([trace], TABLE, 20)]


def dies(how: How, part: StretchPart) -> dict[str, Any]:
    """The second part's worker dies: once, or each time where a file says so."""
    before = part.files[0].with_suffix(".died")
    always = part.files[0].with_suffix(".always").exists()
    if part.stretch.number == 2 and (always or not before.exists()):
        before.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return replay_part(how, part)


@pytest.mark.parametrize("always", [False, True])
def test_a_part_whose_worker_dies_is_done_once_more(
    trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, always: bool
) -> None:
    monkeypatch.setattr(in_stretches, "replay_part", dies)
    if always:
        trace.with_suffix(".always").touch()
    parts, state = parts_of(trace), tmp_path / "kept" / "replay"
    whole = replay_all(parts, How(), 2, state, SILENT)
    assert whole.again == (parts[1].name,)
    assert list(whole.failed) == [parts[1].name] * always
    assert whole.tally.skipped == parts[1].stretch.calls * always
    assert whole.tally.skipped + whole.tally.compared == whole.told.calls
    assert state.exists() is always  # the others are kept


def test_a_part_that_cannot_be_read_is_said_and_counts(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_stretches, "replay_part", refuses)
    report = report_of(trace, "--part-calls", 20)
    assert report["code"] == 1
    assert {each["reason"] for each in report["not_replayed"]} == {"not_done"}
    name = parts_of(trace)[1].name
    assert f"{name}: not replayed: cannot be read" in report["said"]
    assert f"{name}: not replayed: cannot be read" in report["remarks"]


def refuses(how: How, part: StretchPart) -> dict[str, Any]:
    """The second part cannot be read."""
    if part.stretch.number == 2:
        raise TraceError("cannot be read")
    return replay_part(how, part)


def test_a_full_disk_is_one_sentence(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(parts_kept, "write_private", full)
    done = replay(trace, "--part-calls", 20)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "cannot be written: No space left on device" in done.stderr


class GoneAfterOne:
    """Workers of a cluster that cannot be reached any more when they have done the first part."""

    name = "a cluster"

    def __init__(self, address: str) -> None:
        self.address = address

    def outcomes(self, work: Work, parts: Sequence[Part]) -> Iterator[tuple[Part, Outcome]]:
        yield parts[0], Done(work(parts[0]))
        raise WorkersLost("the scheduler does not answer any more")

    def close(self) -> None:
        """There is nothing to close."""


def test_a_cluster_that_goes_away_leaves_a_report_of_what_was_done(
    trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the rest can be done without it."""
    parts = parts_of(trace)
    with monkeypatch.context() as patch:
        patch.setattr(in_parts, "cluster", GoneAfterOne)
        report = report_of(trace, "--part-calls", 20, "--dask", "tcp://127.0.0.1:1")
    assert (report["code"], report["interrupted"]) == (1, True)
    assert "Error: the scheduler does not answer any more" in report["said"]
    assert {each["reason"] for each in report["not_replayed"]} == {"interrupted"}
    left = sum(part.stretch.calls for part in parts[1:])
    assert (report["counts"]["not_replayed"], report["counts"]["compared"]) == (
        left, parts[0].stretch.calls
    )  # fmt: skip
    rest = report_of(trace, "--part-calls", 20)
    assert rest["counts"]["compared"] == parts[0].stretch.calls + left
    assert rest["interrupted"] is False


def test_options_that_go_together(trace: Path) -> None:
    for option in (("--over-http",), ("--workers", "2"), ("--state", "x")):
        done = CliRunner().invoke(replay_command, [str(trace), "--recorded", *option])
        assert (done.exit_code, "go with --simulate" in done.stderr) == (2, True)


# --- a break ------------------------------------------------------------------------------------------------


@pytest.fixture
def long_trace(trace: Path) -> Path:
    """Many mornings: their replay takes some seconds."""
    head, *lines = trace.read_text(encoding="utf-8").splitlines()
    calls = [json.loads(line) for line in lines]
    made = [head]
    for again in range(30):
        for call in calls:
            moved = {**call, "call": call["call"] + again * len(calls)}
            made.append(json.dumps(moved, ensure_ascii=False))
    trace.write_text("\n".join(made) + "\n", encoding="utf-8")
    return trace


def started(trace: Path, folder: Path, *options: str) -> subprocess.Popen[str]:
    """A replay by one worker; its temporary files lie in ``folder``."""
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "bridge", "replay", str(trace), "--simulate", "--workers", "1", "--part-calls",
        "100", *options,
    ]  # fmt: skip
    return subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(TMPDIR=str(folder)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def until_some_are_kept(state: Path, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while len(list(state.glob("replay/*.json"))) < 2:
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "over_http"),
    [(signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGKILL, False), (signal.SIGTERM, True)],
)
def test_a_replay_that_was_ended_goes_on(
    long_trace: Path, tmp_path: Path, number: signal.Signals, over_http: bool
) -> None:
    report, state, folder = tmp_path / "r.json", tmp_path / "state", tmp_path / "tmp"
    options = ("--json", str(report), "--state", str(state), *(["--over-http"] if over_http else []))
    with started(long_trace, folder, *options) as process:
        until_some_are_kept(state, process)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    if number == signal.SIGKILL:
        assert not report.exists()
    else:
        assert process.returncode == 1, said
        assert "the same command goes on" in said
        assert list(folder.iterdir()) == []
        made = json.loads(report.read_text(encoding="utf-8"))
        assert made["interrupted"]
        assert 0 < made["counts"]["compared"] < made["counts"]["calls"]
        assert made["counts"]["compared"] + made["counts"]["not_replayed"] == made["counts"]["calls"]
    assert "Traceback" not in said
    for kept in (state / "replay", *state.rglob("replay/*")):
        assert stat.S_IMODE(kept.stat().st_mode) == (0o700 if kept.is_dir() else 0o600)
    if over_http:
        return
    with started(long_trace, folder, *options) as process:
        _, said = process.communicate(timeout=100)
    assert "parts finished before" in said
    made = json.loads(report.read_text(encoding="utf-8"))
    assert (made["interrupted"], made["counts"]["not_replayed"]) == (False, 0)
    assert not state.exists()


def test_what_was_kept_of_another_trace_is_not_used(trace: Path, tmp_path: Path) -> None:
    state, parts = tmp_path / "kept", parts_of(trace)
    trace.with_suffix(".always").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_stretches, "replay_part", dies)
        assert replay_all(parts, How(), 1, state, SILENT).failed
        assert replay_all(parts, How(), 1, state, SILENT).before == len(parts) - 1
        assert replay_all(parts, How(over_http=True), 1, state, SILENT).before == 0
        assert replay_all(parts, How(seconds=60), 1, state, SILENT).before == 0
        text = trace.read_text(encoding="utf-8")
        trace.write_text(text.replace('"thread":0', '"thread":1'), encoding="utf-8")
        assert replay_all(parts_of(trace), How(), 1, state, SILENT).before == 0
