"""Replies that armed faults change, cut short, stretch or bloat."""

from __future__ import annotations

import asyncio
import json

from starlette.responses import JSONResponse, Response
from starlette.types import Send

from bridge.sim.faults import Fault

PIECE = b"0" * 65_536
MEGABYTE = 1024 * 1024


def changed(fault: Fault | None, response: Response) -> Response:
    """The reply that a fault makes of the service's own."""
    if fault is None:
        return response
    if fault.kind == "failed":
        return Response(status_code=int(fault.value or 0))
    if fault.kind in ("missing", "wrong_type"):
        content = _without(json.loads(bytes(response.body)), fault.field, fault.kind == "wrong_type")
        return JSONResponse(content, status_code=response.status_code)
    if fault.kind == "capitals":
        content = _in_capitals(json.loads(bytes(response.body)))
        return JSONResponse(content, status_code=response.status_code)
    return response


async def damaged(fault: Fault | None, response: Response, send: Send) -> bool:
    """Send the reply as a fault has it. Out: False where the reply is to be sent as usual."""
    kind = fault.kind if fault is not None else ""
    body = bytes(response.body)
    if kind == "lost":
        # A length that never arrives in full makes every client notice, also for a reply without a body.
        await _begin(response, len(body) + 1, send)
    elif kind == "half":
        await _begin(response, len(body) + 1, send)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    elif fault is not None and kind == "trickle":
        await _begin(response, len(body), send)
        for position in range(len(body)):
            await asyncio.sleep(fault.value or 0)
            piece = body[position : position + 1]
            await send({"type": "http.response.body", "body": piece, "more_body": position + 1 < len(body)})
    elif fault is not None and kind == "huge":
        await _send_megabytes(int((fault.value or 0) * MEGABYTE), response, send)
    else:
        return False
    return True


async def _begin(response: Response, length: int, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})


async def _send_megabytes(length: int, response: Response, send: Send) -> None:
    await _begin(response, length, send)
    while length > 0:
        piece = PIECE[:length]
        length -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": length > 0})
        await asyncio.sleep(0)  # a client that has gone away must be noticed


def _without(content: object, name: str, listed: bool) -> object:
    """JSON without a name, or with a list in its place, at any depth."""
    if isinstance(content, list):
        return [_without(each, name, listed) for each in content]
    if not isinstance(content, dict):
        return content
    return {
        key: [] if key == name else _without(value, name, listed)
        for key, value in content.items()
        if listed or key != name
    }


def _in_capitals(content: object) -> object:
    """JSON with its names in capital letters, at any depth."""
    if isinstance(content, list):
        return [_in_capitals(each) for each in content]
    if not isinstance(content, dict):
        return content
    return {key.upper(): _in_capitals(value) for key, value in content.items()}
