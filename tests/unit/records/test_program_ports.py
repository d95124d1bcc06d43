"""The file of the programs' ports: kept for those that still run, never in anybody's way."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bridge.records import program_ports
from bridge.records.program_ports import FILE_NAME, ProgramPorts

HERE = f"{os.getpid()}:17"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


def kept(file: Path, **named: str) -> None:
    ports = ProgramPorts(file)
    ports.save({"named": named, "settled": {}}).result(10)
    ports.close()


def test_what_was_saved_is_there_for_the_next(file: Path) -> None:
    ports = ProgramPorts(file)
    ports.save({"named": {HERE: "COM1"}, "settled": {}})
    ports.save({"named": {HERE: "COM2"}, "settled": {"": "COM3"}}).result(10)
    ports.close()
    assert ProgramPorts(file).load() == {"named": {HERE: "COM2"}, "settled": {"": "COM3"}}
    assert os.name != "posix" or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_program_that_has_ended_is_forgotten(file: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept(file, **{f"{ended.pid}:1": "COM1", HERE: "COM2"})
    assert ProgramPorts(file).load()["named"] == {HERE: "COM2"}


def test_the_programs_of_before_the_machine_started_are_others(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept(file, **{HERE: "COM2"})
    monkeypatch.setattr(program_ports, "BOOT_ID", tmp_path / "another")
    (tmp_path / "another").write_text("another boot\n", encoding="ascii")
    assert ProgramPorts(file).load() == {}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"places": {}}', "null", '"x"', "\x00"])
def test_a_broken_file_names_no_port_and_what_runs_may_have_had_one(
    file: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text(content, encoding="utf-8")
    ports = ProgramPorts(file)
    assert ports.load() == {}
    assert ports.is_forgotten(HERE)
    assert not ports.is_forgotten("")
    assert not ports.is_forgotten(f"{2**31 - 1}:1")  # no process has this number
    ports.save({"named": {}, "settled": {}}).result(10)
    ports.close()
    again = ProgramPorts(file)
    again.load()
    assert again.is_forgotten(HERE)
    kept(file, **{HERE: "COM2"})
    assert ProgramPorts(file).load()["named"] == {HERE: "COM2"}


def test_another_boots_file_forgets_nobody(file: Path) -> None:
    file.write_text('{"boot": 1}', encoding="utf-8")
    ports = ProgramPorts(file)
    assert ports.load() == {}
    assert not ports.is_forgotten(HERE)


def test_with_no_file_or_a_whole_one_nobody_is_forgotten(file: Path) -> None:
    for _ in range(2):
        ports = ProgramPorts(file)
        ports.load()
        assert not ports.is_forgotten(HERE)
        kept(file)


def test_what_cannot_be_written_is_not_taken_for_what_was_written_before(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    kept(file, **{HERE: "COM1"})
    monkeypatch.setattr(program_ports, "write_private", full)
    kept(file, **{HERE: "COM2"})
    ports = ProgramPorts(file)
    assert ports.load() == {}
    assert ports.is_forgotten(HERE)


@pytest.mark.parametrize("places", [[], {"named": []}, {"named": None}, {"named": "x"}])
def test_so_is_one_of_another_shape(file: Path, places: object, caplog: pytest.LogCaptureFixture) -> None:
    kept(file)
    document = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**document, "places": places}), encoding="utf-8")
    assert ProgramPorts(file).load() == {}
    assert "cannot be read" in caplog.text


def test_a_file_that_cannot_be_written_fails_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ports = ProgramPorts(tmp_path / "missing" / FILE_NAME)
    ports.save({"named": {HERE: "COM2"}}).result(10)
    ports.close()
    assert "after a restart programs must open their ports again" in caplog.text


def test_a_slow_disk_gets_the_newest_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, written = threading.Event(), []

    def slow(_: Path, text: str) -> None:
        go_on.wait(10)
        written.append(json.loads(text)["places"]["named"]["a"])

    monkeypatch.setattr(program_ports, "write_private", slow)
    ports = ProgramPorts(file)
    saved = [ports.save({"named": {"a": str(number)}}) for number in range(20)]
    assert not saved[-1].done()
    go_on.set()
    saved[-1].result(10)
    ports.close()
    assert written[-1] == "19"
    assert len(written) <= 3


def test_a_file_that_was_lost_is_not_the_first_start(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = ProgramPorts(file, expected=False)
    assert (first.load(), first.is_forgotten(HERE)) == ({}, False)
    assert file.is_file(), "a bridge that worked here leaves one, though no program has named a port"
    file.unlink()
    after = ProgramPorts(file, expected=True)
    assert (after.load(), after.is_forgotten(HERE)) == ({}, True)
    assert "must open their ports again" in caplog.text
    assert ProgramPorts(file, expected=True).is_forgotten(HERE) is False  # not yet loaded
    later = ProgramPorts(file, expected=True)
    assert (later.load(), later.is_forgotten(HERE)) == ({}, True)  # until the program opens a port
