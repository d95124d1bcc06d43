"""What the doctor says of the data directory, its disk and the journal."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import namedtuple
from pathlib import Path

import pytest

from bridge.config import ChannelSettings, Settings
from bridge.doctor.finding import Finding
from bridge.doctor.storage import check_data_dir, check_journal
from bridge.records.journal import JOURNAL_NAME, Journal
from bridge.table.model.rows import Table
from tests.support.journals import WrittenAtOnce

Usage = namedtuple("Usage", "total used free")
posix = pytest.mark.skipif(os.name != "posix", reason="rights as on Unix")


def directory(settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_data_dir(settings)}


def journal(data_dir: Path, table: Table) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_journal(data_dir, table)}


def test_a_directory_that_is_well(tmp_path: Path) -> None:
    Journal(tmp_path / JOURNAL_NAME).close()
    assert {finding.status for finding in directory(Settings(data_dir=tmp_path)).values()} == {"ok"}


def test_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    found = directory(Settings(data_dir=tmp_path / "a" / "b"))
    assert found["data_dir"].status == "unknown"
    assert found["disk"].status == "ok"
    assert not (tmp_path / "a").exists()


def test_a_directory_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    assert directory(Settings(data_dir=tmp_path))["data_dir"].status == "broken"


@posix
@pytest.mark.parametrize("name", [JOURNAL_NAME, "running.toml", "certificate/facade.key", "token"])
def test_secrets_that_others_can_read(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch(mode=0o600)
    settings = Settings(data_dir=tmp_path, channel=ChannelSettings(token_file=tmp_path / "token"))
    tmp_path.chmod(0o755)
    assert directory(settings)["data_dir.rights"].status == "ok"
    file.chmod(0o644)
    finding = directory(settings)["data_dir.rights"]
    assert finding.status == "warning"
    assert finding.advice == f"chmod 600 {file}"
    tmp_path.chmod(0o700)  # nobody else gets there
    assert (directory(settings)["data_dir.rights"].status == "ok") == (name != "token")


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user(tmp_path: Path) -> None:
    (tmp_path / "certificate").mkdir()
    os.chown(tmp_path / "certificate", 12345, -1)
    finding = directory(Settings(data_dir=tmp_path))["data_dir.owner"]
    assert (finding.status, str(tmp_path / "certificate") in finding.what) == ("broken", True)
    os.chown(tmp_path, 12345, -1)  # now all of it is theirs, and this process is not them
    assert directory(Settings(data_dir=tmp_path))["data_dir.owner"].status == "unknown"


@pytest.mark.parametrize(("megabytes", "status"), [(10, "broken"), (100, "warning"), (5000, "ok")])
def test_the_space_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, megabytes: int, status: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, megabytes * 1_000_000))
    finding = directory(Settings(data_dir=tmp_path))["disk"]
    assert (finding.status, f"{megabytes:,} MB" in finding.what) == (status, True)


# --- the journal --------------------------------------------------------------------------------------------


def test_no_journal_yet(tmp_path: Path, table: Table) -> None:
    assert journal(tmp_path, table)["journal"].status == "unknown"


def test_a_journal_in_use(tmp_path: Path, table: Table) -> None:
    opened = WrittenAtOnce(tmp_path / JOURNAL_NAME)
    entry = opened.begin("csX", "/p", "r")  # under way
    found = journal(tmp_path, table)
    assert {finding.status for finding in found.values()} == {"ok"}
    opened.end(entry, "ambiguous", "Look.")
    pending = journal(tmp_path, table)["journal.pending"]
    assert (pending.status, "1 change" in pending.what) == ("warning", True)
    assert "cshis-bridge journal pending" in pending.advice
    assert opened.begin("csX", "/p", "r").number is not None  # nothing stays locked
    opened.close()


def test_a_damaged_journal(tmp_path: Path, table: Table) -> None:
    (tmp_path / JOURNAL_NAME).write_bytes(b"no database" * 100)
    finding = journal(tmp_path, table)["journal"]
    assert (finding.status, "cannot be used" in finding.what) == ("broken", True)


def test_a_journal_that_cannot_be_written(tmp_path: Path, table: Table) -> None:
    Journal(tmp_path / JOURNAL_NAME).close()
    other = sqlite3.connect(tmp_path / JOURNAL_NAME)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert journal(tmp_path, table)["journal"].status == "broken"
    finally:
        other.close()
