"""A machine from nothing: at work for a person and as a service, upgraded, removed. In this order."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.deb.conftest import LATER
from tests.deb.machine import Machine

CLINIC = Path(__file__).parents[1] / "legacy_his" / "clinic.c"
LIBRARY = "/usr/lib/cshis-bridge/cshis50.so"
SETTINGS, TOKEN = "/etc/cshis-bridge/config.toml", "/etc/cshis-bridge/token"
STATE = "/var/lib/cshis-bridge"
SERVICE = "cshis-bridge.service"
SIMULATED = "[Service]\nExecStart=\nExecStart=/usr/bin/cshis-bridge serve --simulate\n"
PINS = '[pin]\nprovider = "fixed"\n[pin.fixed]\nhpc = "654321"\nhc = "1234"\n'
DESK, NURSE = "desk", "nurse"


@pytest.fixture(scope="module")
def installed(machine: Machine, package: Path) -> Machine:
    machine.install(package)
    for user in (DESK, NURSE):
        machine.run("useradd", "--create-home", user)
        machine.run("loginctl", "enable-linger", user)
    compile_program(CLINIC, machine.path("/usr/local/bin/clinic"), "-ldl")
    return machine


def add(machine: Machine, place: str, text: str) -> None:
    file = machine.path(place)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def log(machine: Machine, *unit: str, user: str = "root") -> str:
    return machine.run("journalctl", "--no-pager", "--output=cat", *unit, user=user)


def test_the_units_are_sound_and_nothing_runs_yet(installed: Machine) -> None:
    for kind, place, user in (
        ("--system", "/lib/systemd/system", "root"),
        ("--user", "/usr/lib/systemd/user", DESK),
    ):
        done = installed.try_run("systemd-analyze", "verify", kind, f"{place}/{SERVICE}", user=user)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert installed.try_run("systemctl", "is-enabled", SERVICE).stdout == "disabled\n"
    assert installed.try_run("systemctl", "is-active", SERVICE).stdout == "inactive\n"


def test_the_command_and_its_page(installed: Machine) -> None:
    assert installed.run("cshis-bridge", "--version", user=DESK) == "cshis-bridge, version 0.1.0\n"
    page = installed.run("man", "--pager=cat", "cshis-bridge")
    assert "install-library" in page
    assert "/etc/cshis-bridge/config.toml" in page
    listed = installed.run("cshis-bridge", "--help")
    assert set(re.findall(r"(?m)^  ([a-z][a-z-]+)  ", listed)) <= set(
        re.findall(r"(?m)^       ([a-z-]+)", page)
    )


def test_a_persons_own_bridge(installed: Machine) -> None:
    """`systemctl start` comes back when all doors listen; a whole visit; a clean stop."""
    home = f"/home/{DESK}/.local/share/cshis-bridge"
    add(installed, f"{home}/config.toml", PINS)
    add(installed, f"/home/{DESK}/.config/systemd/user/{SERVICE}.d/simulate.conf", SIMULATED)
    installed.run("chown", "-R", f"{DESK}:", f"/home/{DESK}")
    systemctl = ("systemctl", "--user")
    installed.run(*systemctl, "daemon-reload", user=DESK)
    installed.run(*systemctl, "start", SERVICE, user=DESK)
    found = installed.run("cshis-bridge", "call", "hisGetBasicData", user=DESK)
    assert "測試十" in found
    assert "all as expected" in installed.run("clinic", LIBRARY, user=DESK)
    installed.run(*systemctl, "stop", SERVICE, user=DESK)
    said = log(installed, "--user", "--unit", SERVICE, user=DESK)
    assert '{"ready": true' in said
    assert "stopping" in said
    assert "Failed" not in said
    assert installed.has(f"{home}/journal.sqlite3")


def test_a_service_without_a_token_says_what_to_do(installed: Machine) -> None:
    assert installed.try_run("systemctl", "start", SERVICE).returncode != 0
    assert "set channel.token_file" in log(installed, "--unit", SERVICE)
    installed.run("systemctl", "stop", SERVICE)


@pytest.fixture(scope="module")
def service(installed: Machine) -> Machine:
    """As docs/install/debian.md says, with simulators."""
    settings = installed.path(SETTINGS).read_text(encoding="utf-8")
    given = settings.replace("#[channel]", "[channel]").replace("#token_file", "token_file")
    installed.path(SETTINGS).write_text(given, encoding="utf-8")
    add(installed, f"/etc/systemd/system/{SERVICE}.d/simulate.conf", SIMULATED)
    installed.run("install", "-d", "-o", "cshis-bridge", "-g", "cshis-bridge", "-m", "0700", STATE)
    add(installed, f"{STATE}/config.toml", PINS)
    installed.run("chown", "cshis-bridge:", f"{STATE}/config.toml")
    installed.run("chmod", "0600", f"{STATE}/config.toml")
    installed.run("adduser", "--quiet", DESK, "cshis-bridge")
    started = installed.try_run("systemctl", "enable", "--quiet", "--now", SERVICE)
    assert started.returncode == 0, log(installed, "--unit", SERVICE)
    return installed


def test_the_service_answers_members_of_its_group_alone(service: Machine) -> None:
    service.run("cshis-bridge", "install-library")
    assert "all as expected" in service.run("clinic", "/nhi/lib/cshis50.so", user=DESK)
    assert service.try_run("clinic", "/nhi/lib/cshis50.so", user=NURSE).returncode == 1
    assert service.try_run("cat", TOKEN, user=NURSE).returncode != 0
    assert service.try_run("ls", STATE, user=DESK).returncode != 0


def test_the_service_has_few_rights(service: Machine) -> None:
    pid = service.run("systemctl", "show", "--value", "--property=MainPID", SERVICE).strip()
    status = dict(
        line.split(":\t", 1)
        for line in service.run("cat", f"/proc/{pid}/status").splitlines()
        if ":\t" in line
    )
    assert (status["CapEff"], status["CapBnd"], status["NoNewPrivs"]) == ("0" * 16, "0" * 16, "1")
    assert status["Seccomp"] == "2"
    assert "0" not in status["Uid"].split()
    inside = ("nsenter", "--target", pid, "--mount", "--")
    for place in ("/home", "/etc/cshis-bridge", "/usr/lib/cshis-bridge"):
        assert service.try_run(*inside, "touch", f"{place}/new").returncode != 0
    assert service.run(*inside, "ls", "/home") == ""


def test_it_starts_again_after_a_crash_with_a_whole_journal(service: Machine) -> None:
    until = time.monotonic() + 60  # calls are written a few times a second
    while "hisGetBasicData" not in _of_service(service, "journal", "calls", "--last", "200"):
        assert time.monotonic() < until
    before = service.run("systemctl", "show", "--value", "--property=MainPID", SERVICE)
    service.run("systemctl", "kill", "--signal=KILL", SERVICE)
    service.run("sh", "-c", f"while systemctl --quiet is-active {SERVICE}; do sleep 0.1; done")
    service.run("sh", "-c", f"until systemctl --quiet is-active {SERVICE}; do sleep 0.1; done")
    assert service.run("systemctl", "show", "--value", "--property=MainPID", SERVICE) != before
    assert "hisGetBasicData" in _of_service(service, "journal", "calls", "--last", "200")


def _of_service(machine: Machine, *arguments: str) -> str:
    command = ("runuser", "--user", "cshis-bridge", "--", "cshis-bridge", *arguments, "--data-dir", STATE)
    return machine.run(*command)


def test_an_upgrade_keeps_what_was_set_and_starts_the_service_again(service: Machine, later: Path) -> None:
    token, settings = (service.path(place).read_bytes() for place in (TOKEN, SETTINGS))
    before = service.run("systemctl", "show", "--value", "--property=MainPID", SERVICE)
    service.install(later)
    assert LATER in service.run("dpkg-query", "--show", "cshis-bridge")
    assert service.path(TOKEN).read_bytes() == token
    assert service.path(SETTINGS).read_bytes() == settings
    assert service.run("systemctl", "is-active", SERVICE) == "active\n"
    assert service.run("systemctl", "show", "--value", "--property=MainPID", SERVICE) != before
    assert "all as expected" in service.run("clinic", "/nhi/lib/cshis50.so", user=DESK)
    assert "hisGetBasicData" in _of_service(service, "journal", "calls", "--last", "200")


def test_what_is_removed_is_gone_but_for_settings_and_journal(service: Machine) -> None:
    service.run("cshis-bridge", "install-library", "--undo")
    assert not service.has("/nhi")
    service.run("dpkg", "--remove", "cshis-bridge")
    for place in ("/usr/lib/cshis-bridge", "/usr/bin/cshis-bridge", f"/lib/systemd/system/{SERVICE}"):
        assert not service.has(place)
    for place in (SETTINGS, TOKEN, f"{STATE}/journal.sqlite3", f"{STATE}/config.toml"):
        assert service.has(place)
    assert "bridge serve" not in service.run("ps", "-ef")


def test_purged_nothing_is_left_but_data_of_persons(service: Machine) -> None:
    service.run("dpkg", "--purge", "cshis-bridge")
    assert not service.has(STATE)
    assert "cshis-bridge" not in service.path("/etc/passwd").read_text(encoding="utf-8")
    assert service.has(f"/home/{DESK}/.local/share/cshis-bridge/journal.sqlite3")
    others = [
        word
        for place in ("/run/user", "/var/log", "/var/cache/man")
        for word in ("-not", "-path", f"{place}/*")
    ]
    left = service.run("find", "/etc", "/usr", "/var", "/run", "-name", "*cshis*", *others)
    assert left.split() == [f"/etc/systemd/system/{SERVICE}.d"]  # an administrator has made it
