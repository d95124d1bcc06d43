"""Whether browsers of this machine trust the facade's certificate."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

from bridge.doctor.finding import Finding, ok, unknown, warning
from bridge.installing.service import service_folder
from bridge.serving.trust import is_trusted
from bridge.words import said

CHECK = "facade.trust"
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
ALONE = said("Programs that call cshis.dll alone do not need it.")


def check_trust(authority: Path, wanted: bool) -> Iterator[Finding]:
    """In: the PEM file of the authority; whether the settings want this user to trust it."""
    if sys.platform != "win32":
        yield _by_bundles(authority, BUNDLES)
        return
    trusted = is_trusted(authority)
    by_hand = _by_hand(authority)
    if trusted is None:
        yield unknown(CHECK, said("whether this user's programs trust it cannot be known"))
    elif trusted:
        yield ok(CHECK, said("programs of this user trust it"))
    elif wanted:
        yield warning(
            CHECK,
            said("programs of this user do not trust it: Windows' question was answered with no, or not yet"),
            said("Browsers warn of the page of the bridge, and web pages cannot call it."),
            by_hand,
        )
    else:
        yield unknown(CHECK, said("programs of this user do not trust it, and facade.trust is off"), by_hand)


def _by_hand(authority: Path) -> str:
    """What has it trusted: a person's by that person, a service's by an administrator."""
    if authority.parent.parent == service_folder(os.environ):
        return said("As administrator: cshis-bridge prepare-service. {alone}", alone=ALONE)
    return f'certutil -user -addstore Root "{authority}". {ALONE}'


def _by_bundles(authority: Path, bundles: tuple[str, ...]) -> Finding:
    """Elsewhere the system's list tells of programs, but not of browsers, which have lists of their own."""
    try:
        wanted = ssl.PEM_cert_to_DER_cert(authority.read_text(encoding="ascii"))
        lists = [Path(bundle).read_text(encoding="utf-8") for bundle in bundles if Path(bundle).is_file()]
    except (OSError, ValueError) as error:
        return unknown(CHECK, said("whether programs trust it cannot be known: {error}", error=error))
    body = "".join(ssl.DER_cert_to_PEM_cert(wanted).split()[2:-2])
    if any(body in "".join(text.split()) for text in lists):
        return ok(CHECK, said("programs that go by the system's list of authorities trust it"))
    return unknown(
        CHECK,
        said("the system's list of authorities does not have it"),
        said(
            "Clients that are to use HTTPS are given {authority}, or it is added to that list. {alone}",
            authority=authority,
            alone=ALONE,
        ),
    )
