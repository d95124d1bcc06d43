"""Every way a call can fail, as examples: made by walking the exception tree, so that no class is missed."""

from __future__ import annotations

from bridge import errors
from bridge.errors import BridgeError, CallError, HttpFault, StatusError, UpstreamError

UPSTREAMS = ("console", "cloud", "centre")


def leaves(of: type[BridgeError]) -> list[type[BridgeError]]:
    """The classes below ``of`` that have none below themselves, in the errors module."""
    below = [cls for cls in of.__subclasses__() if cls.__module__ == errors.__name__]
    return [leaf for cls in below for leaf in leaves(cls)] if below else [of]


def examples(of: type[BridgeError]) -> list[CallError]:
    """Every way an error of this class can look: for each upstream, for each kind of HTTP status."""
    if of is StatusError:
        return [StatusError("console", 1102), StatusError("cloud", 3100), StatusError("vpn", "9005")]
    if of is HttpFault:
        return [HttpFault(name, status) for name in UPSTREAMS for status in (302, 404, 500, 599)]
    if issubclass(of, UpstreamError):
        return [of(name, "cause") for name in UPSTREAMS]
    assert issubclass(of, CallError)
    return [of("cause")]


ALL = [example for leaf in leaves(CallError) for example in examples(leaf)]
