"""What the content of a call tells of the world, whoever made it and whenever: facts, rows, changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from bridge.table.model.rows import Function
from bridge.trace.worlds.blocks import Block
from bridge.trace.worlds.rows import Row, SeenRows
from bridge.trace.worlds.rules import FunctionRule

CardKind = Literal["card", "practitioner"]
KINDS: tuple[CardKind, ...] = ("card", "practitioner")
CARD_SIGNATURES = {"card": ("hc", "hpchc"), "practitioner": ("hpc", "hpchc")}
CARD_NEEDS = {"card": "hc", "practitioner": "hpc"}
NO_CHANGES = frozenset(("card", "practitioner", "sam"))  # facts that stay true, however often they are told
Facts = Mapping[str, Any]
NOTHING: Facts = {}
SOME_KINDS: Mapping[tuple[bool, bool], tuple[CardKind, ...]] = {
    (card, hpc): tuple(kind for kind, some in zip(KINDS, (card, hpc), strict=True) if some)
    for card in (False, True)
    for hpc in (False, True)
}
NO_FACTS: Mapping[str, Facts] = {}


class Sight(NamedTuple):
    """What a call tells of one kind of card. ``number``, ``id_no``: of the card in the slot, "" where it does
    not tell; ``reported_id``: the same, where a record tells it. ``absent``: it was missing; ``used``: it was
    there; ``about``: the call was about it, whatever came of it.
    """

    number: str = ""
    id_no: str = ""
    reported_id: str = ""
    absent: bool = False
    used: bool = False
    about: bool = False


Sights = Mapping[CardKind, Sight]
NO_SIGHT = Sight()
NO_SIGHTS: Sights = dict.fromkeys(KINDS, NO_SIGHT)


class Told:
    """What a call tells. ``facts``: subject -> key -> value; nobody may change them. ``sights``: of each kind
    of card. ``weak``: facts about the health card that others overrule. ``rows``: of lists, with what is
    wrong with them in ``row_remarks``. ``written``: rows that the call added, by list; None: something else
    changed.

    ``patient``, ``presents``, ``takes``, ``squeezed``: texts of the arguments that the rule names so;
    ``visit``, ``names_visit``: moments, 13 ROC digits. ``port``: that it opened, -1 for none. ``lasts``:
    whether it stays true, however often it is told: it changes no card, and gives no number. ``about_card``,
    ``about_hpc``, ``about_others``: whether something of it belongs to a health card, a practitioner's card,
    or neither. ``moves``: the kinds of card of whose slot it tells; ``names``: those of which it tells whose
    they are.

    Most calls tell little: what they do not tell stands here, not in each of them.
    """

    facts: Mapping[str, Facts] = NO_FACTS
    sights: Sights = NO_SIGHTS
    weak: frozenset[str] = frozenset()
    person: tuple[str, str] | None = None
    patient: str = ""
    presents: str = ""
    takes: str = ""
    visit: str = ""
    names_visit: str = ""
    squeezed: tuple[str, str] | None = None
    port: int = -1
    rows: tuple[SeenRows, ...] = ()
    written: tuple[tuple[str, list[Row] | Block | None], ...] = ()
    remarks: tuple[str, ...] = ()
    row_remarks: tuple[str, ...] = ()
    lasts: bool = True
    about_card: bool = False
    about_hpc: bool = False
    about_others: bool = False
    moves: tuple[CardKind, ...] = ()
    names: tuple[CardKind, ...] = ()

    def __init__(self, rule: FunctionRule, ok: bool = False) -> None:
        self.rule, self.ok = rule, ok

    def of(self, subject: str) -> Facts:
        """The facts about one subject, by key."""
        return self.facts.get(subject, NOTHING)

    def tells(self, subject: str, facts: Facts) -> None:
        """Add facts about a subject."""
        if facts:
            self.facts = {**self.facts, subject: {**self.of(subject), **facts}}

    def sort(self, always: Sequence[bool]) -> None:
        """Fill in whom it is about, once all else is there. ``always``: whether a call to this function tells
        of the slot of a health card, and of a practitioner's, whatever else it tells.
        """
        facts = self.facts
        card: str | bool
        hpc: str | bool
        card, hpc = always
        changes = self.ok and (self.visit or self.written or self.rule.gives_back)
        if changes or (facts and not facts.keys() <= NO_CHANGES):
            self.lasts = False
            self.about_card = True
        elif self.rows or self.person or self.patient or self.presents or "card" in facts:
            self.about_card = True
        self.about_hpc = "practitioner" in facts
        self.about_others = bool(self.remarks or self.squeezed or "sam" in facts)
        names_card: str | bool = self.ok and self.patient
        names_hpc: str | bool = False
        if self.sights is not NO_SIGHTS:
            number, id_no, _, absent, used, _ = self.sights["card"]
            names_card = number or id_no or names_card
            card = card or number or id_no or absent or used
            number, id_no, _, absent, used, _ = self.sights["practitioner"]
            names_hpc = number or id_no or absent
            hpc = hpc or names_hpc or used
        self.moves = SOME_KINDS[bool(card or self.about_card), bool(hpc or self.about_hpc)]
        self.names = SOME_KINDS[bool(names_card), bool(names_hpc)]


def needs(function: Function, kind: CardKind) -> bool:
    """Whether a function works only with this kind of card in the reader, whatever its arguments."""
    steps = [step for step in function.steps if step.when is None and not step.tolerate]
    alternatives = {step.id for step in function.steps if step.after}
    return any(
        (step.signature is not None and step.signature.kind in CARD_SIGNATURES[kind])
        or CARD_NEEDS[kind] in step.needs
        for step in steps
        if kind == "card" or step.id not in alternatives
    )
