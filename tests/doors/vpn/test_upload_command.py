"""``cshis-bridge upload`` and ``upload-result`` as people use them, against the running simulators."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bridge_process import ROOT, Bridge, clean_environment

CONTENT = "<RECS><REC>測試</REC></RECS>".encode()
SAM, HOSPITAL = "001000000103", "3501200000"
TEN_MB = 10 * 1024 * 1024


def run(bridge: Bridge, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", *map(str, arguments), "--config", str(bridge.config)]
    environment = clean_environment(PYTHONIOENCODING="utf-8")
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=60, cwd=ROOT, env=environment, check=False
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "records.xml"
    made.write_bytes(CONTENT)
    return made


def uploaded(bridge: Bridge, file: Path, *options: object) -> str:
    done = run(bridge, "upload", file, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_file_and_its_result(bridge: Bridge, file: Path, tmp_path: Path) -> None:
    code = uploaded(bridge, file, "--records", 1, "--orders", 2)
    assert (code[20:30], code[30:42]) == (HOSPITAL, SAM)
    stored = bridge.sim.upload(code)
    assert (stored["records"], stored["orders"], stored["type"]) == ("1", "2", "A1")
    assert stored["bytes"] == len(CONTENT)
    output = tmp_path / "result.json"
    done = run(bridge, "upload-result", code, "--output", output)
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads(output.read_text(encoding="utf-8"))["bytes"] == len(CONTENT)
    again = run(bridge, "upload-result", code)
    assert json.loads(again.stdout)["records"] == "1"


def test_a_result_that_is_not_ready_is_exit_code_2(bridge: Bridge, file: Path) -> None:
    code = uploaded(bridge, file, "--type", "ZZ")
    done = run(bridge, "upload-result", code, "--type", "ZZ", "--wait", 0)
    assert (done.returncode, done.stdout) == (2, "")
    assert "5002" in done.stderr


def test_the_bar_shows_the_name_of_the_file_apart_from_the_result(bridge: Bridge, file: Path) -> None:
    done = run(bridge, "upload", file, "--type", "ZZ")
    assert file.name in done.stderr
    assert len(done.stdout.split()) == 1


def test_a_real_upload_needs_its_counts(bridge: Bridge, file: Path) -> None:
    done = run(bridge, "upload", file)
    assert done.returncode == 2
    assert "--records and --orders" in done.stderr
    assert bridge.sim.uploads() == []


@pytest.mark.parametrize(("size", "words"), [(TEN_MB + 1, "10 MB"), (0, "is empty")])
def test_a_file_that_cannot_go_is_not_sent(bridge: Bridge, file: Path, size: int, words: str) -> None:
    file.write_bytes(b"x" * size)
    done = run(bridge, "upload", file, "--type", "ZZ")
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert bridge.sim.uploads() == []


def test_a_lost_answer_warns_against_sending_again(bridge: Bridge, file: Path) -> None:
    bridge.sim.arm("centre", "lost")
    done = run(bridge, "upload", file, "--type", "ZZ")
    assert (done.returncode, done.stdout) == (1, "")
    assert "do not send it again" in done.stderr
    assert len(bridge.sim.uploads()) == 1


def test_an_unknown_execution_number_is_a_failure(bridge: Bridge) -> None:
    done = run(bridge, "upload-result", "20230101000000000001" + HOSPITAL + SAM)
    assert (done.returncode, done.stdout) == (1, "")
    assert "9999" in done.stderr
