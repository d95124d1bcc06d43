"""How far one gets on the way to a server, against real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.doctor.tls import Address, reach
from tests.unit.doctor.servers import Authority, free_port, http_server, silent_server

LOCAL = "127.0.0.1"


def test_all_the_way(authority: Authority) -> None:
    with http_server(authority.context(LOCAL, "localhost", ends=100.5)) as port:
        reached = reach(Address(LOCAL, port), authority.file, 5)
    assert (reached.fault, reached.detail) == (None, "")
    assert reached.certificate is not None
    assert reached.certificate.names == ("localhost", LOCAL)
    assert reached.certificate.days_left() == 100


def test_a_name_that_nobody_knows() -> None:
    assert reach(Address("no-such-host.invalid", 443), None, 5).fault == "name"


def test_nobody_there() -> None:
    assert reach(Address(LOCAL, free_port()), None, 5).fault == "refused"


def test_somebody_who_says_nothing() -> None:
    with silent_server() as port:
        assert reach(Address(LOCAL, port), None, 0.3).fault == "mute"


def test_plain_http_where_https_is_meant(authority: Authority) -> None:
    with http_server(None) as port:
        assert reach(Address(LOCAL, port), authority.file, 5).fault == "no-tls"


@pytest.mark.parametrize(
    ("begins", "ends", "fault"), [(-20, -10, "expired"), (10, 20, "not-yet-valid"), (-1, 1, None)]
)
def test_a_certificate_outside_its_time(authority: Authority, begins: int, ends: int, fault: str) -> None:
    with http_server(authority.context(LOCAL, begins=begins, ends=ends)) as port:
        reached = reach(Address(LOCAL, port), authority.file, 5)
    assert reached.fault == fault
    assert reached.certificate is not None
    assert reached.certificate.names == (LOCAL,)


def test_a_certificate_for_another_name(authority: Authority) -> None:
    with http_server(authority.context("console.example")) as port:
        reached = reach(Address("localhost", port), authority.file, 5)
        by_number = reach(Address(LOCAL, port), authority.file, 5)
    assert (reached.fault, by_number.fault) == ("wrong-name", "wrong-name")
    assert reached.certificate is not None
    assert reached.certificate.names == ("console.example",)


def test_a_certificate_of_a_strange_authority(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "other.pem")
    with http_server(stranger.context(LOCAL)) as port:
        reached = reach(Address(LOCAL, port), authority.file, 5)
        by_system = reach(Address(LOCAL, port), None, 5)
    assert (reached.fault, by_system.fault) == ("untrusted", "untrusted")
    assert reached.detail
    assert reached.certificate is not None
    assert "trustme" in reached.certificate.issuer


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://localhost:5066", Address("localhost", 5066)),
        ("https://medvpndc.nhi.gov.tw", Address("medvpndc.nhi.gov.tw", 443)),
        ("https://[::1]:5066/x", Address("::1", 5066)),
        ("http://localhost:5066", None),
        ("localhost:5066", None),
        ("https://", None),
        ("https://localhost:99999", None),
    ],
)
def test_addresses(url: str, address: Address | None) -> None:
    if address is None:
        with pytest.raises(ValueError, match=r"https address|[Pp]ort"):
            Address.of(url)
    else:
        assert Address.of(url) == address
