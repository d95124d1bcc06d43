"""What the bridge needs to work as a service of Windows: a folder, a token, rights, what follows a crash."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from bridge.windows.rights import LOCAL_SERVICE, SYSTEM, service_sid
from bridge.windows.rights import SERVICE as SERVICE
from bridge.words import said

ACCOUNT = rf"NT SERVICE\{SERVICE}"  # the virtual account that Windows has for it
SERVICE_KEY = rf"SYSTEM\CurrentControlSet\Services\{SERVICE}"
TOKEN = "token"  # noqa: S105 - the name of the file
TOKEN_SETTING = "channel.token_file"  # noqa: S105
TOKEN_BYTES = 32
RESTARTS = (5_000, 30_000, 60_000)  # milliseconds after the first, second and every later crash
COUNTED_ANEW = 86_400  # seconds without one
END_MILLISECONDS = 30_000
_KNOWN = {
    "localservice": LOCAL_SERVICE,
    "networkservice": "S-1-5-20",
    "localsystem": SYSTEM,
    "system": SYSTEM,
}


def service_folder(environment: Mapping[str, str]) -> Path:
    """Where its data lie: the machine's, not a person's."""
    return Path(
        environment.get("ProgramData") or environment.get("PROGRAMDATA") or r"C:\ProgramData", SERVICE
    )


def known_sid(account: str) -> str | None:
    """The SID of an account that Windows has anywhere, its service's virtual one among them; None for one
    that has to be looked up.
    """
    domain, _, name = account.strip().rpartition("\\")
    if domain.lower() == "nt service":
        return service_sid(name)
    if domain.lower() in ("", "nt authority"):
        return _KNOWN.get(name.replace(" ", "").lower())
    return None


def plain_name(account: str) -> str:
    r"""An account as it is looked up: ``.\name`` is one of this machine."""
    return account.strip().removeprefix(".\\")


if sys.platform == "win32":
    import os
    import winreg
    from contextlib import suppress

    from bridge.config.machine import KEY
    from bridge.errors import ConfigError
    from bridge.installing.given import note_readers
    from bridge.windows.rights import is_strange, private_list
    from bridge.windows.security import (
        make_folder,
        name_of,
        open_file,
        rights_of,
        set_list,
        sid_of,
        user_sid,
    )
    from bridge.windows.services import set_up

    def prepare(folder: Path, account: str, readers: str) -> str:
        """Make folder and token for the service of an account, write where the token is to the settings of
        the machine, and tell Windows what to do after a crash. A second time changes nothing.

        In: ``readers``, a SID or the name of a group whose programs may use the cards: they may read the
        token. Out: the SID of the account. Raises OSError, and ConfigError where somebody else has made the
        folder.
        """
        user = known_sid(account) or sid_of(plain_name(account))
        group = readers if readers.upper().startswith("S-1-") else sid_of(plain_name(readers))
        _prepare_folder(folder, user)
        token = folder / TOKEN
        _prepare_token(token, private_list(user, folder=False, readers=[group]))
        _note(token)
        note_readers(readers)
        set_up(SERVICE, RESTARTS, COUNTED_ANEW, END_MILLISECONDS)
        return user

    def account_of_service() -> str:
        """As which it runs, as Windows has it; the usual account where there is none."""
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with (
            suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, SERVICE_KEY, 0, access) as key,
        ):
            return str(winreg.QueryValueEx(key, "ObjectName")[0])
        return ACCOUNT

    def _prepare_folder(folder: Path, user: str) -> None:
        sddl = private_list(user, folder=True)
        try:
            make_folder(folder, sddl)
        except FileExistsError:
            owner = rights_of(folder).owner
            if is_strange(owner, (user, user_sid())):
                raise ConfigError(
                    said(
                        "{folder} belongs to {name_of}: look at what lies in it, and remove it",
                        folder=folder,
                        name_of=name_of(owner),
                    )
                ) from None
            set_list(folder, sddl)

    def _prepare_token(file: Path, sddl: str) -> None:
        try:
            with os.fdopen(open_file(file, os.O_WRONLY | os.O_EXCL, sddl), "w", encoding="ascii") as opened:
                opened.write(secrets.token_hex(TOKEN_BYTES) + "\n")
        except FileExistsError:
            set_list(file, sddl)

    def _note(token: Path) -> None:
        """The bridge, its commands and install-dll read it there. One that was set before stays."""
        access = winreg.KEY_READ | winreg.KEY_WRITE | winreg.KEY_WOW64_64KEY
        with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, KEY, 0, access) as key:
            try:
                winreg.QueryValueEx(key, TOKEN_SETTING)
            except FileNotFoundError:
                winreg.SetValueEx(key, TOKEN_SETTING, 0, winreg.REG_SZ, str(token))
