"""Who makes a request."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Scope

from bridge.calls.caller import UNKNOWN_CALLER, Caller


def caller_of(request: Request) -> Caller:
    """The client of a request, as the listener knows it (``scope["state"]["caller"]``); without such a word,
    one that always waits.
    """
    caller = getattr(request.state, "caller", UNKNOWN_CALLER)
    return caller if isinstance(caller, Caller) else UNKNOWN_CALLER


def allow_time(scope: Scope, seconds: float) -> None:
    """Give the client so long for the body of its request, where the listener knows such a thing."""
    allow = scope.get("state", {}).get("allow_time")
    if allow is not None:
        allow(seconds)


def break_off(scope: Scope) -> None:
    """End the connection of a request whose answer has begun and has no end, so that its client notices."""
    end = scope.get("state", {}).get("break_off")
    if end is not None:
        end()


def has_gone(scope: Scope) -> bool:
    """Whether nobody waits for the answer any more."""
    caller = scope.get("state", {}).get("caller", UNKNOWN_CALLER)
    return bool(caller.gone()) if isinstance(caller, Caller) else False
