"""The body of a request to a service that passes through, from what a program sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.calls.arguments import MOST_FILE_BYTES
from bridge.calls.file_text import Base64Text
from bridge.errors import BadArgument, CallError, FileSizeWrong
from bridge.table.model.service import Service, ServiceField
from bridge.words import said

Text = str | Base64Text


def make_request(service: Service, given: Mapping[str, object]) -> dict[str, Any]:
    """The body of a request under the names of the specification. In: values by names in small letters; a
    file as its base64 text. Out: texts, and lists as they are.

    Raises BadArgument, FileSizeWrong.
    """
    body: dict[str, Any] = {}
    for field in service.all_fields:
        try:
            text = _value(field, given.get(field.name.lower()))
        except CallError as error:
            raise type(error)(said("{name}: {error}", name=field.name, error=error)) from error
        if text:
            body[field.name] = text
    return body


def with_verified(service: Service, body: Mapping[str, Any], verified: Mapping[str, str]) -> dict[str, Any]:
    """The request that goes on in place of one with the fields of a pair. In: the body of
    :func:`make_request`, the object of the signature.
    """
    if service.verified is None:
        return dict(body)
    names = {field.name: field.sent_as for field in service.all_fields if field.sent_as is not None}
    sent = {names.get(name, name): value for name, value in body.items() if names.get(name) != ""}
    return {**sent, service.verified.name: dict(verified)}


def _value(field: ServiceField, value: object) -> Any:
    if field.holds != "list":
        return _text(field, value)
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise BadArgument(said("a list of objects is needed"))
    if not 0 < len(value) <= field.width:
        raise BadArgument(
            said("{count} entries, 1 to {width} are taken", count=len(value), width=field.width)
        )
    return value


def _text(field: ServiceField, value: object) -> Text:
    if isinstance(value, Base64Text) and field.holds == "content":
        _check_size(value.content_bytes)
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str | None):
        raise BadArgument(said("a string is needed"))
    text = (value or "").strip(" \0")
    if not text and not field.optional:
        raise BadArgument(said("missing"))
    if field.holds == "content":
        _check_content(text)
    elif len(text) > field.width:
        raise BadArgument(
            said("{count} characters, at most {width} are documented", count=len(text), width=field.width)
        )
    return text


def _check_content(text: str) -> None:
    """The file is at most 10 MB. The length of its base64 tells; some encoders break the lines, and whether
    the text is sound the centre has to judge.
    """
    characters = len(text) - sum(map(text.count, "\r\n \t"))
    _check_size(characters * 3 // 4 - text[-2:].count("="))


def _check_size(size: int) -> None:
    if size > MOST_FILE_BYTES:
        raise FileSizeWrong(
            said(
                "a file of {size} bytes, at most {most} (10 MB) are taken",
                size=size,
                most=MOST_FILE_BYTES,
            )
        )
