"""Whose a program of this machine is: the rule on a fake table of processes, and what Linux says."""

from __future__ import annotations

import os
import socket

import pytest

from bridge.serving.whose import MASTER, Party, client, listener, own_party, stranger

ME, COLLEAGUE, SYSTEM = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", MASTER
OWN = Party(ME, 2)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (None, ""),
        (OWN, ""),
        (Party(ME, None), ""),
        (Party(None, 2), ""),
        (Party(None, None), ""),
        (Party(SYSTEM, 0), ""),
        (Party(COLLEAGUE, 3), "session 3"),
        (Party(COLLEAGUE, 2), "another user"),
        (Party(COLLEAGUE, None), "another user"),
        (Party(None, 3), "session 3"),
        (Party(ME, 3), "session 3"),
        (Party("S-1-5-19", 0), "another user"),
        (Party(None, 0), ""),
        (Party(ME, 2, gone=True), "closed its connection"),
    ],
)
def test_who_may_use_what_is_ours(other: Party | None, why: str) -> None:
    """A terminal server: this bridge in session 2, a colleague's programs in session 3, services in 0."""
    said = stranger(OWN, other)
    assert why in said
    assert bool(said) == bool(why)


def test_where_nothing_has_sessions_the_user_decides() -> None:
    assert stranger(Party("1000"), Party("1001")) == "it belongs to another user of this machine (1001)"
    assert stranger(Party("1000"), Party("1000")) == ""


linux = pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="Linux is asked")


@linux
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_linux_tells_whose_a_socket_is(address: str) -> None:
    me = Party(str(os.geteuid()))
    assert own_party() == me
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        here = server.getsockname()[:2]
        assert listener(here) == me
        with socket.create_connection(here) as joined:
            there = joined.getsockname()[:2]
            accepted, _ = server.accept()
            assert client(there, here) == me
        with accepted:
            found = client(there, here)
            assert found is not None
            assert found.gone
    assert listener(here) is None
    assert client(("127.0.0.1", 1), here) is None


@linux
def test_of_another_machine_nobody_can_tell() -> None:
    assert client(("192.0.2.1", 5000), ("192.0.2.2", 3033)) is None
    assert listener(("192.0.2.1", 5000)) is None
    assert client(("a-socket-of-unix", 0), ("", 0)) is None
