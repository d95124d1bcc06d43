"""The recorder in front of an original: every call goes through unchanged, and its line says what was seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bridge_process import Bridge
from conftest import Build
from recording import Recording, install
from test_callers import doctor, environment, lines, upload  # noqa: F401 - fixtures
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
