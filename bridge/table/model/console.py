"""The part of the table about the console's own requests (mappings/console.yaml), as frozen objects.

Sessions, SAM, PINs, virtual cards and signatures: what every call rests on, whichever row it comes from.
Requests, fields and statuses have names of ours; the paths, JSON names and numbers behind them are data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bridge.table.model.spec import Identifier, Provenance, Spec

CardKind = Literal["physical", "virtual"]
SignatureKind = Literal["sam", "hc", "hpc", "hpchc"]
SIGNATURE_KINDS: tuple[SignatureKind, ...] = ("sam", "hc", "hpc", "hpchc")
Need = Literal["console", "sam", "hc", "hpc"]


class ConsoleField(Spec):
    """A value in a request or a reply: its JSON name, ``status.sam.status`` for one inside objects.

    In YAML the name alone will do. ``required: false``: the console does without it, or may leave it out.
    """

    json_name: str = Field(alias="json", pattern=r"^[A-Za-z]\w*(\.[A-Za-z]\w*)*$")
    required: bool = True
    provenance: Provenance | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, content: Any) -> Any:
        return {"json": content} if isinstance(content, str) else content

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The JSON names from the outermost object to the value."""
        return tuple(self.json_name.split("."))

    def of(self, reply: Any) -> Any:
        """The value in a reply; None where it, or an object around it, is missing."""
        found: Any = reply
        for name in self.path:
            if type(found) is not dict and not isinstance(found, Mapping):
                return None
            found = found.get(name)
        return found

    def stands_in(self, reply: Mapping[str, Any]) -> bool:
        """Whether a reply has the value, even if it is null."""
        found: Any = reply
        for name in self.path:
            if not isinstance(found, Mapping) or name not in found:
                return False
            found = found[name]
        return True


