"""Compares the recorded answer of a call with a new one: code, length, every field, text and number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.table.model.arguments import (
    RecordArgument,
    ScalarOutArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.records import GroupSpec
from bridge.table.model.rows import Function, Table
from bridge.trace.comparing.carried import CarriedValues
from bridge.trace.comparing.differences import Compared, Finding, Piece
from bridge.trace.comparing.fields import kind_of
from bridge.trace.comparing.records import RecordComparison, Setting, judge_value, named_fields
from bridge.trace.comparing.rules import Rules
from bridge.trace.format import Answer, Given, Number, TracedCall
from bridge.trace.records import RecordView, number_of, records_out


class Comparer:
    """Compares calls one after the other. It learns what the replay got in place of recorded values
    (``carried``), and remembers by process whether another person's card was seen.
    """

    def __init__(self, table: Table, rules: Rules) -> None:
        self._table, self._rules = table, rules
        self.carried = CarriedValues(table, rules)
        self._other_person: dict[int, bool] = {}
        self._telling: dict[str, bool] = {}

    def compare(self, call: TracedCall, new: Answer | None) -> Compared:
        """What differs between the recorded answer and a new one (None: there was none)."""
        function = self._table.functions.get(call.function)
        if new is None:
            return Compared(call, None, (Finding("no_answer", "different"),))
        same_code = call.answer.code16 == new.code16
        if function is None:
            return Compared(call, new, () if same_code else tuple(self._codes(None, call, new)))
        self.carried.learn(function, call, new)
        findings = [] if same_code else list(self._codes(function, call, new))
        fields = 0
        if self._fills(function, call.answer) and (same_code or self._fills(function, new)):
            pairs = list(self._pairs(function, call, new))
            fields = sum([named_fields(old.spans) for old, _ in pairs])
            findings += [f for old, now in pairs for f in self._record(function, call, new, old, now)]
            values = list(_values(function, call, new))
            fields += len(values)
            findings += [f for value in values if (f := self._value(function, call, *value)) is not None]
        other = self._whose(function, call, new, findings)
        return Compared(call, new, tuple(findings), fields, other)

    def _fills(self, function: Function, answer: Answer) -> bool:
        return self._table.succeeded(function.name, answer.code16)

    def _codes(self, function: Function | None, call: TracedCall, new: Answer) -> Iterator[Finding]:
        was, now = call.answer.code16, new.code16
        found = Finding("code", "different", old=str(was).encode(), new=str(now).encode())
        status = function.status if function is not None else ""
        for rule in self._rules.codes:
            if rule.allows(call.function, status, was, now):
                yield found._replace(verdict="expected", rule=rule)
                return
        yield found

    def _pairs(
        self, function: Function, call: TracedCall, new: Answer
    ) -> Iterator[tuple[RecordView, RecordView]]:
        olds = records_out(self._table, function, call.given, call.answer)
        news = {view.argument: view for view in records_out(self._table, function, call.given, new)}
        for old in olds:
            now = news.get(old.argument)
            yield old, now or old._replace(data=b"")

    def _record(
        self, function: Function, call: TracedCall, new: Answer, old: RecordView, now: RecordView
    ) -> Iterator[Finding]:
        if old.data == now.data:
            return
        argument = function.argument(old.argument)
        setting = self._setting(function, call, argument)
        if isinstance(argument, TextSizedArgument):
            found = self._value(
                function=function, call=call, name=old.argument, kind="text", was=old.data, now=now.data
            )
            if found is not None:
                yield found
            return
        if len(old.data) != len(now.data):
            yield Finding(
                "length",
                "different",
                old.argument,
                old.record,
                old=str(len(old.data)).encode(),
                new=str(len(now.data)).encode(),
                piece=Piece(old.record, old.data, now.data, old.spans),
            )
        found_in = RecordComparison(self._rules, self.carried, setting, old, now).findings()
        yield from self._persons(setting, old, now, found_in)

    def _setting(self, function: Function, call: TracedCall, argument: object) -> Setting:
        if not isinstance(argument, RecordArgument) or argument.range is None:
            return Setting(function.name, call.door)
        first = number_of(call.given, argument.range.start)
        last = number_of(call.given, argument.range.end)
        group = self._table.records_out[argument.record].layout[0]
        whole = group.repeat if isinstance(group, GroupSpec) and isinstance(group.repeat, int) else 0
        return Setting(function.name, call.door, first, last - first + 1 < whole)

    def _persons(
        self, setting: Setting, old: RecordView, now: RecordView, findings: list[Finding]
    ) -> list[Finding]:
        """Where a record is another person's, one finding says so in place of all that follows from it."""
        persons = [
            f
            for f in findings
            if f.kind == "value"
            and f.verdict == "different"
            and _both_say_something(f.old, f.new)
            and self._rules.person(setting.function, old.argument, old.record, f.field)
        ]
        if not persons:
            return findings
        kept = [f for f in findings if not (f.kind == "value" and f.verdict == "different")]
        names = ", ".join(f.field for f in persons)
        first = persons[0]
        piece = first.piece.focused(None) if first.piece is not None else None
        return [first._replace(kind="other_person", field=names, piece=piece), *kept]

    def _value(
        self, function: Function, call: TracedCall, name: str, kind: str, was: bytes, now: bytes
    ) -> Finding | None:
        """A text or number that is no record."""
        how = kind_of(was, now)
        if how is None:
            return None
        if (
            how == "value"
            and self._rules.person(function.name, name, "", "")
            and _both_say_something(was, now)
        ):
            kind = "other_person"
        kind = kind if how == "value" or kind == "number" else how
        found = Finding(kind, "different", name, old=was, new=now, piece=Piece(name, was, now))
        return judge_value(self._rules, Setting(function.name, call.door), found, "")

    def _tells_patient(self, function: Function) -> bool:
        """Whether a record of the function says whose health card it is."""
        found = self._telling.get(function.name)
        if found is None:
            found = self._telling[function.name] = any(
                rule.who == "patient" and rule.records and _gives(function, rule.records)
                for rule in self._rules.persons
            )
        return found

    def _whose(self, function: Function, call: TracedCall, new: Answer, findings: list[Finding]) -> bool:
        """Whether the card in the reader was seen to be another one than in the recording."""
        if findings and any(finding.kind == "other_person" for finding in findings):
            self._other_person[call.process] = True
        elif new.code == call.answer.code == 0 and self._tells_patient(function):
            self._other_person[call.process] = False
        return self._other_person.get(call.process, False)


