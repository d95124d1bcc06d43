"""Which officer (cán bộ) a lookup is booked on: the one whom the program names, or one of the settings. Pure.

Name and citizen id always come from one place: half of one person and half of another is nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from bridge.config import BhytSettings
from bridge.errors import NoOfficer

EVERYBODY_ELSE = "*"
PROGRAMS_OWN = 0
_ID = re.compile(r"[0-9]{12}", re.ASCII)
_BLANK = " \t\r\n\0"


@dataclass(frozen=True, slots=True)
class Officer:
    """Who looks up. ``entry``: as which entry (from 1) of ``bhyt.officers``, PROGRAMS_OWN for the program's.
    ``ignored``: why another, whom the program named, does not count; "" where it named none.
    """

    hoTenCb: str = field(repr=False)
    cccdCb: str = field(repr=False)
    entry: int
    ignored: str = ""

    @property
    def whose(self) -> str:
        """Whose entry it is, for the log."""
        return f"bhyt.officers, entry {self.entry}" if self.entry else "the officer whom the program sent"


def officer_for(username: str, name: str, number: str, settings: BhytSettings) -> Officer:
    """Who looks up for an account.

    In: the account's user name; name and citizen id that the program sent, "" for none. Out: the program's
    own officer where the portal would take it (a name and 12 digits), unless the settings want theirs; else
    that of the settings. Raises NoOfficer where neither is there.
    """
    name, number = name.strip(_BLANK), number.strip(_BLANK)
    own = Officer(name, number, PROGRAMS_OWN) if name and _ID.fullmatch(number) else None
    if own is not None and settings.officer_from == "program":
        return own
    listed = _listed(username, settings)
    if listed is None and own is not None:
        return own
    if listed is None:
        sent = "an incomplete officer" if name or number else "no officer"
        raise NoOfficer(
            f"the program sends {sent}, and bhyt.officers has no entry for its account, none for *"
        )
    if not name and not number:
        return listed
    return replace(listed, ignored="bhyt.officer_from says so" if own else "it is not a name and 12 digits")


def _listed(username: str, settings: BhytSettings) -> Officer | None:
    """The entry of the account; that of everybody else where it has none."""
    listed = settings.listed_officers
    found = listed.get(username.lower()) or listed.get(EVERYBODY_ELSE)
    return Officer(found[1].hoTenCb, found[1].cccdCb, found[0]) if found is not None else None
