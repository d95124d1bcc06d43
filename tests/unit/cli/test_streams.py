"""Output of names into files and programs that cannot carry them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from bridge.cli.streams import carry_all_characters, json_text


def written(encoding: str, text: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    carry_all_characters()
    stream.write(text)
    stream.flush()
    return stream.buffer.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("cp950", "測試".encode("cp950") + rb"\u5803"),
        ("cp1252", rb"\u6e2c\u8a66\u5803"),
        ("utf-8", "測試堃".encode()),
    ],
)
def test_what_cannot_be_carried_is_not_lost(
    encoding: str, shown: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert written(encoding, "測試堃", monkeypatch) == shown


@pytest.mark.parametrize("encoding", ["cp950", "cp437", "cp1252", "utf-8"])
def test_on_windows_files_and_programs_get_utf_8(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """tests/installer shows it under Wine; here it is what a stream becomes."""
    monkeypatch.setattr("bridge.cli.streams.os.name", "nt")
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    assert written(encoding, "測試堃", monkeypatch) == "測試堃".encode()
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    assert written(encoding, "測試堃", monkeypatch) == "測試堃".encode(encoding, "backslashreplace")


def test_without_any_output_as_under_pythonw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    carry_all_characters()
    assert json.loads(json_text({"name": "測試"})) == {"name": "測試"}


@pytest.mark.parametrize(("encoding", "plain"), [("utf-8", True), ("cp950", False), ("cp1252", False)])
def test_json_loses_no_character(encoding: str, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    text = json_text({"name": "游錫堃"})
    assert json.loads(text) == {"name": "游錫堃"}
    assert ("堃" in text) == plain


@pytest.mark.parametrize("arguments", [["--help"], ["table", "show", "hisGetBasicData"]])
def test_a_command_with_chinese_output_ends_well_on_a_western_windows(arguments: list[str]) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-m", "bridge", *arguments], env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u" in done.stdout
    assert b"??" not in done.stdout
