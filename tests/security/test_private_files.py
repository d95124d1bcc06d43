"""The files that the bridge writes: only its user can read them, whatever the umask."""

from __future__ import annotations

import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.cli.serve import warn_of_open_secrets
from bridge.config import load_settings
from bridge.errors import ConfigError
from bridge.private_files import (
    check_secret_file,
    private_directory,
    touch_private,
    write_private,
)
from bridge.records.journal import Journal
from bridge.serving.log_file import PrivateLogFile
from native.build import CLIENT, build, library_folder
from native.compiler import compile_program
from tests.security.another_user import NOBODY, Stranger
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment, running_bridge

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX modes")

PUBLIC = re.compile(r"certificate/facade(-ca)?\.pem|sim/(ca|server)\.pem|bridge\.log|given\.toml")
HOST = """
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
    short width = 10;
    char buffer[64] = {0};
    int (*ask)(char *, short *) = 0;
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : 0;
    if (library) *(void **)(&ask) = dlsym(library, "csGetHospID");
    if (!ask) return 1;
    printf("%d\\n", ask(buffer, &width));
    return 0;
}
"""


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def everything(directory: Path) -> dict[str, Path]:
    """All files and folders below, by their path in it."""
    return {str(path.relative_to(directory)): path for path in sorted(directory.rglob("*"))}


def test_nobody_else_reads_what_a_bridge_writes(open_place: Path, stranger: Stranger) -> None:
    """A data directory that was open to all, a umask that forbids nothing, a bridge at work."""
    data_dir = open_place / "data"
    data_dir.mkdir()
    data_dir.chmod(0o777)
    token = open_place / "token"
    with umask(0), running_bridge(data_dir, f'[channel]\ntoken_file = "{token}"\n') as bridge:
        found = everything(data_dir)
        assert {"running.toml", "sim.json", "journal.sqlite3", "certificate/facade.key"} <= set(found)
        assert mode(data_dir) == 0o700
        for name, path in found.items():
            if path.is_file() and not PUBLIC.fullmatch(name):
                assert mode(path) & 0o077 == 0, name
        assert mode(token) == 0o600
        for path in [data_dir, token, *found.values()]:
            assert not stranger.can_read(path), path
            assert not stranger.can_write(path), path
        assert_channel_wants_the_token(bridge.ready["channel"], token, open_place, stranger)


def assert_channel_wants_the_token(channel: str, token: Path, place: Path, stranger: Stranger) -> None:
    """The same program with the same library: its user is answered, another is not."""
    build("client", place)
    library = library_folder(place) / CLIENT
    source = place / "host.c"
    source.write_text(HOST)
    program = compile_program(source, place / "host", "-ldl")
    asked = {"CSHIS_BRIDGE": channel, "CSHIS_BRIDGE_TOKEN_FILE": str(token)}
    own = subprocess.run(
        [program, library], env={**os.environ, **asked}, capture_output=True, text=True, timeout=30
    )
    assert own.stdout == "0\n"
    no_token = {"CSHIS_BRIDGE": channel}
    for environment in (asked, no_token, {**no_token, "CSHIS_BRIDGE_TOKEN_FILE": "/dev/zero"}):
        other = stranger.run(str(program), str(library), **environment)
        assert other.stdout == "4000\n", environment


