"""Viet Nam's portal (Cổng tiếp nhận dữ liệu): whether it knows this machine's address and the accounts of the
settings, and whether every lookup finds an officer (cán bộ).

For each account a token is asked for, as every program does; nobody is looked up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.bhyt.portal import REFUSED, RESULT, TAKEN, Portal
from bridge.bhyt.stores import open_tokens
from bridge.bhyt.tokens import Account
from bridge.config import BhytSettings
from bridge.doctor.finding import Finding, broken, ok, warning
from bridge.errors import BridgeError, ConfigError, HttpFault, Unreachable
from bridge.records.journal_view import JournalUnreadable, JournalView
from bridge.words import said, text_of

MOST_ACCOUNTS = 20  # are tried; a gateway has many
MOST_NOTE = 300  # characters of what the portal adds
DAYS = 7
DAY = 86_400.0
OFFICER_CODES = (54, 55)
EVERYBODY_ELSE = "*"
NOBODY = Account("", "")  # refused by every portal, and so tells whether the address is registered
WITHOUT = said("Without it no insurance card (thẻ BHYT) can be looked up.")
REGISTER = said(
    "The portal answers registered addresses only. Have the Internet address of THIS "
    "machine, or of the router before it, registered with the social insurance (Mẫu số "
    "01/dk-ip-ctn, Công văn 1923/BHXH-CNTT); those of the programs behind the bridge "
    "need not be."
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the portal said to one account: its result, what it adds for people, or why there is no answer.
    ``name``: the check; ``label``: the account as people find it in the settings.
    """

    name: str
    label: str
    result: str = ""
    note: str = ""
    error: BridgeError | None = None


def check_portal(settings: BhytSettings) -> Iterator[Finding]:
    """Address, accounts and officers. In: settings of a portal that can be reached."""
    told = asyncio.run(_ask(settings))
    yield _address(told)
    if settings.known_accounts:
        answered = [each for each in told if each.error is None]
        yield from (_account(each) for each in answered)
        yield from (
            ok(f"{each.name}.note", said("the portal adds: {note}", note=each.note))
            for each in answered
            if each.note
        )
    yield from check_officers(settings)


def check_officers(settings: BhytSettings) -> Iterator[Finding]:
    """Whether every account of the settings has an officer for programs that name none."""
    listed = {name.lower() for name in settings.officers}
    without = [label for _, label, name in _accounts(settings) if not {name.lower(), EVERYBODY_ELSE} & listed]
    if without:
        yield warning(
            "bhyt.officers",
            said("no officer (cán bộ) stands in bhyt.officers for {names}", names=", ".join(without)),
            said("A program that names no officer itself gets 054."),
            said(
                "Add an entry with the same user name, or one for * as long as all look up in the same name."
            ),
        )
    elif settings.officers:
        counts = (
            said("the program's own counts first")
            if settings.officer_from == "program"
            else said("these count first")
        )
        yield ok(
            "bhyt.officers",
            said("{count} officers (cán bộ) are set; {counts}", count=len(settings.officers), counts=counts),
        )
    else:
        yield ok("bhyt.officers", said("no officers (cán bộ) are set: programs name their own"))


def check_refused_officers(journals: Iterable[Path], now: float | None = None) -> Iterator[Finding]:
    """Whether the portal has refused officers lately, by these journals. Nothing where there are none."""
    since = (time.time() if now is None else now) - DAYS * DAY
    if refused := sum(_refused_since(since, journal) for journal in journals):
        yield warning(
            "bhyt.officers.refused",
            said(
                "lookups of the last {days} days whose officer the portal refused (054, 055): {refused}",
                days=DAYS,
                refused=refused,
            ),
            said("These lookups told nothing about the card."),
            said(
                "The log names whose entry it was: that of bhyt.officers, or what the program "
                "sent. cshis-bridge explain 054"
            ),
        )


