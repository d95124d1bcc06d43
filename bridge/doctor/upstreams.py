"""Console, cloud, upload centre and portal: how far one gets on the way to them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from bridge.config import UpstreamSettings
from bridge.doctor.finding import Finding, broken, ok, warning
from bridge.doctor.tls import Address, Certificate, Reached, Step, reach
from bridge.errors import BridgeError, ConfigError
from bridge.upstream.probe import Answer, look
from bridge.words import Said, said

SOON = 30  # days
TRY_AGAIN = said("Try again in a minute; if it stays so, restart it or ask who runs it.")
SERVER_FAULT = 500  # this HTTP status and those above


@dataclass(frozen=True, slots=True)
class Server:
    """Somebody the bridge asks: its section of the settings, what people call it, what fails without it, what
    to do where nobody is there, and, where that is another matter, when it is there and does not answer.
    """

    section: str
    called: str
    without: str
    start: str
    hangs: str = ""


CONSOLE = Server(
    "console",
    said("the console (主控台)"),
    said("Without it no card can be read and nothing be signed."),
    said(
        "Start control software 6.0 (讀卡機控制軟體): cshis-bridge console start, or start "
        "cshis6://console; see its icon in the task bar. Look at console.url."
    ),
    said(
        "It hangs (主控台沒有回應). Close it and start it again, as the insurer advises (Q5): "
        "cshis-bridge console start --again, or taskkill /IM ciet6001s01.exe /F and "
        "start cshis6://console."
    ),
)
CLOUD = Server(
    "cloud",
    said("the cloud (業務邏輯端)"),
    said("Without it no visit can be written and no cloud record be read."),
    said("Look at the VPN line (健保VPN) and the firewall; look at cloud.url."),
)
CENTRE = Server(
    "upload.centre",
    said("the upload centre (醫療資訊傳輸服務)"),
    said("Without it no visit records (就醫資料) can be uploaded."),
    said("Look at the VPN line (健保VPN) and the firewall; look at upload.centre.url."),
)
PORTAL = Server(
    "bhyt",
    said("the portal (Cổng tiếp nhận dữ liệu)"),
    said("Without it no insurance card (thẻ BHYT) can be looked up."),
    said(
        "Look at the Internet connection and the firewall; look at bhyt.url. The portal "
        "lets in registered addresses only: is that of this machine registered?"
    ),
)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe of a server found. ``answer``: None where it gave none; ``asked``: when it was asked."""

    findings: tuple[Finding, ...]
    answer: Answer | None = None
    asked: datetime | None = None


def probe(server: Server, settings: UpstreamSettings, method: str, path: str) -> Probe:
    """Reach a server, look at its certificate, and send one request that does nothing there."""
    findings = check_reachable(server, settings)
    if findings[0].status == "broken":
        return Probe(tuple(findings))
    return _ask(server, settings, method, path, findings)


def check_reachable(server: Server, settings: UpstreamSettings) -> list[Finding]:
    """Reach a server and look at its certificate; nothing is asked. The first finding is broken where one
    does not get there.
    """
    try:
        address = Address.of(settings.url)
    except ValueError as error:
        advice = said(
            "Write an address such as https://localhost:5066 into {section}.url.", section=server.section
        )
        return [broken(f"{server.section}.url", str(error), server.without, advice)]
    try:
        reached = reach(address, settings.ca_file, settings.connect_timeout)
    except ConfigError as error:
        advice = said("Put the certificate of the authority there, as PEM, or correct the name of the file.")
        what = said("{section}.{error}", section=server.section, error=error)
        return [broken(f"{server.section}.ca_file", what, server.without, advice)]
    if reached.fault is not None:
        return [_not_reached(server, settings, address, reached)]
    findings = [
        ok(
            server.section,
            said(
                "{called} is reachable at {host}, port {port}",
                called=server.called,
                host=address.host,
                port=address.port,
            ),
        )
    ]
    if reached.certificate is not None:
        findings.append(_certificate(server, reached.certificate))
    return findings


