"""Locks that belong to one process, and go with it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.serving import owners
from bridge.serving.one_owner import Holder, Lock, Taken, holder_of, take
from bridge.serving.owners import own_console, own_data_dir, owner_of_console, owner_of_data_dir

HOLD = (
    "import sys\n"
    "from pathlib import Path\n"
    "from bridge.serving.one_owner import take\n"
    "kept = take(Path(sys.argv[1]), Path('settings'))\n"
    "print(kept, flush=True)\n"
    "sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def _own_runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


@contextmanager
def another_process(file: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock of a file."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert "Lock" in process.stdout.readline()
        yield process
        process.stdin.close()


def test_a_second_one_is_told_who_has_it(tmp_path: Path) -> None:
    file = tmp_path / "owner.lock"
    with another_process(file) as process:
        found = take(file, tmp_path / "mine")
        assert isinstance(found, Holder)
        assert (found.pid, found.settings) == (process.pid, "settings")
        assert f"process {process.pid}, since 20" in str(found)
        assert holder_of(file) == found


def test_it_is_free_when_its_process_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "owner.lock"
    with another_process(file) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert holder_of(file) is None
        found = take(file, tmp_path)
        assert isinstance(found, Lock)
        found.release()
        found.release()  # a second time is no fault


def test_looking_does_not_keep_anybody_out(tmp_path: Path) -> None:
    """Whoever looks holds the lock for a moment; an owner that starts just then waits for it."""
    file = tmp_path / "owner.lock"
    looking = (
        "import sys\nfrom pathlib import Path\nfrom bridge.serving.one_owner import holder_of\n"
        "print(flush=True)\nwhile True: holder_of(Path(sys.argv[1]))"
    )
    file.touch(mode=0o600)
    with subprocess.Popen([sys.executable, "-c", looking, str(file)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until = time.monotonic() + 1
        while time.monotonic() < until:
            taken = take(file, tmp_path)
            assert isinstance(taken, Lock)
            taken.release()
        process.kill()


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_the_file_is_private_and_no_link(tmp_path: Path) -> None:
    taken = take(tmp_path / "owner.lock", tmp_path)
    assert isinstance(taken, Lock)
    assert stat.S_IMODE((tmp_path / "owner.lock").stat().st_mode) == 0o600
    taken.release()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        take(tmp_path / "link", tmp_path)
    assert holder_of(tmp_path / "link") is None
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff" * 9000])
def test_a_lock_whose_file_says_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "owner.lock"
    taken = take(file, tmp_path)
    assert isinstance(taken, Lock)
    file.write_bytes(content)
    assert holder_of(file) == Holder()
    assert str(Holder()) == "another bridge"
    taken.release()


def test_one_bridge_a_data_directory(tmp_path: Path) -> None:
    assert owner_of_data_dir(tmp_path) is None
    with own_data_dir(tmp_path):
        held = owner_of_data_dir(tmp_path)
        assert held is not None
        assert (held.pid, held.settings) == (os.getpid(), str(tmp_path / "running.toml"))
        with pytest.raises(Taken, match=rf"process {os.getpid()}, since .*--data-dir"):
            own_data_dir(tmp_path)
    assert owner_of_data_dir(tmp_path) is None
    with pytest.raises(ConfigError, match="cannot be written"):
        own_data_dir(tmp_path / "none")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://localhost:5066", "https://127.0.0.1:5066/", True),
        ("https://localhost:5066", "https://[::1]:5066", True),
        ("https://LOCALHOST:5066", "https://localhost:5066", True),
        ("https://localhost", "https://localhost:443", True),
        ("https://localhost:5066", "https://localhost:5067", False),
        ("https://reader.example:5066", "https://localhost:5066", False),
    ],
)
def test_one_bridge_a_console(tmp_path: Path, first: str, second: str, same: bool) -> None:
    with own_console(first, tmp_path / "running.toml"):
        found = owner_of_console(second)
        assert (found is not None) == same
        if same:
            with pytest.raises(Taken, match=r"works with the console .*several_bridges"):
                own_console(second, tmp_path)
        else:
            with own_console(second, tmp_path):
                pass


def test_no_place_for_a_lock_is_no_reason_not_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(owners, "user_runtime_path", lambda *_, **__: tmp_path / "file" / "run")
    with own_console("https://localhost:5066", tmp_path):
        assert "is not known" in caplog.text
