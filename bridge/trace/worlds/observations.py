"""What one call of a trace tells of the world: facts, rows, changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.table.model.rows import Function, Table
from bridge.trace.format import Number, TracedCall
from bridge.trace.records import RecordView, records_in, records_out
from bridge.trace.worlds.rules import Change, FunctionRule, WorldRules
from bridge.trace.worlds.values import decoded, is_day, value_of

Row = dict[str, str]
CardKind = Literal["card", "practitioner"]
KINDS: tuple[CardKind, ...] = ("card", "practitioner")
CARD_SIGNATURES = {"card": ("hc", "hpchc"), "practitioner": ("hpc", "hpchc")}
CARD_NEEDS = {"card": "hc", "practitioner": "hpc"}
WHO = frozenset({"number", "id_no", "name", "birthday", "sex"})  # facts that say whose card it is


@dataclass(slots=True)
class Observation:
    """What a call tells. ``facts``: (subject, key) -> value. ``absent``: cards that were missing. ``used``:
    cards that were there; ``about``: those it was about, whatever came of it. ``written``: rows that the call
    added, by list; None: something else changed. ``weak``: facts about the card that others overrule.
    """

    call: TracedCall
    rule: FunctionRule
    ok: bool
    facts: dict[tuple[str, str], Any] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    about: set[str] = field(default_factory=set)
    written: list[tuple[str, list[Row] | None]] = field(default_factory=list)
    weak: set[str] = field(default_factory=set)
    person: tuple[str, str] | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def physical(self) -> bool:
        """Whether it is about the cards in the reader, not about a virtual one."""
        return self.call.door != "vhc"

    def text(self, argument: str | None) -> str:
        """An in-string of the call, "" where there is none."""
        value = self.call.given.get(argument or "")
        return decoded(value).strip() if isinstance(value, bytes) else ""

    def text_of(self, argument: str) -> str:
        """An argument's text after the call, or before it where it is no out-argument."""
        value = self.call.answer.after.get(argument)
        return decoded(value).strip() if isinstance(value, bytes) else self.text(argument)


def observe(table: Table, rules: WorldRules, call: TracedCall) -> Observation:
    """Everything that a call tells. A function that the table does not know tells nothing."""
    function, rule = table.functions.get(call.function), rules.function(call.function)
    if function is None:
        return Observation(call, rule, ok=False, remarks=[f"function {call.function} is not known"])
    observation = Observation(call, rule, ok=table.succeeded(function.name, call.answer.code16))
    _codes(rules, function, observation)
    if observation.ok:
        for view in records_out(table, function, call.given, call.answer):
            if view.record:
                _record(rules, view, observation)
        _texts(rules, function, observation)
        observation.written = list(_written(table, function, observation))
        _identity(rules, function, observation)
    return observation


def _codes(rules: WorldRules, function: Function, observation: Observation) -> None:
    code = observation.call.answer.code16
    if function.result is None or code < 0:
        observation.absent = {kind for kind in KINDS if code in getattr(rules.absent, kind).codes}
        for meaning in rules.meanings:
            if meaning.code == code:
                observation.facts |= {("card", name): value for name, value in meaning.card.items()}
                observation.weak |= set(meaning.card) if meaning.weak else set()
    observation.about = {kind for kind in KINDS if needs(function, kind) or observation.rule.uses == kind}
    if observation.ok:
        observation.used = set(observation.about)
    for result in observation.rule.results:
        if observation.ok and result.is_meant(code) and _holds(observation, result.argument, result.equals):
            observation.absent |= {result.absent} if result.absent else set()
            observation.used |= {result.present} if result.present else set()
            observation.about |= {kind for kind in (result.absent, result.present) if kind}
            observation.facts |= {("card", name): value for name, value in result.card.items()}
            observation.facts |= {
                ("practitioner", name): value for name, value in result.practitioner.items()
            }


def _holds(observation: Observation, argument: str | None, value: int | None) -> bool:
    if argument is None:
        return True
    given = observation.call.answer.after.get(argument, observation.call.given.get(argument))
    return isinstance(given, Number) and given.low == value


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


# --- records ------------------------------------------------------------------------------------------------


def _record(rules: WorldRules, view: RecordView, observation: Observation) -> None:
    rule = rules.records[view.record]
    fields = rule.fields
    if rule.chosen_by is not None:
        chosen = observation.call.given.get(rule.chosen_by)
        fields = rule.choices.get(chosen.low, {}) if isinstance(chosen, Number) else {}
    doubts: list[str] = []
    for span in view.spans if fields else ():
        if not span.group and span.name in fields:
            subject, _, key = fields[span.name].partition(".")
            value = value_of(rules, (subject, key), span, view, doubts)
            if value is not None and (not doubts or key in WHO):
                observation.facts[subject, key] = value
    if doubts:  # what follows may stand in another field's place
        observation.remarks += [
            *doubts,
            f"{view.record}: so nothing behind that is believed but whose card it is",
        ]


# --- what is no record --------------------------------------------------------------------------------------


def _texts(rules: WorldRules, function: Function, observation: Observation) -> None:
    for argument, target in observation.rule.texts.items():
        value = observation.call.answer.after.get(argument)
        if isinstance(value, bytes):
            length = getattr(function.argument(argument), "length", None)
            count = observation.call.answer.after.get(length) if length else None
            text = decoded(value[: count.low] if isinstance(count, Number) else value).strip()
            subject, _, key = target.partition(".")
            if text and rules.fits(subject, key, text):
                observation.facts[subject, key] = text


def _written(
    table: Table, function: Function, observation: Observation
) -> Iterator[tuple[str, list[Row] | None]]:
    for change in observation.rule.changes:
        if not change.rows:
            yield change.what, None
        elif change.block is None:
            row = {key: observation.text(argument) for key, argument in change.rows.items()}
            yield change.what, [row]
        else:
            yield change.what, list(_block_rows(table, function, change, observation.call))


def _block_rows(table: Table, function: Function, change: Change, call: TracedCall) -> Iterator[Row]:
    block = change.block
    for view in records_in(table, function, call):
        if block is None or view.argument != block.argument:
            continue
        rows: dict[int, Row] = {}
        names = {name: key for key, name in change.rows.items()}
        for span in view.spans:
            if span.group == (block.group or "") and span.name in names:
                rows.setdefault(span.index, {})[names[span.name]] = decoded(span.of(view.data)).strip()
        yield from rows.values()


def _identity(rules: WorldRules, function: Function, observation: Observation) -> None:
    """A call that names its patient and succeeds tells whose card it is."""
    if function.identity is not None:
        id_no, birthday = observation.text(function.identity.id), observation.text(function.identity.birthday)
        if id_no and rules.fits("card", "id_no", id_no):
            observation.person = id_no, birthday if is_day(birthday) else ""


def facts_of(observation: Observation, subject: str) -> Mapping[str, Any]:
    """The facts about one subject, by key."""
    return {key: value for (about, key), value in observation.facts.items() if about == subject}
