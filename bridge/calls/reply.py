"""Take the texts of a record's fields out of a step's reply. Pure.

Whatever cannot be used is a BadReply that names the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.calls.call import LegacyCall
from bridge.calls.converters import BY_FIELD_TYPE, REPLY_CONVERTERS, ReplyContext, plain_text
from bridge.codec.fixed import Field, Filler, Group, Layout
from bridge.errors import BadReply
from bridge.table.model.console import ConsoleProtocol
from bridge.table.model.rows import GroupSource, Output, Source

RecordValues = dict[str, "str | list[dict[str, str]]"]


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
        lookups: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.reply = reply
        self.lookups = lookups or {}
        self.context = ReplyContext(call, console, reply.signer)

    def record(self, layout: Layout, output: Output, skipped: int = 0) -> RecordValues:
        """The texts of all fields of a record; of a group those from position ``skipped`` on.

        Raises BadReply.
        """
        values: RecordValues = {}
        for part in layout:
            if isinstance(part, Field):
                values[part.name] = self._text(output.fields[part.name], part.name, self.reply.content, part)
            elif isinstance(part, Group):
                values[part.name] = self._group(part, output.groups[part.name], skipped)
        return values

    def value(self, source: Source, where: str) -> str:
        """One value of the reply as text. Raises BadReply."""
        return self._text(source, where, self.reply.content, None)

    def _text(self, source: Source, where: str, content: Any, part: Field | None) -> str:
        """One value as text, through its named converter or that of the field's type."""
        if source.constant is not None:
            return source.constant
        convert = plain_text if part is None else BY_FIELD_TYPE[part.type]
        if source.convert is not None:
            convert = REPLY_CONVERTERS[source.convert]
        value = content.get(source.only_name) if type(content) is dict else None
        if type(value) is not str:
            value = self._found(content, source, where)
        elif convert is plain_text and source.lookup is None:
            return value
        try:
            text = convert(value, self.context)
        except ValueError as error:
            raise BadReply(self.reply.upstream, f"{where}: {error}") from error
        if source.lookup is None:
            return text
        return self.lookups.get(source.lookup, {}).get(text.strip(), text)

    def _group(self, group: Group, source: GroupSource, skipped: int) -> list[dict[str, str]]:
        name = source.json_name
        items = self.reply.content.get(name)
        if items is None and name in self.reply.content:
            items = []
        if not isinstance(items, list):
            raise BadReply(self.reply.upstream, f"{name} is no list")
        if source.exact and len(items) != group.count:
            raise BadReply(self.reply.upstream, f"{name} has {len(items)} items, {group.count} expected")
        fields = [part for part in group.fields if not isinstance(part, Filler)]
        rows = []
        for index, item in enumerate(items[skipped : skipped + group.count], start=skipped):
            where = f"{name}[{index}]."
            rows.append({p.name: self._text(source.fields[p.name], where + p.name, item, p) for p in fields})
        return rows

    def _found(self, content: Any, source: Source, where: str) -> Any:
        if source.names == (".",):
            return content
        if type(content) is not dict and not isinstance(content, Mapping):
            raise BadReply(self.reply.upstream, f"{where}: an object expected")
        for name in source.names:
            if name in content:
                return content[name]
        if source.sent is not None and source.sent in self.reply.sent:
            return self.reply.sent[source.sent]
        if source.required:
            raise BadReply(self.reply.upstream, f"{where}: {' or '.join(source.names)} is missing")
        return None
