"""Who makes a request."""

from __future__ import annotations

from collections.abc import Callable

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


def pausing(scope: Scope) -> Callable[[], None]:
    """What stops reading a request's body until more of it is asked for, so that no second piece of it waits
    in memory.
    """
    pause: Callable[[], None] = scope.get("state", {}).get("pause", lambda: None)
    return pause


def join_answer(scope: Scope) -> None:
    """Head and body of the answer are sent right after each other: let them leave together. Not for HEAD."""
    join = scope.get("state", {}).get("join")
    if join is not None:
        join()


def break_off(scope: Scope) -> None:
    """End the connection of a request whose answer has begun and has no end, so that its client notices."""
    end = scope.get("state", {}).get("break_off")
    if end is not None:
        end()


def stranger_of(scope: Scope) -> str:
    """Why the client must not use this person's bridge; "" where it may, or nobody can tell."""
    ask = scope.get("state", {}).get("stranger")
    return str(ask()) if ask is not None else ""


def has_gone(scope: Scope) -> bool:
    """Whether nobody waits for the answer any more."""
    caller = scope.get("state", {}).get("caller", UNKNOWN_CALLER)
    return bool(caller.gone()) if isinstance(caller, Caller) else False
