"""``cshis-bridge replay`` as a person runs it: against its own simulators, and against a running bridge."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bridge.cli.replay import replay as replay_command
from bridge.trace.format import Answer, BridgeAnswer, Number, line_of
from bridge.trace.reading import read_trace
from bridge.trace.writing import write_trace
from tests.support.bridge_process import ROOT, clean_environment, running_bridge

TOKEN = "5a" * 32


def replay(*arguments: object) -> Result:
    """The command in this process: the start of another one takes longer than all it does."""
    return CliRunner().invoke(replay_command, [str(argument) for argument in arguments])


def replay_process(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", "replay", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=clean_environment(), timeout=100, check=False
    )


@pytest.fixture
def traced(tmp_path: Path) -> Path:
    """A trace of reads, a write and an upload, made by hand from what the demo card answers."""
    lines = [
        '{"trace":1,"recorder":"dll","bits":32,"process":7,"program":"HIS.EXE","masked":true}',
        _line(1, "csOpenCom", {"pComNum": {"i16": 0, "i32": 1342046208}}, {}),
        _line(2, "hisGetBasicData", {"pBuffer": "", "iBufferLen": {"i16": 72}}, _basic()),
        _line(3, "hisWriteEmergentTel", {"pPatientID": "", "pEmergentTel": ""}, {}),
        _line(4, "csUploadData", {"pUploadFileName": {"file": "YS54bWw=", "bytes": 3}}, {}),
        _line(5, "csCloseCom", {}, {}),
    ]
    file = tmp_path / "day.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _line(number: int, function: str, given: dict[str, Any], after: dict[str, Any]) -> str:
    time = f"2026-11-25T08:00:{number:02d}.000000Z"
    plain = {"call": number, "time": time, "thread": 3, "function": function, "in": given, "code": 0}
    return json.dumps({**plain, "us": 1500.0, "out": after})


def _basic() -> dict[str, Any]:
    """The demo card's record, as ``cshis-bridge sim people`` names its holder; the telephone is another."""
    name = "測試十".encode("cp950").ljust(20)
    record = b"000073898381" + name + b"Z2999999290920315F1050217" + b"1" + b"0299999999    "
    return {"pBuffer": b64encode(record).decode(), "iBufferLen": {"i16": 72}}


