"""The mapping table as frozen objects: one class for each thing a row can say (see mappings/README.md)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.table.model.arguments import ArgumentSpec
from bridge.table.model.console import ConsoleProtocol, Need, SignatureKind
from bridge.table.model.cutover import Cutover
from bridge.table.model.records import RecordSpec
from bridge.table.model.service import Service
from bridge.table.model.spec import Identifier, Provenance, Spec
from bridge.table.model.statuses import StatusMap
from bridge.table.model.texts import Texts

# --- steps and replies --------------------------------------------------------------------------------------


VALUE_ORIGINS = (
    *("argument", "field", "constant", "content", "each", "item"),
    *("signature", "setting", "now"),
)


class When(Spec):
    """Runs a step, or gives a value of its body, only if a named ``condition`` holds, or if a named
    ``setting`` has the ``value``.

    ``argument`` and ``value`` are what a condition looks at.
    """

    condition: Identifier = ""
    setting: str | None = None
    argument: Identifier | None = None
    value: int | str | bool | None = None

    @model_validator(mode="after")
    def _condition_or_setting(self) -> When:
        if bool(self.condition) == (self.setting is not None):
            raise ValueError("needs exactly one of condition, setting")
        if self.setting is not None and (self.argument is not None or not isinstance(self.value, str)):
            raise ValueError("a setting goes with the text it must have, and nothing else")
        return self


class Value(Spec):
    """Where a request value comes from: exactly one of VALUE_ORIGINS.

    ``argument``: an in-argument, trimmed. ``field``: ``block.field`` of a data block. ``constant``: as it is.
    ``content``: a file's content in base64, or how many XML elements of the name ``count`` stand in it.
    ``each``: ``block.group`` of a data block, one object per repetition made by ``fields``, or one text, its
    field ``plain``. ``item``: the item of a step that runs for each of several. ``signature``: a field of the
    console's signature, under another name. ``setting``: a named setting of the bridge. ``now``: the time of
    the call in Taiwan, in a named form. ``lookup`` replaces the text by what such a step found; ``convert``
    is a converter, which some do with the help of another argument, the ``key``. ``when``: the body has this
    name only where that holds.
    """

    argument: str | None = None
    field: str | None = None
    constant: str | int | bool | None = None
    content: Identifier | None = None
    each: str | None = None
    item: Literal[True] | None = None
    signature: Identifier | None = None
    setting: str | None = None
    now: Literal["western_milliseconds"] | None = None
    lookup: Identifier | None = None
    count: Identifier | None = None
    plain: Identifier | None = None
    fields: dict[str, Value] = Field(default_factory=dict)
    convert: str | None = None
    key: Identifier | None = None
    when: When | None = None
    provenance: Provenance | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Value:
        given = [name for name in VALUE_ORIGINS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(VALUE_ORIGINS)}; has {given or 'none'}")
        if (bool(self.fields) + (self.plain is not None)) != (self.each is not None):
            raise ValueError("'each', and only 'each', goes with either 'fields' or 'plain'")
        if self.content is not None and (self.convert is not None) != (self.count is not None):
            raise ValueError("of a 'content' only its 'count' goes through a converter, and always does")
        if self.content is None and self.count is not None:
            raise ValueError("'count' goes with 'content' only")
        return self


class Signature(Spec):
    """The console signature that goes into a request to the cloud or the upload centre.

    Which cards sign, and the service type (2 digits).
    """

    kind: SignatureKind
    service_type: Annotated[str, Field(pattern=r"^\d\d$")]


Target = Literal["cloud", "centre", "console", "reader"]


class ForEach(Spec):
    """Runs a step once for each distinct text: of ``fields`` of a data block, or of ``json`` names in an
    earlier ``step``'s reply.

    ``condition`` names which texts are meant. ``reply`` is the JSON name of the text found. A ``json`` name
    ``list.name`` looks into a list.
    """

    fields: tuple[str, ...] = ()
    step: Identifier | None = None
    json_names: tuple[str, ...] = Field(default=(), alias="json")
    condition: Identifier
    reply: str

    @model_validator(mode="after")
    def _one_origin(self) -> ForEach:
        if bool(self.fields) == bool(self.json_names) or bool(self.json_names) != (self.step is not None):
            raise ValueError("needs either fields, or step and json")
        return self


class Source(Spec):
    """Where a reply value comes from: a ``json`` name of the step's reply (several = the first present), a
    value that was ``sent`` in its request (behind the reply's names, where those are given), or a constant.

    The name ``.`` is the element itself, in lists of plain values. ``required: false`` lets the name be
    missing: blank.
    """

    json_name: str | tuple[str, ...] | None = Field(default=None, alias="json")
    sent: str | None = None
    constant: str | None = None
    convert: str | None = None
    lookup: Identifier | None = None
    required: bool = True
    provenance: Provenance | None = None

    @cached_property
    def only_name(self) -> str | None:
        """The JSON name to look for where there is just one, and it is no ``.``."""
        return self.names[0] if len(self.names) == 1 and self.names != (".",) else None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The JSON names to look for, in order."""
        if self.json_name is None:
            return ()
        return (self.json_name,) if isinstance(self.json_name, str) else self.json_name


class Step(Spec):
    """One thing to do: a ``cloud``, ``centre`` or ``console`` request ("METHOD /path"), or a named
    ``reader`` operation.

    Steps that share an ``id`` are alternatives: the first whose ``when`` holds runs; one with ``after`` runs
    when the one before it ended with one of those statuses, and its ``notice`` is then the call's code.
    ``needs`` is the state a console step wants first; a cloud step's follows from its signature. ``body`` of
    a reader operation are its named arguments. ``contexts`` come before the row's when a status is mapped.
    ``tolerate`` lists status codes that mean "there is none": the step then yields an empty object instead of
    failing. ``kept``: what the console answers (a GET without body) is the same for as long as its session
    lasts and says nothing about a card or a person; it is asked once in a session. With ``once`` a request
    whose answer is lost is never repeated. ``receipt`` is what the reply to a change must hold for it to
    count as carried out; it is logged and kept in the journal.
    """

    id: Identifier
    provenance: Provenance
    cloud: str | None = Field(default=None, pattern=r"^(GET|POST|PUT|DELETE) /\S+$")
    centre: str | None = Field(default=None, pattern=r"^POST /\S+$")
    console: str | None = Field(default=None, pattern=r"^(GET|POST|PUT|DELETE) /\S+$")
    reader: Identifier | None = None
    needs: tuple[Need, ...] = ()
    kept: bool = False
    signature: Signature | None = None
    body: dict[str, Value] = Field(default_factory=dict)
    when: When | None = None
    contexts: tuple[str, ...] = ()
    tolerate: tuple[int, ...] = ()
    once: bool = False
    receipt: Source | None = None
    after: tuple[int, ...] = ()
    notice: int | None = None
    for_each: ForEach | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Step:
        targets = [n for n in ("cloud", "centre", "console", "reader") if getattr(self, n) is not None]
        if len(targets) != 1:
            raise ValueError(f"needs exactly one of cloud, centre, console, reader; has {targets or 'none'}")
        if (self.signature is not None) != (self.target in ("cloud", "centre")):
            raise ValueError("a cloud step needs a signature, so does a centre step, and no other has one")
        if self.kept and not self._may_be_kept:
            raise ValueError(
                "only a console's answer to a GET that needs no health or practitioner card is kept"
            )
        return self

    @property
    def _may_be_kept(self) -> bool:
        return self.target == "console" and self.method == "GET" and set(self.needs) <= {"console", "sam"}

    @cached_property
    def target(self) -> Target:
        if self.cloud is not None:
            return "cloud"
        if self.centre is not None:
            return "centre"
        return "console" if self.console is not None else "reader"

    @cached_property
    def method(self) -> str:
        """HTTP method of a request."""
        return self._request_line[0]

    @cached_property
    def path(self) -> str:
        """URL path of a request; that of the centre is below its address (V1000, V2000)."""
        return self._request_line[1]

    @property
    def _request_line(self) -> tuple[str, str]:
        method, _, path = (self.cloud or self.centre or self.console or "").partition(" ")
        return method, path


class GroupSource(Spec):
    """Where the repetitions of a group come from: a JSON list (newest first) and the sources of each field.

    With ``exact`` the list must have as many items as the group; otherwise missing ones are absent and
    surplus ones dropped.
    """

    json_name: str = Field(alias="json")
    exact: bool = False
    fields: dict[Identifier, Source]
    provenance: Provenance | None = None


class Output(Spec):
    """How one out-argument (or ``result``) is made from a step's reply."""

    step: Identifier
    provenance: Provenance
    value: Source | None = None
    fields: dict[Identifier, Source] = Field(default_factory=dict)
    groups: dict[Identifier, GroupSource] = Field(default_factory=dict)


class Notice(Spec):
    """A code that is returned although the call succeeded and the buffers are filled, such as 5010 for a
    second visit on the same day.
    """

    step: Identifier
    json_name: str = Field(alias="json")
    equals: bool | str | int
    code: int
    provenance: Provenance


class Identity(Spec):
    """The arguments that must be the id and birthday of the card in the reader before anything is sent
    (5020).
    """

    id: Identifier
    birthday: Identifier


Library = Literal["cshis", "cshisx"]


class Function(Spec):
    """A row: one legacy function.

    ``library``: who offers it to programs, cshis.dll or the component CsHisX (VPN認卡元件). ``command``: no
    library has it; a command of ours asks for it through the channel.
    """

    name: Identifier
    section: str
    title: str
    summary: str
    status: Literal["mapped", "assumed", "beyond", "unsupported"]
    provenance: Provenance
    export: bool = True
    command: bool = False
    library: Library = "cshis"
    ordinal: int | None = Field(default=None, gt=0)
    stack_bytes: int = Field(default=0, ge=0)
    arguments: tuple[ArgumentSpec, ...] = ()
    effect: Literal["read", "session", "write", "allocates"] = "read"
    contexts: tuple[str, ...] = ()
    identity: Identity | None = None
    steps: tuple[Step, ...] = ()
    outputs: dict[Identifier, Output] = Field(default_factory=dict)
    result: Output | None = None
    notices: tuple[Notice, ...] = ()

    def argument(self, name: str) -> ArgumentSpec:
        """The argument of that name; KeyError if there is none."""
        for argument in self.arguments:
            if argument.name == name:
                return argument
        raise KeyError(name)


# --- HTTP routes --------------------------------------------------------------------------------------------


class Route(Spec):
    """A path of the facade: which row it calls and in which form it answers.

    ``bracketed``: records come in their ICD-10 form, as if the caller had filled the buffer with
    ``[XXXXXXX]``. ``defaults``: numbers that stand in for arguments which clients of this path do not send.
    ``envelope``: the name of an object in which the reply stands a second time, where clients look for it.
    ``door``: whose clients come there; those of the virtual-health-card SDK mean a virtual card and know its
    own codes, those of VPN signatures mean the cards in the reader.
    """

    path: str = Field(pattern=r"^/\S+$")
    function: Identifier
    form: Literal["plain", "big5", "json", "json_big5"] = "plain"
    bracketed: bool = False
    defaults: dict[Identifier, int] = Field(default_factory=dict)
    envelope: Identifier | None = None
    door: Literal["vhc", "vpn"] = "vhc"
    provenance: Provenance
    summary: str = ""


class Table(Spec):
    """The whole mapping table.

    ``console``: the console's own requests, on which every call rests. ``services``: those of the upload
    centre that pass through the bridge. ``texts``: what a number means to people. ``cutover``: what goes
    together when a site moves in stages.
    """

    functions: dict[str, Function]
    records_out: dict[str, RecordSpec]
    records_in: dict[str, RecordSpec]
    statuses: StatusMap
    routes: tuple[Route, ...]
    console: ConsoleProtocol
    digest: str
    services: dict[str, Service] = Field(default_factory=dict)
    texts: Texts | None = None
    cutover: Cutover | None = None

    def exported(self, library: Library = "cshis") -> Iterator[Function]:
        """The rows that a native library offers to programs, in the order of the table."""
        return (f for f in self.functions.values() if f.export and f.library == library)

    def served(self) -> Iterator[Function]:
        """The rows that the channel serves: those of every native library, and those that commands ask
        for.
        """
        return (f for f in self.functions.values() if f.export or f.command)

    def row_of_operation(self, operation: str) -> Function:
        """The row by which commands have this operation of the reader carried out. Raises KeyError."""
        for row in self.functions.values():
            if row.command and any(step.reader == operation for step in row.steps):
                return row
        raise KeyError(operation)

    def title_of(self, name: str) -> str:
        """The Chinese title of a function or service; "" for one that the table does not have (any more)."""
        row = self.functions.get(name) or self.services.get(name)
        return row.title if row is not None else ""

    def succeeded(self, name: str, code: int) -> bool:
        """Whether a call of that function with that code did what it should, so that its buffers are filled.

        That is 0, a notice such as 5010, or a number where the function returns one.
        """
        if code == 0:
            return True
        function = self.functions.get(name)
        if function is None:
            return False
        notices = {notice.code for notice in function.notices} | {step.notice for step in function.steps}
        is_number = function.result is not None and code not in self.statuses.legacy_codes
        return code in notices or is_number
