"""What the content of a call tells of the world, whoever made it and whenever: facts, rows, changes.

A program asks the same again and again. What a call tells is made once for each content, and kept for the
next call that has it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from bridge.table.model.arguments import (
    BlockArgument,
    LengthArgument,
    RecordArgument,
    ScalarOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Answer, Given, Number, TracedCall
from bridge.trace.records import RecordView, Span, records_in, records_out
from bridge.trace.worlds.rows import MOST_FORMS, RowReader, SeenRows
from bridge.trace.worlds.rules import Change, FunctionRule, WorldRules
from bridge.trace.worlds.values import Values, decoded, is_day, moment

Row = dict[str, str]
CardKind = Literal["card", "practitioner"]
KINDS: tuple[CardKind, ...] = ("card", "practitioner")
CARD_SIGNATURES = {"card": ("hc", "hpchc"), "practitioner": ("hpc", "hpchc")}
CARD_NEEDS = {"card": "hc", "practitioner": "hpc"}
_ANY_TIME = datetime.fromtimestamp(0, UTC)
_numbers = itertools.count()
ABOUT_CARDS = frozenset(("card", "practitioner", "sam"))  # facts that stay true, however often they are told
WHO = frozenset({"number", "id_no", "name", "birthday", "sex"})  # facts that say whose card it is
MOST_KEPT = 1024  # contents of calls to one function
NOTHING: Mapping[str, Any] = {}
Kinds = Set[CardKind]
NO_KINDS: Kinds = frozenset()


class Blocks:
    """The data blocks by which calls to one function add rows to a list."""

    def __init__(self, table: Table, function: Function, change: Change) -> None:
        self._table, self._function = table, function
        argument = function.argument(change.block.argument) if change.block else None
        self._argument = argument if isinstance(argument, BlockArgument) else None
        self._group = (change.block.group if change.block else None) or ""
        self._keys = {name: key for key, name in change.rows.items()}

    def of(self, given: Mapping[str, Given]) -> Block:
        """What of a call's arguments is needed to read its rows."""
        names = () if self._argument is None else (self._argument.name, self._argument.count or "")
        return Block(self, tuple((name, given[name]) for name in names if name in given))

    def rows(self, given: Mapping[str, Given]) -> Iterator[Row]:
        """The rows, by the keys of a scenario."""
        call = TracedCall(0, _ANY_TIME, 0, self._function.name, given, Answer(0, 0.0))
        for view in records_in(self._table, self._function, call):
            rows: dict[int, Row] = {}
            for span in view.spans:
                if span.group == self._group and span.name in self._keys:
                    row = rows.setdefault(span.index, {})
                    row[self._keys[span.name]] = decoded(span.of(view.data)).strip()
            yield from rows.values()


class Block(NamedTuple):
    """A data block with rows that a call added to a list. They are read when somebody asks for the list; most
    are never asked for, so that nothing but their bytes is kept.
    """

    blocks: Blocks
    given: tuple[tuple[str, Given], ...]

    def rows(self) -> Iterator[Row]:
        """The rows, by the keys of a scenario."""
        return self.blocks.rows(dict(self.given))


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
NO_SIGHT: Sights = {"card": Sight(), "practitioner": Sight()}


@dataclass(slots=True, eq=False)
class Told:
    """What a call tells. ``facts``: subject -> key -> value. ``sights``: of each kind of card. ``weak``:
    facts about the health card that others overrule. ``rows``: of lists, with what is wrong with them in
    ``row_remarks``. ``written``: rows that the call added, by list; None: something else changed.

    ``patient``, ``presents``, ``takes``, ``squeezed``: texts of the arguments that the rule names so;
    ``visit``, ``names_visit``: moments, 13 ROC digits. ``port``: that it opened, -1 for none. ``lasts``:
    whether it stays true, however often it is told: it changes no card, and gives no number. ``about_card``,
    ``about_hpc``, ``about_others``: whether something of it belongs to a health card, a practitioner's card,
    or neither. ``number``: no other has it.
    """

    rule: FunctionRule
    ok: bool = False
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sights: Sights = field(default_factory=lambda: NO_SIGHT)
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
    number: int = field(default_factory=_numbers.__next__)

    def of(self, subject: str) -> Mapping[str, Any]:
        """The facts about one subject, by key."""
        return self.facts.get(subject, NOTHING)

    def tells(self, subject: str, facts: Mapping[str, Any]) -> None:
        """Add facts about a subject."""
        if facts:
            self.facts.setdefault(subject, {}).update(facts)


_FieldPlace = tuple[Span, str, str]  # with its subject and its key


