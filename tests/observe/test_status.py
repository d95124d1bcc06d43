"""``cshis-bridge status``: what runs, where, since when, and what waits for a person."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click.testing import CliRunner

from bridge.cli.main import main
from bridge.words.moments import moment_of
from tests.observe.observed_bridge import Observed


def test_a_bridge_at_work(observed: Observed) -> None:
    done = observed.command("status")
    assert done.returncode == 0, done.stderr
    health = json.loads(observed.command("status", "--json").stdout)
    pid = health["health"]["pid"]
    assert re.search(rf"^the bridge runs: version \S+, process {pid}, since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$",
                     done.stdout, re.MULTILINE)  # fmt: skip
    lines = done.stdout.splitlines()
    for use, door in (("native library", "channel"), ("HTTPS", "facade"), ("HTTP", "legacy_http")):
        assert f"{use}: {health['doors'][door]}" in lines
    assert f"console: {health['console']}" in lines
    assert "nothing is pending: every change ended clearly" in lines
    assert (health["running"], health["pending"]) == (True, 0)


def test_its_time_is_taiwans_wherever_the_machine_is(observed: Observed) -> None:
    """As in the answer of the bridge, which has its offset."""
    told = json.loads(observed.command("status", "--json").stdout)["health"]["since"]
    shown = observed.command("status", zone="EST5").stdout
    assert f"since {moment_of(told)}" in shown


def test_in_chinese(observed: Observed) -> None:
    shown = observed.command("--lang", "zh-TW", "status").stdout
    assert "橋接程式執行中：版本 " in shown
    assert "沒有待處理的變更：每一個都有明確的結果" in shown


def test_no_bridge(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    file.write_text(
        f'data_dir = "{tmp_path}"\nconsole.url = "https://127.0.0.1:1"\n'
        "facade.port = 1\nfacade.legacy_http_port = 2\n"
    )
    done = CliRunner().invoke(main, ["status", "--config", str(file)])
    assert (done.exit_code, done.output.splitlines()[0]) == (1, "no bridge answers")
    assert "no journal yet" in done.output
