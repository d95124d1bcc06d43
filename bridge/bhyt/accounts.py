"""Which account of the portal a program uses: its own, or one that the settings have for it. Pure."""

from __future__ import annotations

from bridge.bhyt.portal import Account
from bridge.config import AccountSettings, BhytSettings
from bridge.errors import NoAccount


def lent_account(settings: BhytSettings, named: str, client: str) -> Account:
    """The account of the settings for a program that brings no password.

    In: the user name that it gives ("" for none; letter case does not count) and the address it calls from.
    Out: the account of that name; without a name that of ``bhyt.username``, else the only one that serves the
    address. Raises NoAccount where there is none, or it does not serve that address.
    """
    known = settings.known_accounts
    if named:
        found = {name: account for name, account in known.items() if name.lower() == named.lower()}
        if not found:
            raise NoAccount("the program brings no password, and no entry of bhyt.accounts has its user name")
    else:
        found = dict(known)
    serving = {name: account for name, account in found.items() if account.serves(client)}
    usual = {name: serving[name] for name in serving if name.lower() == settings.username.lower()}
    return _only(usual or serving, settings, bool(named))


def _only(found: dict[str, AccountSettings], settings: BhytSettings, named: bool) -> Account:
    if len(found) == 1:
        name, account = next(iter(found.items()))
        return Account(name, account.md5)
    if found:
        raise NoAccount(
            f"the program names no account, and {len(found)} of bhyt.accounts serve its address: let it send "
            "a user name, or set bhyt.username"
        )
    if not settings.known_accounts:
        raise NoAccount("the program brings no password, and neither bhyt.username nor bhyt.accounts is set")
    whose = "the account that the program names" if named else "any account of bhyt.accounts"
    raise NoAccount(f"its address does not belong to the clients of {whose}")
