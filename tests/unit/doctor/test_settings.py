"""What the doctor says of the settings file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.doctor.finding import Finding
from bridge.doctor.settings_file import read_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CSHIS_BRIDGE")]:
        monkeypatch.delenv(name)


def findings(config: Path | None, data_dir: Path | None = None) -> dict[str, Finding]:
    return {finding.check: finding for finding in read_settings(config, data_dir)[1]}


def test_no_file(tmp_path: Path) -> None:
    found = findings(None, tmp_path)
    assert (found["settings"].status, "default" in found["settings"].what) == ("ok", True)


def test_the_file_of_the_data_directory(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("call_deadline = 50.0\n")
    settings, _ = read_settings(None, tmp_path)
    assert settings is not None
    assert (settings.call_deadline, settings.data_dir) == (50.0, tmp_path)
    assert str(tmp_path / "config.toml") in findings(None, tmp_path)["settings"].what


@pytest.mark.parametrize("content", ["[console]\nulr = 'x'\n", "call_deadline = \n", "call_deadline = 1e9\n"])
def test_a_file_that_is_wrong(tmp_path: Path, content: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(content)
    settings, found = read_settings(file, None)
    assert settings is None
    assert [finding.status for finding in found] == ["broken"]
    assert str(file) in found[0].what


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    assert "does not exist" in findings(tmp_path / "nowhere.toml")["settings"].what


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.touch()

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)  # root may read everything
    found = findings(file)["settings"]
    assert (found.status, "cannot be read: Permission denied" in found.what) == ("broken", True)


def test_the_environment_is_named_without_its_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_CLOUD__READ_TIMEOUT", "31.5")
    finding = findings(None, tmp_path)["settings.environment"]
    assert "CSHIS_BRIDGE_CLOUD__READ_TIMEOUT" in finding.what
    assert "31.5" not in finding.what


@pytest.mark.skipif(os.name != "posix", reason="rights as on Unix")
@pytest.mark.parametrize(
    ("content", "mode", "warned"),
    [
        ("[pin.fixed]\nhpc = '123456'\n", 0o644, True),
        ("[pin.fixed]\nhpc = '123456'\n", 0o600, False),
        ("[bhyt]\nusername = 'x'\npassword = 'y'\n", 0o644, True),
        ("call_deadline = 50.0\n", 0o644, False),
    ],
)
def test_secrets_in_it(tmp_path: Path, content: str, mode: int, warned: bool) -> None:
    file = tmp_path / "config.toml"
    file.write_text(content)
    file.chmod(mode)
    assert ("settings.rights" in findings(file)) == warned
