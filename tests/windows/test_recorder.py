"""The recorder before an original: every call goes through unchanged, and its line says what was seen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from conftest import Build
from recording import Recording, install
from test_callers import lines
from test_dll_file import official
from wine import Wine


@pytest.mark.usefixtures("doctor")
def test_like_visual_basic_6(
    windows: Wine, recorder: Path, library: Path, tmp_path: Path, build_program: Build,
    environment: dict[str, str], upload: str,
) -> None:  # fmt: skip
    """The bridge's own DLL as the original: every export goes through, with all the checks of vb6.c."""
    recording = install(windows, tmp_path / "HIS", recorder, library)
    recording.run(build_program("vb6.c"), upload, **environment)
    calls = recording.trace().calls
    assert {call.function for call in calls} == set(official())


@pytest.fixture
def recording(windows: Wine, recorder: Path, original: Path, tmp_path: Path) -> Recording:
    """The recorder before the stand-in."""
    return install(windows, tmp_path / "HIS", recorder, original)


def test_visual_basic_6_and_the_stand_in(recording: Recording, build_program: Build, upload: str) -> None:
    """The same program without any bridge."""
    told = lines(recording.try_to_run(build_program("vb6.c"), upload))
    calls = recording.trace().calls
    assert told.pop("vb6:") == f"{len(calls)} calls"
    assert [call.function for call in calls] == list(told)
    assert [f"{call.answer.code16}" for call in calls] == [words.split()[0] for words in told.values()]


def test_eight_threads(recording: Recording, build_program: Build) -> None:
    """What came back is as at first for each (threads.c), every call has its line, no line is torn."""
    printed = recording.run(build_program("threads.c"), "1", seconds=120)
    *threads, _ = (line.split() for line in printed.splitlines())
    calls = recording.trace().calls
    told = Counter(call.function for call in calls)
    assert {name: told[name] for name, _ in threads} == {name: int(number) + 1 for name, number in threads}
    assert sorted(call.number for call in calls) == list(range(1, len(calls) + 1))
    assert len({call.thread for call in calls}) > 8