def check_store(settings: BhytSettings) -> Iterator[Finding]:
    """Whether workers can share the portal's tokens. Nothing where the settings name no store."""
    if not settings.gateway.store.url:
        return
    try:
        fault = asyncio.run(_store_fault(settings))
    except ConfigError as error:
        fault = text_of(error)
    if not fault:
        yield ok("bhyt.store", said("the token store (Redis, Valkey) answers"))
        return
    yield warning(
        "bhyt.store",
        said("the token store (Redis, Valkey) cannot be used: {fault}", fault=fault),
        said("Lookups go on, but each worker takes tokens of its own."),
        said(
            "Look at bhyt.gateway.store: url, username, password, ca_file; and whether this machine "
            "reaches it."
        ),
    )


async def _store_fault(settings: BhytSettings) -> str:
    async with open_tokens(settings) as tokens:
        await tokens.get(NOBODY, lambda _: False, latest=True)
        return tokens.fault


def _refused_since(since: float, journal: Path) -> int:
    refused = 0
    try:
        for call in JournalView(journal).calls():
            if call.at < since:
                break
            refused += call.door == "bhyt" and call.code in OFFICER_CODES
    except JournalUnreadable:
        return 0
    return refused


async def _ask(settings: BhytSettings) -> list[Told]:
    portal = Portal(settings)
    accounts = [
        (name, label, Account(username, settings.known_accounts[username].md5))
        for name, label, username in _accounts(settings)
    ]
    try:
        tried = accounts[:MOST_ACCOUNTS] or [("", "", NOBODY)]
        return [await _one(portal, *each) for each in tried]
    finally:
        await portal.aclose()


async def _one(portal: Portal, name: str, label: str, account: Account) -> Told:
    try:
        reply = await portal.take(account)
    except BridgeError as error:
        return Told(name, label, error=error)
    result = str(reply[RESULT])
    note = reply.get("ghiChu")
    added = " ".join(note.split())[:MOST_NOTE] if isinstance(note, str) and result != REFUSED else ""
    return Told(name, label, result, added)


def _address(told: list[Told]) -> Finding:
    """By the first answer: the portal turns unregistered addresses away before it looks at an account."""
    error = told[0].error
    if error is None:
        return ok("bhyt.address", said("the portal answers this machine's address: it is registered"))
    if isinstance(error, HttpFault) and error.http_status < 500:
        what = said("the portal turns this machine away (HTTP {http_status})", http_status=error.http_status)
        return broken("bhyt.address", what, WITHOUT, REGISTER)
    if isinstance(error, Unreachable):
        return broken(
            "bhyt.address", said("the portal takes no connection: {error}", error=error), WITHOUT, REGISTER
        )
    what = said("the portal gives no answer to a request for a token: {error}", error=error)
    return broken(
        "bhyt.address",
        what,
        WITHOUT,
        said("Try again in some minutes. If it stays so: {register}", register=REGISTER),
    )


def _account(told: Told) -> Finding:
    if told.result == TAKEN:
        return ok(told.name, said("the portal gives {label} a token", label=told.label))
    if told.result == REFUSED:
        return broken(
            told.name,
            said("the portal refuses user name and password of {label} (401)", label=told.label),
            said("Lookups of programs that use this account fail."),
            said(
                "Look at both in the settings; log in at the portal's page with them: the password "
                "may have been changed there, or have to be."
            ),
        )
    return broken(
        told.name,
        said(
            "the portal answers {value} where {label} asks for a token",
            value=told.result[:10],
            label=told.label,
        ),
        said("Lookups of programs that use this account fail."),
        said("cshis-bridge explain {value}", value=told.result[:10]),
    )


def _accounts(settings: BhytSettings) -> Iterator[tuple[str, str, str]]:
    """The accounts: the check's name, where people find it in the settings, its user name (never shown)."""
    for name in settings.known_accounts:
        if name in settings.accounts:
            entry = [*settings.accounts].index(name) + 1
            yield f"bhyt.accounts.{entry}", said("bhyt.accounts, entry {entry},", entry=entry), name
        else:
            yield "bhyt.username", "bhyt.username", name