def _both_say_something(old: bytes, new: bytes) -> bool:
    """A number that is missing on one side is no other person's."""
    return bool(old.strip(b" 0\0")) and bool(new.strip(b" 0\0"))


def _gives(function: Function, records: tuple[str, ...]) -> bool:
    return any(isinstance(a, RecordArgument) and a.record in records for a in function.arguments)


def _values(function: Function, call: TracedCall, new: Answer) -> Iterator[tuple[str, str, bytes, bytes]]:
    """Name, kind, old and new value of each text and number that is no record. What the new answer does not
    write stays as it was given.
    """
    for argument in function.arguments:
        name = argument.name
        match argument:
            case TextOutArgument() | TextInOutArgument():
                was = _c_text(call.answer.after, name, argument.width)
                now = _c_text(new.after, name, argument.width) if name in new.after else None
                if now is None and isinstance(argument, TextInOutArgument):
                    now = _c_text(call.given, name, argument.width)
                    was = now if name not in call.answer.after else was
                if was is not None:
                    yield name, "text", was, now or b""
            case ScalarOutArgument():
                before, after = call.answer.after.get(name), new.after.get(name, call.given.get(name))
                if isinstance(before, Number):
                    now_low = after.low if isinstance(after, Number) else 0
                    yield name, "number", str(before.low).encode(), str(now_low).encode()


def _c_text(values: Mapping[str, Given], name: str, width: int) -> bytes | None:
    """A text up to its NUL, without blanks behind it."""
    value = values.get(name)
    return value[:width].split(b"\0")[0].rstrip(b" ") if isinstance(value, bytes) else None
