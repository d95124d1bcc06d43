"""Reads what the calls of a trace tell of the world, by the table and the rules of worlds.

A program asks the same again and again. What a call tells is made once for each content, and kept for the
next call that has it; but for writes, which are hardly ever the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress

from bridge.table.model.arguments import RecordArgument
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Answer, Given, Number, TracedCall, signed16
from bridge.trace.records import number_of, record_of, record_spans, repeat_of, written
from bridge.trace.worlds.blocks import Block, Blocks
from bridge.trace.worlds.forms import Form
from bridge.trace.worlds.rows import Row
from bridge.trace.worlds.rules import Change, WorldRules
from bridge.trace.worlds.told import KINDS, NO_SIGHTS, CardKind, Facts, Sight, Sights, Told, needs
from bridge.trace.worlds.values import DoubtError, FieldValues, Moments, Texts, Values, is_day

MOST_KEPT = 1024  # contents of calls to one function
MOST_FORMS = 256  # of records, by how many positions a program asks for
Kinds = Set[CardKind]
NO_KINDS: Kinds = frozenset()


class Telling:
    """What the calls of a trace tell."""

    def __init__(self, table: Table, rules: WorldRules) -> None:
        self._table, self._rules = table, rules
        self._known = _Known(table, rules)
        self._functions: dict[str, _FunctionTelling] = {}

    def told(self, call: TracedCall) -> Told:
        """Everything that a call tells. A function that the table does not know tells nothing."""
        found = self._functions.get(call.function)
        if found is None:
            function = self._table.functions.get(call.function)
            if function is None:
                return self._unknown(call.function)
            found = self._functions[call.function] = _FunctionTelling(self._known, function)
        return found.told(call.given, call.answer)

    def _unknown(self, name: str) -> Told:
        return _remark_only(Told(self._rules.function(name)), f"function {name} is not known")


class _Known:
    """What all functions have in common: the values that came before."""

    def __init__(self, table: Table, rules: WorldRules) -> None:
        self.table, self.rules = table, rules
        self.values, self.texts, self.moments = Values(rules), Texts(), Moments()
        self.people = _People(rules)
        self.telling_codes = {
            *rules.absent.card.codes,
            *rules.absent.practitioner.codes,
            *(each.code for each in rules.meanings),
        }

    def text(self, values: Mapping[str, Given], argument: str) -> str:
        """A text among arguments, "" where there is none."""
        value = values.get(argument)
        return self.texts[value] if isinstance(value, bytes) else ""

    def is_id(self, text: str) -> bool:
        """Whether a text is somebody's identity number."""
        return bool(text) and self.rules.fits("card", "id_no", text)


class _People(dict[tuple[str, str], tuple[str, str] | None]):
    """By the id and birthday that a call names, whom it means; None: nobody, the id is none."""

    def __init__(self, rules: WorldRules) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, named: tuple[str, str]) -> tuple[str, str] | None:
        if len(self) >= MOST_KEPT:
            self.clear()
        id_no, birthday = named
        is_id = id_no and self._rules.fits("card", "id_no", id_no)
        self[named] = found = (id_no, birthday if is_day(birthday) else "") if is_id else None
        return found