class ConsoleRequest(Spec):
    """A request to the console: "METHOD /path", the state it needs first, the names in body and reply.

    ``other_path``: how another document spells the path; asked where the first is not known (HTTP 404).
    ``contexts``: those in which a status that it ends with means another code. ``accepts``: the group of
    statuses that are as good as success, because what was asked for is already so.
    ``used_by``: who sends it. ``session``: the bridge itself, so that calls cannot do without it. ``rows``:
    only rows of functions. ``commands``: only commands of people. ``nobody``: it is written down for a later
    use. ``in_path``: values in braces in the path. ``in_query``: values behind its question mark.
    ``answers``: what comes back, an ``object`` with its status, a bare ``list`` of objects (``reply`` is
    about each of them), or ``nothing``.
    """

    title: str
    summary: str
    console: str = Field(pattern=r"^(GET|POST|PUT|DELETE) /\S+$")
    other_path: str | None = Field(default=None, pattern=r"^/\S+$")
    needs: tuple[Need, ...] = ()
    in_path: dict[Identifier, ConsoleField] = Field(default_factory=dict)
    in_query: dict[Identifier, ConsoleField] = Field(default_factory=dict)
    body: dict[Identifier, ConsoleField] | None = None
    reply: dict[Identifier, ConsoleField] = Field(default_factory=dict)
    answers: Literal["object", "list", "nothing"] = "object"
    contexts: tuple[Identifier, ...] = ()
    accepts: Identifier | None = None
    used_by: Literal["session", "rows", "commands", "nobody"] = "session"
    provenance: Provenance

    @cached_property
    def method(self) -> str:
        return self.console.partition(" ")[0]

    @cached_property
    def path(self) -> str:
        return self.console.partition(" ")[2]

    def every_field(self) -> Iterator[ConsoleField]:
        """Those of path, query, body and reply."""
        for part in (self.in_path, self.in_query, self.body or {}, self.reply):
            yield from part.values()

    @cached_property
    def _paths(self) -> dict[str, tuple[str, ...]]:
        return {name: field.path for name, field in self.reply.items()}

    def read(self, names: Iterable[str], reply: Mapping[str, Any]) -> list[Any]:
        """The values of these fields in a reply, as :meth:`ConsoleField.of` gives each. Raises KeyError."""
        values = []
        for name in names:
            found: Any = reply
            for part in self._paths[name]:
                if type(found) is not dict and not isinstance(found, Mapping):
                    found = None
                    break
                found = found.get(part)
            values.append(found)
        return values

    def content(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The JSON body with these values by our names; None for a request without a body.

        Raises KeyError for a name that the request does not have.
        """
        if self.body is None:
            if values:
                raise KeyError(next(iter(values)))
            return None
        return {self.body[name].json_name: value for name, value in values.items()}


class SignatureRequest(ConsoleRequest):
    """A request for a signature. Its reply's fields go to the cloud under the names they come with."""

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The JSON names of the signature's fields, in the order of the table."""
        return tuple(field.json_name for field in self.reply.values())

    def json_name(self, name: str) -> str:
        """The JSON name of a field by ours: ``random``, ``hc_id``. Raises KeyError."""
        return self.reply[name].json_name

    @cached_property
    def _ids(self) -> tuple[tuple[str, str], ...]:
        given = self.reply.items()
        return tuple((name, f.json_name) for name, f in given if name not in ("signature", "random"))

    def ids(self, signature: Mapping[str, str]) -> dict[str, str]:
        """The ids in a signature by our names: sam_id, hospital_id, hc_id ..."""
        return {name: signature[json_name] for name, json_name in self._ids}

    @model_validator(mode="after")
    def _whole(self) -> SignatureRequest:
        missing = {"signature", "random", "sam_id", "hospital_id"} - set(self.reply)
        missing |= {f"{card}_id" for card in self.needs if card in ("hc", "hpc")} - set(self.reply)
        if missing:
            raise ValueError(f"reply: a signature needs {', '.join(sorted(missing))}")
        if "service_type" not in (self.body or {}):
            raise ValueError("body: a signature needs service_type")
        return self


class Insertion(Spec):
    """How a health card that was put in is verified: kinds of signature, and the service type of each."""

    alone: SignatureKind
    with_practitioner: SignatureKind
    service_type: str = Field(pattern=r"^[0-9A-Za-z]{2}$")
    provenance: Provenance


class Lifetimes(Spec):
    """For how many seconds a signature is good: those of a service type in ``longer``, else ``seconds``."""

    seconds: int = Field(gt=0)
    longer: dict[Annotated[str, Field(pattern=r"^[0-9A-Za-z]{2}$")], Annotated[int, Field(gt=0)]]
    provenance: Provenance

    def of(self, service_type: str) -> int:
        """The seconds of one service type (2 characters)."""
        return self.longer.get(service_type, self.seconds)


class StatusGroup(Spec):
    """Statuses of the console that mean the same to the bridge; ``cloud``: such statuses of the cloud."""

    meaning: str
    statuses: tuple[int, ...] = Field(min_length=1)
    cloud: tuple[int, ...] = ()
    provenance: Provenance

    def __contains__(self, number: object) -> bool:
        return number in self.statuses

    def holds(self, source: str, number: int | None) -> bool:
        """Whether a status of "console" or "cloud" is one of them; never one of another source."""
        return number in {"console": self.statuses, "cloud": self.cloud}.get(source, ())

    @property
    def number(self) -> int:
        """The first of them, for a refusal that the bridge gives in the console's place."""
        return self.statuses[0]


class ConsoleStatuses(Spec):
    """Every group that the reader session, or a command, knows."""

    not_initialised: StatusGroup
    already_initialised: StatusGroup
    unknown_device: StatusGroup
    no_card: StatusGroup
    nothing_to_log_out: StatusGroup
    sam_not_verified: StatusGroup
    sam_failure_may_count: StatusGroup
    health_card_failed: StatusGroup
    card_in_use: StatusGroup
    virtual_card_gone: StatusGroup
    no_pin: StatusGroup
    pin_already_verified: StatusGroup
    pin_not_verified: StatusGroup
    no_default_reader: StatusGroup
    no_contract: StatusGroup

    def named(self) -> Iterator[tuple[str, StatusGroup]]:
        """Each group with its name."""
        return ((name, getattr(self, name)) for name in type(self).model_fields)


class ConsoleStates(Spec):
    """What the numbers in the console's status mean: states of SAM and cards, the kind of a health card."""

    sam_absent: int
    sam_present: int
    sam_verified: int
    cloud_sam: int
    physical_sam: int
    card_absent: int
    card_present: int
    card_verified: int
    card_joined: int
    practitioner_pin_verified: int
    physical_card: int
    virtual_card: int
    provenance: Provenance


class ConsoleRequests(Spec):
    """Every request, by the name that the client of the console has for it."""

    status: ConsoleRequest
    initialise: ConsoleRequest
    finalise: ConsoleRequest
    names: ConsoleRequest
    version: ConsoleRequest
    read_sam: ConsoleRequest
    verify_sam: ConsoleRequest
    log_out_sam: ConsoleRequest
    read_practitioner: ConsoleRequest
    verify_practitioner: ConsoleRequest
    verify_mobile_practitioner: ConsoleRequest
    change_practitioner_pin: ConsoleRequest
    unlock_practitioner: ConsoleRequest
    log_out_practitioner: ConsoleRequest
    read_health_card: ConsoleRequest
    has_pin: ConsoleRequest
    verify_pin: ConsoleRequest
    change_pin: ConsoleRequest
    disable_pin: ConsoleRequest
    log_out_health_card: ConsoleRequest
    update_health_card: ConsoleRequest
    present_virtual_card: ConsoleRequest
    read_virtual_card: ConsoleRequest
    export_virtual_card: ConsoleRequest
    import_virtual_card: ConsoleRequest

    def named(self) -> Iterator[tuple[str, ConsoleRequest]]:
        """Each request with its name."""
        return ((name, getattr(self, name)) for name in type(self).model_fields)


class ConsoleSettingsRequests(Spec):
    """The requests about the console's own settings and its record of calls, which people send."""

    list_sams: ConsoleRequest
    import_sam: ConsoleRequest
    remove_sam: ConsoleRequest
    list_readers: ConsoleRequest
    detect_reader: ConsoleRequest
    default_reader: ConsoleRequest
    use_reader: ConsoleRequest
    forget_reader: ConsoleRequest
    list_origins: ConsoleRequest
    add_origin: ConsoleRequest
    remove_origin: ConsoleRequest
    list_calls: ConsoleRequest
    forget_calls: ConsoleRequest

    def named(self) -> Iterator[tuple[str, ConsoleRequest]]:
        """Each request with its name."""
        return ((name, getattr(self, name)) for name in type(self).model_fields)


class ConsoleSignatures(Spec):
    """The request of each kind of signature."""

    sam: SignatureRequest
    hc: SignatureRequest
    hpc: SignatureRequest
    hpchc: SignatureRequest

    def of(self, kind: SignatureKind) -> SignatureRequest:
        """The request of a kind."""
        found: SignatureRequest = getattr(self, kind)
        return found


class ConsoleProtocol(Spec):
    """All of console.yaml."""

    requests: ConsoleRequests
    settings: ConsoleSettingsRequests
    signatures: ConsoleSignatures
    insertion: Insertion
    lifetimes: Lifetimes
    statuses: ConsoleStatuses
    states: ConsoleStates

    def named(self) -> Iterator[tuple[str, ConsoleRequest]]:
        """Every request with its name; ``sign_hc`` is the signature of that kind."""
        yield from self.requests.named()
        yield from self.settings.named()
        for kind in SIGNATURE_KINDS:
            yield f"sign_{kind}", self.signatures.of(kind)

    @cached_property
    def other_paths(self) -> Mapping[str, str]:
        """By "METHOD /path", how another document spells the path."""
        return {r.console: r.other_path for _, r in self.named() if r.other_path is not None}

    def accepted(self, request: ConsoleRequest) -> tuple[int, ...]:
        """The statuses that are as good as success for a request."""
        if request.accepts is None:
            return ()
        group: StatusGroup = getattr(self.statuses, request.accepts)
        return group.statuses

    def signature_fields(self, kind: SignatureKind) -> tuple[str, ...]:
        """The JSON names of a signature's fields."""
        return self.signatures.of(kind).fields


def provenances(protocol: ConsoleProtocol) -> Iterator[str]:
    """Where each fact comes from: requests, their fields, insertion, lifetimes, statuses, states."""
    for _, request in protocol.named():
        yield request.provenance
        for field in request.every_field():
            yield field.provenance or request.provenance
    yield protocol.insertion.provenance
    yield protocol.lifetimes.provenance
    yield from (group.provenance for _, group in protocol.statuses.named())
    yield protocol.states.provenance
