"""What the doctor says of the asking for PINs."""

from __future__ import annotations

import pytest

from bridge.config import PinSettings
from bridge.doctor import pins
from bridge.doctor.pins import check_pins


@pytest.mark.parametrize(
    ("provider", "tkinter", "status"),
    [
        ("prompt", True, "ok"),
        ("prompt", False, "warning"),
        ("keypad", False, "ok"),
        ("fixed", False, "ok"),
    ],
)
def test_who_is_asked(monkeypatch: pytest.MonkeyPatch, provider: str, tkinter: bool, status: str) -> None:
    monkeypatch.setattr(pins, "find_spec", lambda name: object() if tkinter else None)
    (finding,) = check_pins(PinSettings.model_validate({"provider": provider}))
    assert finding.status == status
    assert (status == "ok") or ("python3-tk" in finding.advice and "5109" in finding.why)


def test_windows_needs_no_tkinter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of the installer has none, and the window is made of Windows' own parts."""
    monkeypatch.setattr(pins, "find_spec", lambda name: None)
    monkeypatch.setattr(pins.os, "name", "nt")
    assert [finding.status for finding in check_pins(PinSettings())] == ["ok"]
