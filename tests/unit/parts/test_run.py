"""Parts of a long piece of work: each once, what died once more, what is done kept."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bridge.errors import PartsError
from bridge.parts.kept import Kept
from bridge.parts.part import Died, Done, Failed, Outcome, Part, Work, do
from bridge.parts.processes import LocalProcesses
from bridge.parts.progress import Progress
from bridge.parts.run import Finished, run
from bridge.parts.workers import Workers
from tests.unit.parts.jobs import attempts, measured, part

SILENT = Progress("test", None)


class Here:
    """Does the parts in this process, in their order."""

    name = "here"

    def outcomes(self, work: Work, parts: Sequence[Part]) -> Iterator[tuple[Part, Outcome]]:
        for each in parts:
            yield each, do(work, each, "en")

    def close(self) -> None:
        pass


def done(
    parts: Sequence[Part],
    folder: Path,
    workers: Workers | None = None,
    about: str = "1",
    work: Work = measured,
) -> Finished:
    return run(parts, work, workers or Here(), Kept(folder / "kept", [about]), SILENT)


@pytest.fixture(name="processes", params=[False, True], ids=["anew", "copies"])
def two_processes(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalProcesses]:
    monkeypatch.setattr("bridge.parts.copying.is_alone", lambda: True)  # but for a thread of the tests' own
    workers = LocalProcesses(2, copies=request.param)
    yield workers
    workers.close()


def test_each_part_has_its_result(tmp_path: Path, processes: LocalProcesses) -> None:
    parts = [part(f"p{number}", tmp_path, "x" * number) for number in range(1, 6)]
    finished = done(parts, tmp_path, processes)
    assert finished.results == {f"p{number}": {"length": number} for number in range(1, 6)}
    assert list(finished.results) == [each.name for each in parts]
    assert (finished.failed, finished.before, finished.again) == ({}, 0, ())
    assert [attempts(each) for each in parts] == [1] * 5


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    parts = [part("a", tmp_path), part("b", tmp_path)]
    done(parts[:1], tmp_path)
    finished = done(parts, tmp_path)
    assert finished.results == {"a": {"length": 1}, "b": {"length": 1}}
    assert finished.before == 1
    assert [attempts(each) for each in parts] == [1, 1]


def test_a_part_whose_file_changed_is_done_again(tmp_path: Path) -> None:
    done([part("a", tmp_path, "old")], tmp_path)
    assert done([part("a", tmp_path, "newer")], tmp_path).results == {"a": {"length": 5}}


def test_a_file_of_the_same_size_and_time_that_holds_something_else_is_done_again(tmp_path: Path) -> None:
    (file,) = part("a", tmp_path, "old").files
    first = done([part("a", tmp_path, "old")], tmp_path)
    seen = file.stat()
    again = part("a", tmp_path, "new")
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert done([again], tmp_path).before == 0
    assert first.before == 0


def test_other_options_or_versions_are_other_work(tmp_path: Path) -> None:
    parts = [part("a", tmp_path)]
    done(parts, tmp_path)
    assert done(parts, tmp_path, about="2").before == 0
    assert done(parts, tmp_path, about="2").before == 1


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"part": "a"}', b"\xff\xfe"])
def test_a_kept_result_that_is_broken_is_made_again(tmp_path: Path, broken: bytes) -> None:
    parts = [part("a", tmp_path)]
    done(parts, tmp_path)
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_bytes(broken)
    finished = done(parts, tmp_path)
    assert (finished.results, finished.before) == ({"a": {"length": 1}}, 0)


def test_kept_results_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    done([part("a", tmp_path)], tmp_path)
    folder = tmp_path / "kept"
    assert [file.stat().st_mode & 0o777 for file in (folder, *folder.iterdir())] == [0o700, 0o600]


def test_a_failure_costs_its_part_alone_and_is_not_kept(tmp_path: Path) -> None:
    parts = [part("a", tmp_path, "refuse"), part("b", tmp_path), part("c", tmp_path, "fault")]
    finished = done(parts, tmp_path)
    assert finished.results == {"b": {"length": 1}}
    assert finished.failed["a"] == "a.txt: not wanted"
    assert "KeyError (jobs.py:" in finished.failed["c"]
    assert "Z299999929" not in finished.failed["c"]
    done(parts, tmp_path)
    assert [attempts(each) for each in parts] == [2, 1, 2]


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = Part("a", (tmp_path / "gone.txt",), 1)
    assert "gone.txt: No such file" in done([gone], tmp_path).failed["a"]


def test_a_worker_that_dies_while_it_has_nothing_to_do_costs_nothing(
    tmp_path: Path, processes: LocalProcesses
) -> None:
    parts = [part("a", tmp_path), part("b", tmp_path)]
    assert list(processes.outcomes(measured, parts[:1])) == [(parts[0], Done({"length": 1}))]
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    assert list(processes.outcomes(measured, parts[1:])) == [(parts[1], Done({"length": 1}))]


@pytest.mark.parametrize(
    "how",
    [
        "die-once",
        "leave-once",
        pytest.param(
            "die-amid-its-result-once",
            marks=pytest.mark.skipif(os.name == "nt", reason="pipes there carry whole messages"),
        ),
    ],
)
def test_a_worker_that_dies_costs_its_part_one_more_attempt(
    tmp_path: Path, processes: LocalProcesses, how: str
) -> None:
    parts = [part(f"p{number}", tmp_path) for number in range(4)]
    parts.insert(2, part("dying", tmp_path, how))
    finished = done(parts, tmp_path, processes)
    assert finished.again == ("dying",)
    assert finished.failed == {}
    assert len(finished.results) == 5
    assert [attempts(each) for each in parts] == [1, 1, 2, 1, 1]


def test_a_part_at_which_two_workers_die_is_given_up_and_the_others_are_done(
    tmp_path: Path, processes: LocalProcesses
) -> None:
    parts = [part("dying", tmp_path, "die"), *(part(f"p{number}", tmp_path) for number in range(4))]
    finished = done(parts, tmp_path, processes)
    assert finished.failed == {"dying": "its process ended"}
    assert len(finished.results) == 4
    assert [attempts(each) for each in parts] == [2, 1, 1, 1, 1]


def test_a_break_keeps_what_is_done(tmp_path: Path) -> None:
    parts = [part("a", tmp_path), part("b", tmp_path), part("c", tmp_path)]

    def broken_off(part: Part) -> dict[str, object]:
        if part.name == "b":
            raise KeyboardInterrupt
        return measured(part)

    with pytest.raises(KeyboardInterrupt):
        done(parts, tmp_path, work=broken_off)
    assert done(parts, tmp_path).before == 1
    assert [attempts(each) for each in parts] == [1, 1, 1]


def test_processes_end_in_the_middle_of_a_part(tmp_path: Path) -> None:
    workers = LocalProcesses(1)
    waiting = part("wait", tmp_path, "wait")
    told: list[tuple[Part, Outcome]] = []
    thread = threading.Thread(target=lambda: told.extend(workers.outcomes(measured, [waiting])))
    thread.start()
    begun = time.monotonic()
    while not attempts(waiting):
        assert time.monotonic() - begun < 30
        time.sleep(0.01)
    workers.close()
    thread.join(10)
    assert [type(outcome) for _, outcome in told] == [Died]
    assert multiprocessing.active_children() == []


def test_no_place_to_keep_results_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    parts = [part("a", tmp_path)]
    with pytest.raises(PartsError, match="kept: cannot be written"):
        done(parts, tmp_path)
    assert attempts(parts[0]) == 0


def test_a_full_disk_ends_the_work_and_keeps_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [part("a", tmp_path), part("b", tmp_path)]
    done(parts[:1], tmp_path)

    def full(file: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bridge.parts.kept.write_private", full)
    with pytest.raises(PartsError, match="No space left on device"):
        done(parts, tmp_path)
    monkeypatch.undo()
    assert done(parts, tmp_path).before == 1


# --- progress -----------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_says_what_share_is_done_and_how_long_the_rest_takes() -> None:
    now = 0.0
    progress = Progress("mask", None, lambda: now)
    progress.begin(4, 1000)
    assert progress.line() == "mask: 0 of 4 parts, 0 %"
    now = 60.0
    progress.add(250)
    assert progress.line() == "mask: 1 of 4 parts, 25 %, 3 min left"
    now = 90.0
    progress.add(500)
    assert progress.line() == "mask: 2 of 4 parts, 75 %, 30 s left"
    progress.add(250)
    assert progress.line() == "mask: 3 of 4 parts, 100 %"


def test_a_terminal_has_one_line_and_a_file_one_once_in_a_while() -> None:
    now = 0.0
    shown, kept = Terminal(), io.StringIO()
    for stream in (shown, kept):
        progress = Progress("mask", stream, lambda: now)
        progress.begin(100, 100)
        for _ in range(100):
            progress.add(1)
        progress.end()
    assert shown.getvalue().count("\n") == 1
    assert shown.getvalue().count("\r") == 101
    assert kept.getvalue().splitlines() == ["mask: 0 of 100 parts, 0 %", "mask: 100 of 100 parts, 100 %"]


def test_what_is_done_of_unfinished_parts_counts_and_changes_the_line_now_and_then() -> None:
    now = 0.0
    shown = Terminal()
    progress = Progress("made", shown, lambda: now)
    progress.begin(2, 1000)
    for _ in range(100):
        now += 0.01
        progress.more(3)
    assert progress.line() == "made: 0 of 2 parts, 30 %, 2 s left"
    assert 4 <= shown.getvalue().count("\r") <= 7
    progress.add(200)
    assert progress.line() == "made: 1 of 2 parts, 50 %, 1 s left"
    kept = io.StringIO()
    progress = Progress("made", kept, lambda: now)
    progress.begin(2, 1000)
    progress.more(300)
    now += 31
    progress.more(200)
    assert kept.getvalue().splitlines() == ["made: 0 of 2 parts, 0 %", "made: 0 of 2 parts, 50 %, 31 s left"]


def test_no_parts_no_line() -> None:
    shown = Terminal()
    progress = Progress("mask", shown)
    progress.begin(0, 0)
    progress.end()
    assert shown.getvalue() == ""


def test_outcomes_are_plain(tmp_path: Path) -> None:
    assert do(measured, part("a", tmp_path), "en") == Done({"length": 1})
    assert isinstance(do(measured, part("b", tmp_path, "refuse"), "en"), Failed)
    assert Died("x") != Failed("x")
    assert json.dumps(Done({"length": 1}).result)
