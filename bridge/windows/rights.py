"""Who may use a file on Windows: pure rules about access lists. A SID (``S-1-5-18``) names users."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass

SYSTEM = "S-1-5-18"
ADMINISTRATORS = "S-1-5-32-544"
EVERYONE = "S-1-1-0"
INTERACTIVE = "S-1-5-4"  # whoever is logged on at this machine
LOCAL_SERVICE = "S-1-5-19"

SERVICE = "cshis-bridge"  # the bridge's own, where it is one
STANDING_FOR_THE_OWNER = ("S-1-3-0", "S-1-3-4")  # CREATOR OWNER, OWNER RIGHTS
ANYBODY = frozenset({EVERYONE, "S-1-5-7", "S-1-5-2", "S-1-5-32-546"})  # also without a name, or by network
ALL_USERS = ANYBODY | {INTERACTIVE, "S-1-5-11", "S-1-5-32-545"}  # Authenticated Users, Users
DOMAIN_USERS = "-513"  # how the SIDs of a domain's groups for everybody end
DOMAIN_GUESTS = "-514"

# read, write, append, delete, write the list, take it over, and the two that stand for all of them
USE = 0x0001 | 0x0002 | 0x0004 | 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x1000_0000 | 0x8000_0000
USE |= 0x4000_0000 | 0x0200_0000  # GENERIC_WRITE, MAXIMUM_ALLOWED


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an access list. ``mask``: the rights, as Windows numbers them."""

    sid: str
    mask: int
    allows: bool = True


@dataclass(frozen=True, slots=True)
class Rights:
    """Whose a file is, and its access list; None: it has none, and everybody may do everything."""

    owner: str
    entries: tuple[Entry, ...] | None


def others(rights: Rights, own: Collection[str]) -> tuple[str, ...]:
    """Who may use the file beside ``own`` (SIDs), Windows itself, its administrators and the bridge's own
    service: SIDs, each once.

    A line that forbids takes nobody off: which one counts depends on groups that cannot be seen from here.
    """
    if rights.entries is None:
        return (EVERYONE,)
    known = {*own, SYSTEM, ADMINISTRATORS, service_sid(SERVICE), *STANDING_FOR_THE_OWNER}
    found = (
        entry.sid for entry in rights.entries if entry.allows and entry.mask & USE and entry.sid not in known
    )
    return tuple(dict.fromkeys(found))


def open_to_all(sids: Iterable[str]) -> bool:
    """Whether every user of the machine, or of its domain, is among them."""
    return any(sid in ALL_USERS or sid.endswith((DOMAIN_USERS, DOMAIN_GUESTS)) for sid in sids)


def open_to_anybody(sids: Iterable[str]) -> bool:
    """Whether people are among them who are not even logged on at this machine."""
    return any(sid in ANYBODY or sid.endswith(DOMAIN_GUESTS) for sid in sids)


def is_strange(owner: str, own: Collection[str]) -> bool:
    """Whether a file belongs to somebody else: who owns it may change its list whatever that says."""
    return owner not in {*own, SYSTEM, ADMINISTRATORS}


def private_list(user: str, *, folder: bool, readers: Iterable[str] = ()) -> str:
    """The access list (SDDL) of what only ``user``, Windows itself and its administrators may use.

    It takes nothing from the folder above; what is made inside a folder gets the same. ``readers``: who may
    read it, and no more.
    """
    inherited = "OICI" if folder else ""
    full = dict.fromkeys((user, SYSTEM, ADMINISTRATORS))
    lines = [f"(A;{inherited};FA;;;{sid})" for sid in full]
    lines += [f"(A;{inherited};FR;;;{sid})" for sid in readers if sid not in full]
    return "D:P" + "".join(lines)


def service_sid(name: str) -> str:
    """The SID of a service, which is that of its virtual account ``NT SERVICE\\name`` as well. Windows makes
    it of the name alone.
    """
    digest = hashlib.sha1(name.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "S-1-5-80-" + "-".join(map(str, struct.unpack("<5I", digest)))