class _FunctionTelling:
    """What the calls to one function tell."""

    def __init__(self, known: _Known, function: Function) -> None:
        self.known, self.function = known, function
        self.rule = rule = known.rules.function(function.name)
        self.about = frozenset(kind for kind in KINDS if needs(function, kind) or rule.uses == kind)
        records = [each for each in function.arguments if isinstance(each, RecordArgument)]
        self.records = [each for each in (_RecordTelling(known, each) for each in records) if each.tells]
        self.texts = list(self._texts_told())
        self.changes = [(change.what, _added_by(known, function, change)) for change in rule.changes]
        self.always = (
            rule.boundary or "card" in rule.logs_out,
            rule.boundary or "practitioner" in rule.logs_out,
        )
        self.moments = _named(visit=rule.visit, names_visit=rule.names_visit)
        self.words = _named(patient=rule.patient, takes=rule.takes)
        self.asked, self.answered, self.lengths = self._that_tell()
        self.sights = {ok: _sights(NO_KINDS, self.about if ok else NO_KINDS, self.about) for ok in (0, 1)}
        self._succeeded: dict[int, bool] = {}
        self._kept: dict[tuple[object, ...], Told] = {}

    def _texts_told(self) -> Iterator[tuple[str, str | None, str, str, FieldValues]]:
        """The texts that tell something: argument, that with its length, and what it is of."""
        for name, target in self.rule.texts.items():
            subject, _, key = target.partition(".")
            length: str | None = getattr(self.function.argument(name), "length", None)
            yield name, length, subject, key, self.known.values.of(subject, key, "text")

    def _that_tell(self) -> tuple[list[str], list[str], list[str]]:
        """The arguments that can tell something: what was given, what came back, and how long it then was."""
        rule, identity, squeezes = self.rule, self.function.identity, self.rule.squeezes
        both = {result.argument for result in rule.results}
        both |= {squeezes.code, squeezes.squeezed} if squeezes is not None else set()
        asked = {rule.opens, rule.takes, rule.visit, rule.names_visit, rule.patient, rule.presents, *both}
        asked |= {identity.id, identity.birthday} if identity is not None else set()
        asked |= {name for record in self.records for name in record.asked}
        answered = {*both, *rule.texts, *(record.argument.name for record in self.records)}
        lengths = {*(text[1] for text in self.texts), *(record.argument.length for record in self.records)}
        asked_for, answered_with, lengths_of = (
            sorted(name for name in names if name is not None) for names in (asked, answered, lengths)
        )
        return asked_for, answered_with, lengths_of

    def told(self, given: Mapping[str, Given], answer: Answer) -> Told:
        """What a call tells, made or kept. What a buffer held beforehand tells nothing."""
        code = answer.code
        code = code if 0 <= code < 0x8000 else signed16(code)
        if self.changes:
            return self._made(given, answer, code)
        after = answer.after
        key = (
            code,
            *map(given.get, self.asked),
            *map(after.get, self.answered),
            *[value.low if isinstance(value, Number) else value for value in map(after.get, self.lengths)],
        )
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = self._made(given, answer, code)
        return found

    def _made(self, given: Mapping[str, Given], answer: Answer, code: int) -> Told:
        known, rule = self.known, self.rule
        ok = self._succeeded.get(code)
        if ok is None:
            ok = self._succeeded[code] = known.table.succeeded(self.function.name, code)
        told = Told(rule, ok)
        if ok and rule.patient is not None and not known.is_id(known.text(given, rule.patient)):
            # what it was answered would be taken for that of whoever's card lies in the reader
            return _remark_only(told, f"{rule.patient}: not of the form of id_no; the call is left out")
        if code in known.telling_codes or rule.results:
            sights = _sights(*self._codes(told, given, answer, code))
        else:
            sights = self.sights[ok]
        for attribute, argument in self.words:
            setattr(told, attribute, known.text(given, argument))
        for attribute, argument in self.moments:
            setattr(told, attribute, known.moments[known.text(given, argument)])
        if rule.opens is not None:
            opened = given.get(rule.opens)
            told.port = opened.low if isinstance(opened, Number) else -1
        if ok:
            self._answer(told, given, answer)
        told.sights = _seen(told, sights)
        told.sort(self.always)
        return told

    def _answer(self, told: Told, given: Mapping[str, Given], answer: Answer) -> None:
        """What a call tells that did what it should."""
        known, rule, identity = self.known, self.rule, self.function.identity
        if rule.presents is not None:
            token = known.text(given, rule.presents)
            told.presents = self._formed(told, rule.presents, token, "qr_codes", "token")
        if rule.squeezes is not None:
            code, short = rule.squeezes.code, rule.squeezes.squeezed
            told.squeezed = (
                self._formed(told, code, self._text_of(given, answer, code), "icd", "code"),
                self._formed(told, short, self._text_of(given, answer, short), "icd", "squeezed"),
            )
        for record in self.records:
            record.read(told, given, answer)
        if self.texts:
            self._texts(told, answer)
        if self.changes:
            told.written = tuple([(what, added and added(given)) for what, added in self.changes])
        if identity is not None:
            told.person = known.people[known.text(given, identity.id), known.text(given, identity.birthday)]

    def _codes(
        self, told: Told, given: Mapping[str, Given], answer: Answer, code: int
    ) -> tuple[Kinds, Kinds, Kinds]:
        """Facts that the code tells. Out: the cards that were missing, those that were there, and those that
        the call was about.
        """
        absent: set[CardKind] = set()
        if self.function.result is None or code < 0:
            absent = {kind for kind in KINDS if code in getattr(self.known.rules.absent, kind).codes}
            for meaning in self.known.rules.meanings:
                if meaning.code == code:
                    told.tells("card", meaning.card)
                    told.weak |= frozenset(meaning.card if meaning.weak else ())
        about, used = set(self.about), set(self.about) if told.ok else set()
        for result in self.rule.results:
            if told.ok and result.is_meant(code) and _holds(given, answer, result.argument, result.equals):
                absent |= {result.absent} if result.absent else set()
                used |= {result.present} if result.present else set()
                about |= {kind for kind in (result.absent, result.present) if kind}
                told.tells("card", result.card)
                told.tells("practitioner", result.practitioner)
        return absent, used, about

    def _texts(self, told: Told, answer: Answer) -> None:
        """What is no record. Texts that make no sense are left out."""
        for argument, length, subject, key, values in self.texts:
            value = answer.after.get(argument)
            if isinstance(value, bytes):
                count = answer.after.get(length) if length is not None else None
                with suppress(DoubtError):
                    text = values[value[: count.low] if isinstance(count, Number) else value]
                    if text:
                        told.tells(subject, {key: text})

    def _formed(self, told: Told, argument: str, text: str, subject: str, key: str) -> str:
        """An argument's text; "" with a remark where a scenario cannot have it there."""
        if self.known.rules.fits(subject, key, text):
            return text
        told.remarks += (f"{argument}: not of the form of {subject}.{key}; left out",)
        return ""

    def _text_of(self, given: Mapping[str, Given], answer: Answer, argument: str) -> str:
        """An argument's text after the call, or before it where it is no out-argument."""
        after = answer.after
        return self.known.text(after if isinstance(after.get(argument), bytes) else given, argument)


