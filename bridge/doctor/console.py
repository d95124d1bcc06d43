"""The console (主控台): which it is, and what it says of SAM (安全模組), reader (讀卡機) and cards.

Only its Status is asked, which works in every state and changes none; its version only where its SAM is
verified already, because asking for it could verify one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from bridge.config import ConsoleSettings
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.doctor.upstreams import CONSOLE, Probe, probe
from bridge.errors import BridgeError
from bridge.upstream.probe import look

STATUS_PATH, VERSION_PATH = "/api/common/v1/Status", "/api/common/v1/Version"
SAM_THERE, SAM_VERIFIED = 1, 2
NO_CARD = 0
CARDS = {"hc": "health card (健保卡)", "hpc": "practitioner card (醫事人員卡)"}


def probe_console(settings: ConsoleSettings) -> Probe:
    """Reach the console and ask for its Status."""
    found = probe(CONSOLE, settings, "GET", STATUS_PATH)
    if found.answer is None:
        return found
    status = _status(found.answer.content)
    if status is None:
        further = [_not_the_console(settings, found.answer.http_status)]
    else:
        further = [*_states(status), *_version(settings, status)]
    return Probe((*found.findings, *further), found.answer, found.asked)


def _status(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """The console's status object; None where the answer is somebody else's."""
    if content is None or content.get("statusCode") != 0:
        return None
    status = content.get("status")
    return status if isinstance(status, dict) and "initialized" in status else None


def _not_the_console(settings: ConsoleSettings, http_status: int) -> Finding:
    return broken(
        "console.status",
        f"what answers at {settings.url} is not the console of control software 6.0 (HTTP {http_status}, no "
        "status in its answer)",
        CONSOLE.without,
        "Look at console.url; the section Ports below says which program has the port. Control software of "
        "before 6.0 (5.x) does not answer here either: install 6.0.",
    )


def _states(status: dict[str, Any]) -> Iterator[Finding]:
    if not status["initialized"]:
        yield ok(
            "console.session",
            "no console session is open (尚未初始化)",
            "The first call of a program opens one; SAM, reader and cards can be seen here only then.",
        )
        return
    yield ok("console.session", f"a console session is open (已初始化){_named(status.get('name'))}")
    yield _sam(_state(status, "sam"))
    reader = status.get("readerName")
    if isinstance(reader, str) and reader:
        yield ok("console.reader", f"the console uses the reader (讀卡機) {reader}")
    else:
        yield unknown(
            "console.reader",
            "the console names no PC/SC reader (讀卡機)",
            "Right where a reader of the insurance (健保讀卡機) on a COM port is used; else choose one "
            "in its settings.",
        )
    for kind, called in CARDS.items():
        state = _state(status, kind)
        if state is not None:
            yield ok(f"console.{kind}", f"{called}: {'none' if state == NO_CARD else 'in the reader'}")


def _named(name: object) -> str:
    return f" with device {name}" if isinstance(name, str) and name else ""


def _state(status: dict[str, Any], part: str) -> int | None:
    value = status.get(part)
    state = value.get("status") if isinstance(value, dict) else None
    return state if isinstance(state, int) else None


def _sam(state: int | None) -> Finding:
    if state == SAM_VERIFIED:
        return ok("console.sam", "the SAM (安全模組) is verified (已認證)")
    if state == SAM_THERE:
        return ok(
            "console.sam",
            "the SAM (安全模組) is there and not verified yet (尚未認證)",
            "The next call that needs it has it verified with the data centre.",
        )
    return warning(
        "console.sam",
        "the console has no SAM (安全模組)" if state == 0 else f"the SAM has the unknown state {state}",
        "Without a SAM nothing can be signed, so that no card can be read from the cloud.",
        "Look at the reader's SAM slot and cable, or at the cloud SAM (雲端安全模組) in its settings.",
    )


def _version(settings: ConsoleSettings, status: dict[str, Any]) -> Iterator[Finding]:
    if not status["initialized"] or _state(status, "sam") != SAM_VERIFIED:
        return
    try:
        answer = asyncio.run(look(CONSOLE.section, settings, "GET", VERSION_PATH))
    except BridgeError as error:
        yield unknown("console.version", f"the console's version cannot be asked: {error}")
        return
    version = (answer.content or {}).get("fileVersion")
    if isinstance(version, str) and version:
        yield ok("console.version", f"the console has version {version}")
    else:
        yield unknown("console.version", "the console does not tell its version")
