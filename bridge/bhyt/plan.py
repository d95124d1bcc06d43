"""A lookup of an insurance card before the portal is asked, as plain values: which account asks, who looks
up, what the portal is sent. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge.bhyt.accounts import lent_account
from bridge.bhyt.converters import FIELD_CONVERTERS
from bridge.bhyt.model import Lookup, LookupFamily, LookupRequest, LookupValue
from bridge.bhyt.officers import Officer, officer_for
from bridge.bhyt.portal import Account, Token
from bridge.config import BhytSettings
from bridge.errors import BadArgument

Given = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """What a lookup will send, and by which request. ``token``: the client's own, None where it brings
    none.
    """

    lookup: Lookup
    request: LookupRequest
    account: Account
    officer: Officer
    token: Token | None
    fields: Mapping[str, str] = field(repr=False)

    @property
    def person(self) -> str:
        """The number of the card asked for."""
        return self.fields[self.request.person].strip()


def plan_lookup(
    family: LookupFamily, lookup: Lookup, given: Given, settings: BhytSettings, client: str
) -> LookupPlan:
    """Decide everything that can be decided before the portal is asked.

    In: what the client sent, query and body, by lower-case name; texts or numbers; its address.
    Raises BadArgument for a field that is missing or cannot be used, NoAccount, NoOfficer.
    """
    request = family.requests[lookup.request]
    wanted = {value.field: value.convert for value in request.values if value.field is not None}
    fields = {name: _field(given, name, convert) for name, convert in wanted.items()}
    account = own_account(family, given)
    if account is None:
        account = lent_account(settings, _text(given, family.client.username), client)
    sent = (_text(given, family.client.hoTenCb), _text(given, family.client.cccdCb))
    officer = officer_for(account.username, *sent, settings)
    return LookupPlan(lookup, request, account, officer, _own_token(family, given), fields)


def plan_fill(plan: LookupPlan, request: LookupRequest, token: Token) -> LookupPlan:
    """The same lookup by a further request, with the token that the first was answered to."""
    return replace(plan, request=request, token=token)


def own_account(family: LookupFamily, given: Given) -> Account | None:
    """The account that the client brings, user name and md5 of the password; None where either is missing."""
    username = _text(given, family.client.username)
    password = _text(given, family.client.password_md5)
    return Account(username, password) if username and password else None


def request_of(plan: LookupPlan, token: Token) -> tuple[dict[str, str], dict[str, str]]:
    """Query and body of the portal's request with a token."""
    return _values(plan.request.query, plan, token), _values(plan.request.body, plan, token)


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


def _values(values: Mapping[str, LookupValue], plan: LookupPlan, token: Token) -> dict[str, str]:
    return {name: _value(value, plan, token) for name, value in values.items()}


def _value(value: LookupValue, plan: LookupPlan, token: Token) -> str:
    if value.field is not None:
        return plan.fields[value.field]
    if value.account is not None:
        return plan.account.username if value.account == "username" else plan.account.password_md5
    if value.token is not None:
        return token.access_token if value.token == "access_token" else token.id_token  # noqa: S105 - a name
    return plan.officer.hoTenCb if value.officer == "hoTenCb" else plan.officer.cccdCb
