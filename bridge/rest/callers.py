"""Who makes a request."""

from __future__ import annotations

from starlette.requests import Request

from bridge.calls.caller import UNKNOWN_CALLER, Caller


def caller_of(request: Request) -> Caller:
    """The client of a request, as the listener knows it (``scope["state"]["caller"]``); without such a word,
    one that always waits.
    """
    caller = getattr(request.state, "caller", UNKNOWN_CALLER)
    return caller if isinstance(caller, Caller) else UNKNOWN_CALLER
