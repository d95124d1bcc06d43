"""packaging/monitoring/rules.yml: promtool judges it, and each alert fires and stays silent as said."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.table.loader import default_table
from tests.monitoring.prometheus import FOLDER, RULES

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "operate" / "monitoring.md"
TESTS = sorted(HERE.glob("alerts*.yml"))
GROUPS: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
ALERTS: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
EACH = pytest.mark.parametrize("alert", ALERTS, ids=[alert["alert"] for alert in ALERTS])
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACED = re.compile(r"\$\w+(?:\.\w+)?")
NATIVE = re.compile(r'door=~"native[^"]*", code=~"([^"]*)"')


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_nothing_wrong() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_alerts_fire_and_stay_silent(file: Path) -> None:
    promtool("test", "rules", file)


def expectations() -> Iterator[tuple[str, list[str]]]:
    """What is asked for in the files of promtool, and which alerts are expected in the answer."""
    for file in TESTS:
        for test in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]:
            for asked in test["promql_expr_test"]:
                labels = " ".join(sample["labels"] for sample in asked.get("exp_samples", []))
                yield asked["expr"], re.findall(r'alertname="(\w+)"', labels)


@EACH
def test_each_alert_is_tried_both_ways(alert: dict[str, Any]) -> None:
    name = alert["alert"]
    assert any(name in fires for _, fires in expectations())
    assert any(name in asked or "alertname" not in asked for asked, fires in expectations() if not fires)


@EACH
def test_an_alert_says_what_and_what_to_do_in_both_languages(alert: dict[str, Any]) -> None:
    words = alert["annotations"]
    assert set(words) == {"summary", "description", "summary_en", "description_en"}
    for name, text in words.items():
        assert bool(CHINESE.search(text)) != name.endswith("_en"), text
    for kind in ("summary", "description"):
        chinese, english = (set(PLACED.findall(words[name])) for name in (kind, f"{kind}_en"))
        assert chinese == english
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}


def test_codes_of_the_rules_are_codes_of_the_table() -> None:
    codes = {code for alert in ALERTS for found in NATIVE.findall(alert["expr"]) for code in found.split("|")}
    texts = default_table().texts
    assert texts is not None
    assert len(codes) > 10
    assert codes <= {str(code) for code in texts.codes}


def test_the_page_has_every_alert_in_both_languages() -> None:
    rows = re.findall(r"^\| `(Cshis\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    names = [alert["alert"] for alert in ALERTS]
    assert rows == names + names


def test_settings_of_the_page_are_settings_of_prometheus(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for block, options in zip(blocks, (["--agent"], []), strict=True):
        (tmp_path / "prometheus.yml").write_text(block, encoding="utf-8")
        (tmp_path / "rules.yml").write_bytes((FOLDER / "rules.yml").read_bytes())
        promtool("check", "config", *options, tmp_path / "prometheus.yml")