def _ask(
    server: Server, settings: UpstreamSettings, method: str, path: str, findings: list[Finding]
) -> Probe:
    started = time.monotonic()
    try:
        answer = asyncio.run(look(server.section, settings, method, path))
    except BridgeError as error:
        advice = server.hangs or TRY_AGAIN
        what = said("{called} accepts connections, but: {error}", called=server.called, error=error)
        return Probe((*findings, broken(f"{server.section}.answer", what, server.without, advice)))
    taken = time.monotonic() - started
    findings.append(_answered(server, answer.http_status, taken))
    return Probe(tuple(findings), answer, datetime.now(UTC))


def _answered(server: Server, http_status: int, seconds: float) -> Finding:
    """What stands at this address does not matter; only that the server itself is not at its end."""
    if http_status < SERVER_FAULT:
        return ok(f"{server.section}.answer", said("it answers, in {seconds:.1f} s", seconds=seconds))
    return warning(
        f"{server.section}.answer",
        said("it answers with HTTP {http_status}: it has trouble of its own", http_status=http_status),
        server.without,
        said("Try again in some minutes; if it stays so, ask who runs it."),
    )


# --- in plain words -----------------------------------------------------------------------------------------


def _certificate(server: Server, certificate: Certificate) -> Finding:
    days = certificate.days_left()
    what = said("its certificate is trusted and valid until {ends:%Y-%m-%d}", ends=certificate.ends)
    if days >= SOON:
        return ok(f"{server.section}.certificate", what)
    return warning(
        f"{server.section}.certificate",
        said("{what}: {days} days", what=what, days=days),
        said("After that day the bridge no longer talks to {called}.", called=server.called),
        said(
            "Have it renewed, and give the bridge the new authority if that changes ({section}.ca_file).",
            section=server.section,
        ),
    )


def _not_reached(server: Server, settings: UpstreamSettings, address: Address, reached: Reached) -> Finding:
    hangs = reached.fault == "mute" and bool(server.hangs)
    certificate = reached.fault not in ("name", "refused", "silent", "mute")
    check = f"{server.section}.answer" if hangs else server.section
    check = f"{server.section}.certificate" if certificate else check
    what, advice = WORDS[reached.fault or "silent"]
    shown = reached.certificate
    values: dict[str, object] = {
        "called": server.called,
        "host": address.host,
        "port": address.port,
        "detail": reached.detail,
        "section": server.section,
        "start": server.start,
        "hangs": server.hangs or server.start,
        "ends": f"{shown.ends:%Y-%m-%d}" if shown else said("a day in the past"),
        "names": ", ".join(shown.names) if shown and shown.names else said("other names"),
        "issuer": said(" (issued by {issuer})", issuer=shown.issuer) if shown else "",
        "ca": said("not the one of {file}", file=settings.ca_file)
        if settings.ca_file
        else said("none that this system trusts"),
    }
    why = server.without
    if certificate:
        why = said("{without} The bridge never talks to a server that it cannot verify.", without=why)
    return broken(check, said(what.template, **values), why, said(advice.template, **values))


WORDS: dict[Step, tuple[Said, Said]] = {
    "name": (
        said("the name {host} is unknown ({detail})"),
        said("Look at the name in {section}.url, at the DNS server of this machine and at the VPN line."),
    ),
    "refused": (said("{called} is not there: {host}, port {port}: {detail}"), said("{start}")),
    "silent": (said("{called} does not answer at {host}, port {port}: {detail}"), said("{start}")),
    "mute": (said("{called} does not answer at {host}, port {port}: {detail}"), said("{hangs}")),
    "no-tls": (
        said("what answers at {host}, port {port}, does not speak TLS 1.2 or later ({detail})"),
        said("Another program may have taken the port (see Ports below), or {section}.url is wrong."),
    ),
    "expired": (
        said("the certificate of {called} has expired ({ends})"),
        said(
            "Look at the date of this machine first. If that is right, the certificate must "
            "be renewed by whoever runs {host}."
        ),
    ),
    "not-yet-valid": (
        said("the certificate of {called} is not valid yet"),
        said("The clock of this machine is probably slow: set date and time."),
    ),
    "wrong-name": (
        said("the certificate of {called} is for {names}, not for {host}"),
        said("Write one of these names into {section}.url."),
    ),
    "untrusted": (
        said("the certificate of {called} is not trusted: {detail}{issuer}; its authority is {ca}"),
        said(
            "Save the certificate of its authority as a PEM file and name that file in "
            "{section}.ca_file. Never switch the check off."
        ),
    ),
}