def test_against_simulators_and_a_running_bridge(traced: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    token = data_dir / "token"
    with running_bridge(data_dir, f'[channel]\ntoken_file = "{token}"\n') as bridge:
        page, numbers = tmp_path / "r.html", tmp_path / "r.json"
        channel = ("--channel", bridge.ready["channel"], "--token-file", token)
        done = replay(traced, *channel, "--report", page, "--json", numbers)
        assert done.exit_code == 1, done.stderr
        report = json.loads(numbers.read_text(encoding="utf-8"))
        assert report["counts"] == {
            "calls": 5, "compared": 3, "same": 2, "expected": 0, "different": 1, "not_replayed": 2,
            "by_library": 0, "fields": 8, "other_person": 0, "unreadable_lines": 0,
        }  # fmt: skip
        (group,) = report["groups"]
        assert (group["function"], group["field"], group["kind"]) == (
            "hisGetBasicData",
            "emergency_tel",
            "value",
        )
        assert {s["reason"]: s["calls"] for s in report["not_replayed"]} == {"changes_data": 1, "file": 1}
        assert "not replayed: 1 would change data" in done.stdout
        assert "Changes were not made" in done.stdout
        assert "PINs" not in done.stdout
        assert "緊急聯絡電話" in page.read_text(encoding="utf-8")
        for file in (page, numbers):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert bridge.changes() == ["/api/v1/BasicData/Query"]

        by_settings = replay(traced, "--config", bridge.config)
        assert (by_settings.exit_code, by_settings.stderr) == (1, "")
        by_folder = replay(traced, "--data-dir", data_dir)
        assert (by_folder.exit_code, by_folder.stderr) == (1, "")
        old_port = tmp_path / "old.toml"  # of the same bridge, when its channel was elsewhere
        old_port.write_text(f'[console]\nurl = "{bridge.ready["console"]}"\n[channel]\nport = 1\n', "utf-8")
        by_console = replay(traced, "--config", old_port, "--data-dir", data_dir)
        assert (by_console.exit_code, by_console.stderr) == (1, "")
        wrong = tmp_path / "wrong"
        wrong.write_text(TOKEN)
        refused = replay(traced, "--channel", bridge.ready["channel"], "--token-file", wrong)
        assert refused.exit_code == 2
        assert "token" in refused.stderr

    gone = replay(traced, "--channel", bridge.ready["channel"])
    assert gone.exit_code == 2
    assert "no bridge answers" in gone.stderr

    in_its_own_world = replay_process(traced, "--simulate")
    assert (in_its_own_world.returncode, in_its_own_world.stderr) == (0, "")
    assert "5 calls: 3 the same" in in_its_own_world.stdout
    over_http = replay(traced, "--simulate", "--over-http")
    assert (over_http.exit_code, over_http.stderr) == (0, "")
    in_another = replay(traced, "--simulate", "--scenario", "default", "--keep-card")
    assert in_another.exit_code == 1
    assert "hisGetBasicData emergency_tel: value" in in_another.stdout


def test_answers_of_a_live_comparison(traced: Path, tmp_path: Path) -> None:
    """Nothing is called: the recorder has asked a bridge meanwhile, and its answers stand in the trace."""
    trace = read_trace(traced)
    (basic,) = (c for c in trace.calls if c.function == "hisGetBasicData")
    record = basic.answer.after["pBuffer"]
    assert isinstance(record, bytes)
    text = traced.read_text(encoding="utf-8")
    zeros = record[:58] + b"0" * 14
    after = {"pBuffer": zeros, "iBufferLen": Number(72)}
    traced.write_text(text + line_of(BridgeAnswer(2, Answer(0, 900.0, after))) + "\n", encoding="utf-8")
    done = replay(traced, "--recorded", "--json", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (done.exit_code, report["mode"]) == (1, "recorded")
    assert (report["counts"]["compared"], report["counts"]["not_replayed"]) == (1, 4)
    assert [g["field"] for g in report["groups"]] == ["emergency_tel"]


def test_a_trace_or_a_place_that_cannot_be_used(traced: Path, tmp_path: Path) -> None:
    file = tmp_path / "newer.jsonl"
    file.write_text('{"trace":99}\n')
    done = replay(file, "--simulate")
    assert done.exit_code == 2
    assert re.search(r"version 99 .* update it", done.stderr)
    assert replay(file, "--simulate", "--recorded").exit_code == 2
    nowhere = replay(traced, "--recorded", "--report", tmp_path / "none" / "r.html")
    assert (nowhere.exit_code, "no such folder" in nowhere.stderr) == (2, True)
    write_trace(tmp_path / "empty.jsonl", [])
    assert replay(tmp_path / "empty.jsonl", "--simulate").exit_code == 2


@pytest.fixture
def long_trace(tmp_path: Path, traced: Path) -> Path:
    """A trace whose replay takes some seconds, with a card in it."""
    head, *_ = traced.read_text(encoding="utf-8").splitlines()
    reads = [
        _line(number, "hisGetBasicData", {"pBuffer": "", "iBufferLen": {"i16": 72}}, _basic()).replace(
            f":{number:02d}.", ":00."
        )
        for number in range(1, 4000)
    ]
    file = tmp_path / "long.jsonl"
    file.write_text("\n".join([head, *reads]) + "\n", encoding="utf-8")
    return file


@contextmanager
def replaying(trace: Path, folder: Path, *further: str) -> Iterator[subprocess.Popen[str]]:
    """A replay at work, against simulators that listen; its temporary files lie in ``folder``."""
    folder.mkdir(exist_ok=True)
    before = set(folder.glob("*/*.json"))
    command = [
        sys.executable, "-m", "bridge", "replay", str(trace), "--simulate", "--over-http", "--quiet", *further
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(TMPDIR=str(folder)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        until = time.monotonic() + 30
        while set(folder.glob("*/*.json")) == before:
            assert time.monotonic() < until
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            time.sleep(0.01)
        yield process


@pytest.mark.parametrize(
    ("number", "after"),
    [(signal.SIGTERM, 0.0), (signal.SIGTERM, 2.5), (signal.SIGINT, 2.5), (signal.SIGHUP, 0.0)],
)
def test_a_replay_that_is_ended_leaves_nobody_behind(
    long_trace: Path, tmp_path: Path, number: signal.Signals, after: float
) -> None:
    """At once, while its world is being made, and in the middle of its calls."""
    report = tmp_path / "report.json"
    with replaying(long_trace, tmp_path / "tmp", "--json", str(report)) as process:
        time.sleep(after)
        process.send_signal(number)
        process.send_signal(number)  # further ones change nothing
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1, said
    assert list((tmp_path / "tmp").iterdir()) == []
    assert "Traceback" not in said
    if after:
        made = json.loads(report.read_text(encoding="utf-8"))
        assert made["interrupted"]
        assert 0 < made["counts"]["not_replayed"] < 4000
    else:
        assert report.exists() or "no call was made" in said


def test_a_replay_that_was_killed_is_cleared_by_the_next(
    long_trace: Path, traced: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tmp"
    with replaying(long_trace, folder) as process:
        process.kill()
    (left,) = folder.iterdir()
    assert (left / "sim.json").exists()
    with replaying(long_trace, folder) as alive:
        assert left.exists()  # too young to tell
        (kept,) = set(folder.iterdir()) - {left}
        for old in (left, kept):
            os.utime(old, (0, 0))
        command = [
            sys.executable, "-m", "bridge", "replay", str(traced), "--simulate", "--over-http", "--quiet"
        ]  # fmt: skip
        subprocess.run(command, cwd=ROOT, env=clean_environment(TMPDIR=str(folder)), timeout=60, check=False)
        assert set(folder.iterdir()) == {kept}  # its process lives
        alive.terminate()
    assert list(folder.iterdir()) == []
