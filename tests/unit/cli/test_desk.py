"""``cshis-bridge desk``: what it prints and opens, and what it says where there is no page to open."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from tests.support.bridge_process import Bridge


def test_it_opens_a_link_of_its_own_each_time(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_it(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", open_it)
    for _ in range(2):
        result = CliRunner().invoke(main, ["desk", "--data-dir", str(bridge.config.parent)])
        assert (result.exit_code, result.stdout) == (0, "")
    port = bridge.ready["facade"].rpartition(":")[2]
    assert len(set(opened)) == 2
    assert all(each.startswith(f"https://localhost:{port}/desk#") for each in opened)


def test_where_no_browser_opens_the_link_is_printed(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    result = CliRunner().invoke(main, ["desk", "--data-dir", str(bridge.config.parent)])
    assert result.stdout.startswith("https://localhost:")
    assert "good once" in result.stderr


def test_without_a_bridge_it_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[facade]\nport = 1\nlegacy_http_port = 1\n[console]\nurl = "https://localhost:1"\n')
    result = CliRunner().invoke(main, ["desk", "--config", str(file), "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "cshis-bridge serve" in result.stderr
