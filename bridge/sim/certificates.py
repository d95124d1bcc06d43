"""A certificate authority and a server certificate for localhost, made for one simulator."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Certificates:
    """PEM files: the authority's certificate for clients to trust, the server's chain and its private key."""

    ca_file: Path
    server_cert_file: Path
    server_key_file: Path


def make_certificates(directory: Path) -> Certificates:
    """Make fresh certificates and write them to ``directory``; the private key is readable by its owner
    only.
    """
    directory.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server = authority.issue_cert(*NAMES)
    files = Certificates(directory / "ca.pem", directory / "server.pem", directory / "server.key")
    files.ca_file.write_bytes(authority.cert_pem.bytes())
    files.server_cert_file.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    _write_private(files.server_key_file, server.private_key_pem.bytes())
    return files


def _write_private(path: Path, content: bytes) -> None:
    # Removed first: the mode is only heeded for a file that os.open creates.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