class Telling:
    """What the calls of a trace tell, by the table and the rules of worlds."""

    def __init__(self, table: Table, rules: WorldRules) -> None:
        self._table, self._rules, self._values = table, rules, Values(rules)
        self._functions: dict[str, _FunctionTelling] = {}

    def told(self, call: TracedCall) -> Told:
        """Everything that a call tells. A function that the table does not know tells nothing."""
        found = self._functions.get(call.function)
        if found is None:
            function, rule = self._table.functions.get(call.function), self._rules.function(call.function)
            if function is None:
                return Told(rule, remarks=(f"function {call.function} is not known",), about_others=True)
            found = self._functions[call.function] = _FunctionTelling(
                self._table, self._rules, function, self._values
            )
        return found.told(call)


class _FunctionTelling:
    """What the calls to one function tell."""

    def __init__(self, table: Table, rules: WorldRules, function: Function, values: Values) -> None:
        self.table, self.rules, self.function, self.values = table, rules, function, values
        self.rule = rules.function(function.name)
        self.about = {kind for kind in KINDS if needs(function, kind) or self.rule.uses == kind}
        self.rows = RowReader(rules, function, values)
        self.blocks = {
            change.what: Blocks(table, function, change) for change in self.rule.changes if change.block
        }
        self.texts = {name: self._length_of(name) for name in self.rule.texts}
        self._asked, self._answered, self._lengths = _told_by(function)
        self.telling_codes = {
            *rules.absent.card.codes,
            *rules.absent.practitioner.codes,
            *(each.code for each in rules.meanings),
        }
        self._kept: dict[tuple[object, ...], Told] = {}
        self._fields: dict[tuple[int, int], tuple[RecordView, list[_FieldPlace]]] = {}

    def _length_of(self, argument: str) -> str | None:
        return getattr(self.function.argument(argument), "length", None)

    def told(self, call: TracedCall) -> Told:
        """What a call tells, made or kept. What a buffer held beforehand tells nothing."""
        given, after = call.given, call.answer.after
        key = (
            call.answer.code16,
            *map(given.get, self._asked),
            *map(after.get, self._answered),
            *(value.low if isinstance(value, Number) else value for value in map(after.get, self._lengths)),
        )
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = self._made(call)
        return found

    def _made(self, call: TracedCall) -> Told:
        function, rule, code = self.function, self.rule, call.answer.code16
        told = Told(rule, ok=self.table.succeeded(function.name, code))
        cards = self._codes(told, call)
        told.patient, told.takes = _text(call.given, rule.patient), _text(call.given, rule.takes)
        told.visit, told.names_visit = (
            moment(_text(call.given, name)) if name is not None else ""
            for name in (rule.visit, rule.names_visit)
        )
        opened = call.given.get(rule.opens or "")
        told.port = opened.low if isinstance(opened, Number) else -1
        if told.ok:
            told.presents = _text(call.given, rule.presents)
            if rule.squeezes is not None:
                told.squeezed = _text_of(call, rule.squeezes.code), _text_of(call, rule.squeezes.squeezed)
            views = records_out(self.table, function, call.given, call.answer)
            for view in views:
                if view.record:
                    self._record(told, view, call)
            self._texts(told, call.answer)
            row_remarks: list[str] = []
            told.rows = self.rows.seen(views, call.given, row_remarks)
            told.row_remarks = tuple(row_remarks)
            told.written = tuple(self._written(call))
            self._identity(told, call)
        told.sights = _sights(told, *cards)
        _sort(told)
        return told

    def _codes(self, told: Told, call: TracedCall) -> tuple[Kinds, Kinds, Kinds]:
        """Facts that the code tells. Out: the cards that were missing, those that were there, and those that
        the call was about.
        """
        code = call.answer.code16
        if code not in self.telling_codes and not self.rule.results:  # as nearly always
            return NO_KINDS, self.about if told.ok else NO_KINDS, self.about
        absent: set[CardKind] = set()
        if self.function.result is None or code < 0:
            absent = {kind for kind in KINDS if code in getattr(self.rules.absent, kind).codes}
            for meaning in self.rules.meanings:
                if meaning.code == code:
                    told.tells("card", meaning.card)
                    told.weak |= frozenset(meaning.card if meaning.weak else ())
        about, used = set(self.about), set(self.about) if told.ok else set()
        for result in self.rule.results:
            if told.ok and result.is_meant(code) and _holds(call, result.argument, result.equals):
                absent |= {result.absent} if result.absent else set()
                used |= {result.present} if result.present else set()
                about |= {kind for kind in (result.absent, result.present) if kind}
                told.tells("card", result.card)
                told.tells("practitioner", result.practitioner)
        return absent, used, about

    def _record(self, told: Told, view: RecordView, call: TracedCall) -> None:
        doubts: list[str] = []
        for span, subject, key in self._fields_of(view, call):
            value, doubt = self.values.value_of(subject, key, span.type, span.of(view.data))
            if doubt:
                doubts.append(f"{view.record}.{span.path}: {doubt}; left out")
            if value is not None and (not doubts or key in WHO):
                told.facts.setdefault(subject, {})[key] = value
        if doubts:  # what follows may stand in another field's place
            told.remarks += (
                *doubts,
                f"{view.record}: so nothing behind that is believed but whose card it is",
            )

    def _fields_of(self, view: RecordView, call: TracedCall) -> list[_FieldPlace]:
        """The fields of a record that tell something: each with what it is of, and which fact."""
        rule = self.rules.records[view.record]
        chosen = call.given.get(rule.chosen_by) if rule.chosen_by is not None else None
        choice = chosen.low if isinstance(chosen, Number) else 0
        found = self._fields.get((id(view.spans), choice))
        if found is None:
            fields = rule.fields if rule.chosen_by is None else rule.choices.get(choice, {})
            places = []
            for span in view.spans:
                if not span.group and span.name in fields:
                    subject, _, key = fields[span.name].partition(".")
                    places.append((span, subject, key))
            if len(self._fields) >= MOST_FORMS:
                self._fields.clear()
            # the view's spans are kept, so that no others can get their id
            found = self._fields[id(view.spans), choice] = (view, places)
        return found[1]

    def _texts(self, told: Told, answer: Answer) -> None:
        """What is no record."""
        for argument, length in self.texts.items():
            value = answer.after.get(argument)
            if isinstance(value, bytes):
                count = answer.after.get(length) if length else None
                text = decoded(value[: count.low] if isinstance(count, Number) else value).strip()
                subject, _, key = self.rule.texts[argument].partition(".")
                if text and self.rules.fits(subject, key, text):
                    told.tells(subject, {key: text})

    def _written(self, call: TracedCall) -> Iterator[tuple[str, list[Row] | Block | None]]:
        for change in self.rule.changes:
            if not change.rows:
                yield change.what, None
            elif change.block is None:
                yield (
                    change.what,
                    [{key: _text(call.given, argument) for key, argument in change.rows.items()}],
                )
            else:
                yield change.what, self.blocks[change.what].of(call.given)

    def _identity(self, told: Told, call: TracedCall) -> None:
        """A call that names its patient and succeeds tells whose card it is."""
        identity = self.function.identity
        if identity is not None:
            id_no, birthday = _text(call.given, identity.id), _text(call.given, identity.birthday)
            if id_no and self.rules.fits("card", "id_no", id_no):
                told.person = id_no, birthday if is_day(birthday) else ""


