"""A lookup of an insurance card, as plain values: which account asks, who looks up, what the portal is sent,
what the client gets. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.bhyt.accounts import lent_account
from bridge.bhyt.converters import FIELD_CONVERTERS
from bridge.bhyt.model import Lookup, LookupFamily, LookupReply, LookupValue
from bridge.bhyt.portal import Account, Token
from bridge.config import BhytSettings, OfficerSettings
from bridge.errors import BadArgument, BadReply, NoOfficer, NotThisPerson

EVERYBODY_ELSE = "*"
PERSON_DIGITS = 10  # the last of a card number, and all of a social-insurance number (mã số BHXH)
NUMBER_LENGTHS = (10, 15)  # those of mã số BHXH and card; a citizen id (12) does not come back in a reply

Given = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Officer:
    """Who looks up, and as which entry (from 1) of the settings' officers, for the log."""

    settings: OfficerSettings = field(repr=False)
    entry: int


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """What a lookup will send. ``token``: the client's own, None where it brings none."""

    lookup: Lookup
    account: Account
    officer: Officer
    token: Token | None
    fields: Mapping[str, str] = field(repr=False)


# --- before the portal is asked -----------------------------------------------------------------------------


def plan_lookup(
    family: LookupFamily, lookup: Lookup, given: Given, settings: BhytSettings, client: str
) -> LookupPlan:
    """Decide everything that can be decided before the portal is asked.

    In: what the client sent, query and body, by lower-case name; texts or numbers; its address.
    Raises BadArgument for a field that is missing or cannot be used, NoAccount, NoOfficer.
    """
    values = (*family.request.query.values(), *family.request.body.values())
    wanted = {value.field: value.convert for value in values if value.field is not None}
    fields = {name: _field(given, name, convert) for name, convert in wanted.items()}
    account = _account(family, given, settings, client)
    return LookupPlan(lookup, account, _officer(account, settings), _own_token(family, given), fields)


def own_account(family: LookupFamily, given: Given) -> Account | None:
    """The account that the client brings, user name and md5 of the password; None where either is missing."""
    username = _text(given, family.client.username)
    password = _text(given, family.client.password_md5)
    return Account(username, password) if username and password else None


def request_of(
    family: LookupFamily, plan: LookupPlan, token: Token
) -> tuple[str, dict[str, str], dict[str, str]]:
    """The portal's request with a token: path, query, JSON body."""
    request = family.request
    query, body = (
        {name: _value(value, plan, token) for name, value in values.items()}
        for values in (request.query, request.body)
    )
    return request.path, query, body


def _account(family: LookupFamily, given: Given, settings: BhytSettings, client: str) -> Account:
    """The client's own account; one that the settings have for it where it brings none."""
    own = own_account(family, given)
    return own or lent_account(settings, _text(given, family.client.username), client)


def _officer(account: Account, settings: BhytSettings) -> Officer:
    found: Officer | None = None
    for entry, (name, officer) in enumerate(settings.officers.items(), start=1):
        if name.lower() == account.username.lower():
            return Officer(officer, entry)
        if name == EVERYBODY_ELSE:
            found = Officer(officer, entry)
    if found is None:
        raise NoOfficer("bhyt.officers has no entry for the account that asks, and none for *")
    return found


def _own_token(family: LookupFamily, given: Given) -> Token | None:
    access_token = _text(given, family.client.access_token)
    id_token = _text(given, family.client.id_token)
    return Token(access_token, id_token) if access_token and id_token else None


def _field(given: Given, name: str, convert: str | None) -> str:
    text = _text(given, name)
    if not text.strip(" \t\r\n\0"):
        raise BadArgument(f"{name} is missing")
    try:
        return FIELD_CONVERTERS[convert](text) if convert else text
    except ValueError as error:
        raise BadArgument(f"{name}: {error}") from error


def _text(given: Given, name: str) -> str:
    """A text as it was sent; a whole number as its digits; "" for one that is missing."""
    value = given.get(name.lower())
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadArgument(f"{name}: a text is needed")
    text = str(value)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadArgument(f"{name}: half a character")  # JSON can say it, UTF-8 cannot
    return text


def _value(value: LookupValue, plan: LookupPlan, token: Token) -> str:
    if value.field is not None:
        return plan.fields[value.field]
    if value.account is not None:
        return plan.account.username if value.account == "username" else plan.account.password_md5
    if value.token is not None:
        return token.access_token if value.token == "access_token" else token.id_token  # noqa: S105 - a name
    officer = plan.officer.settings
    return officer.hoTenCb if value.officer == "hoTenCb" else officer.cccdCb


# --- what the client gets -----------------------------------------------------------------------------------


def reply_for(family: LookupFamily, plan: LookupPlan, reply: Mapping[str, Any]) -> dict[str, Any]:
    """The portal's reply under the names that this lookup's clients read; texts and order stay.

    Raises NotThisPerson when it is about another card than the one asked for, BadReply when two of its names
    are one.
    """
    tidy = _tidy(family.reply, reply)
    _check_person(family, plan, tidy)
    renamed = {plan.lookup.renames.get(name, name): value for name, value in tidy.items()}
    if len(renamed) != len(tidy):
        raise BadReply("portal", "the answer has a name twice")
    return renamed


def failure_reply(
    family: LookupFamily, result: str, reason: str = "", lookup: Lookup | None = None
) -> dict[str, Any]:
    """The reply of a lookup without one of the portal: result code, a note for people, lists that are null
    (some clients look for their names in the text). ``lookup`` None: the reply of a token.
    """
    meaning = family.results[result].meaning if result in family.results else ""
    note = ": ".join(part for part in (meaning, f"{reason} (cshis-bridge)" if reason else "") if part)
    names = family.reply.lists if lookup is not None else ()
    renames = lookup.renames if lookup is not None else {}
    lists = {renames.get(name, name): None for name in names}
    return {family.reply.result: result, family.reply.note: note, **lists}


def _tidy(names: LookupReply, value: Any) -> Any:
    """The same with documented names: no blanks around them, one spelling; also inside lists."""
    if isinstance(value, list):
        return [_tidy(names, item) for item in value]
    if not isinstance(value, Mapping):
        return value
    stripped = {name: name.strip() for name in value}
    tidy = {names.spellings.get(new, new): _tidy(names, value[old]) for old, new in stripped.items()}
    if len(tidy) != len(value):
        raise BadReply("portal", "the answer has a name twice")
    return tidy


def _check_person(family: LookupFamily, plan: LookupPlan, reply: Mapping[str, Any]) -> None:
    asked = plan.fields[family.request.person].strip()
    if len(asked) not in NUMBER_LENGTHS:
        return
    found = [reply.get(name) for name in family.reply.persons]
    numbers = [number.strip() for number in found if isinstance(number, str) and number.strip()]
    if numbers and asked[-PERSON_DIGITS:] not in {number[-PERSON_DIGITS:] for number in numbers}:
        raise NotThisPerson("the portal answered about another card; its reply is thrown away")
