"""Take the texts of a record's fields out of a step's reply. Pure.

Whatever cannot be used is a BadReply that names the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.calls.call import LegacyCall
from bridge.calls.converters import (
    BY_FIELD_TYPE,
    REPLY_CONVERTERS,
    ReplyContext,
    ReplyConverter,
    plain_text,
)
from bridge.codec.fixed import Field, Filler, Group, Layout, taking
from bridge.errors import BadReply
from bridge.table.model.console import ConsoleProtocol
from bridge.table.model.rows import GroupSource, Output, Source
from bridge.words import said

RecordValues = dict[str, "str | list[dict[str, str]]"]
NO_LOOKUPS: Mapping[str, Mapping[str, str]] = {}


@dataclass(slots=True)
class StepReply:
    """What a step brought: the JSON object (empty where its absence is tolerated) and which upstream gave it.

    ``signer``: the ids of the cards that signed the request. ``notice``: the code of a step that ran in place
    of another (5141: no practitioner card, dates only). ``sent``: the body of a request to cloud or centre.
    """

    content: Mapping[str, Any]
    upstream: str = "console"
    signer: Mapping[str, str] = field(default_factory=dict)
    notice: int | None = None
    sent: Mapping[str, Any] = field(default_factory=dict, repr=False)  # a patient's data: never in a log


class ReplyReader:
    """Reads one reply for one call. ``lookups``: by step id, what a step that ran for each of several texts
    has found for them.
    """

    __slots__ = ("context", "lookups", "reply")

    def __init__(
        self,
        call: LegacyCall,
        reply: StepReply,
        console: ConsoleProtocol,
        lookups: Mapping[str, Mapping[str, str]] = NO_LOOKUPS,
    ) -> None:
        self.reply = reply
        self.lookups = lookups
        self.context = ReplyContext(call, console, reply.signer)

    def record(self, layout: Layout, output: Output, skipped: int = 0) -> RecordValues:
        """The texts of all fields of a record; of a group those from position ``skipped`` on.

        Raises BadReply.
        """
        prepared = _prepared(layout, output.fields)
        values: RecordValues = {}
        values.update(self._row(prepared, self.reply.content, ""))
        for group in prepared.groups:
            values[group.name] = self._group(group, output.groups[group.name], skipped)
        return values

    def value(self, source: Source, where: str) -> str:
        """One value of the reply as text. Raises BadReply."""
        convert = plain_text if source.convert is None else REPLY_CONVERTERS[source.convert]
        return self._text(source, convert, self.reply.content, where)

    def _row(self, prepared: Prepared, content: Any, where: str) -> dict[str, str]:
        """The texts of some fields, all of one JSON object. Most stand there as they are wanted."""
        row, left = {}, prepared.fields
        if type(content) is dict:
            try:
                texts = prepared.as_they_are(content)
                "".join(texts)  # raises where one is no text
            except (KeyError, TypeError):
                pass  # each by itself: a missing one may be allowed, a number is text, too
            else:
                row, left = dict(zip(prepared.names, texts, strict=True)), prepared.converted
        name = ""
        try:
            for name, source, convert, key in left:
                value = None if key is None or type(content) is not dict else content.get(key)
                if value is None:
                    row[name] = self._text(source, convert, content, where + name)
                else:
                    row[name] = convert(value, self.context)
        except ValueError as error:
            raise BadReply(
                self.reply.upstream, said("{where}{name}: {error}", where=where, name=name, error=error)
            ) from error
        return row

    def _text(self, source: Source, convert: ReplyConverter, content: Any, where: str) -> str:
        """One value as text. Raises BadReply."""
        if source.constant is not None:
            return source.constant
        value = content.get(source.only_name) if type(content) is dict else None
        if value is None:
            value = self._found(content, source, where)
        try:
            text = convert(value, self.context)
        except ValueError as error:
            raise BadReply(self.reply.upstream, said("{where}: {error}", where=where, error=error)) from error
        if source.lookup is None:
            return text
        return self.lookups.get(source.lookup, {}).get(text.strip(), text)

    def _group(self, group: Group, source: GroupSource, skipped: int) -> list[dict[str, str]]:
        name = source.json_name
        items = self.reply.content.get(name)
        if items is None and name in self.reply.content:
            items = []
        if not isinstance(items, list):
            raise BadReply(self.reply.upstream, said("{name} is no list", name=name))
        if source.exact and len(items) != group.count:
            raise BadReply(
                self.reply.upstream,
                said(
                    "{name} has {count} items, {expected} expected",
                    name=name,
                    count=len(items),
                    expected=group.count,
                ),
            )
        prepared = _prepared(group.fields, source.fields)
        wanted = items[skipped : skipped + group.count]
        return [
            self._row(prepared, item, f"{name}[{index}].") for index, item in enumerate(wanted, start=skipped)
        ]

    def _found(self, content: Any, source: Source, where: str) -> Any:
        if source.names == (".",):
            return content
        if type(content) is not dict and not isinstance(content, Mapping):
            raise BadReply(self.reply.upstream, said("{where}: an object expected", where=where))
        for name in source.names:
            if name in content:
                return content[name]
        if source.sent is not None and source.sent in self.reply.sent:
            return self.reply.sent[source.sent]
        if source.required:
            raise BadReply(
                self.reply.upstream,
                said("{where}: {name} is missing", where=where, name=" or ".join(source.names)),
            )
        return None


# --- what is the same for every reply -----------------------------------------------------------------------


class FieldSource(NamedTuple):
    """Where the text of a field comes from. ``key``: the JSON name of what becomes the text, None where there
    is more to it.
    """

    name: str
    source: Source
    convert: ReplyConverter
    key: str | None


class Prepared:
    """How the fields of a record, or those of a group, are made of a JSON object.

    ``names``: those whose texts ``as_they_are`` takes out of it, in their order. It raises KeyError where one
    is missing. ``converted``: the other fields. ``groups``: the groups beside them.
    """

    __slots__ = ("as_they_are", "converted", "fields", "groups", "names")

    def __init__(self, parts: Parts, sources: Mapping[str, Source]) -> None:
        self.groups = [part for part in parts if isinstance(part, Group)]
        self.fields = [_field_source(part, sources[part.name]) for part in parts if isinstance(part, Field)]
        plain = [field for field in self.fields if field.key is not None and field.convert is plain_text]
        self.converted = [
            field for field in self.fields if field.key is None or field.convert is not plain_text
        ]
        self.names = [field.name for field in plain]
        self.as_they_are = taking([str(field.key) for field in plain])


def _field_source(part: Field, source: Source) -> FieldSource:
    simple = source.constant is None and source.lookup is None
    return FieldSource(part.name, source, _converter(source, part), source.only_name if simple else None)


Parts = tuple[Field | Filler | Group, ...] | tuple[Field | Filler, ...]


def _prepared(parts: Parts, sources: Mapping[str, Source]) -> Prepared:
    """How these parts are made; found out once for a row and a layout that are used again."""
    kept = _kept.get((id(parts), id(sources)))
    if kept is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[id(parts), id(sources)] = (parts, sources, Prepared(parts, sources))
    return kept[2]


MOST_KEPT = 1024
_kept: dict[tuple[int, int], tuple[Parts, Mapping[str, Source], Prepared]] = {}  # keeps both alive, too


def _converter(source: Source, part: Field) -> ReplyConverter:
    """The named converter, or that of the field's type."""
    return BY_FIELD_TYPE[part.type] if source.convert is None else REPLY_CONVERTERS[source.convert]
