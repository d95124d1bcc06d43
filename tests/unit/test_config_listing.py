"""All settings of a bridge that runs: their places, and nothing secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config import load_settings
from bridge.config.listing import DEFAULT, OTHERWISE, SECRET, InUse, of_running

FILE = """
[reader]
linger = 7.5

[pin]
provider = "fixed"
fixed.hc = "123456"

[bhyt.accounts.38001]
password = "Mat-khau-rieng"

[bhyt.officers.38001]
hoTenCb = "Nguyễn Thị Thử"
cccdCb = "001099000001"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "bridge.toml"
    found.write_text(FILE, encoding="utf-8")
    return found


def listed(file: Path, **overrides: object) -> dict[str, InUse]:
    return {row.name: row for row in of_running(load_settings(file, **overrides), file)}


def test_each_setting_has_its_value_and_its_place(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_READER__VISIT_HOLD", "61")
    rows = listed(file, call_deadline=50.0)
    assert rows["reader.linger"] == InUse("reader.linger", "7.5", f"{file}, line 3")
    assert rows["reader.visit_hold"].place == "environment variable CSHIS_BRIDGE_READER__VISIT_HOLD"
    assert rows["facade.port"] == InUse("facade.port", "5067", DEFAULT)
    assert rows["call_deadline"] == InUse("call_deadline", "50.0", OTHERWISE)
    assert rows["log.file"] == InUse("log.file", "", DEFAULT)


def test_nothing_secret_is_told_and_nobody_is_named(file: Path) -> None:
    rows = listed(file)
    hidden = {name for name, row in rows.items() if row.value == SECRET}
    assert {
        "pin.fixed.hc", "bhyt.accounts.38001.password", "bhyt.officers.38001.hoTenCb",
        "bhyt.officers.38001.cccdCb",
    } == hidden  # fmt: skip
    told = " ".join(row.value for row in rows.values())
    for secret in ("123456", "Mat-khau", "Thử", "001099000001"):
        assert secret not in told


@pytest.mark.parametrize("now", ["", "[reader]\nlinger = 9", "[reader", '[reader]\nlinger = "x"', None])
def test_a_file_that_has_changed_since_is_not_named_as_the_place(file: Path, now: str | None) -> None:
    settings = load_settings(file)
    if now is None:
        file.unlink()
    else:
        file.write_text(now, encoding="utf-8")
    rows = {row.name: row for row in of_running(settings, file)}
    assert rows["reader.linger"] == InUse("reader.linger", "7.5", OTHERWISE)
    assert rows["facade.port"].place == DEFAULT
