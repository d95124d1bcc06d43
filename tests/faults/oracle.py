"""What must come of each fault: codes by hand from the status tables, and what the journal must say.

``docs/operate/faults.md`` says the same to people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tests.faults import false_replies as false
from tests.faults.proxy import Trouble, Way
from tests.support.expected_codes import CARDS, WAYS

Kind = Literal["unreachable", "tls", "timeout", "dropped", "http5", "http4", "bad"]
Service = Literal["console", "cloud"]

CODES: dict[Kind, dict[Service, int]] = {
    "unreachable": {"console": 4000, "cloud": 4061},
    "tls": {"console": 4000, "cloud": 4061},
    "timeout": {"console": 4000, "cloud": 9003},
    "dropped": {"console": 4000, "cloud": 9003},
    "http5": {"console": 4000, "cloud": 9004},
    "http4": {"console": 4000, "cloud": 9002},
    "bad": {"console": 9001, "cloud": 9001},
}
OPEN, CLOSE = "csOpenCom", "csCloseCom"
NO_CONNECTION = -1
SIGNATURE_USED = 5007
CLEAN: frozenset[Kind] = frozenset({"unreachable", "tls", "http4"})


@dataclass(frozen=True)
class Fault:
    """A fault on the way to one upstream. ``once``: it meets the first request only. ``requests``: how many
    waits of a whole request a change may take (it is repeated once).
    """

    name: str
    kind: Kind
    way: Way | None = None
    trouble: Trouble | None = None

    @property
    def once(self) -> bool:
        return self.trouble is not None and self.trouble.times == 1

    @property
    def worked(self) -> bool:
        """Whether the upstream carries out what it is asked."""
        return self.trouble is not None and self.trouble.point == "reply"

    def __str__(self) -> str:
        return self.name


def _codes(table: str) -> dict[str, dict[str, int]]:
    head, *lines = table.strip().splitlines()
    columns = head.split()[1:]
    return {
        name: dict(zip(columns, map(int, codes), strict=True))
        for name, *codes in (line.split() for line in lines)
    }


_CARDS, _WAYS = _codes(CARDS), _codes(WAYS)
FUNCTIONS = sorted(_CARDS)
GOOD_CODE = {name: codes["good"] for name, codes in _CARDS.items()}
ASKS_CLOUD = frozenset(name for name, codes in _WAYS.items() if codes["cl_down"] == 4061)
UPLOADS = frozenset({"csUploadData", "csUploadDataPrec"})  # never repeated
REPEATED = frozenset(name for name, codes in _WAYS.items() if codes["cl_lost"] == SIGNATURE_USED)
CHANGING = sorted(REPEATED | UPLOADS)
PIN_CHANGES = ("csInputHCPIN", "csDisableHCPIN", "hpcInputHPCPIN", "hpcUnlockHPC")


def expected_code(fault: Fault, service: Service, name: str) -> int:
    """The legacy code of a good call that meets the fault at its first request, everything being warm."""
    if service == "console":
        if name == CLOSE:
            return 0
        return NO_CONNECTION if name == OPEN else CODES[fault.kind]["console"]
    if name not in ASKS_CLOUD:
        return GOOD_CODE[name]
    if fault.once and name in REPEATED and fault.kind in ("timeout", "dropped"):
        return SIGNATURE_USED if fault.worked else GOOD_CODE[name]
    return CODES[fault.kind]["cloud"]


def expected_state(fault: Fault, name: str) -> str:
    """What the journal must say of a change whose request to the cloud met the fault."""
    if fault.once and name in REPEATED and fault.kind in ("timeout", "dropped"):
        return "ambiguous" if fault.worked else "done"
    return "failed" if fault.kind in CLEAN else "ambiguous"


# --- the faults ---------------------------------------------------------------------------------------------

CONNECTION = [
    Fault("refused", "unreachable", way="refuse"),
    Fault("reset while connecting", "unreachable", way="reset"),
    Fault("silent to the handshake", "unreachable", way="mute"),
    Fault("not even accepting", "unreachable", way="full"),
    Fault("no TLS there", "tls", way="plain"),
]
_BROKEN = [
    Fault("reset before the request was passed on", "dropped", trouble=Trouble("request", "reset")),
    Fault("closed before the request was passed on", "dropped", trouble=Trouble("request", "close")),
    Fault("reset after the request was worked on", "dropped", trouble=Trouble("reply", "reset")),
    Fault("closed after the request was worked on", "dropped", trouble=Trouble("reply", "close")),
    Fault("half a reply, then reset", "dropped", trouble=Trouble("reply", "half_reset")),
    Fault("half a reply, then closed", "dropped", trouble=Trouble("reply", "half_close")),
]
_SLOW = [
    Fault("request swallowed", "timeout", trouble=Trouble("request", "silence")),
    Fault("reply withheld", "timeout", trouble=Trouble("reply", "silence")),
    Fault("reply by the byte", "timeout", trouble=Trouble("reply", "trickle")),
]


def _once(fault: Fault) -> Fault:
    assert fault.trouble is not None
    return replace(fault, name=f"{fault.name}, once", trouble=replace(fault.trouble, times=1))


def _answer(name: str, kind: Kind, answer: false.Answer, worked: bool = False) -> Fault:
    return Fault(name, kind, trouble=Trouble("reply" if worked else "request", "answer", answer))


HTTP = [
    *(_answer(f"HTTP {status}", "http5", false.http(status)) for status in (500, 502, 503, 504)),
    *(_answer(f"HTTP {status}", "http4", false.http(status)) for status in (302, 400, 401, 404, 429)),
    _answer("HTTP 502 after the work", "http5", false.http(502), worked=True),
    _answer("HTTP 504 after the work", "http5", false.http(504), worked=True),
    _answer("HTTP 202 after the work", "http5", false.http(202), worked=True),
    _answer("HTTP 204 after the work", "http5", false.no_content, worked=True),
]
BAD = [
    _answer("HTML in place of JSON", "bad", false.body(false.PAGE, "text/html")),
    _answer("HTML after the work", "bad", false.body(false.PAGE, "text/html"), worked=True),
    _answer("nothing in it", "bad", false.body(b"")),
    _answer("cut JSON after the work", "bad", false.cut, worked=True),
    _answer("an array", "bad", false.body(b"[]")),
    _answer("a number", "bad", false.body(b"0")),
    _answer("null", "bad", false.body(b"null")),
    _answer("200,000 brackets", "bad", false.DEEP),
    _answer("broken UTF-8", "bad", false.body(b'{"statusCode": 0, "a": "\xff\xfe"}')),
    _answer("no statusCode after the work", "bad", false.without("statusCode"), worked=True),
    _answer("statusCode as text", "bad", false.mistyped("statusCode", "0"), worked=True),
    _answer("statusCode null", "bad", false.mistyped("statusCode", None), worked=True),
    _answer("statusCode true", "bad", false.mistyped("statusCode", False), worked=True),
    _answer("statusCode 0.0", "bad", false.mistyped("statusCode", 0.0), worked=True),
    _answer("packed, and it is not", "dropped", false.FALSELY_PACKED),
]
HUGE = [
    _answer("half a gigabyte", "bad", false.flood),
    _answer("without end", "bad", false.endless),
    _answer("a bomb of 300 MB packed", "bad", false.PACKED),
    _answer("a head of 64 MB", "dropped", false.header_flood),
]
NO_HTTP = [_answer("no HTTP at all", "dropped", false.no_http)]

_CHOSEN = {
    "HTTP 500", "HTTP 429", "HTTP 502 after the work", "HTML in place of JSON", "cut JSON after the work",
}  # fmt: skip
_ANSWERED = [*HTTP, *BAD, *NO_HTTP]
# WIDE is met by every function. VARIANTS take the same way through the bridge as one of these:
# some functions meet them.
ON_THE_CLOUD_ONLY = [_once(fault) for fault in (*_BROKEN, *_SLOW)]
WIDE = [*CONNECTION, *_BROKEN, *_SLOW, *(fault for fault in _ANSWERED if fault.name in _CHOSEN)]
VARIANTS = [fault for fault in _ANSWERED if fault.name not in _CHOSEN]
EVERY_FAULT = [*WIDE, *ON_THE_CLOUD_ONLY, *VARIANTS, *HUGE]
FEW_FUNCTIONS = ["csGetHospID", "hisGetBasicData", "hisGetSeqNumber256N1"]
SOME_FUNCTIONS = [
    "csGetHospID", "csInputHCPIN", "csOpenCom", "csUploadData", "csVerifySAMDC", "hisGetBasicData",
    "hisGetCardStatus", "hisGetICD10EnC", "hisGetSeqNumber256N1", "hisGetTreatmentNeedHPC",
    "hisWriteTreatmentCode", "hpcVerifyHPCPIN", "VPNH_Sign",
]  # fmt: skip
