"""For which use each client last had something signed: the best guess for its next random.

One machine has several uses (a log-in with the SAM, uploads, checks with three cards), each in a program of
its own. In memory only; nothing of a card or a person is kept.
"""

from __future__ import annotations

from bridge.reader.vpn_pairs import Use

MOST_CLIENTS = 512  # connections come and go; the one that signed longest ago is forgotten


class LastUses:
    """The last use of each client; one without a name ("") has none."""

    def __init__(self) -> None:
        self._uses: dict[str, Use] = {}

    def of(self, client: str) -> Use | None:
        """The use of a client's last signature, if it had any."""
        return self._uses.get(client)

    def note(self, client: str, use: Use) -> None:
        """A client has got a signature for this use."""
        if not client:
            return
        self._uses.pop(client, None)
        self._uses[client] = use
        if len(self._uses) > MOST_CLIENTS:
            del self._uses[next(iter(self._uses))]
