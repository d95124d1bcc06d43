"""Make the outcome of a call: replies into code and buffers, or an exception into a code. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.calls.call import LegacyCall, LegacyResult, OutBuffer
from bridge.calls.plan import Plan
from bridge.calls.reply import NO_LOOKUPS, RecordValues, ReplyReader, StepReply
from bridge.calls.squeezed_codes import lookups_of
from bridge.codec.code_page import CodePage
from bridge.codec.fixed import Layout, Packed, pack
from bridge.codec.numbers import INT16
from bridge.codec.text import Fitted, fit
from bridge.errors import (
    BadArgument,
    BadReply,
    CallError,
    CardChanged,
    InternalFault,
    StatusError,
    UpstreamError,
)
from bridge.table.model.arguments import (
    RecordArgument,
    ScalarOutArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.rows import Function, Output, Source, Step, Table
from bridge.words import said, text_of

_16_BITS = re.compile(r"-?[0-9]{1,5}").fullmatch


@dataclass(slots=True)
class Outcome:
    """The result for the caller and remarks for the log (texts that had to be changed to fit)."""

    result: LegacyResult
    remarks: list[str] = field(default_factory=list)


def make_outcome(table: Table, plan: Plan, replies: Mapping[str, StepReply]) -> Outcome:
    """Fill the out-arguments and find the code of a call whose steps all succeeded.

    Raises BadReply (9001) naming the field when a reply lacks what the row needs or holds something unusable,
    CardChanged when a reply belongs to another card or two replies to two, BadArgument when a text does not
    fit the caller's buffer, InternalFault for a code of the table that does not fit 16 bits. Nothing is
    returned in part.
    """
    if len(replies) > 1:
        _check_one_card(replies)
    row = plan.row
    lookups = lookups_of(plan, replies) if row.looks_up else NO_LOOKUPS
    readers: dict[str, ReplyReader] = {}
    for step, reply in replies.items():
        readers[step] = ReplyReader(plan.call, reply, table.console, lookups)
    remarks: list[str] = []
    outputs: dict[str, bytes | int] = {}
    for argument, output in row.outputs:
        made = _MAKERS[type(argument)](plan, argument, output, readers[output.step], remarks)
        if made is not None:
            outputs[argument.name] = made
    code = _code(plan.function, readers)
    if code not in INT16:
        raise InternalFault(said("{code} does not fit 16 bits", code=code))
    return Outcome(LegacyResult(code, outputs), remarks)


def failure_code(table: Table, function: Function, contexts: tuple[str, ...], error: CallError) -> int:
    """The legacy code of a failure. In: the row, the contexts of step and door, the error."""
    upstream = (error.upstream,) if isinstance(error, UpstreamError) else ()
    return table.statuses.legacy(
        error.source, error.status, (*contexts, function.name, *function.contexts, *upstream), error.unclear
    )


def call_failure(table: Table, function: Function, call: LegacyCall, error: CallError) -> int:
    """The legacy code that the caller of a failed call gets. Never 0: where the status means success
    elsewhere and the row cannot do without its reply, the code is that of a fault of the bridge.
    """
    code = failure_code(table, function, (*error.contexts, *call.door.contexts), error)
    return code or failure_code(table, function, (), InternalFault())


def is_already_so(table: Table, plan: Plan, step: Step, error: StatusError) -> bool:
    """Some statuses mean that what was asked for is already so (1001, 3209); the table says which.

    Only the one who was asked can say so: a console that answers so to a signature has signed nothing.
    """
    if step.reader is None and not (step.cloud is not None and error.source == "cloud"):
        return False
    return failure_code(table, plan.function, (*step.contexts, *plan.call.door.contexts), error) == 0


def _check_one_card(replies: Mapping[str, StepReply]) -> None:
    """Steps sign one by one, and the health card may be exchanged between two: their replies must not mix."""
    if len({reply.signer["hc_id"] for reply in replies.values() if "hc_id" in reply.signer}) > 1:
        raise CardChanged(said("the health card was exchanged between two requests of one call"))


def _code(function: Function, readers: Mapping[str, ReplyReader]) -> int:
    result = function.result
    if result is not None and result.value is not None:
        reader = readers[result.step]
        return _16_bits(reader, reader.value(result.value, "result"), "result")
    for notice in function.notices:
        value = readers[notice.step].reply.content.get(notice.json_name)
        if ("" if value is None else value) == notice.equals:
            return notice.code
    for reader in readers.values():
        if reader.reply.notice is not None:
            return reader.reply.notice
    return 0


# --- what is written to an out-argument of each kind --------------------------------------------------------

Make = Callable[[Plan, Any, Output, ReplyReader, list[str]], bytes | int | None]


def _record(
    plan: Plan, argument: RecordArgument, output: Output, reader: ReplyReader, remarks: list[str]
) -> bytes:
    name = argument.name
    layout = plan.layouts[name]
    values = reader.record(layout, output, plan.skipped.get(name, 0))
    packed = _pack(layout, values, plan.page, reader.reply.upstream)
    if packed.remarks:
        remarks += [f"{name}.{remark}" for remark in packed.remarks]
    return packed.data


def _text_out(
    plan: Plan, argument: TextOutArgument, output: Output, reader: ReplyReader, remarks: list[str]
) -> bytes:
    fitted = fit(reader.value(_value_of(output), argument.name), argument.width, plan.page)
    return _terminated(_remarked(argument.name, fitted, remarks))


def _text_sized(
    plan: Plan, argument: TextSizedArgument, output: Output, reader: ReplyReader, remarks: list[str]
) -> bytes:
    """Text as long as it is. Raises BadArgument when the caller's buffer is too small for it."""
    name = argument.name
    room, text = plan.call.arguments[name], reader.value(_value_of(output), name)
    whole = _remarked(name, fit(text, 2 * len(text), plan.page), remarks).rstrip(b" ")
    if not isinstance(room, OutBuffer) or len(whole) > room.capacity:
        raise BadArgument(said("{name}: {count} bytes do not fit the buffer", name=name, count=len(whole)))
    return whole