class _RecordTelling:
    """What an out-record of a function tells. ``asked``: the arguments that say which form it has."""

    def __init__(self, known: _Known, argument: RecordArgument) -> None:
        self._known, self.argument = known, argument
        names = [name for name in (argument.record, argument.bracketed) if name is not None]
        self._rules = {name: known.rules.records[name] for name in names}
        self.tells = any(rule.fields or rule.choices or rule.groups for rule in self._rules.values())
        asked = {argument.count, *(rule.chosen_by for rule in self._rules.values())}
        asked |= {argument.range.start, argument.range.end} if argument.range is not None else set()
        asked |= {argument.name} if argument.bracketed is not None else set()
        self.asked = {name for name in asked if name is not None}
        self._forms: dict[tuple[str, int, int], Form] = {}
        self._only: Form | None = None

    def read(self, told: Told, given: Mapping[str, Given], answer: Answer) -> None:
        """Add what the record tells, where there is one."""
        data = written(answer, self.argument.name, self.argument.length)
        if data is None:
            return
        form = self._form(given)
        doubts: list[str] = []
        facts = form.facts(data, doubts)
        if not told.facts:
            told.facts = facts
        else:
            for subject, each in facts.items():
                told.tells(subject, each)
        if doubts:
            told.remarks += tuple(doubts)
        if form.groups:
            self._rows(told, form, data, self._complete(given))

    def _rows(self, told: Told, form: Form, data: bytes, complete: bool | None) -> None:
        remarks: list[str] = []
        told.rows += tuple([group.seen(data, complete, remarks) for group in form.groups])
        if remarks:
            told.row_remarks += tuple(remarks)

    def _complete(self, given: Mapping[str, Given]) -> bool | None:
        """Whether all rows were asked for; None: as many as there was room for, from the first."""
        if self.argument.range is None:
            return True
        start = given.get(self.argument.range.start)
        return None if isinstance(start, Number) and start.low == 1 else False

    def _form(self, given: Mapping[str, Given]) -> Form:
        argument = self.argument
        if not self.asked:
            if self._only is None:
                self._only = self._made(argument.record, 1, 0)
            return self._only
        record = record_of(argument, given.get(argument.name))
        chosen_by = self._rules[record].chosen_by
        choice = number_of(given, chosen_by, 0) if chosen_by is not None else 0
        key = record, repeat_of(argument, given), choice
        found = self._forms.get(key)
        if found is None:
            if len(self._forms) >= MOST_FORMS:
                self._forms.clear()
            found = self._forms[key] = self._made(*key)
        return found

    def _made(self, record: str, repeat: int, choice: int) -> Form:
        rule, ranged = self._rules[record], self.argument.range is not None
        fields = rule.fields if rule.chosen_by is None else rule.choices.get(choice, {})
        spans = record_spans(self._known.table.records_out, record, repeat, ranged=ranged)
        return Form(record, rule, fields, spans, self._known.values)


def _remark_only(told: Told, remark: str) -> Told:
    """What a call tells that is left out."""
    told.remarks, told.about_others = (remark,), True
    return told


def _named(**arguments: str | None) -> list[tuple[str, str]]:
    """What is read of which argument."""
    return [(attribute, argument) for attribute, argument in arguments.items() if argument is not None]


def _added_by(
    known: _Known, function: Function, change: Change
) -> Callable[[Mapping[str, Given]], list[Row] | Block] | None:
    """Gives the rows that a change adds to a list, of what a call was given; None: it adds none."""
    if not change.rows:
        return None
    if change.block is not None:
        keys = {name: key for key, name in change.rows.items()}
        return Blocks(known.table, function, change.block, keys).of
    return lambda given: [{key: known.text(given, argument) for key, argument in change.rows.items()}]


def _sights(absent: Kinds, used: Kinds, about: Kinds) -> Sights:
    """What the code of a call tells of the cards."""
    found = {kind: Sight("", "", "", kind in absent, kind in used, kind in about) for kind in KINDS}
    return found if found != NO_SIGHTS else NO_SIGHTS


def _seen(told: Told, sights: Sights) -> Sights:
    """The same, and whose cards they were."""
    facts = told.facts
    if told.person or "card" in facts:
        named = told.person[0] if told.person else ""
        sights = {**sights, "card": _whose(sights["card"], told.of("card"), named)}
    if "practitioner" in facts:
        sights = {**sights, "practitioner": _whose(sights["practitioner"], facts["practitioner"], "")}
    return sights


def _whose(sight: Sight, facts: Facts, named: str) -> Sight:
    number, reported = str(facts.get("number", "")), str(facts.get("id_no", ""))
    return Sight(number, reported or named, reported, sight.absent, sight.used, sight.about)


def _holds(given: Mapping[str, Given], answer: Answer, argument: str | None, value: int | None) -> bool:
    if argument is None:
        return True
    found = answer.after.get(argument, given.get(argument))
    return isinstance(found, Number) and found.low == value
