"""Settings of the way through to the portal of Viet Nam, and of the gateway that serves it alone."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_serializer, field_validator, model_validator

from bridge.config.base import Bytes, Seconds, Section, TcpPort
from bridge.config.networks import checked_networks
from bridge.words import said

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
TLS_SCHEME = "rediss"
# What else redis-py takes there would count before the settings: ?ssl_cert_reqs=none.
_DATABASE = re.compile(r"(/[0-9]{0,4})?", re.ASCII)


class PassThroughSettings(Section):
    """Requests below /api/ that the bridge does not answer itself: they go to the portal as they are."""

    most_body_bytes: Bytes = Field(
        default=104_857_600,
        ge=0,
        description="Longest body of a request, such as a file of records. It is passed on piece by piece, "
        "whatever its length.",
    )
    upload_timeout: Seconds = Field(
        default=600.0, gt=0, le=3600, description="For such a body, from its first byte to its last."
    )
    answer_timeout: Seconds = Field(
        default=120.0,
        gt=0,
        le=3600,
        description="How long the portal may be silent, before its answer and in the middle of it.",
    )


class TokenStoreSettings(Section):
    """Where workers and machines share the portal's tokens: Redis, or Valkey. Without an address each worker
    keeps its own in memory.
    """

    url: str = Field(
        default="",
        description="`rediss://host:6379/0`, over TLS. `redis://` is taken for this machine only.",
    )
    username: str = Field(default="", description="User of the store, where it has several.")
    password: SecretStr | None = Field(default=None, description="Its password.")
    ca_file: Path | None = Field(
        default=None,
        description="PEM file that verifies the store. Without it the system's trusted authorities do.",
    )
    timeout: Seconds = Field(
        default=1.0,
        gt=0,
        le=10,
        description="For an answer of the store. After it the worker goes on with what it knows itself.",
    )

    @model_validator(mode="after")
    def _encrypted(self) -> TokenStoreSettings:
        if not self.url:
            return self
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(said("url: no valid address")) from error
        if not host or parts.scheme not in ("redis", TLS_SCHEME):
            raise ValueError(said("url: an address that begins with rediss:// is needed"))
        if parts.username or parts.password:
            raise ValueError(said("url: user and password have settings of their own"))
        if parts.query or parts.fragment or not _DATABASE.fullmatch(parts.path):
            raise ValueError(said("url: nothing but the number of a database stands behind the host: /0"))
        if host in THIS_MACHINE:
            return self
        if parts.scheme != TLS_SCHEME:
            raise ValueError(said("url: rediss is needed; redis is taken for this machine only"))
        if self.password is None:
            raise ValueError(said("password: a store on another machine needs one"))
        return self

    @field_serializer("password", when_used="json-unless-none")
    def _reveal(self, value: SecretStr) -> str:
        return value.get_secret_value()


class GatewaySettings(Section):
    """``serve-bhyt``: the lookups and the way through alone, on several workers."""

    host: str = Field(
        default="127.0.0.1",
        description="Address it listens on. Another one than this machine's own needs `certificate_file`, "
        "`key_file` and `clients`.",
    )
    port: TcpPort = Field(default=5072, description="Its port.")
    workers: int = Field(default=2, ge=1, le=64, description="Processes that serve, best one a core.")
    certificate_file: Path | None = Field(
        default=None,
        description="PEM file with its certificate; with it, TLS is spoken.",
    )
    key_file: Path | None = Field(default=None, description="PEM file with the key of the certificate.")
    clients: tuple[str, ...] = Field(
        default=(),
        description="Who may ask: addresses and networks, such as `10.1.0.0/16`; behind a balancer those of "
        "the balancer. Empty: this machine only.",
    )
    stop_timeout: Seconds = Field(
        default=20.0,
        ge=0,
        le=600,
        description="How long requests under way may take to their end when a worker stops.",
    )
    store: TokenStoreSettings = Field(
        default=TokenStoreSettings(),
        description="Where workers and machines share the portal's tokens (Redis or Valkey).",
    )

    @property
    def is_open(self) -> bool:
        """Whether other machines reach it."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    @field_validator("clients")
    @classmethod
    def _networks(cls, clients: tuple[str, ...]) -> tuple[str, ...]:
        return checked_networks(clients)

    @model_validator(mode="after")
    def _closed_to_strangers(self) -> GatewaySettings:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError(said("certificate_file and key_file go together: set both, or neither"))
        if self.is_open and (self.certificate_file is None or not self.clients):
            raise ValueError(
                said(
                    "host {host} is reached from other machines: certificate_file, key_file and clients are "
                    "needed",
                    host=self.host,
                )
            )
        return self
