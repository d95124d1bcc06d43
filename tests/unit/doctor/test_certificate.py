"""What the doctor says of the facade's own certificate."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.config import FacadeSettings, Settings
from bridge.doctor.facade_certificate import check_facade_certificate
from bridge.doctor.finding import Finding
from bridge.serving.certificate import ensure_certificate
from bridge.serving.certificate_making import LIFE


def look(data_dir: Path, **facade: object) -> dict[str, Finding]:
    settings = Settings(data_dir=data_dir, facade=FacadeSettings.model_validate(facade))
    return {finding.check: finding for finding in check_facade_certificate(settings)}


def made(data_dir: Path, days_left: float) -> None:
    ensure_certificate(data_dir / "certificate", datetime.now(UTC) - LIFE + timedelta(days=days_left))


def test_none_yet(tmp_path: Path) -> None:
    assert look(tmp_path)["facade.certificate"].status == "unknown"


@pytest.mark.parametrize(
    ("days", "status", "word"),
    [(3650, "ok", "days left"), (20, "warning", "19 days left"), (-5, "broken", "ended on")],
)
def test_its_time(tmp_path: Path, days: float, status: str, word: str) -> None:
    made(tmp_path, days)
    finding = look(tmp_path)["facade.certificate"]
    assert (finding.status, word in finding.what) == (status, True)


def test_names_and_authority_are_told(tmp_path: Path) -> None:
    made(tmp_path, 3650)
    finding = look(tmp_path)["facade.certificate"]
    assert "localhost, 127.0.0.1, ::1" in finding.what
    assert str(tmp_path / "certificate" / "facade-ca.pem") in finding.advice


def test_a_name_that_it_does_not_cover(tmp_path: Path) -> None:
    made(tmp_path, 3650)
    finding = look(tmp_path, allowed_hosts=["localhost", "[::1]", "his.example"])["facade.names"]
    assert (finding.status, "his.example" in finding.what) == ("warning", True)


def test_damaged_and_incomplete_files(tmp_path: Path) -> None:
    made(tmp_path, 3650)
    (tmp_path / "certificate" / "facade.key").unlink()
    assert look(tmp_path)["facade.key"].status == "broken"
    (tmp_path / "certificate" / "facade.pem").write_text("text")
    finding = look(tmp_path)["facade.certificate"]
    assert (finding.status, "Delete" in finding.advice) == ("broken", True)


def test_a_given_certificate_that_is_missing(tmp_path: Path) -> None:
    given = {"certificate_file": tmp_path / "x.pem", "key_file": tmp_path / "x.key"}
    finding = look(tmp_path, **given)["facade.certificate"]
    assert (finding.status, "facade.certificate_file" in finding.advice) == ("broken", True)


@pytest.mark.skipif(os.name != "posix", reason="rights as on Unix")
def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    made(tmp_path, 3650)
    key = tmp_path / "certificate" / "facade.key"
    key.chmod(0o644)
    finding = look(tmp_path)["facade.key"]
    assert (finding.status, f"chmod 600 {key}" in finding.advice) == ("warning", True)
    given = {"certificate_file": tmp_path / "certificate" / "facade.pem", "key_file": key}
    assert look(tmp_path, **given)["facade.key"].status == "broken"
    key.chmod(0o640)  # administrators share keys so
    assert "facade.key" not in look(tmp_path, **given)
