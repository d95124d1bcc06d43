"""What the doctor says of the trust in the facade's certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.doctor import trust
from bridge.doctor.trust import _by_bundles, check_trust
from bridge.serving.certificate import ensure_certificate


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return ensure_certificate(tmp_path / "certificate")[2]


@pytest.mark.parametrize(
    ("trusted", "wanted", "status"),
    [(True, True, "ok"), (False, True, "warning"), (False, False, "unknown"), (None, True, "unknown")],
)
def test_on_windows(
    authority: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool | None, wanted: bool, status: str
) -> None:
    monkeypatch.setattr(trust.sys, "platform", "win32")
    monkeypatch.setattr(trust, "is_trusted", lambda file: trusted)
    (finding,) = check_trust(authority, wanted)
    assert finding.status == status
    assert ("certutil" in finding.advice) is (trusted is False)


def test_that_of_a_service_is_an_administrators_matter(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust.sys, "platform", "win32")
    monkeypatch.setattr(trust, "is_trusted", lambda file: False)
    monkeypatch.setattr(trust, "service_folder", lambda environment: authority.parents[1])
    (finding,) = check_trust(authority, True)
    assert finding.advice.startswith("As administrator: cshis-bridge prepare-service.")


def test_by_the_list_of_the_system(authority: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.crt"
    bundle.write_text("other\n", encoding="utf-8")
    assert _by_bundles(authority, (str(bundle),)).status == "unknown"
    bundle.write_text("other\n" + authority.read_text(), encoding="utf-8")
    assert _by_bundles(authority, (str(tmp_path / "none"), str(bundle))).status == "ok"
    assert _by_bundles(tmp_path / "nothing.pem", ()).status == "unknown"
