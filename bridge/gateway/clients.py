"""Who may ask a gateway: programs of this machine, and of the networks that the settings name."""

from __future__ import annotations

import ipaddress
import logging
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.rest.replies import Refused, refusal

log = logging.getLogger(__name__)
KEPT = 4096  # addresses whose verdict is remembered
SETTING = "bhyt.gateway.clients"


class ClientGuard:
    """Refuses (403) requests from any other address. ``refused``: the fields of such an answer."""

    def __init__(self, app: ASGIApp, clients: tuple[str, ...], refused: Refused) -> None:
        self._app = app
        self._networks = [ipaddress.ip_network(client) for client in clients]
        self._refused = refused
        self._may = lru_cache(KEPT)(self._looked_up)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        client = scope.get("client") or ("", 0)
        if scope["type"] == "http" and not self._may(client[0]):
            log.warning("refused: the client's address is not in %s", SETTING)
            message = f"this address is not among the clients ({SETTING})"
            await refusal(403, self._refused, scope["path"], message)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _looked_up(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return address.is_loopback or any(address in network for network in self._networks)
