"""Files that were changed since the bridge read them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.config import FacadeSettings, Settings, TextSettings
from bridge.doctor.read_at_start import check_read_at_start

STARTED = 1_800_000_000.0
HEALTH = {"since": datetime.fromtimestamp(STARTED, UTC).isoformat(timespec="seconds")}


def _settings(folder: Path, changed: float) -> Settings:
    for name in ("list", "certificate", "key"):
        (folder / name).write_text("")
        os.utime(folder / name, (STARTED, STARTED))
    os.utime(folder / "list", (changed, changed))
    facade = FacadeSettings(certificate_file=folder / "certificate", key_file=folder / "key")
    return Settings(text=TextSettings(eudc=folder / "list"), facade=facade)


def test_one_that_was_changed_afterwards_is_named(tmp_path: Path) -> None:
    (found,) = check_read_at_start(_settings(tmp_path, STARTED + 3600), HEALTH)
    assert (found.status, found.check) == ("warning", "text.eudc.changed")
    assert found.what == (
        f"{tmp_path}/list (text.eudc) was changed at 2027-01-15 17:00:00, after the bridge had started"
    )


def test_a_renewed_certificate_is_one_as_well(tmp_path: Path) -> None:
    settings = _settings(tmp_path, STARTED)
    for name in ("certificate", "key"):
        os.utime(tmp_path / name, (STARTED + 60, STARTED + 60))
    named = [found.check for found in check_read_at_start(settings, HEALTH)]
    assert named == ["facade.certificate_file.changed", "facade.key_file.changed"]


@pytest.mark.parametrize("seconds", [-3600.0, 0.0, 3.0])
def test_those_of_before_the_start_are_right(seconds: float, tmp_path: Path) -> None:
    assert list(check_read_at_start(_settings(tmp_path, STARTED + seconds), HEALTH)) == []


@pytest.mark.parametrize("health", [None, {}, {"since": "yesterday"}])
def test_nothing_is_said_where_no_start_is_known(health: dict[str, str] | None, tmp_path: Path) -> None:
    assert list(check_read_at_start(_settings(tmp_path, STARTED + 3600), health)) == []


def test_a_file_that_is_not_there_is_told_elsewhere(tmp_path: Path) -> None:
    settings = _settings(tmp_path, STARTED + 3600)
    (tmp_path / "list").unlink()
    assert list(check_read_at_start(settings, HEALTH)) == []
