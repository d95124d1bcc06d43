"""The part of the table about insurance-card lookups on a web portal (mappings/bhyt.yaml), as frozen objects.

Old paths that a portal has ended, and the one request that has taken their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.bhyt.passthrough_model import PassThroughRow
from bridge.table.model.spec import Identifier, Provenance, Spec

ResultCode = Annotated[str, Field(pattern=r"^\d{3}$")]
Path = Annotated[str, Field(pattern=r"^/[\x21-\x7e]+$")]
LOOKUP_ORIGINS = ("field", "account", "token", "officer")


class LookupValue(Spec):
    """Where a value of the portal's request comes from: exactly one of LOOKUP_ORIGINS.

    ``field``: what the client sent, by the name of the old request. ``account``: the account that asks.
    ``token``: a part of the token in use. ``officer``: a part of the registered officer (cán bộ) of that
    account, by its name in the settings. ``convert`` is a converter of field texts.
    """

    field: Identifier | None = None
    account: Literal["username", "password_md5"] | None = None
    token: Literal["access_token", "id_token"] | None = None
    officer: Literal["hoTenCb", "cccdCb"] | None = None
    convert: Identifier | None = None
    provenance: Provenance

    @model_validator(mode="after")
    def _exactly_one(self) -> LookupValue:
        given = [name for name in LOOKUP_ORIGINS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(LOOKUP_ORIGINS)}; has {given or 'none'}")
        if self.convert is not None and self.field is None:
            raise ValueError("only a field is converted")
        return self

    @property
    def origin(self) -> str:
        """Where the value comes from, in words: "field maThe"."""
        name = next(name for name in LOOKUP_ORIGINS if getattr(self, name) is not None)
        return f"{name} {getattr(self, name)}"


class ClientNames(Spec):
    """Under which names clients bring account and token, in the query or in the body, in any letter case."""

    username: Identifier
    password_md5: Identifier
    access_token: Identifier
    id_token: Identifier
    provenance: Provenance


class TokenPath(Spec):
    """The path where clients take a token (phiên làm việc); answered with the portal's own reply."""

    path: Path
    summary: str
    provenance: Provenance


class LookupRequest(Spec):
    """The portal's request that answers all lookups: a POST with a query and a JSON body.

    ``person`` is the field with the number of the card.
    """

    path: Path
    query: dict[Identifier, LookupValue]
    body: dict[Identifier, LookupValue]
    person: Identifier
    provenance: Provenance


class LookupReply(Spec):
    """The names in the portal's reply that the bridge itself looks at.

    ``result``: the result code. ``note``: a text for people. ``lists``: what a failure leaves null.
    ``persons``: the card numbers of the reply, one of which must be the one asked for. ``spellings``: other
    spellings in which a name may come, with the documented one.
    """

    result: Identifier
    note: Identifier
    lists: tuple[Identifier, ...]
    persons: tuple[Identifier, ...]
    spellings: dict[str, Identifier] = Field(default_factory=dict)
    provenance: Provenance


class LookupResult(Spec):
    """A result code of the portal and what it is about.

    ``account``: the token or account was refused, a new token may help. ``officer`` names the part of the
    registered officer that the portal does not accept: a fault of the settings.
    """

    meaning: str
    about: Literal["card", "request", "account", "officer", "portal"]
    officer: Literal["hoTenCb", "cccdCb"] | None = None
    provenance: Provenance

    @model_validator(mode="after")
    def _officer_part(self) -> LookupResult:
        if (self.officer is not None) != (self.about == "officer"):
            raise ValueError("'officer' goes with 'about: officer', and only there")
        return self


class LookupFault(Spec):
    """What a client gets when the bridge has no reply of the portal: a result code, and a note for people
    in their language.
    """

    result: ResultCode
    note: str = Field(min_length=1)
    provenance: Provenance


class Lookup(Spec):
    """An old lookup: the paths it had, the fields its clients bring, the names they read.

    ``dropped``: fields that the portal does not want any more. ``renames``: a name of the portal's reply and
    the one under which this lookup's clients look for it.
    """

    name: Identifier
    paths: tuple[Path, ...] = Field(min_length=1)
    title: str
    summary: str
    fields: tuple[Identifier, ...] = Field(min_length=1)
    dropped: tuple[Identifier, ...] = ()
    renames: dict[Identifier, Identifier] = Field(default_factory=dict)
    provenance: Provenance


class LookupFamily(Spec):
    """All of bhyt.yaml."""

    client: ClientNames
    token: TokenPath
    request: LookupRequest
    reply: LookupReply
    results: dict[ResultCode, LookupResult]
    faults: dict[str, LookupFault]
    lookups: dict[Identifier, Lookup]
    pass_through: PassThroughRow

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that clients may ask: that of the token first, then those of the lookups."""
        return (self.token.path, *(path for lookup in self.lookups.values() for path in lookup.paths))


def provenances(family: LookupFamily) -> Iterator[str]:
    """Where each fact comes from: names, paths, values of the request, results, faults, lookups."""
    yield from (family.client.provenance, family.token.provenance, family.reply.provenance)
    yield family.request.provenance
    for values in (family.request.query, family.request.body):
        yield from (value.provenance for value in values.values())
    yield from (result.provenance for result in family.results.values())
    yield from (fault.provenance for fault in family.faults.values())
    yield from (lookup.provenance for lookup in family.lookups.values())
    yield family.pass_through.provenance
    yield from (fault.provenance for fault in family.pass_through.faults.values())
