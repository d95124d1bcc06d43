"""TLS: from 1.2 on, on the facade and towards every upstream; a certificate that is not in order ends the
call before a byte of the request has left.
"""

from __future__ import annotations

import ast
import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from pydantic import ValidationError

from bridge.bhyt.portal import Account, Portal
from bridge.config import BhytSettings, CentreSettings, CloudSettings, ConsoleSettings, UpstreamSettings
from bridge.errors import CallError, TlsFailure, Unreachable
from bridge.upstream.centre import UploadCentre
from bridge.upstream.client import HttpUpstream
from tests.support.bridge_process import ROOT, Bridge

OLD, NEW = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2
EVERYTHING = "ALL:@SECLEVEL=0"  # what OpenSSL itself would refuse must not be what makes the tests pass
BODY = {"hcIdNo": "the test's own"}
pytestmark = [
    pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # of the refused server
]


def old_only(context: ssl.SSLContext) -> ssl.SSLContext:
    """A side that knows TLS 1.0 and 1.1 only."""
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, OLD
    context.set_ciphers(EVERYTHING)
    return context


def client(ca_file: str | Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


async def version_of(url: str, context: ssl.SSLContext) -> str:
    """The version that a door agrees to. Raises SSLError, ConnectionError."""
    parts = urlsplit(url)
    _, writer = await asyncio.open_connection(
        parts.hostname, parts.port, ssl=context, server_hostname="localhost"
    )
    agreed = writer.get_extra_info("ssl_object").version()
    writer.close()
    return str(agreed)


async def test_the_facade_begins_with_1_2(bridge: Bridge) -> None:
    url, ca_file = bridge.ready["facade"], bridge.ready["ca_file"]
    assert await version_of(url, client(ca_file)) == "TLSv1.3"
    twelve = client(ca_file)
    twelve.maximum_version = NEW
    assert await version_of(url, twelve) == "TLSv1.2"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await version_of(url, old_only(client(ca_file)))


# --- towards the upstreams ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One upstream as the bridge asks it."""

    name: str
    ask: Callable[[str, Path | None], Awaitable[object]]


async def _ask_console(url: str, ca_file: Path | None) -> object:
    upstream = HttpUpstream("console", ConsoleSettings(url=url, ca_file=ca_file))
    try:
        return await upstream.request("POST", "/x", BODY)
    finally:
        await upstream.aclose()


async def _ask_cloud(url: str, ca_file: Path | None) -> object:
    upstream = HttpUpstream("cloud", CloudSettings(url=url, ca_file=ca_file))
    try:
        return await upstream.request("POST", "/x", BODY)
    finally:
        await upstream.aclose()


async def _ask_centre(url: str, ca_file: Path | None) -> object:
    upstream = UploadCentre(CentreSettings(url=url + "/V2000/", ca_file=ca_file))
    try:
        return await upstream.ask("x", BODY)
    finally:
        await upstream.aclose()


async def _ask_portal(url: str, ca_file: Path | None) -> object:
    upstream = Portal(BhytSettings(url=url, ca_file=ca_file))
    try:
        return await upstream.token(Account.of("name", "secret"))
    finally:
        await upstream.aclose()


SIDES = [
    Side("console", _ask_console),
    Side("cloud", _ask_cloud),
    Side("centre", _ask_centre),
    Side("portal", _ask_portal),
]


@asynccontextmanager
async def server(context: ssl.SSLContext, heard: list[bytes]) -> AsyncIterator[str]:
    """A server that keeps what it hears. Gives its address."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.read(1))
        except OSError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(keep, "127.0.0.1", 0, ssl=context)
    async with listening:
        yield f"https://localhost:{listening.sockets[0].getsockname()[1]}"


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return file


def _unknown(authority: trustme.CA) -> ssl.SSLContext:
    return context_of(trustme.CA().issue_cert("localhost"))


def _expired(authority: trustme.CA) -> ssl.SSLContext:
    ended = datetime.now(UTC) - timedelta(days=1)
    return context_of(
        authority.issue_cert("localhost", not_before=ended - timedelta(days=9), not_after=ended)
    )


def _not_yet(authority: trustme.CA) -> ssl.SSLContext:
    begins = datetime.now(UTC) + timedelta(days=2)
    return context_of(
        authority.issue_cert("localhost", not_before=begins, not_after=begins + timedelta(days=9))
    )


def _other_name(authority: trustme.CA) -> ssl.SSLContext:
    return context_of(authority.issue_cert("other.example", "127.0.0.1"))


def _old_version(authority: trustme.CA) -> ssl.SSLContext:
    return old_only(context_of(authority.issue_cert("localhost")))


OLD_ONLY = "TLS 1.1 only"
BAD = {
    "unknown authority": _unknown,
    "expired": _expired,
    "not valid yet": _not_yet,
    "another name": _other_name,
    OLD_ONLY: _old_version,
}


@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.name)
@pytest.mark.parametrize("fault", BAD)
async def test_what_is_not_in_order_is_refused(
    fault: str, side: Side, authority: trustme.CA, ca_file: Path
) -> None:
    heard: list[bytes] = []
    async with server(BAD[fault](authority), heard) as url:
        with pytest.raises((TlsFailure, Unreachable)) as caught:
            await side.ask(url, ca_file)
    assert isinstance(caught.value, TlsFailure) or fault == OLD_ONLY  # asyncio's server says no goodbye there
    assert not caught.value.sent
    assert set(heard) <= {b""}  # not a byte of a request


@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.name)
async def test_what_is_in_order_is_asked(side: Side, authority: trustme.CA, ca_file: Path) -> None:
    """The same server with a good certificate hears the request: it was the certificate above."""
    heard: list[bytes] = []
    async with server(context_of(authority.issue_cert("localhost")), heard) as url:
        with pytest.raises(CallError):  # the server says nothing
            await side.ask(url, ca_file)
    assert heard in ([b"P"], [b"P", b"P"])


async def test_this_openssl_can_speak_1_1(authority: trustme.CA, ca_file: Path) -> None:
    """Otherwise the tests of old versions would prove nothing."""
    async with server(_old_version(authority), []) as url:
        try:
            assert await version_of(url, old_only(client(ca_file))) == "TLSv1.1"
        except ssl.SSLError as error:
            pytest.skip(f"OpenSSL without TLS 1.1: {error.reason}")


# --- no way round -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["http://cloud.example", "ftp://localhost", "localhost:5066", "", "https://", "http://127.0.0.1.example"],
)
def test_upstreams_without_encryption_are_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="https"):
        UpstreamSettings(url=url)


def test_this_machine_may_be_asked_without(authority: trustme.CA) -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        UpstreamSettings(url=f"http://{host}:5066")


FORBIDDEN = {"CERT_NONE", "_create_unverified_context", "disable_warnings", "TLSv1", "TLSv1_1", "SSLv3"}


def test_no_source_switches_verification_off() -> None:
    """No verify=False, ssl=False, check_hostname=False, CERT_NONE or the like anywhere in bridge/."""
    sources = sorted((ROOT / "bridge").rglob("*.py"))
    assert len(sources) > 100
    assert [
        fault for source in sources for fault in weakenings(source.read_text(encoding="utf-8"), source.name)
    ] == []


def weakenings(source: str, name: str) -> list[str]:
    """The lines of a source that weaken TLS."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = {getattr(node, part, None) for part in ("id", "attr")}
        if names & FORBIDDEN:
            found.append(f"{name}:{node.lineno}")
        for target, value in assigned(node):
            if target in ("verify", "ssl", "check_hostname", "verify_ssl") and is_false(value):
                found.append(f"{name}:{node.lineno}")
    return found


def assigned(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Names with the values they get: keywords of calls, attributes and names that are set."""
    if isinstance(node, ast.Call):
        return [(keyword.arg or "", keyword.value) for keyword in node.keywords]
    if isinstance(node, ast.Assign):
        return [(str(getattr(t, "attr", getattr(t, "id", ""))), node.value) for t in node.targets]
    return []


def is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (False, 0) and value.value is not None


@pytest.mark.parametrize(
    "source",
    [
        "httpx.get(url, verify=False)",
        "context.check_hostname = False",
        "context.verify_mode = ssl.CERT_NONE",
        "aiohttp.TCPConnector(ssl=False)",
        "ssl._create_unverified_context()",
        "x = ssl.TLSVersion.TLSv1",
    ],
)
def test_the_search_finds_them(source: str) -> None:
    assert weakenings(source, "x.py") == ["x.py:1"]
