"""Several people at one Linux machine, each with a whole bridge and a card of their own: in one network,
where ports must differ, and in networks of their own (containers), where all have the same ones.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.security.another_user import Stranger
from tests.support.bridge_process import ROOT

CARDS = {64001: "000099990001", 64002: "000099990002", 64003: "000099990004"}
USERS = tuple(CARDS)
UNREACHABLE = "-1"
START_SECONDS, STOP_SECONDS = 60, 20
PROGRAM = r"""
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words) {
    short (*open_com)(short) = 0, (*read_card)(char *, int *) = 0;
    char record[72] = "";
    int length = sizeof record;
    void *library = count > 1 ? dlopen(words[1], RTLD_NOW) : 0;
    if (library) *(void **)(&open_com) = dlsym(library, "csOpenCom");
    if (library) *(void **)(&read_card) = dlsym(library, "hisGetBasicData");
    if (!open_com || !read_card) return 1;
    short code = open_com(0);
    if (code == 0) code = read_card(record, &length);
    if (code != 0) printf("%d\n", code);
    else printf("%.12s\n", record);
    return 0;
}
"""
LOOPBACK_UP = (  # without iproute2
    "import fcntl, socket, struct\n"
    "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh22x', b'lo', 0x49))\n"
    "print(flush=True)\n"
    "input()\n"
)
READS_ALL = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


@dataclass
class Network:
    """A network of its own, until its holder ends."""

    holder: int

    def words(self, user: int, *command: str, reads_all: bool = False) -> list[str]:
        """A command of a user in it. ``reads_all``: it reads the checkout, which may be root's alone; a
        program that is to be kept from other people's files has it not.
        """
        who = (f"--reuid={user}", f"--regid={user}", "--clear-groups", *(READS_ALL if reads_all else ()))
        return ["nsenter", f"--target={self.holder}", "--net", "setpriv", *who, *command]


@dataclass
class People:
    """The machine. ``run`` is a person's folder for the time of a session."""

    place: Path
    library: Path
    program: Path
    running: dict[int, subprocess.Popen[str]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)

    def environment(self, user: int) -> dict[str, str]:
        home = self.place / str(user)
        return {
            "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1", "CSHIS_BRIDGE_TIMEOUT": "10", "LANG": "C.UTF-8",
            "CSHIS_BRIDGE_DATA_DIR": str(home / "data"),
        }  # fmt: skip

    def start(self, user: int, network: Network) -> None:
        """That person's bridge, at the usual ports where they are free, and a card in its reader."""
        for folder in (self.place / str(user), self.place / str(user) / "run"):
            folder.mkdir(mode=0o700, exist_ok=True)
            os.chown(folder, user, user)
        serve = ("serve", "--simulate", "--console-port=0", "--cloud-port=0")
        bridge = subprocess.Popen(
            self._bridge(user, network, *serve), cwd=ROOT, env=self.environment(user), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.running[user] = bridge
        assert bridge.stdout is not None
        self.ports[user] = int(json.loads(bridge.stdout.readline())["channel"].rpartition(":")[2])
        self.command(user, network, "sim", "card", "hc", "remove")
        self.command(user, network, "sim", "card", "hc", "insert", CARDS[user])

    def command(self, user: int, network: Network, *words: str) -> str:
        done = subprocess.run(
            self._bridge(user, network, *words), cwd=ROOT, env=self.environment(user), text=True,
            capture_output=True, timeout=START_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def card(self, user: int, network: Network) -> str:
        """The number of the card that a person's program reads, or the code that it gets."""
        command = network.words(user, str(self.program), str(self.library))
        done = subprocess.run(
            command, cwd="/", env=self.environment(user), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def end(self, user: int) -> None:
        """At once: what it has said of itself stays."""
        bridge = self.running.pop(user)
        bridge.kill()
        bridge.wait(STOP_SECONDS)
        if bridge.stdout is not None:
            bridge.stdout.close()

    def _bridge(self, user: int, network: Network, *words: str) -> Sequence[str]:
        return network.words(user, sys.executable, "-m", "bridge", *words, reads_all=True)


@contextmanager
def network() -> Iterator[Network]:
    holder = subprocess.Popen(
        ["unshare", "--net", sys.executable, "-c", LOOPBACK_UP],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        if not holder.stdout.readline():
            pytest.skip("this machine lets nobody have a network of their own (unshare --net)")
        yield Network(holder.pid)
    finally:
        holder.kill()
        holder.wait(STOP_SECONDS)
        holder.stdin.close()
        holder.stdout.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("program")
    source = folder / "program.c"
    source.write_text(PROGRAM)
    return compile_program(source, folder / "program", "-ldl")


@pytest.fixture
def people(open_place: Path, stranger: Stranger, program: Path, client_library: Path) -> Iterator[People]:
    library, caller = (Path(shutil.copy(each, open_place)) for each in (client_library, program))
    made = People(open_place, library, caller)
    yield made
    for user in tuple(made.running):
        with suppress(subprocess.TimeoutExpired):
            made.end(user)


def test_in_one_network_each_has_ports_and_cards_of_their_own(people: People) -> None:
    with network() as one:
        for user in USERS:
            people.start(user, one)
        assert people.ports[USERS[0]] == 5068
        assert len(set(people.ports.values())) == len(USERS)
        assert {user: people.card(user, one) for user in USERS} == CARDS
        first, second, third = USERS
        people.end(second)  # it was killed: what it said of itself is still there
        assert people.card(second, one) == UNREACHABLE
        (people.place / str(third) / "run" / "cshis-bridge" / "endpoint").unlink()
        assert people.card(third, one) == UNREACHABLE  # the usual port is another person's
        assert people.card(first, one) == CARDS[first]


def test_in_networks_of_their_own_all_have_the_same_ports(people: People) -> None:
    with ExitStack() as stack:
        networks = {user: stack.enter_context(network()) for user in USERS[:2]}
        for user, own in networks.items():
            people.start(user, own)
        assert set(people.ports.values()) == {5068}
        first, second = networks
        for user, own in networks.items():
            assert people.card(user, own) == CARDS[user]
        # a program that strayed: what its bridge has said leads to another person's here
        assert people.card(first, networks[second]) == UNREACHABLE
        assert people.card(second, networks[first]) == UNREACHABLE
