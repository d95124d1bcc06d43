"""What the content of a call tells of the world, whoever made it and whenever: facts, rows, changes."""

from __future__ import annotations

from collections.abc import Mapping
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

    def sort(self) -> None:
        """Fill in whom it is about, once all else is there."""
        facts, rule = self.facts, self.rule
        changes = self.ok and (rule.gives_back or self.visit or self.written)
        self.lasts = not changes and facts.keys() <= NO_CHANGES
        self.about_card = bool(
            not self.lasts or "card" in facts or self.rows or self.person or self.patient or self.presents
        )
        self.about_hpc = "practitioner" in facts
        self.about_others = bool("sam" in facts or self.remarks or self.squeezed)
        self.moves = tuple([kind for kind in KINDS if self._moves(kind)])
        self.names = tuple([kind for kind in KINDS if self._names(kind)])

    def _moves(self, kind: CardKind) -> bool:
        number, id_no, _, absent, used, _ = self.sights[kind]
        about = self.about_card if kind == "card" else self.about_hpc
        return bool(
            about or used or number or id_no or absent or self.rule.boundary or kind in self.rule.logs_out
        )

    def _names(self, kind: CardKind) -> bool:
        number, id_no, _, absent, _, _ = self.sights[kind]
        if kind == "card":
            return bool(number or id_no or (self.ok and self.patient))
        return bool(number or id_no or absent)


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
