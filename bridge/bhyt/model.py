"""The part of the table about insurance-card lookups on a web portal (mappings/bhyt.yaml), as frozen objects.

Paths that programs call, most of which the portal has ended, and the requests that answer them today.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.bhyt.passthrough_model import PassThroughRow
from bridge.table.model.spec import Identifier, Provenance, Spec

ResultCode = Annotated[str, Field(pattern=r"^\d{3}$")]
OldCode = Annotated[str, Field(pattern=r"^\d{2}$")]
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
    """Under which names clients bring account, token and officer, in the query or in the body, in any letter
    case. The officer's name and citizen id are optional.
    """

    username: Identifier
    password_md5: Identifier
    access_token: Identifier
    id_token: Identifier
    hoTenCb: Identifier
    cccdCb: Identifier
    provenance: Provenance


class TokenPath(Spec):
    """The path where clients take a token (phiên làm việc); answered with the portal's own reply."""

    path: Path
    summary: str
    provenance: Provenance


class LookupFill(Spec):
    """What fills a list that an answer leaves null: another request is asked, whose ``list`` takes its place.

    ``results``: only answers with these result codes are filled.
    """

    request: Identifier
    list: Identifier
    results: tuple[ResultCode, ...] = Field(min_length=1)
    provenance: Provenance


class LookupRequest(Spec):
    """A request of the portal that answers lookups: a POST with a query and a body.

    ``person``: the client's field with the number of the card. ``lists``: the lists of its answer.
    ``fills``: what fills one of them where it is null, by its name.
    """

    name: Identifier
    path: Path
    content: Literal["json", "form"] = "json"
    query: dict[Identifier, LookupValue]
    body: dict[Identifier, LookupValue]
    person: Identifier
    lists: tuple[Identifier, ...]
    fills: dict[Identifier, LookupFill] = Field(default_factory=dict)
    provenance: Provenance

    @property
    def values(self) -> tuple[LookupValue, ...]:
        """All values of query and body."""
        return (*self.query.values(), *self.body.values())


class LookupReply(Spec):
    """The names of the portal's replies.

    ``result``: the result code. ``note``: a text for people. ``persons``: the card numbers of a reply, one of
    which must be the one asked for. ``born``: the birth date, under the name that it has in the client's
    request as well; its year must be the one asked for where the card was asked for by another number than
    replies have (a citizen id). ``names``: all that are documented; one that comes in another letter case
    is given as it stands here. ``spellings``: other spellings of a name, with the documented one.
    """

    result: Identifier
    note: Identifier
    persons: tuple[Identifier, ...]
    born: Identifier
    names: tuple[Identifier, ...]
    spellings: dict[str, Identifier] = Field(default_factory=dict)
    provenance: Provenance

    @cached_property
    def documented(self) -> dict[str, str]:
        """The documented name of each that is known, by its small letters."""
        spelled = {other.lower(): name for other, name in self.spellings.items()}
        return {**{name.lower(): name for name in self.names}, **spelled}


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


class OfficerNotes(Spec):
    """What is added to the portal's note where it does not accept the officer: whose entry that is."""

    program: str = Field(min_length=1)
    settings: str = Field(min_length=1)
    provenance: Provenance


class OldResult(Spec):
    """A result code of a lookup's own, which it gives in place of those ``of`` today; none: no more."""

    of: tuple[ResultCode, ...] = ()
    meaning: str
    provenance: Provenance


class Lookup(Spec):
    """A lookup that programs call: its paths, the fields its clients bring, the names they read.

    ``request``: the request that answers it. ``dropped``: fields that the portal does not want any more.
    ``renames``: a list of the portal's reply and the name under which this lookup's clients look for it.
    ``copies``: a further name in the items of its lists, and the name that has the value. ``results``: its
    own result codes.
    """

    name: Identifier
    request: Identifier
    paths: tuple[Path, ...] = Field(min_length=1)
    title: str
    summary: str
    fields: tuple[Identifier, ...] = Field(min_length=1)
    dropped: tuple[Identifier, ...] = ()
    renames: dict[Identifier, Identifier] = Field(default_factory=dict)
    copies: dict[Identifier, Identifier] = Field(default_factory=dict)
    results: dict[OldCode, OldResult] = Field(default_factory=dict)
    provenance: Provenance

    def code(self, result: str) -> str:
        """The lookup's own code for a result of today; the result itself where it has none."""
        return next((code for code, old in self.results.items() if result in old.of), result)


class LookupFamily(Spec):
    """All of bhyt.yaml."""

    client: ClientNames
    token: TokenPath
    requests: dict[Identifier, LookupRequest]
    reply: LookupReply
    results: dict[ResultCode, LookupResult]
    officer_notes: OfficerNotes
    faults: dict[str, LookupFault]
    lookups: dict[Identifier, Lookup]
    pass_through: PassThroughRow

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that clients may ask: that of the token first, then those of the lookups."""
        return (self.token.path, *(path for lookup in self.lookups.values() for path in lookup.paths))


def provenances(family: LookupFamily) -> Iterator[str]:
    """Where each fact comes from: names, paths, values of the requests, results, faults, lookups."""
    yield from (family.client.provenance, family.token.provenance, family.reply.provenance)
    yield family.officer_notes.provenance
    for request in family.requests.values():
        yield request.provenance
        yield from (value.provenance for value in request.values)
        yield from (fill.provenance for fill in request.fills.values())
    yield from (result.provenance for result in family.results.values())
    yield from (fault.provenance for fault in family.faults.values())
    for lookup in family.lookups.values():
        yield lookup.provenance
        yield from (old.provenance for old in lookup.results.values())
    yield family.pass_through.provenance
    yield from (fault.provenance for fault in family.pass_through.faults.values())
    yield from (refusal.provenance for refusal in family.pass_through.refusals.values())
