"""Make the outcome of a call: replies into code and buffers, or an exception into a code. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.codec.fixed import Field, Filler, Group, Layout, Packed, pack
from bridge.codec.text import fit
from bridge.engine.call import LegacyResult
from bridge.engine.converters import BY_FIELD_TYPE, REPLY_CONVERTERS, ReplyContext, plain_text
from bridge.engine.plan import Plan
from bridge.errors import BadReply, CallError, UpstreamError
from bridge.table.model import Function, GroupSource, Output, RecordArgument, Source, Table, TextOutArgument


@dataclass(frozen=True, slots=True)
class StepReply:
    """What a step brought.

    The JSON object (empty where its absence is tolerated), who signed, and which upstream answered.
    """

    content: Mapping[str, Any]
    upstream: str = "console"
    signer: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """The result for the caller and remarks for the log (texts that had to be changed to fit)."""

    result: LegacyResult
    remarks: list[str] = field(default_factory=list)


def make_outcome(plan: Plan, replies: Mapping[str, StepReply]) -> Outcome:
    """Fill the out-arguments and find the code of a call whose steps all succeeded.

    Raises BadReply (9001) naming the field when a reply lacks what the row needs or holds something unusable,
    CardChanged when a reply belongs to another card. Nothing is returned in part.
    """
    outcome = Outcome(LegacyResult(0))
    outputs: dict[str, bytes | int] = {}
    for name, output in plan.function.outputs.items():
        outputs[name] = _make_output(plan, name, output, replies[output.step], outcome.remarks)
    outcome.result = LegacyResult(_code(plan, replies), outputs)
    return outcome


def failure_code(table: Table, function: Function, contexts: tuple[str, ...], error: CallError) -> int:
    """The legacy code of a failure. In: the row, the contexts of step and door, the error.

    Never 0 for a failure of ours.
    """
    upstream = (error.upstream,) if isinstance(error, UpstreamError) else ()
    return table.statuses.legacy(
        error.source, error.status, (*contexts, function.name, *function.contexts, *upstream)
    )


def _code(plan: Plan, replies: Mapping[str, StepReply]) -> int:
    result = plan.function.result
    if result is not None and result.value is not None:
        reply = replies[result.step]
        return int(_source_text(plan, reply, reply.content, result.value, "result", None))
    for notice in plan.function.notices:
        if replies[notice.step].content.get(notice.json_name) == notice.equals:
            return notice.code
    return 0


def _make_output(plan: Plan, name: str, output: Output, reply: StepReply, remarks: list[str]) -> bytes:
    argument = plan.function.argument(name)
    if isinstance(argument, TextOutArgument) and output.value is not None:
        text = _source_text(plan, reply, reply.content, output.value, name, None)
        return _text_out(argument, text, remarks)
    if not isinstance(argument, RecordArgument):
        raise TypeError(f"{name} cannot be written")
    layout = plan.layouts[name]
    packed = _pack(layout, _record_values(plan, layout, output, reply), reply.upstream)
    remarks += [f"{name}.{remark}" for remark in packed.remarks]
    return packed.data


def _pack(layout: Layout, values: dict[str, str | list[dict[str, str]]], upstream: str) -> Packed:
    try:
        return pack(layout, values)
    except ValueError as error:
        raise BadReply(upstream, str(error)) from error


def _text_out(argument: TextOutArgument, text: str, remarks: list[str]) -> bytes:
    """At most ``width`` bytes.

    A NUL follows a shorter text, because that is all the room that is sure to be there.
    """
    fitted = fit(text, argument.width)
    if fitted.replaced or fitted.cut:
        remarks.append(f"{argument.name}: changed to fit {argument.width} bytes of code page 950")
    data = fitted.data.rstrip(b" ")
    return data if len(data) == argument.width else data + b"\0"


# --- values -------------------------------------------------------------------------------------------------


def _record_values(
    plan: Plan, layout: Layout, output: Output, reply: StepReply
) -> dict[str, str | list[dict[str, str]]]:
    values: dict[str, str | list[dict[str, str]]] = {}
    for part in layout:
        if isinstance(part, Field):
            values[part.name] = _source_text(
                plan, reply, reply.content, output.fields[part.name], part.name, part
            )
        elif isinstance(part, Group):
            values[part.name] = _group_values(plan, part, output.groups[part.name], reply)
    return values


def _group_values(plan: Plan, group: Group, source: GroupSource, reply: StepReply) -> list[dict[str, str]]:
    items = reply.content.get(source.json_name)
    if items is None and source.json_name in reply.content:
        items = []
    if not isinstance(items, list):
        raise BadReply(reply.upstream, f"{source.json_name} is no list")
    if source.exact and len(items) != group.count:
        raise BadReply(reply.upstream, f"{source.json_name} has {len(items)} items, {group.count} expected")
    rows = []
    for index, item in enumerate(items[: group.count]):
        where = f"{source.json_name}[{index}]."
        fields = [part for part in group.fields if not isinstance(part, Filler)]
        rows.append(
            {
                part.name: _source_text(plan, reply, item, source.fields[part.name], where + part.name, part)
                for part in fields
            }
        )
    return rows


def _source_text(
    plan: Plan, reply: StepReply, item: Any, source: Source, where: str, part: Field | None
) -> str:
    """One field's text: the JSON value through its named converter, or through that of the field's type."""
    if source.constant is not None:
        return source.constant
    value = _found(reply, item, source, where)
    convert = plain_text if part is None else BY_FIELD_TYPE[part.type]
    if source.convert is not None:
        convert = REPLY_CONVERTERS[source.convert]
    try:
        return convert(value, ReplyContext(plan.call, reply.signer))
    except ValueError as error:
        raise BadReply(reply.upstream, f"{where}: {error}") from error


def _found(reply: StepReply, item: Any, source: Source, where: str) -> Any:
    if source.names == (".",):
        return item
    if not isinstance(item, Mapping):
        raise BadReply(reply.upstream, f"{where}: an object expected")
    for name in source.names:
        if name in item:
            return item[name]
    if source.required:
        raise BadReply(reply.upstream, f"{where}: {' or '.join(source.names)} is missing")
    return None
