"""Settings of Viet Nam's health-insurance portal (BHYT): accounts and officers of one or more hospitals."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

from pydantic import Field, SecretStr, field_serializer, field_validator, model_validator

from bridge.config.base import Seconds, Section
from bridge.config.gateway import GatewaySettings, PassThroughSettings
from bridge.config.networks import checked_networks
from bridge.config.upstreams import UpstreamSettings
from bridge.words import said

THIS_MACHINE_ONLY = ("127.0.0.0/8", "::1")


class OfficerSettings(Section):
    """An officer (cán bộ) registered for lookups."""

    hoTenCb: str = Field(min_length=1, repr=False, description="Full name.")
    cccdCb: str = Field(pattern=r"^[0-9]{12}$", repr=False, description="Citizen id (số CCCD), 12 digits.")


class AccountSettings(Section):
    """An account of the portal that the bridge uses for programs which bring no password of their own."""

    password: SecretStr | None = Field(
        default=None, description="Its password; exactly one of this and `password_md5`."
    )
    password_md5: SecretStr | None = Field(
        default=None, description="The password's md5 in 32 hexadecimal digits."
    )
    clients: tuple[str, ...] = Field(
        default=THIS_MACHINE_ONLY,
        description="Addresses or networks of the programs that may use it: `10.1.2.0/24`. Without the "
        "setting only programs of this machine.",
    )

    @model_validator(mode="after")
    def _one_password(self) -> AccountSettings:
        if (self.password is None) == (self.password_md5 is None):
            raise ValueError(said("needs exactly one of password, password_md5"))
        _check_md5(self.password_md5)
        return self

    @field_validator("clients")
    @classmethod
    def _networks(cls, clients: tuple[str, ...]) -> tuple[str, ...]:
        return checked_networks(clients)

    @field_serializer("password", "password_md5", when_used="json-unless-none")
    def _reveal(self, value: SecretStr) -> str:
        return value.get_secret_value()

    @cached_property
    def md5(self) -> str:
        """The md5 of the password in hexadecimal digits, as the portal takes it."""
        if self.password_md5 is not None:
            return self.password_md5.get_secret_value()
        password = self.password.get_secret_value() if self.password is not None else ""
        return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()

    @cached_property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Where its programs are."""
        return tuple(ip_network(client) for client in self.clients)


class BhytSettings(UpstreamSettings):
    """Viet Nam's portal of health insurance (thẻ BHYT); off without officers and accounts."""

    url: str = Field(default="https://egw.baohiemxahoi.gov.vn", description="Address of the portal.")
    read_timeout: Seconds = Field(default=20.0, gt=0, description="For the answer.")
    visits_timeout: Seconds = Field(
        default=10.0,
        gt=0,
        description="For the visits, which the portal has been telling in an answer of its own since 2025. "
        "After that the program gets the answer about the card without them.",
    )
    serve: bool = Field(
        default=False,
        description="Serve the portal's paths without officers and accounts, too: for programs that bring "
        "both themselves.",
    )
    username: str = Field(
        default="",
        description="Account that asks where a program names none. Its password stands below, or in "
        "`accounts` under the same name.",
    )
    password: SecretStr | None = Field(
        default=None, description="Its password, as long as one account is enough; or `password_md5`."
    )
    password_md5: SecretStr | None = Field(
        default=None, description="The password's md5 in 32 hexadecimal digits."
    )
    accounts: dict[str, AccountSettings] = Field(
        default_factory=dict,
        description="Accounts of several hospitals by user name, for programs that bring no password: "
        '`00001_BV = {password = "...", clients = ["10.1.2.0/24"]}`. A program gets the one it names; where '
        "it names none, the one of `username`, else the only one whose `clients` it belongs to.",
    )
    officers: dict[str, OfficerSettings] = Field(
        default_factory=dict,
        description="Who looks up (cán bộ), by the user name of the account that asks, `*` for every other "
        'one: `00000_BV = {hoTenCb = "...", cccdCb = "000000000000"}`, full name and citizen id (số CCCD).',
    )
    officer_from: Literal["program", "settings"] = Field(
        default="program",
        description="Who looks up where a program names an officer and the settings do, too: `program`, its "
        "own if it is whole (a name and 12 digits); `settings`, always the one of the settings.",
    )

    pass_through: PassThroughSettings = Field(
        default=PassThroughSettings(),
        description="Requests below /api/ that the bridge does not answer itself: they go to the portal as "
        "they are.",
    )
    gateway: GatewaySettings = Field(
        default=GatewaySettings(),
        description="`serve-bhyt`: the lookups and the way through alone, on several workers.",
    )

    @field_validator("url")
    @classmethod
    def _without_api(cls, url: str) -> str:
        if url.rstrip("/").lower().endswith("/api"):
            raise ValueError(said("without /api at its end: the paths below it begin with that"))
        return url

    @property
    def enabled(self) -> bool:
        """Whether the bridge serves the portal's paths."""
        return self.serve or bool(self.officers) or bool(self.known_accounts)

    # A gateway has hundreds of accounts and looks for one with every request: what follows is made once.

    @cached_property
    def known_accounts(self) -> Mapping[str, AccountSettings]:
        """All accounts by user name as written: that of ``username`` with its password first, then
        ``accounts``.
        """
        single = {}
        if self.password is not None or self.password_md5 is not None:
            single[self.username] = AccountSettings(password=self.password, password_md5=self.password_md5)
        return {**single, **self.accounts}

    @cached_property
    def account_names(self) -> Mapping[str, str]:
        """The user name of each as written, by its small letters."""
        return {name.lower(): name for name in self.known_accounts}

    @cached_property
    def listed_officers(self) -> Mapping[str, tuple[int, OfficerSettings]]:
        """The officers with their entries (from 1), by the user name in small letters."""
        listed = enumerate(self.officers.items(), start=1)
        return {name.lower(): (entry, officer) for entry, (name, officer) in listed}

    @model_validator(mode="after")
    def _whole_account(self) -> BhytSettings:
        given = [value for value in (self.password, self.password_md5) if value is not None]
        listed = self.username.lower() in {name.lower() for name in self.accounts}
        if len(given) != (bool(self.username) and not listed):
            raise ValueError(
                said("username goes with exactly one of password, password_md5, or with an entry of accounts")
            )
        _check_md5(self.password_md5)
        for section, names in (("accounts", self.accounts), ("officers", self.officers)):
            if len({name.lower() for name in names}) != len(names):
                raise ValueError(
                    said("{section}: a user name stands twice (letter case does not count)", section=section)
                )
        return self

    @field_serializer("password", "password_md5", when_used="json-unless-none")
    def _reveal(self, value: SecretStr) -> str:
        return value.get_secret_value()


def _check_md5(md5: SecretStr | None) -> None:
    if md5 is not None and not re.fullmatch(r"[0-9A-Fa-f]{32}", md5.get_secret_value()):
        raise ValueError(said("password_md5 has 32 hexadecimal digits"))
