"""``cshis-bridge stop``: which bridge it ends, and what it says where it cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.serving.owners import LOCK_FILE, own_data_dir, owner_of_data_dir
from tests.support.bridge_process import running_bridge

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals; Windows: tests/installer")

DEAF = (
    "import signal, sys, time\n"
    "from pathlib import Path\n"
    "from bridge.serving.owners import own_data_dir\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "with own_data_dir(Path(sys.argv[1])):\n"
    "    print(flush=True)\n"
    "    time.sleep(60)\n"
)


@pytest.fixture(autouse=True)
def _own_runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def stop(data: Path, *further: str) -> Result:
    return CliRunner().invoke(main, ["stop", "--data-dir", str(data), *further])


@contextmanager
def deaf_process(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """It has the data directory, and does not end when it is asked."""
    with subprocess.Popen([sys.executable, "-c", DEAF, str(data)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_a_bridge_ends_as_by_ctrl_c(data: Path) -> None:
    with running_bridge(data) as running:  # which also wants exit code 0
        holder = owner_of_data_dir(data)
        assert holder is not None
        done = stop(data)
        assert (done.exit_code, done.output) == (0, f"process {holder.pid} has ended\n")
    log = running.log.read_text(encoding="utf-8")
    assert [line.split()[-1] for line in log.splitlines()].count("stopping") == 1, log
    assert owner_of_data_dir(data) is None


def test_the_usual_data_directory_is_meant_where_none_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(data))
    done = CliRunner().invoke(main, ["stop"])
    assert (done.exit_code, done.output) == (0, f"no bridge runs with {data}\n")


def test_nothing_is_asked_of_a_process_that_has_let_go(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file still names it; its number may be somebody else's by now."""
    with own_data_dir(data):
        pass
    asked: list[int] = []
    monkeypatch.setattr("bridge.cli.stop.ask_to_stop", asked.append)
    assert stop(data).exit_code == 0
    assert asked == []
    assert str(os.getpid()) in (data / LOCK_FILE).read_text(encoding="ascii")


def test_a_process_that_does_not_end_is_told_with_the_time_waited(data: Path) -> None:
    with deaf_process(data) as process:
        done = stop(data, "--wait", "0.3")
        assert done.exit_code == 1
        assert f"(process {process.pid}, since 20" in done.output
        assert "was asked to end, and still runs after 0.3 s" in done.output
        assert process.poll() is None


def test_one_that_hangs_is_ended_at_once_where_that_is_wanted(data: Path) -> None:
    """As the icon's menu wants it: a person has no other way but the task manager."""
    with deaf_process(data) as process:
        done = stop(data, "--wait", "0.3", "--force")
        assert (done.exit_code, process.wait(10)) == (0, -signal.SIGKILL)
        assert f"process {process.pid} did not end when asked, and was ended at once" in done.output
    assert owner_of_data_dir(data) is None


def test_a_process_of_somebody_else_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    with deaf_process(data) as process, monkeypatch.context() as patched:
        patched.setattr("bridge.serving.stop_event.os.kill", refuse)
        done = stop(data)
        patched.undo()
    assert done.exit_code == 1
    assert f"(process {process.pid}" in done.output
    assert "cannot be ended: Operation not permitted" in done.output


@pytest.mark.parametrize("written", ["", "{}", '{"pid": 0, "since": "", "settings": ""}', '{"pid": -1}'])
def test_nobody_is_ended_where_the_lock_does_not_say_whose_it_is(
    written: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the disk was full: process 0 would be the caller and all it has started."""
    signals: list[tuple[int, int]] = []
    with deaf_process(data), monkeypatch.context() as patched:
        (data / LOCK_FILE).write_text(written, encoding="ascii")
        patched.setattr("bridge.serving.stop_event.os.kill", lambda *given: signals.append(given))
        done = stop(data, "--wait", "0")
        patched.undo()
    assert done.exit_code == 1
    assert "does not say which process it is" in done.output
    assert signals == []