def _sort(told: Told) -> None:
    """Fill in whom it is about."""
    changes = told.ok and bool(told.rule.gives_back or told.visit or told.written)
    told.lasts = not changes and told.facts.keys() <= ABOUT_CARDS
    told.about_card = bool(
        "card" in told.facts or told.person or told.patient or told.presents or told.rows or not told.lasts
    )
    told.about_hpc = "practitioner" in told.facts
    told.about_others = bool("sam" in told.facts or told.remarks or told.squeezed)


def _sights(told: Told, absent: Kinds, used: Kinds, about: Kinds) -> Sights:
    sights: dict[CardKind, Sight] = {}
    for kind in KINDS:
        facts = told.of(kind)
        number, reported = str(facts.get("number", "")), str(facts.get("id_no", ""))
        named = told.person[0] if kind == "card" and told.person else ""
        sights[kind] = Sight(number, reported or named, reported, kind in absent, kind in used, kind in about)
    return sights if sights != NO_SIGHT else NO_SIGHT


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


def _told_by(function: Function) -> tuple[list[str], list[str], list[str]]:
    """The arguments that can tell something: what was given, what came back, and how long it then was."""
    asked, answered, lengths = [], [], []
    for argument in function.arguments:
        match argument:
            case RecordArgument() | TextSizedArgument():
                answered.append(argument.name)
                if isinstance(argument, RecordArgument) and argument.bracketed:
                    asked.append(argument.name)
            case TextOutArgument() | ScalarOutArgument():
                answered.append(argument.name)
            case LengthArgument():
                lengths.append(argument.name)
            case _:
                asked.append(argument.name)
                answered.append(argument.name)
    return asked, answered, lengths


def _text(values: Mapping[str, Given], argument: str | None) -> str:
    """A text among arguments, "" where there is none."""
    value = values.get(argument or "")
    return decoded(value).strip() if isinstance(value, bytes) else ""


def _text_of(call: TracedCall, argument: str) -> str:
    """An argument's text after the call, or before it where it is no out-argument."""
    after = call.answer.after
    return _text(after if isinstance(after.get(argument), bytes) else call.given, argument)


def _holds(call: TracedCall, argument: str | None, value: int | None) -> bool:
    if argument is None:
        return True
    given = call.answer.after.get(argument, call.given.get(argument))
    return isinstance(given, Number) and given.low == value