def _text_in_out(
    plan: Plan, argument: TextInOutArgument, output: Output, reader: ReplyReader, remarks: list[str]
) -> bytes | None:
    name = argument.name
    text = _number_text(reader.value(_value_of(output), name), reader.reply.upstream, name)
    return None if text is None or str(int(text)) == plan.values[name] else text


def _scalar_out(
    plan: Plan, argument: ScalarOutArgument, output: Output, reader: ReplyReader, remarks: list[str]
) -> int:
    return _16_bits(reader, reader.value(_value_of(output), argument.name), argument.name)


_MAKERS: Mapping[type[Any], Make] = {
    RecordArgument: _record,
    TextOutArgument: _text_out,
    TextSizedArgument: _text_sized,
    TextInOutArgument: _text_in_out,
    ScalarOutArgument: _scalar_out,
}


def _16_bits(reader: ReplyReader, text: str, name: str) -> int:
    """A number that callers read as 16 bits. Raises BadReply for another: cut off it would be a wrong one."""
    if _16_BITS(text) and int(text) in INT16:
        return int(text)
    raise BadReply(reader.reply.upstream, said("{name}: a number of 16 bits expected", name=name))


def _number_text(text: str, upstream: str, name: str) -> bytes | None:
    """Digits to be written over the caller's, None where the reply has none. Raises BadReply otherwise."""
    digits = text.strip()
    if not digits:
        return None
    if not digits.isascii() or not digits.isdigit():
        raise BadReply(upstream, said("{name}: digits expected", name=name))
    return digits.encode("ascii")


def _value_of(output: Output) -> Source:
    if output.value is None:
        raise TypeError("an output without a value")
    return output.value


def _pack(layout: Layout, values: RecordValues, page: CodePage, upstream: str) -> Packed:
    try:
        return pack(layout, values, page)
    except ValueError as error:
        raise BadReply(upstream, text_of(error)) from error


def _terminated(data: bytes) -> bytes:
    """Text in a buffer of unknown size: a NUL behind a shorter one, none behind one of full width."""
    text = data.rstrip(b" ")
    return text if len(text) == len(data) else text + b"\0"


def _remarked(name: str, fitted: Fitted, remarks: list[str]) -> bytes:
    if fitted.replaced or fitted.cut:
        remarks.append(f"{name}: changed to fit {len(fitted.data)} bytes of code page 950")
    return fitted.data
