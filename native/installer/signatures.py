"""Authenticode: whether a Windows file is what its signer made. Asked of osslsigncode."""

import re
import subprocess
from pathlib import Path

from native.installer.parts import PartRefused

TOOL = "osslsigncode"
ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
SECONDS = 60
EXECUTABLE = (".dll", ".exe", ".pyd")


def check_signer(file: Path, organisation: str, roots: Path | None) -> None:
    """Raises PartRefused where the file was changed after it was signed, or somebody else has signed it.

    In: ``roots``, certificates (PEM) that the signer's chain must lead to. None: digest and signer's name are
    compared, and the pinned sha256 of the file stands for the chain: Debian ships no root of Microsoft's.
    Nothing is asked of the network.
    """
    said = _verify(file, roots or ROOTS)
    digests = re.findall(r"(?m)^(?:Current|Calculated) message digest\s*: ([0-9A-F]+)", said)
    if not digests or digests[::2] != digests[1::2]:  # a file may carry several signatures
        raise PartRefused(f"{file.name}: it carries no signature, or was changed after it was signed")
    signer = re.search(r"Signer's certificate:\s*(?:------------------\s*)?Signer #0:\s*Subject: (.*)", said)
    if signer is None or f"/O={organisation}/" not in f"{signer[1].strip()}/":
        raise PartRefused(f"{file.name}: not signed by {organisation}: {signer[1] if signer else 'nobody'}")
    if roots is not None and not re.search(r"(?m)^Signature verification: ok", said):
        raise PartRefused(f"{file.name}: its signer's chain does not lead to a certificate in {roots}")


def _verify(file: Path, roots: Path) -> str:
    command = [TOOL, "verify", "-ignore-crl", "-CAfile", str(roots), "-in", str(file)]
    try:
        done = subprocess.run(  # noqa: S603 - a tool of the build machine
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PartRefused(f"{TOOL} is needed (Debian: apt-get install {TOOL}): {error}") from error
    return done.stdout + done.stderr
