"""A scenario: the world that the simulators begin with, as a person writes it (docs/migrate/scenarios.md).

``people.yaml`` is one, too: the scenario "default", which others may extend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from bridge.sim.errors import ControlError, ScenarioError
from bridge.sim.faults import Fault
from bridge.sim.scenario.card import CardEntry
from bridge.sim.scenario.values import (
    FORMS,
    CardNumber,
    Entry,
    HospitalId,
    HpcPin,
    IdNumber,
    PractitionerNumber,
    Prose,
    Puk,
    RocMoment,
    Text,
    Version,
    shaped,
)
from bridge.sim.switches import checked_switches

DEFAULT = "default"
DEEPEST_EXTENDS = 5
MOST_FAULTS = 40  # that are reported at once
MOST_CARDS = 500_000  # that a hospital sees in a year
MOST_PRACTITIONERS = 20_000  # that the greatest one has
MOST_SERIES_ROWS = 200_000


ComPort = Annotated[str, shaped(r"COM[0-9]{1,3}", "a port such as COM1")]


class Title(Entry):
    """The title in both languages."""

    en: Text
    zh: Text


class SamEntry(Entry):
    """A security module (安全模組) and its hospital; ``physical``: in a reader with keys (健保讀卡機)."""

    id: CardNumber
    hospital_id: HospitalId
    hospital_name: Text
    hospital_short_name: Text
    comport: ComPort = "COM1"
    physical: bool = False


class PractitionerEntry(Entry):
    """A practitioner's card (醫事人員卡); ``birthday`` is yyyy-MM-dd."""

    number: PractitionerNumber
    id_no: IdNumber
    name: Text
    english_name: Text = ""
    birthday: Annotated[str, shaped(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day as yyyy-MM-dd")] = "1970-01-01"
    role: Literal["doctor", "pharmacist", "nurse"] = "doctor"
    pin: HpcPin = "123456"
    puk: Puk = "12345678"


class Start(Entry):
    """The cards in the reader at the start; null: none."""

    hc: CardNumber | None = None
    hpc: PractitionerNumber | None = None


class ReaderEntry(Start):
    """A further card reader with slots of its own: that of the SAM with this ``comport``. All other SAMs
    share the usual one. The console still has one session.
    """

    comport: ComPort


class QrEntry(Entry):
    """A QR code (虛擬健保卡) that was given out before the start: its text, whose card it opens, how often it
    may still be verified, and until when; without ``until`` for a day.
    """

    token: Annotated[str, shaped(r"[!-~]{1,4096}", "visible characters without blanks")]
    card: CardNumber
    uses: Annotated[int, Field(ge=0, le=10_000)] = 3
    until: RocMoment | None = None


class FaultEntry(Entry):
    """A fault that is armed at the start, as ``cshis-bridge sim fault arm`` does."""

    service: Text
    kind: Text
    value: float | None = None
    path: Text = ""
    times: int | None = None
    field: Text = ""

    @model_validator(mode="after")
    def _sound(self) -> FaultEntry:
        try:
            self.made()
        except ControlError as problem:
            raise ValueError(str(problem)) from None
        return self

    def made(self) -> Fault:
        return Fault(**self.model_dump())


class Step(Entry):
    """Something to try, in order: a legacy ``call`` ``with`` arguments and what it answers, or a change of
    the world.

    ``code``: what the call returns. ``shows``: fields of the records that come back, as
    ``visits[0].treatment_item`` or ``NAME`` of another out-argument, and their text. ``keep``: names for
    fields, which later steps write as ``{name}`` in an argument.
    """

    call: Text | None = None
    with_: dict[str, Text | int] = Field(default_factory=dict, alias="with")
    code: int = 0
    shows: dict[str, Text] = Field(default_factory=dict)
    keep: dict[str, Text] = Field(default_factory=dict)
    insert: PractitionerNumber | None = None
    remove: Literal["hc", "hpc"] | None = None
    shift: float | None = None
    clear: Literal["console", "cloud", "centre", "portal"] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        things = ("call", "insert", "remove", "shift", "clear")
        given = [name for name in things if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(things)}; has {' and '.join(given) or 'none'}")
        return self


class Scenario(Entry):
    """Everything a scenario says. ``icd``: ICD-10 codes and their squeezed forms (押碼) beyond the built-in
    ones. ``remarks``: what whoever made it wants to be known.
    """

    scenario: Version
    title: Title
    about: Prose = ""
    extends: Annotated[str, shaped(r"[a-z0-9-]{1,40}", "the name of a ready scenario")] | None = None
    clock: RocMoment | None = None
    sams: Annotated[tuple[SamEntry, ...], Field(max_length=20)] = ()
    practitioners: Annotated[tuple[PractitionerEntry, ...], Field(max_length=MOST_PRACTITIONERS)] = ()
    cards: Annotated[tuple[CardEntry, ...], Field(max_length=MOST_CARDS)] = ()
    start: Start = Field(default_factory=Start)
    readers: Annotated[tuple[ReaderEntry, ...], Field(max_length=20)] = ()
    settings: dict[str, bool | str] = Field(default_factory=dict)
    faults: Annotated[tuple[FaultEntry, ...], Field(max_length=50)] = ()
    qr_codes: Annotated[tuple[QrEntry, ...], Field(max_length=MOST_CARDS)] = ()
    icd: dict[Text, Text] = Field(default_factory=dict, max_length=10_000)
    steps: Annotated[tuple[Step, ...], Field(max_length=100, alias="try")] = ()
    remarks: Annotated[tuple[Prose, ...], Field(max_length=1000)] = ()

    @field_validator("settings")
    @classmethod
    def _known_settings(cls, settings: dict[str, bool | str]) -> dict[str, bool | str]:
        try:
            checked_switches(settings)
        except ControlError as problem:
            raise ValueError(str(problem)) from None
        return settings


def parse_scenario(document: object, named: Callable[[str], Scenario]) -> Scenario:
    """Check a document and add what it extends.

    In: the document as plain values (of JSON or YAML); ``named`` gives the ready scenario of a name, or
    raises ScenarioError. Out: a scenario that stands for itself. Raises ScenarioError with every fault found.
    """
    scenario = _validated(document)
    depth = 0
    while scenario.extends is not None:
        depth += 1
        if depth > DEEPEST_EXTENDS:
            raise ScenarioError([f"extends: more than {DEEPEST_EXTENDS} scenarios on top of each other"])
        scenario = _extended(named(scenario.extends), scenario)
    rows = sum(card.series.rows for card in scenario.cards if card.series)
    faults = cross_faults(scenario, [card.number for card in scenario.cards], rows)
    if faults:
        raise ScenarioError(faults[:MOST_FAULTS])
    return scenario


def _validated(document: object) -> Scenario:
    if not isinstance(document, Mapping):
        raise ScenarioError(['a mapping is expected at the top, beginning with "scenario: 1"'])
    version = document.get("scenario")
    if isinstance(version, int) and version > 1:
        raise ScenarioError([f"scenario: version {version} of the format; this bridge reads 1: update it"])
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        raise ScenarioError(shortened(faults_of(error))) from None


def faults_of(error: ValidationError, *within: int | str) -> list[str]:
    """Each fault of an entry: its place in the scenario, and what is wrong. ``within``: the entry's place."""
    found = error.errors(include_url=False, include_input=False)
    return [f"{_path((*within, *fault['loc']))}: {_message(fault)}" for fault in found]


def shortened(faults: list[str], count: int | None = None) -> list[str]:
    """As many faults as are reported at once; ``count``: how many there are, where these are the first."""
    more = (len(faults) if count is None else count) - MOST_FAULTS
    return [*faults[:MOST_FAULTS], f"... and {more} more"] if more > 0 else faults


def _path(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the scenario"


def _message(fault: Mapping[str, Any]) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "an unknown key"
        case "missing":
            return "is missing"
        case "string_pattern_mismatch":
            pattern = fault["ctx"]["pattern"]
            return f"{FORMS.get(pattern, pattern)} expected"
    return str(fault["msg"]).removeprefix("Value error, ")


def _extended(base: Scenario, scenario: Scenario) -> Scenario:
    """The base with the other's people added; a card of the same number takes the place of the base's."""
    start = base.start.model_copy(update=scenario.start.model_dump(exclude_unset=True))
    return scenario.model_copy(
        update={
            "extends": base.extends,
            "clock": scenario.clock or base.clock,
            "sams": _replaced(base.sams, scenario.sams, lambda sam: sam.id),
            "practitioners": _replaced(base.practitioners, scenario.practitioners, lambda card: card.number),
            "cards": _replaced(base.cards, scenario.cards, lambda card: card.number),
            "start": start,
            "readers": _replaced(base.readers, scenario.readers, lambda reader: reader.comport),
            "settings": {**base.settings, **scenario.settings},
            "faults": (*base.faults, *scenario.faults),
            "qr_codes": _replaced(base.qr_codes, scenario.qr_codes, lambda code: code.token),
            "icd": {**base.icd, **scenario.icd},
        }
    )


def _replaced(base: Any, new: Any, key: Callable[[Any], str]) -> Any:
    numbers = {key(entry) for entry in new}
    return (*(entry for entry in base if key(entry) not in numbers), *new)


def cross_faults(scenario: Scenario, cards: Sequence[str], series_rows: int) -> list[str]:
    """What is wrong between the parts. In: a scenario, the numbers of its cards, and how many rows all their
    series make.
    """
    faults = []
    if not scenario.sams:
        faults.append('sams: at least one is needed; or write "extends: default"')
    for name, entries in (
        ("sams", [sam.id for sam in scenario.sams]),
        ("practitioners", [card.number for card in scenario.practitioners]),
        ("cards", cards),
        ("readers", [reader.comport for reader in scenario.readers]),
    ):
        faults += [f"{name}: {number} stands twice" for number in _twice(entries)]
    numbers = set(cards)
    faults += _slot_faults(scenario, numbers)
    faults += [
        f"qr_codes[{index}].card: no card {code.card} in cards"
        for index, code in enumerate(scenario.qr_codes)
        if code.card not in numbers
    ]
    if series_rows > MOST_SERIES_ROWS:
        faults.append(f"cards: more than {MOST_SERIES_ROWS} visits and orders in series")
    down = [fault.service for fault in scenario.faults if fault.kind == "down"]
    faults += [f"faults: {service} is down twice" for service in _twice(down)]
    return faults


def _slot_faults(scenario: Scenario, cards: Set[str]) -> Iterator[str]:
    """What is wrong with the cards in the slots, and with further readers."""
    practitioners = {card.number for card in scenario.practitioners}
    readers = {f"readers[{index}]": reader for index, reader in enumerate(scenario.readers)}
    slots: dict[str, Start] = {"start": scenario.start, **readers}
    for place, start in slots.items():
        if start.hc is not None and start.hc not in cards:
            yield f"{place}.hc: no card {start.hc} in cards"
        if start.hpc is not None and start.hpc not in practitioners:
            yield f"{place}.hpc: no card {start.hpc} in practitioners"
    ports = {sam.comport for sam in scenario.sams}
    for place, reader in readers.items():
        if reader.comport not in ports:
            yield f"{place}.comport: no SAM has {reader.comport}"


def _twice(values: Any) -> list[str]:
    seen: set[str] = set()
    return [value for value in values if value in seen or seen.add(value)]  # type: ignore[func-returns-value]
