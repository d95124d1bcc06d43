"""Values that one call returned and later calls pass again: the replay has others than the recording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bridge.table.model.arguments import BlockArgument, TextArgument, TextOutArgument
from bridge.table.model.rows import Function, Table
from bridge.trace.comparing.rules import Carried, Place, Rules
from bridge.trace.format import Answer, Given, TracedCall
from bridge.trace.records import RecordView, Span, records_in, records_out


class CarriedValues:
    """What the replay got in place of recorded values, by process: each has a reader of its own."""

    def __init__(self, table: Table, rules: Rules) -> None:
        self._table, self._rules = table, rules
        self._latest: dict[tuple[str, int, bytes], bytes] = {}
        self._seen: dict[tuple[str, bytes], set[bytes]] = defaultdict(set)
        self._giving: dict[str, bool] = {}
        self._using: dict[str, tuple[tuple[Carried, Place, bool], ...]] = {}
        self._read = {field: [rule for rule in rules.carried if field in rule.read] for field in _read(rules)}

    def learn(self, function: Function, call: TracedCall, new: Answer) -> None:
        """Remember what this call returned then and returns now."""
        giving = self._giving.get(function.name)
        if giving is None:
            giving = any(_may_give(rule, function) for rule in self._rules.carried)
            self._giving[function.name] = giving
        if not giving:
            return
        for argument in function.arguments:
            was, now = call.answer.after.get(argument.name), new.after.get(argument.name)
            if isinstance(argument, TextOutArgument) and isinstance(was, bytes) and isinstance(now, bytes):
                spans = (Span("text", "text", 0, argument.width),)
                old, got = (RecordView(argument.name, "", "out", _c_text(text), spans) for text in (was, now))
                self._learn_record(function, call, old, got)
        olds = records_out(self._table, function, call.given, call.answer)
        news = {view.argument: view for view in records_out(self._table, function, call.given, new)}
        for view in olds:
            if view.argument in news:
                self._learn_record(function, call, view, news[view.argument])

    def _learn_record(self, function: Function, call: TracedCall, old: RecordView, new: RecordView) -> None:
        for rule in self._rules.carried:
            for span in old.spans:
                name = span.name if old.record else ""
                if not _given_by(rule, function.name, old, name):
                    continue
                was = span.of(old.data).rstrip(b" \0")
                now = (span.of(new.data) if old.record else new.data).rstrip(b" \0")
                if was and now:
                    self._latest[rule.id, call.process, was] = now
                    self._seen[rule.id, was].add(now)

    def substitute(self, function: Function, call: TracedCall) -> TracedCall:
        """The call with the replay's own values where it passes recorded ones again."""
        if not self._latest:
            return call
        using = self._using.get(function.name)
        if using is None:
            using = self._using[function.name] = tuple(self._used_by(function))
        if not using:
            return call
        given: dict[str, Given] = dict(call.given)
        for rule, place, in_fields in using:
            if in_fields:
                self._substitute_fields(rule, place, function, call, given)
            else:
                self._substitute_texts(rule, place, function, call, given)
        return call._replace(given=given) if given != dict(call.given) else call

    def _used_by(self, function: Function) -> Iterator[tuple[Carried, Place, bool]]:
        """The rules and places that a call of the function may use: whether in fields of a data block."""
        forms = {
            form for each in function.arguments if isinstance(each, BlockArgument) for form in each.forms
        }
        for rule in self._rules.carried:
            for place in rule.used:
                if place.functions and function.name not in place.functions:
                    continue
                if place.records and forms.intersection(place.records):
                    yield rule, place, True
                elif not place.records and any(isinstance(each, TextArgument) for each in function.arguments):
                    yield rule, place, False

    def _substitute_texts(
        self, rule: Carried, place: Place, function: Function, call: TracedCall, given: dict[str, Given]
    ) -> None:
        for argument in function.arguments:
            data = given.get(argument.name)
            if not isinstance(argument, TextArgument) or not isinstance(data, bytes):
                continue
            if not place.holds(function.name, argument.name, "", ""):
                continue
            was = data[: argument.width].split(b"\0")[0].rstrip(b" ")
            now = self._latest.get((rule.id, call.process, was))
            if now is not None and len(now) <= argument.width:
                given[argument.name] = now + data[len(was) :]

    def _substitute_fields(
        self, rule: Carried, place: Place, function: Function, call: TracedCall, given: dict[str, Given]
    ) -> None:
        for view in records_in(self._table, function, call._replace(given=given)):
            data = bytearray(view.data)
            for span in view.spans:
                if not span.name or not place.holds(function.name, view.argument, view.record, span.name):
                    continue
                was = span.of(view.data).rstrip(b" \0")
                now = self._latest.get((rule.id, call.process, was))
                if now is not None and len(now) == len(was):
                    data[span.offset : span.offset + len(now)] = now
            given[view.argument] = bytes(data)

    def rule_for(self, field: str, old: bytes, new: bytes) -> Carried | None:
        """Why a read field holds ``new`` and not ``old``: a value of the replay's own; else None."""
        reading = self._read.get(field)
        if reading is None:
            return None
        was, now = old.rstrip(b" \0"), new.rstrip(b" \0")
        for rule in reading:
            if now in self._seen.get((rule.id, was), ()):
                return rule
        return None


def _read(rules: Rules) -> set[str]:
    return {field for rule in rules.carried for field in rule.read}


def _c_text(text: bytes) -> bytes:
    return text.split(b"\0")[0]


def _may_give(rule: Carried, function: Function) -> bool:
    """Whether this function can give a value of the rule."""
    records = {getattr(argument, "record", None) for argument in function.arguments}
    return any(
        function.name in place.functions or records.intersection(place.records) for place in rule.given
    )


def _given_by(rule: Carried, function: str, view: RecordView, field: str) -> bool:
    return any(
        place.holds(function, view.argument, view.record, field)
        for place in rule.given
        if bool(place.records) == bool(view.record)
    )
