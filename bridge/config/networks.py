"""Settings that say which programs are meant, by their addresses."""

from __future__ import annotations

import ipaddress

from bridge.words import said


def checked_networks(clients: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses and networks themselves. Raises ValueError for what is neither, with the number of the
    entry (from 1).
    """
    for number, client in enumerate(clients, start=1):
        try:
            ipaddress.ip_network(client)
        except ValueError as error:
            raise ValueError(_what_is_wrong(number, client)) from error
    return clients


def _what_is_wrong(number: int, client: str) -> str:
    try:
        network = ipaddress.ip_network(client, strict=False)
    except ValueError:
        return said("entry {number} is neither an address nor a network", number=number)
    return said(
        "entry {number} is an address within a network: write {network} for all of it, or the address alone",
        number=number,
        network=network,
    )
