"""Every way a call can fail, in one tree.

A call error carries a ``source`` and a ``status``: its key in ``mappings/status.yaml``, where its legacy
return code stands (and may differ by context: csOpenCom answers -1 where others answer 4000). No leaf maps to
0; a test walks the tree.

::

    BridgeError
    ├── ConfigError                the settings are unusable (start-up only)
    ├── TableError                 the mapping table is unusable (start-up only); carries every fault found
    ├── TraceError                 a trace, scenario or report file cannot be used (commands only)
    ├── PartsError                 long work in parts cannot go on; what is done is kept (commands only)
    │   └── WorkersLost            nobody is left to do the rest
    ├── LookupFault                an insurance-card lookup failed; status names its result in bhyt.yaml
    │   ├── NoAccount              no-account
    │   ├── NoOfficer              no-officer
    │   ├── PathRefused            no-such-path
    │   ├── MethodRefused          no-such-method
    │   ├── BodyTooLong            body-too-long
    │   ├── BodyTooSlow            body-too-slow
    │   └── NotThisPerson          not-this-person
    └── CallError                  a legacy call failed; source + status name its code
        ├── BadArgument            transport/bad-argument       6018
        ├── NotSupported           transport/not-supported        -2
        ├── ShimMismatch           transport/shim-mismatch        -2
        ├── WrongPerson            bridge/wrong-person          5020
        ├── CardChanged            bridge/card-changed          4033
        ├── PortNotOpen            bridge/port-not-open         4000
        ├── PortBusy               bridge/port-busy             4000
        ├── FileUnreadable         bridge/file-unreadable       6017
        ├── FileSizeWrong          bridge/file-size-wrong       6015
        ├── NoVirtualCard          bridge/no-virtual-card       4013, vhc 1019
        ├── VirtualCardMoved       bridge/virtual-card-moved    4013, vhc 1023
        ├── PinCancelled           bridge/pin-cancelled         5109
        ├── PinTimedOut            bridge/pin-timed-out         5109
        ├── PinUnavailable         bridge/pin-unavailable       5109
        ├── PinMismatch            bridge/pin-mismatch          5107
        ├── OverDeadline           bridge/deadline              4000
        ├── CallerGone             bridge/caller-gone           4000
        ├── InternalFault          bridge/internal              4000
        ├── StatusError            console|cloud|vpn/<status>   the upstream's own verdict
        └── UpstreamError          nothing usable came back
            ├── NeverSent          nothing was sent
            │   ├── Unreachable    <upstream>-unreachable
            │   └── TlsFailure     tls-failure
            ├── OutcomeUnknown     may have been received; there is no answer
            │   ├── TimedOut       <upstream>-timeout
            │   └── Dropped        <upstream>-dropped
            └── Answered           there is an answer
                ├── HttpFault      <upstream>-http-4xx|5xx      refused, or failed or unclear, by HTTP
                └── BadReply       bad-json                     not JSON, or a field is missing or wrong
"""

from __future__ import annotations

from typing import ClassVar

from bridge.words import said

# Who is asked, in words: the names of the upstreams, and of the documents that statuses stand in.
NAMES = {
    "console": said("console"),
    "cloud": said("cloud"),
    "centre": said("centre"),
    "vpn": said("vpn"),
    "medicloud": said("medicloud"),
    "portal": said("portal"),
    "bridge": said("bridge"),
}


class BridgeError(Exception):
    """Root of everything the bridge raises on purpose."""


class ConfigError(BridgeError):
    """The settings cannot be used; the message names the setting and what to write instead."""


class TableError(BridgeError):
    """The mapping table cannot be used. ``faults`` holds one line per fault.

    File, path in it, what is wrong.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class TraceError(BridgeError):
    """A trace, a scenario or a report cannot be read or written; the message names the file and the place."""


class PartsError(BridgeError):
    """Long work in parts cannot go on: nobody is left to do it, or there is no place to keep what is done."""


class WorkersLost(PartsError):
    """Those who did the parts cannot be reached any more: what they had finished can be used."""


class LookupFault(BridgeError):
    """A lookup of an insurance card (bhyt.yaml) has no reply that may be given to the client.

    ``status`` is its key in the file's ``faults``; the text is for the log.
    """

    status: str = "internal"


class NoAccount(LookupFault):
    """The client sends no account of its own, and the settings have none; nothing was sent."""

    status = "no-account"


class NoOfficer(LookupFault):
    """The settings name no officer (cán bộ) who looks up for this account; nothing was sent."""

    status = "no-officer"


class PathRefused(LookupFault):
    """A request for the portal with a path that could lead out of it; nothing was sent."""

    status = "no-such-path"


class MethodRefused(LookupFault):
    """A request for the portal with a method that is not passed on; nothing was sent."""

    status = "no-such-method"


class BodyTooLong(LookupFault):
    """A request for the portal with a longer body than the settings allow; it did not get it whole."""

    status = "body-too-long"


class BodyTooSlow(LookupFault):
    """A request for the portal whose body did not arrive in time. The portal did not get it whole."""

    status = "body-too-slow"


class NotThisPerson(LookupFault):
    """The reply is about another card than the one asked for. Nothing is returned."""

    status = "not-this-person"


class CallError(BridgeError):
    """A legacy call failed. ``source`` and ``status`` are its key in status.yaml; the text is for the log.

    ``contexts`` are those of the step that failed, in which the status may mean another code. ``unclear``:
    the answer to a repeat, after which nobody knows whether the first request was carried out.
    """

    source: str = "bridge"
    status: str = "internal"
    contexts: tuple[str, ...] = ()
    unclear: bool = False


class BadArgument(CallError):
    """The caller's argument cannot be used: null, too short, too long, not Big5, not a number."""

    source = "transport"
    status = "bad-argument"


