"""Which account of the portal a program uses: its own, or one that the settings have for it. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from bridge.bhyt.tokens import Account
from bridge.config import AccountSettings, BhytSettings
from bridge.errors import NoAccount


def lent_account(settings: BhytSettings, named: str, client: str) -> Account:
    """The account of the settings for a program that brings no password.

    In: the user name that it gives ("" for none; letter case does not count) and the address it calls from.
    Out: the account of that name; without a name that of ``bhyt.username``, else the only one that serves the
    address. Raises NoAccount where there is none, or it does not serve that address.
    """
    known, address = settings.known_accounts, _address(client)
    if not known:
        raise NoAccount("the program brings no password, and neither bhyt.username nor bhyt.accounts is set")
    name = settings.account_names.get((named or settings.username).lower())
    if named and name is None:
        raise NoAccount("the program brings no password, and no entry of bhyt.accounts has its user name")
    if name is not None and _serves(known[name], address):
        return Account(name, known[name].md5)
    found = [] if named else [each for each in known if _serves(known[each], address)]
    if len(found) == 1:
        return Account(found[0], known[found[0]].md5)
    if found:
        raise NoAccount(
            f"the program names no account, and {len(found)} of bhyt.accounts serve its address: let it send "
            "a user name, or set bhyt.username"
        )
    whose = "the account that the program names" if named else "any account of bhyt.accounts"
    raise NoAccount(f"its address does not belong to the clients of {whose}")


def _address(client: str) -> IPv4Address | IPv6Address | None:
    """An address as the networks of the settings are written; None for what is none."""
    try:
        address = ip_address(client)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _serves(account: AccountSettings, address: IPv4Address | IPv6Address | None) -> bool:
    return address is not None and any(address in network for network in account.networks)
