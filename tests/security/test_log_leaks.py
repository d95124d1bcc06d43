"""The watch over the logs finds what is planted, says where and never what."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.records.journal import Journal
from tests.support.log_leaks import Watch, kinds_in

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("patient Z299999929 read", "id"),
        ("patient A123456789 read", "id of Taiwan"),
        ("{'pin': '246810'}", "PIN"),
        ("PIN=123456.", "PIN"),
        ("name 測試十", "name"),
        (repr("測試十".encode("cp950")), "name"),
        (repr("測試十".encode()), "name"),
        ("測試十".encode("cp950").hex(), "name"),
        ('{"name": "\\u6e2c\\u8a66\\u5341"}', "name"),
        ("by TEST PHARMACIST", "name"),
        ("Trần Thử Nghiệm", "name"),
        ("card 000073898381", "card number"),
        ("born 0920315", "birthday"),
        ("born 2003-03-15", "birthday"),
        ("born 05/03/1994", "birthday"),
        ("thẻ DN4010000000000", "insurance number"),
        ("qr " + "a" * 21 + "Q==.MTIz.", "QR or transfer code"),
        ("signature=" + "Ab1+" * 86, "signature"),
        ("AB12" * 64, "signature"),
    ],
)
def test_what_is_found(text: str, kind: str) -> None:
    assert kind in kinds_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 18:36:29,078 INFO x: call=10 door=vhc function=hisGetBasicData code=1019 ms=0.4",
        "table 24618b1b3c0b9960aef8955f10eb37bb90c0af0f24d082350100c2c62db6b5ea",
        "port 12345 of 127.0.0.1, 1.246810 s, 12345678901234 bytes",
        "clientRandom 3q2+7wAAAAE=",
        "receipt=202311050930010000013501200000001000000103",
    ],
)
def test_what_is_no_leak(text: str) -> None:
    assert kinds_in(text) == set()


def test_files_and_journals_are_read(open_place: Path) -> None:
    (open_place / "data").mkdir()
    (open_place / "data" / "bridge.log").write_text("read 測試十\n", encoding="utf-8")
    (open_place / "data" / "bridge.log.1").write_text("card 000073898381\n", encoding="utf-8")
    journal = Journal(open_place / "data" / "journal.sqlite3")
    journal.begin("hisWriteAllergicMedicines", "/api/v1/Z299999929", "random")
    journal.close()
    watch = Watch()
    watch.examine_files(open_place)
    assert set(watch.found) == {
        ("data/bridge.log", "name"),
        ("data/bridge.log.1", "card number"),
        ("data/journal.sqlite3", "id"),
    }


PLANTED = """
import logging, pathlib

def test_one():
    logging.getLogger("third.party").debug("answer %s", {"id": "Z299999929"})
    logging.getLogger("quiet").propagate = False
    logging.getLogger("quiet").info("name 測試十")

def test_two(tmp_path):
    (tmp_path / "host.log").write_text("PIN 246810", encoding="utf-8")

def test_three(caplog):
    logging.getLogger("noise").debug("nothing that a test saw before")
    assert not caplog.records
"""


def run_suite(folder: Path, content: str) -> subprocess.CompletedProcess[str]:
    """A suite of its own with the watch."""
    (folder / "test_planted.py").write_text(content, encoding="utf-8")
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    watch = ("-p", "tests.support.log_leaks")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *watch, "--basetemp", str(folder / "temp"), "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_planted_leak_fails_the_run(open_place: Path) -> None:
    done = run_suite(open_place, PLANTED)
    assert "3 passed" in done.stdout
    assert done.returncode == 1
    leaks = [line for line in done.stdout.splitlines() if line.startswith("LEAK")]
    assert len(leaks) == 3
    assert any("third.party: a id in" in line and "test_one" in line for line in leaks)
    assert any("quiet: a name in" in line for line in leaks)
    assert any("host.log: a PIN in" in line for line in leaks)
    assert not any(value in done.stdout for value in ("Z299999929", "測試十", "246810"))


def test_a_clean_run_passes(open_place: Path) -> None:
    done = run_suite(
        open_place, "import logging\n\ndef test_one():\n    logging.getLogger('x').info('code=0')\n"
    )
    assert done.returncode == 0
    assert "LEAK" not in done.stdout


def test_the_watch_is_on(pytestconfig: pytest.Config) -> None:
    """In this very run."""
    leaks = pytestconfig.pluginmanager.get_plugin("log-leaks-session")
    before = leaks.watch.examined
    logging.getLogger("bridge.test").debug("a line that nobody reads")
    assert leaks.watch.examined == before + 1
