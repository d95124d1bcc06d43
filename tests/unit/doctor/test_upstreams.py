"""What the doctor says of a server on the way to which something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config import UpstreamSettings
from bridge.doctor.finding import Finding
from bridge.doctor.upstreams import CENTRE, CLOUD, CONSOLE, PORTAL, Probe, Server, probe
from tests.unit.doctor.servers import Authority, free_port, http_server, silent_server

LOCAL = "127.0.0.1"


def settings(port: int, authority: Authority | None = None, **further: object) -> UpstreamSettings:
    file = None if authority is None else authority.file
    values = {"url": f"https://{LOCAL}:{port}", "ca_file": file, "connect_timeout": 2.0, **further}
    return UpstreamSettings.model_validate(values)


def only(found: Probe) -> Finding:
    (finding,) = found.findings
    return finding


def by_check(found: Probe) -> dict[str, Finding]:
    return {finding.check: finding for finding in found.findings}


@pytest.mark.parametrize("server", [CONSOLE, CLOUD, CENTRE, PORTAL], ids=lambda server: server.section)
def test_a_server_that_is_well(authority: Authority, server: Server) -> None:
    with http_server(authority.context(LOCAL)) as port:
        found = probe(server, settings(port, authority), "HEAD", "/")
    assert [finding.status for finding in found.findings] == ["ok"] * 3
    assert found.answer is not None
    assert found.answer.date is not None
    assert found.asked is not None


def test_a_server_that_is_not_there() -> None:
    port = free_port()
    finding = only(probe(CONSOLE, settings(port), "GET", "/"))
    assert (finding.check, finding.status) == ("console", "broken")
    assert str(port) in finding.what
    assert "Start control software 6.0" in finding.advice
    assert "no card can be read" in finding.why


def test_a_name_that_is_unknown() -> None:
    finding = only(probe(CLOUD, settings(0, url="https://no-such-host.invalid"), "HEAD", "/"))
    assert (finding.check, finding.status) == ("cloud", "broken")
    assert "no-such-host.invalid is unknown" in finding.what
    assert "cloud.url" in finding.advice
    assert "DNS" in finding.advice


def test_a_server_that_says_nothing() -> None:
    with silent_server() as port:
        finding = only(probe(CLOUD, settings(port, connect_timeout=0.3), "HEAD", "/"))
    assert (finding.status, "does not answer" in finding.what) == ("broken", True)
    assert "VPN" in finding.advice


def test_an_expired_certificate(authority: Authority) -> None:
    with http_server(authority.context(LOCAL, begins=-20, ends=-10)) as port:
        finding = only(probe(CONSOLE, settings(port, authority), "GET", "/"))
    assert (finding.check, finding.status) == ("console.certificate", "broken")
    assert "has expired (20" in finding.what
    assert "date of this machine" in finding.advice
    assert "never talks to a server that it cannot verify" in finding.why


def test_a_certificate_for_another_name(authority: Authority) -> None:
    with http_server(authority.context("console.example")) as port:
        finding = only(probe(CONSOLE, settings(port, authority), "GET", "/"))
    assert finding.what == f"the certificate of the console (主控台) is for console.example, not for {LOCAL}"
    assert "console.url" in finding.advice


def test_an_untrusted_certificate_names_the_setting(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "other.pem")
    with http_server(stranger.context(LOCAL)) as port:
        finding = only(probe(CENTRE, settings(port, authority), "HEAD", "/"))
        by_system = only(probe(CENTRE, settings(port), "HEAD", "/"))
    assert (finding.check, finding.status) == ("upload.centre.certificate", "broken")
    assert str(authority.file) in finding.what
    assert "upload.centre.ca_file" in finding.advice
    assert "none that this system trusts" in by_system.what


def test_a_certificate_that_ends_soon(authority: Authority) -> None:
    with http_server(authority.context(LOCAL, ends=10.5)) as port:
        findings = by_check(probe(CLOUD, settings(port, authority), "HEAD", "/"))
    assert findings["cloud.certificate"].status == "warning"
    assert "10 days" in findings["cloud.certificate"].what
    assert findings["cloud.answer"].status == "ok"


def test_http_in_place_of_https(authority: Authority) -> None:
    with http_server(None) as port:
        finding = only(probe(CONSOLE, settings(port, authority), "GET", "/"))
    assert (finding.status, "does not speak TLS" in finding.what) == ("broken", True)


def test_a_server_with_trouble_of_its_own(authority: Authority) -> None:
    with http_server(authority.context(LOCAL), {"/": (503, {})}) as port:
        finding = by_check(probe(CLOUD, settings(port, authority), "HEAD", "/"))["cloud.answer"]
    assert (finding.status, "HTTP 503" in finding.what) == ("warning", True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5066", "localhost:5066", "https://localhost:99999"])
def test_an_address_that_is_none(url: str) -> None:
    finding = only(probe(CONSOLE, settings(0).model_copy(update={"url": url}), "GET", "/"))
    assert (finding.check, finding.status) == ("console.url", "broken")
    assert "console.url" in finding.advice


def test_an_authority_file_that_is_missing_or_none(tmp_path: Path, authority: Authority) -> None:
    missing = settings(1, ca_file=tmp_path / "nowhere.pem")
    finding = only(probe(CONSOLE, missing, "GET", "/"))
    assert (finding.check, "nowhere.pem cannot be used" in finding.what) == ("console.ca_file", True)
    (tmp_path / "text.pem").write_text("no certificate")
    with http_server(authority.context(LOCAL)) as port:
        finding = only(probe(CONSOLE, settings(port, ca_file=tmp_path / "text.pem"), "GET", "/"))
    assert (finding.check, finding.status) == ("console.ca_file", "broken")
    assert "PEM" in finding.advice
