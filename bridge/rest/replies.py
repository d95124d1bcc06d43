"""The JSON objects that clients get: the code under its three names, out-arguments in the route's form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi.responses import JSONResponse

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.codec.code_page import WINDOWS, CodePage, windows_private
from bridge.codec.fixed import unpack
from bridge.config import CodeNames
from bridge.errors import BadArgument, InternalFault
from bridge.table.model.arguments import RecordArgument, TextOutArgument
from bridge.table.model.layout import kept_layout
from bridge.table.model.rows import Function, Route, Table
from bridge.words import said

JSON = "application/json; charset=utf-8"  # old clients take Latin-1 where nothing is said
BYTE_VIEW = "latin-1"  # each byte as the character of the same number


CODE_NAMES: Mapping[CodeNames, tuple[str, ...]] = {
    "both": ("ERRORCODE", "errorCode", "statusCode"),
    "text": ("ERRORCODE", "statusCode"),
    "number": ("errorCode", "statusCode"),
}


def code_fields(code: int, names: CodeNames = "both") -> dict[str, object]:
    """A legacy code where clients look for it: as text, and as a number under two names (a real client).

    ``names``: without one of the two that differ in letter case only.
    """
    return {name: str(code) if name == "ERRORCODE" else code for name in CODE_NAMES[names]}


Refused = Callable[[str, int], Mapping[str, object]]
"""The fields that clients of a path look for in an answer of this HTTP status: nothing was done."""


def always(fields: Mapping[str, object]) -> Refused:
    """The same for every path and status."""
    return lambda path, http_status: fields


def refusal(
    http_status: int,
    refused: Refused,
    path: str,
    message: str,
    headers: Mapping[str, str] | None = None,
    further: Mapping[str, object] | None = None,
) -> JSONResponse:
    """The answer to a request that reaches no function. ``refused``: the fields that clients of its ``path``
    look for; ``message`` says in English what is wrong with it.

    ``further``: what clients of this path look for beside the code's usual names.
    """
    content = {**(further or {}), **refused(path, http_status), "message": message}
    return JSONResponse(content, http_status, headers, JSON)


def record_of(argument: RecordArgument, route: Route) -> str:
    """The name of the out-record that a route gives for an argument."""
    return argument.bracketed if route.bracketed and argument.bracketed else argument.record


def with_envelope(
    table: Table, route: Route, function: Function, code: int, reply: dict[str, object]
) -> dict[str, object]:
    """The reply, with all of it once more inside the route's envelope, if it has one.

    A real client reads ``ErrorCode``, ``message`` and every out-text there, also after a failure.
    """
    if route.envelope is None:
        return reply
    texts = {a.name: reply.get(a.name, "") for a in function.arguments if isinstance(a, TextOutArgument)}
    message = reply.get("message") or table.statuses.meaning(code)
    return {**reply, route.envelope: {"ErrorCode": str(code), "message": message, **texts}}


def make_reply(
    table: Table,
    route: Route,
    call: LegacyCall,
    result: LegacyResult,
    page: CodePage = WINDOWS,
    names: CodeNames = "both",
) -> dict[str, object]:
    """A call's answer: its code and what the engine filled, by legacy names.

    A whole record as text has user-defined characters as Windows' private ones, so that a client that takes
    its bytes by Windows' page gets them whole; named fields have the characters of the site's list.
    Out-arguments that the engine left untouched (every one, on failure) do not appear. Raises InternalFault
    when bytes are not valid in code page 950, where the form needs them to be.
    """
    function = table.functions[call.name]
    reply = code_fields(result.code, names)
    for name, value in result.outputs.items():
        try:
            reply[name] = (
                value if isinstance(value, int) else _output(table, function, route, call, name, value, page)
            )
        except (BadArgument, UnicodeDecodeError) as error:
            raise InternalFault(said("{name}: not valid in code page 950", name=name)) from error
    return reply


def _output(
    table: Table,
    function: Function,
    route: Route,
    call: LegacyCall,
    name: str,
    data: bytes,
    page: CodePage,
) -> object:
    argument = function.argument(name)
    byte_view = route.form in ("big5", "json_big5")
    if not isinstance(argument, RecordArgument):
        return data.rstrip(b"\0").decode(BYTE_VIEW) if byte_view else page.decode(data.rstrip(b"\0"))
    if route.form in ("plain", "big5"):
        return data.decode(BYTE_VIEW) if byte_view else windows_private().decode(data)
    count = call.arguments.get(argument.count or "")
    repeat = count if isinstance(count, int) else 1
    fields = unpack(kept_layout(table.records_out, record_of(argument, route), repeat), data, page)
    return _in_byte_view(fields, page) if byte_view else fields


def _in_byte_view(value: object, page: CodePage) -> object:
    """The same fields and groups with each text seen as its bytes."""
    if isinstance(value, str):
        return page.encode(value).decode(BYTE_VIEW)
    if isinstance(value, list):
        return [_in_byte_view(item, page) for item in value]
    if isinstance(value, dict):
        return {name: _in_byte_view(item, page) for name, item in value.items()}
    raise TypeError(f"{type(value).__name__} in a record")
