"""The facade's own certificate: whether clients of the HTTPS door can use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from bridge.config import Settings
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.doctor.tls import certificate_of
from bridge.doctor.trust import check_trust
from bridge.errors import ConfigError
from bridge.private_files import check_secret_file, how_to_close, strangers
from bridge.serving.certificate import AUTHORITY, CERTIFICATE, KEY
from bridge.words import said, text_of

SOON = 30  # days
WHY = said("Clients of the HTTPS door (5067) refuse it then.")


def certificate_files(settings: Settings) -> tuple[Path, Path, Path]:
    """Certificate, key and what verifies the certificate: those given, else those of the data directory."""
    given, key = settings.facade.certificate_file, settings.facade.key_file
    if given is not None and key is not None:
        return given, key, given
    folder = settings.data_dir / "certificate"
    return folder / CERTIFICATE, folder / KEY, folder / AUTHORITY


def check_facade_certificate(settings: Settings) -> Iterator[Finding]:
    """Days left, names, and who may read the key."""
    file, key, authority = certificate_files(settings)
    own = settings.facade.certificate_file is None
    if own and not file.exists():
        yield unknown(
            "facade.certificate", said("there is no certificate yet"), said("The first start makes one.")
        )
        return
    try:
        certificate = certificate_of(x509.load_pem_x509_certificate(file.read_bytes()))
    except (OSError, ValueError) as error:
        yield broken(
            "facade.certificate",
            said(
                "the facade's certificate {file} cannot be read: {reason}", file=file, reason=_reason(error)
            ),
            said("The HTTPS door (5067) does not open."),
            said(
                "Delete {parent}: the next start makes a new one, which clients must trust then.",
                parent=file.parent,
            )
            if own
            else said("Look at facade.certificate_file; it must be PEM."),
        )
        return
    days = certificate.days_left()
    what = said(
        "the facade's certificate is for {names}, {days} days left",
        names=", ".join(certificate.names),
        days=days,
    )
    if days < 0:
        what = said("the facade's certificate ended on {ends:%Y-%m-%d}", ends=certificate.ends)
    renew = (
        "Restart the bridge: it makes a new one, which clients must trust then."
        if own
        else "Have it renewed (facade.certificate_file, facade.key_file)."
    )
    if days < 0:
        yield broken("facade.certificate", what, WHY, renew)
    elif days < SOON:
        yield warning("facade.certificate", what, WHY, renew)
    else:
        yield ok(
            "facade.certificate",
            what,
            said("Clients trust it by {authority}", authority=authority) if own else "",
        )
    if own:
        yield from check_trust(authority, settings.facade.trust == "user")
    yield from _key(key, own)
    yield from _names(settings, certificate.names)


def _key(key: Path, own: bool) -> Iterator[Finding]:
    if not key.is_file():
        advice = said("Name the right file in facade.key_file, or restart the bridge to have one made.")
        yield broken(
            "facade.key",
            said("the facade's key {key} is missing", key=key),
            said("The HTTPS door does not open."),
            advice,
        )
    elif own and (who := _others(key)):
        yield warning(
            "facade.key",
            said("others can read {key}: {names}", key=key, names=", ".join(who)),
            said("The next start makes a new key and certificate, which clients must trust then."),
            said(
                "{how_to_close}, if nobody has read it; else let the next start make a new one.",
                how_to_close=how_to_close(key),
            ),
        )
    elif not own:
        yield from _given_key(key)


def _others(file: Path) -> tuple[str, ...]:
    """None where this user may not even ask: that check stands elsewhere."""
    try:
        return strangers(file)
    except OSError:
        return ()


def _given_key(key: Path) -> Iterator[Finding]:
    try:
        check_secret_file(key, "facade.key_file")
    except ConfigError as error:
        why = said("The bridge does not start with it: who has it can pretend to be this bridge.")
        yield broken("facade.key", text_of(error), why, how_to_close(key))


def _names(settings: Settings, names: tuple[str, ...]) -> Iterator[Finding]:
    """Names that the facade answers to and the certificate does not cover."""
    wanted = {host.strip("[]").lower() for host in settings.facade.allowed_hosts}
    missing = sorted(wanted - {name.lower() for name in names})
    missing = [name for name in missing if not any(_covers(pattern, name) for pattern in names)]
    if missing:
        yield warning(
            "facade.names",
            said("facade.allowed_hosts has {names}, the certificate has not", names=", ".join(missing)),
            said("Clients that use HTTPS with that name refuse the connection; over HTTP (3033) it works."),
            said("Get a certificate with that name (facade.certificate_file), or let clients use localhost."),
        )


def _covers(pattern: str, name: str) -> bool:
    return pattern.startswith("*.") and name.partition(".")[2] == pattern[2:].lower()


def _reason(error: OSError | ValueError) -> str:
    return (
        (error.strerror or str(error)) if isinstance(error, OSError) else said("it is no certificate in PEM")
    )
