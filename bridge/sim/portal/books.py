"""What the simulated portal (Cổng tiếp nhận dữ liệu, Viet Nam) holds: accounts with their officers, cards,
tokens, and who looked a card up.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib import resources
from typing import Any

import yaml

from bridge.sim.clock import Clock
from bridge.sim.scenario.file import LOADER

VIET_NAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
TOKEN_LIFE = timedelta(hours=1)
MOST_CHECKS = 5


@dataclass(frozen=True)
class PortalAccount:
    """A hospital's account. ``officers``: full names by citizen id, as registered for it."""

    username: str
    password: str
    officers: dict[str, str]

    @property
    def password_md5(self) -> str:
        """What clients send in place of the password."""
        return hashlib.md5(self.password.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class PortalCard:
    """An insurance card. ``result``: the code of a lookup with the right name and birth date. ``visits``: how
    many its holder had; without any the list is null, or empty (``empty_list``).
    """

    number: str
    result: str
    name: str
    born: str
    sex: str
    new_number: str = ""
    visits: int = 0
    empty_list: bool = False

    @property
    def insurance_number(self) -> str:
        """The social-insurance number (mã số BHXH): the last 10 digits."""
        return self.number[-10:]


@dataclass(frozen=True)
class IssuedToken:
    """A token as it was given out."""

    access_token: str
    id_token: str
    username: str
    expires: datetime


class PortalBooks:
    """The start state, from people.yaml beside; a new one is a reset."""

    def __init__(self, clock: Clock) -> None:
        data = _read()
        self._clock = clock
        self.accounts = [PortalAccount(**entry) for entry in data["accounts"]]
        self.provinces = frozenset(data["provinces"].split())
        self.benefits = frozenset(data["benefits"].split())
        self.cards = [PortalCard(**entry) for entry in data["cards"]]
        self.tokens: dict[str, IssuedToken] = {}
        self.checks: dict[str, list[dict[str, str]]] = {}

    def now(self) -> datetime:
        """The simulated time in Viet Nam."""
        return self._clock.now().astimezone(VIET_NAM)

    def account(self, username: str, password_md5: str) -> PortalAccount | None:
        """The account with this name (in any letter case) and password."""
        return next(
            (
                account
                for account in self.accounts
                if account.username.lower() == username.lower()
                and secrets.compare_digest(account.password_md5.encode(), password_md5.lower().encode())
            ),
            None,
        )

    def issue(self, account: PortalAccount, expired: bool = False) -> IssuedToken:
        """Give a token for one hour, or one that has expired already."""
        life = -TOKEN_LIFE if expired else TOKEN_LIFE
        token = IssuedToken(
            secrets.token_urlsafe(48), secrets.token_hex(16), account.username, self.now() + life
        )
        self.tokens[token.access_token] = token
        return token

    def accepts(self, access_token: str, id_token: str, account: PortalAccount) -> bool:
        """Whether this token was given to the account and has not expired."""
        token = self.tokens.get(access_token)
        return (
            token is not None
            and token.id_token == id_token
            and token.username == account.username
            and self.now() < token.expires
        )

    def card(self, number: str) -> PortalCard | None:
        """The card with this number, or of this social-insurance number (10 digits)."""
        return next((card for card in self.cards if number in (card.number, card.insurance_number)), None)

    def note(self, card: PortalCard, check: dict[str, str]) -> None:
        """Remember that a card was looked up, newest first."""
        self.checks[card.number] = [check, *self.checks.get(card.number, [])][:MOST_CHECKS]


def _read() -> dict[str, Any]:
    text = resources.files("bridge.sim.portal").joinpath("people.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=LOADER)  # noqa: S506 - both loaders are safe ones
    return content
