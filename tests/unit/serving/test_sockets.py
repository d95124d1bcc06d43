"""Both addresses of "localhost", or none of them."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from bridge.errors import ConfigError
from bridge.serving import sockets
from bridge.serving.sockets import NoSuchAddress, open_listener, open_listeners


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def closed_later(stack: ExitStack, opened: list[socket.socket]) -> list[socket.socket]:
    return [stack.enter_context(each) for each in opened]


@needs_ipv6
def test_both_addresses_are_taken() -> None:
    with ExitStack() as stack:
        first, second = closed_later(stack, open_listeners("127.0.0.1", 0))
        assert second.getsockname()[:2] == ("::1", first.getsockname()[1])


@needs_ipv6
def test_a_second_address_in_use_is_an_error_that_names_who_has_it() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} of ::1 .*\(process {os.getpid()}\)"):
            open_listeners("127.0.0.1", port)
        with socket.create_server(("127.0.0.1", port)):  # the first was let go again
            pass


@needs_ipv6
def test_any_free_port_is_one_that_is_free_at_both(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        offered = [other.getsockname()[1], 0]

        def first_the_taken_one(host: str, port: int) -> socket.socket:
            return open_listener(host, offered.pop(0) if host == "127.0.0.1" else port)

        monkeypatch.setattr(sockets, "open_listener", first_the_taken_one)
        with ExitStack() as stack:
            first, second = closed_later(stack, open_listeners("127.0.0.1", 0))
            assert first.getsockname()[1] == second.getsockname()[1] != other.getsockname()[1]


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_a_machine_without_ipv6_starts(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    make = socket.socket

    def without(family: int = -1, *rest: Any, **named: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(number, os.strerror(number))
        return make(family, *rest, **named)

    monkeypatch.setattr(sockets.socket, "socket", without)
    with pytest.raises(NoSuchAddress):
        open_listener("::1", 0)
    with ExitStack() as stack:
        assert len(closed_later(stack, open_listeners("127.0.0.1", 0))) == 1


def test_an_address_that_may_not_be_used_is_not_taken_for_a_missing_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(sockets, "_share_or_own", refuse)
    with pytest.raises(ConfigError, match="Permission denied") as caught:
        open_listener("127.0.0.1", 0)
    assert not isinstance(caught.value, NoSuchAddress)


def test_who_has_the_first_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} of 127.0.0.1 .*\(process {os.getpid()}\)"):
            open_listeners("127.0.0.1", port)
