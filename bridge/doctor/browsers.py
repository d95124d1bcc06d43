"""Web pages that may call the bridge, and what browsers ask for before they let them."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.config import FacadeSettings
from bridge.doctor.finding import Finding, ok
from bridge.words import said

OWN = ("localhost", "127.0.0.1", "[::1]")  # pages of this machine: browsers ask nothing
ADVICE = said(
    "Chrome and Edge from 142 on let such a page reach this machine only if it is on "
    "https, and after the user has allowed it or by the policy "
    "LoopbackNetworkAllowedForUrls (before 146: LocalNetworkAccessAllowedForUrls). "
    "Without that nothing arrives here, and the bridge's log says nothing."
)


def check_browsers(facade: FacadeSettings) -> Iterator[Finding]:
    """Which pages may call; browsers keep those of other machines from it."""
    others = [host for host in facade.allowed_origins if host not in OWN]
    if not others:
        yield ok("facade.browsers", said("only web pages of this machine may call"))
        return
    yield ok(
        "facade.browsers", said("web pages of these hosts may call: {names}", names=", ".join(others)), ADVICE
    )
