"""What the records of a trace tell about the world, as data: mappings/migration/world.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.table.model.spec import Identifier, Provenance, Spec

FILE = "world.yaml"
SUBJECTS = (
    "card", "practitioner", "sam", "next_visit", "next_number", "treatment_number", "last_number",
    "fee_totals",
)  # fmt: skip
Target = Annotated[str, Field(pattern=rf"^({'|'.join(SUBJECTS)})\.\w+$")]
Rows = Literal[
    "visits",
    "prescriptions",
    "long_term_prescriptions",
    "important_treatments",
    "critical_illnesses",
    "vaccinations",
    "preventive_care",
    "prenatal_checkups",
    "allergic_medicines",
    "totals",
]
Facts = dict[Identifier, int | str | bool]


class GroupRule(Spec):
    """Repetitions that are rows of a list; ``fields`` gives each field its key in a row. ``key``: the keys
    that tell one row from others, where several records tell parts of it; empty: all.
    """

    list_name: Rows = Field(alias="list")
    key: tuple[Identifier, ...] = ()
    fields: dict[Identifier, Identifier] = Field(min_length=1)


class RecordRule(Spec):
    """An out-record: what each field tells. ``ignored``: fields that tell nothing, and why. ``choices``: by
    the value of the argument ``chosen_by``.
    """

    provenance: Provenance
    fields: dict[Identifier, Target] = Field(default_factory=dict)
    groups: dict[Identifier, GroupRule] = Field(default_factory=dict)
    ignored: dict[Identifier, str] = Field(default_factory=dict)
    chosen_by: Identifier | None = None
    choices: dict[int, dict[Identifier, Target]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _choices_have_an_argument(self) -> RecordRule:
        if bool(self.choices) != (self.chosen_by is not None):
            raise ValueError("chosen_by and choices go together")
        return self


class Block(Spec):
    """The data block in which written rows stand."""

    argument: Identifier
    group: Identifier | None = None


class Change(Spec):
    """What a successful call changes. ``rows``: row key -> argument, or field of the ``block``."""

    what: Identifier
    rows: dict[Identifier, Identifier] = Field(default_factory=dict)
    block: Block | None = None


class ResultRule(Spec):
    """What a return value, or any from ``least`` on, tells where an argument (before or after the call) has a
    value: a card that is missing or there, or facts.
    """

    result: int | None = None
    least: int | None = None
    argument: Identifier | None = None
    equals: int | None = Field(default=None, alias="is")
    absent: Literal["card", "practitioner"] | None = None
    present: Literal["card", "practitioner"] | None = None
    card: Facts = Field(default_factory=dict)
    practitioner: Facts = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_result(self) -> ResultRule:
        if (self.result is None) == (self.least is None):
            raise ValueError("needs exactly one of result, least")
        return self

    def is_meant(self, code: int) -> bool:
        """Whether it is about this return value."""
        return code == self.result if self.least is None else code >= self.least


class Squeezing(Spec):
    """The arguments with an ICD-10 code and its squeezed form (押碼)."""

    code: Identifier
    squeezed: Identifier


class FunctionRule(Spec):
    """What a function tells or changes beside its out-records; mappings/README.md describes the keys."""

    provenance: Provenance
    texts: dict[Identifier, Target] = Field(default_factory=dict)
    ignored: dict[Identifier, str] = Field(default_factory=dict)
    results: tuple[ResultRule, ...] = ()
    changes: tuple[Change, ...] = ()
    uses: Literal["card", "practitioner"] | None = None
    opens: Identifier | None = None
    boundary: bool = False
    logs_out: tuple[Literal["card", "practitioner"], ...] = ()
    takes: Identifier | None = None
    gives_back: bool = False
    visit: Identifier | None = None
    names_visit: Identifier | None = None
    patient: Identifier | None = None
    squeezes: Squeezing | None = None
    presents: Identifier | None = None


class Absent(Spec):
    """The codes that say that a card is missing."""

    codes: tuple[int, ...]
    provenance: Provenance


class Absents(Spec):
    """One for each kind of card."""

    card: Absent
    practitioner: Absent


class Meaning(Spec):
    """What a return code says of the health card in the reader. ``weak``: whatever else tells it is right."""

    code: int
    card: Facts
    weak: bool = False
    provenance: Provenance


class WorldRules(Spec):
    """The whole file."""

    world: Literal[1]
    absent: Absents
    meanings: tuple[Meaning, ...]
    forms: dict[str, str] = Field(default_factory=dict)
    records: dict[Identifier, RecordRule]
    functions: dict[Identifier, FunctionRule]

    def fits(self, subject: str, key: str, text: str) -> bool:
        """Whether a value has the form that is wanted of it; nothing at all always has."""
        form = self.form(subject, key)
        return not text or form is None or re.fullmatch(form, text, re.ASCII) is not None

    def form(self, subject: str, key: str) -> str | None:
        """The form that is wanted of a value, a regular expression for the whole; None for any."""
        return self.forms.get(f"{subject}.{key}", self.forms.get(key))

    def function(self, name: str) -> FunctionRule:
        """The rule of a function; an empty one where the file says nothing of it."""
        return self.functions.get(name, _NOTHING)


_NOTHING = FunctionRule(provenance="none")