class NotSupported(CallError):
    """Control software 6.0 offers nothing for this function."""

    source = "transport"
    status = "not-supported"


class ShimMismatch(CallError):
    """The native library was built from another version of this row."""

    source = "transport"
    status = "shim-mismatch"


class WrongPerson(CallError):
    """The id or birthday given to a write is not that of the card in the reader; nothing was sent."""

    status = "wrong-person"


class CardChanged(CallError):
    """The reply or signature belongs to another card than the one the call began with.

    Nothing is returned.
    """

    status = "card-changed"


class PortNotOpen(CallError):
    """A card call without an open port, where the settings ask for strictness."""

    status = "port-not-open"


class PortBusy(CallError):
    """The console's one session belongs to another port now; the message names both. Nothing was asked."""

    status = "port-busy"


class FileUnreadable(CallError):
    """The file to be uploaded is missing or may not be read by the calling program."""

    status = "file-unreadable"


class FileSizeWrong(CallError):
    """The file is larger than 10 MB, or not of the size that the caller states; nothing was sent."""

    status = "file-size-wrong"


class NoVirtualCard(CallError):
    """A virtual-card call, and no QR code has been uploaded (or it is gone)."""

    status = "no-virtual-card"


class VirtualCardMoved(CallError):
    """A virtual-card call after the card was exported to another device, which logged it out here."""

    status = "virtual-card-moved"


class PinCancelled(CallError):
    """The person pressed cancel where a PIN was asked for; nothing was sent."""

    status = "pin-cancelled"


class PinTimedOut(CallError):
    """Nobody answered the question for a PIN in time; nothing was sent."""

    status = "pin-timed-out"


class PinUnavailable(CallError):
    """A PIN is needed and nobody can be asked here; the log names the setting to change."""

    status = "pin-unavailable"


class PinMismatch(CallError):
    """The new PIN was typed in two different ways; nothing was changed."""

    status = "pin-mismatch"


class OverDeadline(CallError):
    """The call did not end within the bridge's own upper bound."""

    status = "deadline"


class CallerGone(CallError):
    """Nobody waits for the answer any more: no request that changes something was sent."""

    status = "caller-gone"


class InternalFault(CallError):
    """A fault of the bridge itself; the log has the trace, the host program a non-zero code."""

    status = "internal"


class StatusError(CallError):
    """The console or the cloud answered with a ``statusCode`` other than 0, or the upload centre (source
    ``vpn``) with a return code other than the text 0000.

    ``number`` is the status as a number, None for a text that is none.
    """

    def __init__(self, source: str, status: int | str) -> None:
        super().__init__(
            said("{source} answered status {status}", source=NAMES.get(source, source), status=status)
        )
        self.source = source
        self.status = str(status)
        self.number = int(status) if isinstance(status, int) or status.isdecimal() else None


class UpstreamError(CallError):
    """No usable answer from an upstream (``console``, ``cloud``, ``centre`` or ``portal``).

    ``sent`` tells whether the request may have reached the other side. ``maybe_done``: whether it may have
    been carried out, so that a change of state is ambiguous. ``changing``: set where the request that failed
    was to change something on a card.
    """

    source = "transport"
    changing: bool = False
    sent: ClassVar[bool] = False
    suffix: ClassVar[str] = "unreachable"

    def __init__(self, upstream: str, message: str) -> None:
        super().__init__(said("{upstream}: {why}", upstream=NAMES.get(upstream, upstream), why=message))
        self.upstream = upstream
        self.status = self._status()

    @property
    def maybe_done(self) -> bool:
        """Whether the request may have been carried out."""
        return self.sent

    def _status(self) -> str:
        return f"{self.upstream}-{self.suffix}"


class NeverSent(UpstreamError):
    """Nothing of the request has left."""


class OutcomeUnknown(UpstreamError):
    """The request may have arrived and been carried out, and there is no answer."""

    sent = True


class Answered(UpstreamError):
    """The request arrived, and its answer is not one that can be used."""

    sent = True


class Unreachable(NeverSent):
    """No connection could be made; nothing was sent."""


class TlsFailure(NeverSent):
    """The other side's certificate is not to be trusted; nothing was sent."""

    def _status(self) -> str:
        return "tls-failure"


class TimedOut(OutcomeUnknown):
    """The request was sent, no answer came in time."""

    suffix = "timeout"


class Dropped(OutcomeUnknown):
    """The connection broke after the request had begun to leave."""

    suffix = "dropped"


class HttpFault(Answered):
    """The other side answered with an HTTP status other than 200.

    ``refused``: the status (3xx, 4xx) says that the request was not carried out. Any other leaves that open,
    also one of success (202, 204) without the answer that belongs to it. ``blamed``: the names of the fields
    of the request that the answer finds fault with, as far as it says so.
    """

    def __init__(self, upstream: str, http_status: int, blamed: tuple[str, ...] = ()) -> None:
        self.refused = 300 <= http_status < 500
        self.suffix_of_status = "http-4xx" if self.refused else "http-5xx"
        fields = ", ".join(blamed)
        said_so = said("HTTP {status}: it finds fault with {fields}", status=http_status, fields=fields)
        super().__init__(upstream, said_so if blamed else f"HTTP {http_status}")
        self.http_status = http_status

    @property
    def maybe_done(self) -> bool:
        """Whether the request may have been carried out all the same."""
        return not self.refused

    def _status(self) -> str:
        return f"{self.upstream}-{self.suffix_of_status}"


class BadReply(Answered):
    """The answer is not JSON, not an object, or lacks what the row needs."""

    def _status(self) -> str:
        return "bad-json"
