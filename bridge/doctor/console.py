"""The console (主控台): which it is, and what it says of SAM (安全模組), reader (讀卡機) and cards.

Only what works in every state and changes none is asked; its version only where its SAM is verified already,
because asking for it could verify one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from bridge.config import ConsoleSettings, ReaderSettings
from bridge.doctor.devices import check_devices, check_plugged_in
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.doctor.smart_cards import plugged_in
from bridge.doctor.upstreams import CONSOLE, Probe, probe
from bridge.errors import BridgeError
from bridge.reader.console_client import ConsoleStatus
from bridge.table.model.console import ConsoleProtocol, ConsoleStates
from bridge.table.model.rows import Table
from bridge.upstream.client import STATUS_CODE
from bridge.upstream.probe import look
from bridge.words import said


def probe_console(settings: ConsoleSettings, reader: ReaderSettings, table: Table) -> Probe:
    """Reach the console and ask for its Status, then for what it has."""
    protocol = table.console
    found, status = _probe_status(settings, protocol)
    if status is None:
        return found
    sam_is_there = _state(status.sam_state) in (protocol.states.sam_present, protocol.states.sam_verified)
    further = [
        *_states(status, protocol.states),
        *check_devices(settings, reader, table, sam_is_there, _reader_of(status)),
        *_version(settings, protocol, status),
    ]
    return Probe((*found.findings, *further), found.answer, found.asked)


def look_at_console(settings: ConsoleSettings, table: Table) -> list[Finding]:
    """What its Status alone says, and whether this machine still has the reader that it works with: for those
    who look often. The console's record of calls (API 執行記錄) has one line for each look.
    """
    found, status = _probe_status(settings, table.console)
    if status is None:
        return [*found.findings]
    plugged, used = plugged_in(), _reader_of(status)
    return [
        *found.findings,
        *_states(status, table.console.states),
        *(check_plugged_in(used, plugged) if plugged is not None else ()),
    ]


def _probe_status(settings: ConsoleSettings, protocol: ConsoleProtocol) -> tuple[Probe, ConsoleStatus | None]:
    """Reach the console and ask for its Status; None where there is none, with a finding that says why."""
    asked = protocol.requests.status
    found = probe(CONSOLE, settings, asked.method, asked.path)
    if found.answer is None:
        return found, None
    status = _status(protocol, found.answer.content)
    if status is None:
        other = _not_the_console(settings, found.answer.http_status)
        return Probe((*found.findings, other), found.answer, found.asked), None
    return found, status


def _reader_of(status: ConsoleStatus) -> str:
    """The PC/SC reader of the open session, or its port; "" where there is none."""
    return status.reader if status.initialised is True and isinstance(status.reader, str) else ""


def _status(protocol: ConsoleProtocol, content: dict[str, Any] | None) -> ConsoleStatus | None:
    """What the console's status says; None where the answer is somebody else's."""
    if content is None or content.get(STATUS_CODE) != 0:
        return None
    if not protocol.requests.status.reply["initialised"].stands_in(content):
        return None
    return ConsoleStatus.of(protocol, content)


def _not_the_console(settings: ConsoleSettings, http_status: int) -> Finding:
    return broken(
        "console.status",
        said(
            "what answers at {url} is not the console of control software 6.0 (HTTP "
            "{http_status}, no status in its answer)",
            url=settings.url,
            http_status=http_status,
        ),
        CONSOLE.without,
        said(
            "Look at console.url; the section Ports below says which program has the port. "
            "Control software of before 6.0 (5.x) does not answer here either: install 6.0."
        ),
    )


def _states(status: ConsoleStatus, states: ConsoleStates) -> Iterator[Finding]:
    if not status.initialised:
        yield ok(
            "console.session",
            said("no console session is open (尚未初始化)"),
            said("The first call of a program opens one; SAM, reader and cards can be seen here only then."),
        )
        return
    yield ok(
        "console.session", said("a console session is open (已初始化){named}", named=_named(status.device))
    )
    yield _sam(_state(status.sam_state), states)
    if isinstance(status.reader, str) and status.reader:
        yield ok(
            "console.reader", said("the console uses the reader (讀卡機) {reader}", reader=status.reader)
        )
    else:
        yield unknown(
            "console.reader",
            said("the console names no PC/SC reader (讀卡機)"),
            said(
                "Right where a reader of the insurance (健保讀卡機) on a COM port is used; else "
                "choose one in its settings."
            ),
        )
    yield from _card("console.hc", said("health card (健保卡)"), status.health_card_state, states)
    yield from _card("console.hpc", said("practitioner card (醫事人員卡)"), status.practitioner_state, states)


def _card(check: str, called: str, reported: object, states: ConsoleStates) -> Iterator[Finding]:
    state = _state(reported)
    if state is not None:
        yield ok(
            check,
            said(
                "{called}: {value}",
                called=called,
                value=said("none") if state == states.card_absent else said("in the reader"),
            ),
        )


def _named(name: object) -> str:
    return said(" with device {name}", name=name) if isinstance(name, str) and name else ""


def _state(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _sam(state: int | None, states: ConsoleStates) -> Finding:
    if state == states.sam_verified:
        return ok("console.sam", said("the SAM (安全模組) is verified (已認證)"))
    if state == states.sam_present:
        return ok(
            "console.sam",
            said("the SAM (安全模組) is there and not verified yet (尚未認證)"),
            said("The next call that needs it has it verified with the data centre."),
        )
    none = state == states.sam_absent
    return warning(
        "console.sam",
        said("the console has no SAM (安全模組)")
        if none
        else said("the SAM has the unknown state {state}", state=state),
        said("Without a SAM nothing can be signed, so that no card can be read from the cloud."),
        said("Look at the reader's SAM slot and cable, or at the cloud SAM (雲端安全模組) in its settings."),
    )


def _version(
    settings: ConsoleSettings, protocol: ConsoleProtocol, status: ConsoleStatus
) -> Iterator[Finding]:
    if not status.initialised or _state(status.sam_state) != protocol.states.sam_verified:
        return
    asked = protocol.requests.version
    try:
        answer = asyncio.run(look(CONSOLE.section, settings, asked.method, asked.path))
    except BridgeError as error:
        yield unknown("console.version", said("the console's version cannot be asked: {error}", error=error))
        return
    version = asked.reply["file_version"].of(answer.content or {})
    if isinstance(version, str) and version:
        yield ok("console.version", said("the console has version {version}", version=version))
    else:
        yield unknown("console.version", said("the console does not tell its version"))