def start(data_dir: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """A bridge that is not going to start."""
    serve = [sys.executable, "-m", "bridge", "serve", "--simulate", "--data-dir", str(data_dir)]
    return subprocess.run(
        [*serve, *FREE_PORTS, *more],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_data_directory_of_another_user_is_refused(open_place: Path, stranger: Stranger) -> None:
    data_dir = open_place / "theirs"
    data_dir.mkdir(mode=0o777)
    os.chown(data_dir, NOBODY, NOBODY)
    done = start(data_dir)
    assert done.returncode == 1
    assert "belongs to another user" in done.stderr
    assert "--data-dir" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(data_dir.iterdir())


@pytest.mark.parametrize("name", ["journal.sqlite3", "running.toml", "sim.json", "certificate/facade.key"])
def test_a_link_laid_by_another_user_is_refused(name: str, open_place: Path, stranger: Stranger) -> None:
    data_dir = open_place / "data"
    link = data_dir / name
    link.parent.mkdir(parents=True)
    victim = open_place / "victim"
    victim.write_text("precious")
    link.symlink_to(victim)
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(ConfigError, match="belongs to another user"):
        private_directory(data_dir)
    assert victim.read_text() == "precious"


def test_own_links_are_not_followed_for_what_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in ("settings", "journal.sqlite3", "log"):
        (tmp_path / name).symlink_to(victim)
    write_private(tmp_path / "settings", "new")
    assert not (tmp_path / "settings").is_symlink()
    with pytest.raises(OSError, match="symbolic"):
        touch_private(tmp_path / "log")
    with pytest.raises(OSError, match="symbolic"):
        PrivateLogFile(tmp_path / "log")
    journal = Journal(tmp_path / "journal.sqlite3")  # goes on without
    journal.close()
    assert "journal cannot be written" in caplog.text
    assert victim.read_text() == "precious"


def test_a_log_file_of_another_user_or_behind_a_link_is_refused(open_place: Path, stranger: Stranger) -> None:
    """Somebody has laid it where the bridge is going to write."""
    theirs = open_place / "theirs.log"
    theirs.write_text("precious")
    theirs.chmod(0o666)
    os.chown(theirs, NOBODY, NOBODY)
    (open_place / "link.log").symlink_to(theirs)
    for name, word in (
        ("theirs.log", f"belongs to another user (number {NOBODY})"),
        ("link.log", "a symbolic link"),
    ):
        done = start(open_place / "data", "--log-file", str(open_place / name))
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert word in done.stderr
    assert theirs.read_text() == "precious"
    assert mode(theirs) == 0o666


def test_a_device_may_be_the_log_file(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.open("a").close()
    except PermissionError:
        pytest.skip("only root makes a device, where devices may be used")
    handler = PrivateLogFile(device, maxBytes=10, backupCount=1)
    for _ in range(3):
        handler.emit(logging.LogRecord("x", logging.INFO, "", 1, "a line", (), None))
    handler.close()
    assert device.is_char_device()
    assert list(tmp_path.iterdir()) == [device]


def test_rights_of_files_that_were_there_are_taken_back(tmp_path: Path) -> None:
    with umask(0):
        for name in ("journal.sqlite3", "log"):
            (tmp_path / name).touch(mode=0o666)
        (tmp_path / "settings").write_text("")
        Journal(tmp_path / "journal.sqlite3").close()
        PrivateLogFile(tmp_path / "log").close()
        write_private(tmp_path / "settings", "new")
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}


def test_a_log_that_rotates_stays_private(tmp_path: Path) -> None:
    with umask(0):
        handler = PrivateLogFile(tmp_path / "log", maxBytes=10, backupCount=2)
        for _ in range(4):
            handler.emit(logging.LogRecord("x", logging.INFO, "", 1, "a line of text", (), None))
        handler.close()
    assert len(list(tmp_path.iterdir())) == 3
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}


def test_a_given_key_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "facade.key"
    key.write_text("")
    key.chmod(0o640)  # a group of those who may use it
    check_secret_file(key, "facade.key_file")
    key.chmod(0o644)
    with pytest.raises(ConfigError, match=r"facade.key_file .* chmod 600"):
        check_secret_file(key, "facade.key_file")
    with pytest.raises(ConfigError, match="cannot be read"):
        check_secret_file(tmp_path / "none", "facade.key_file")


@pytest.mark.parametrize(
    ("content", "rights", "warned"),
    [
        ('pin.fixed.hc = "246813"', 0o644, True),
        ('pin.fixed.hc = "246813"', 0o600, False),
        ("facade.port = 0", 0o644, False),
    ],
)
def test_a_settings_file_with_a_pin_is_its_users_own(
    content: str, rights: int, warned: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(content)
    file.chmod(rights)
    warn_of_open_secrets(file, load_settings(file))
    assert ("chmod 600" in caplog.text) is warned
    assert "246813" not in caplog.text


def test_a_certificate_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    for name in ("given.pem", "given.key"):
        (tmp_path / name).write_text("no certificate")
        (tmp_path / name).chmod(0o600)
    settings = tmp_path / "config.toml"
    settings.write_text(
        f'[facade]\ncertificate_file = "{tmp_path}/given.pem"\nkey_file = "{tmp_path}/given.key"\n'
    )
    done = start(tmp_path / "data", "--config", str(settings))
    assert done.returncode == 1
    assert "given.pem" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_directory_with_a_name_in_big5_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xc2\xe5\xb0\x7c"))  # 醫院
    named.mkdir()
    said = r"the path of data_dir .*/\\xc2\\xe5\\xb0\|.* is not UTF-8, .*: rename the folder"
    with pytest.raises(ConfigError, match=said) as caught:
        private_directory(named / "data")
    assert str(caught.value).isprintable()
    assert list(named.iterdir()) == []
    monkeypatch.chdir(named)
    with pytest.raises(ConfigError, match=said):
        private_directory(Path("data"))


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"data_dir .* cannot be used"):
        private_directory(tmp_path / "file")
    with pytest.raises(ConfigError, match=r"data_dir .* cannot be used"):
        private_directory(tmp_path / "file" / "data")
