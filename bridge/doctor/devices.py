"""What the console (主控台) has: devices (裝置), card readers (讀卡機), a hospital (醫事機構) that is served.

Only requests that want no session and change nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bridge.config import ConsoleSettings, ReaderSettings
from bridge.console_settings.client import AnsweredCall, open_settings
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.errors import BridgeError
from bridge.table.model.rows import Table
from bridge.words import joined, said
from bridge.words.moments import moment_of

Answer = TypeVar("Answer")
NO_OTHER = said("no other can be opened")
LATEST = 500  # requests in the console's record that are looked at
COM_PORT = re.compile(r"COM([1-9][0-9]{0,2})")
SIGNS_NOTHING = said("Nothing can be signed, so that no card can be read from the cloud.")
IMPORT = said(
    "Import a cloud SAM (cshis-bridge console sam import, or the console's page "
    "Settings), or plug in a reader of the insurance (健保讀卡機) with its SAM."
)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the console answered: names of devices, cloud SAMs among them, PC/SC readers, the default one ("":
    none), its latest requests. In the place of an answer that did not come stands why.
    """

    names: list[str] | BridgeError
    sams: list[str] | BridgeError
    readers: list[str] | BridgeError
    default_reader: str | BridgeError
    calls: list[AnsweredCall] | BridgeError


def check_devices(
    settings: ConsoleSettings, reader: ReaderSettings, table: Table, sam_is_there: bool, used: str
) -> Iterator[Finding]:
    """Ask and judge. ``sam_is_there``: whether the console's open session has a SAM; ``used``: the reader
    that it works with, "" for none.
    """
    found = asyncio.run(_ask(settings, table))
    yield from devices(found, sam_is_there)
    yield from ports(found, reader)
    yield from readers(found)
    if not isinstance(found.readers, BridgeError):
        yield from check_plugged_in(used, found.readers)
    yield from hospital(found, table)


async def _ask(settings: ConsoleSettings, table: Table) -> Inventory:
    async with open_settings(settings, table.console) as client:
        names, sams, listed, default, calls = await asyncio.gather(
            _or_why(client.console.device_names()),
            _or_why(client.sams()),
            _or_why(client.readers()),
            _or_why(client.default_reader()),
            _or_why(client.calls(0, LATEST)),
        )
        return Inventory(names, sams, listed, default, calls)


async def _or_why(asked: Awaitable[Answer]) -> Answer | BridgeError:
    try:
        return await asked
    except BridgeError as error:
        return error


# --- devices and ports --------------------------------------------------------------------------------------


def devices(found: Inventory, sam_is_there: bool) -> Iterator[Finding]:
    """Which devices can be opened, and whether one of them can have a SAM."""
    if isinstance(found.names, BridgeError):
        yield unknown(
            "console.devices", said("the console does not tell its devices: {names}", names=found.names)
        )
        return
    sams, others = _divided(found.names, found.sams)
    what = said(
        "devices (裝置): {listed}; {listed_2}",
        listed=_listed(said("cloud SAMs (雲端安全模組)"), sams),
        listed_2=_listed(said("COM ports"), others),
    )
    if not found.names:
        what = said("the console has no device (裝置): no cloud SAM (雲端安全模組), no COM port")
        yield broken(
            "console.devices",
            what,
            said("Opening the reader gives -1. {signs_nothing}", signs_nothing=SIGNS_NOTHING),
            IMPORT,
        )
    elif not sams and not sam_is_there:
        advice = said("There must be a SAM in a reader at one of these ports. {import_}", import_=IMPORT)
        yield unknown("console.devices", what, advice)
    else:
        yield ok("console.devices", what)


def ports(found: Inventory, reader: ReaderSettings) -> Iterator[Finding]:
    """What each port number of a program becomes; settings that name what the console does not have."""
    if isinstance(found.names, BridgeError) or not found.names:
        return
    known = set(found.names)
    for number, device in sorted(reader.devices.items(), key=lambda each: each[0].zfill(3)):
        if device not in known:
            yield _not_there(
                f"reader.devices.{number}", device, said("Port {number}", number=number), found.names
            )
    if reader.default_device and reader.default_device not in known:
        yield _not_there(
            "reader.default_device", reader.default_device, said("Port {number}", number=-1), found.names
        )
    numbered = _numbered(found.names, reader)
    told = [said("{number} is {device}", number=number, device=device) for number, device in numbered]
    sams = [name for name in found.names if name.isdigit()]
    only = said("any other is the cloud SAM {name}", name=sams[0]) if len(sams) == 1 else NO_OTHER
    default = reader.default_device or said("what the console chooses")
    others = said("-1 or none is {default}; {only}", default=default, only=only)
    yield ok(
        "console.ports",
        said("port numbers (連接埠) of programs: {names}", names=joined([*told, others], ", ")),
    )


def _numbered(names: Sequence[str], reader: ReaderSettings) -> list[tuple[int, str]]:
    """The port numbers that open something, each with its device."""
    by_name = {int(match[1]) - 1: match[0] for name in names if (match := COM_PORT.fullmatch(name))}
    by_setting = {int(number): device for number, device in reader.devices.items() if number.isdecimal()}
    opened = {**by_name, **by_setting}
    return sorted((number, device) for number, device in opened.items() if device in names)


def _not_there(setting: str, device: str, call: str, names: Sequence[str]) -> Finding:
    return warning(
        "console.ports",
        said("{setting} names {device}, which is no device of the console", setting=setting, device=device),
        said("{call} cannot be opened.", call=call),
        said("Write one of {names} there, or import that SAM.", names=", ".join(names)),
    )


def _divided(names: list[str], sams: list[str] | BridgeError) -> tuple[list[str], list[str]]:
    """Cloud SAMs and the others. Where the list of SAMs could not be had, the names that are no ports."""
    if isinstance(sams, BridgeError):
        sams = [name for name in names if not COM_PORT.fullmatch(name)]
    return sams, [name for name in names if name not in sams]


def _listed(what: str, names: Sequence[str]) -> str:
    if not names:
        return said("no {what}", what=what)
    return said("{what} {names}", what=what, names=", ".join(names))


# --- readers ------------------------------------------------------------------------------------------------


def readers(found: Inventory) -> Iterator[Finding]:
    """Whether there is a card reader, and one that is used by default."""
    check, listed, default = "console.readers", found.readers, found.default_reader
    if isinstance(listed, BridgeError):
        yield unknown(check, said("the console does not tell its readers: {listed}", listed=listed))
        return
    if not listed:
        names = found.names
        yield _no_pcsc_reader(isinstance(names, BridgeError) or bool(_divided(names, found.sams)[1]))
        return
    what = said("PC/SC readers (讀卡機): {names}", names=", ".join(listed))
    if isinstance(default, BridgeError):
        yield unknown(
            check,
            said(
                "{what}; which is the default, the console does not tell: {default}",
                what=what,
                default=default,
            ),
        )
    elif default in listed:
        yield ok(check, said("{what}; the default is {default}", what=what, default=default))
    else:
        yield warning(
            check,
            said("{what}; the default, {default}, is not plugged in", what=what, default=default)
            if default
            else said("{what}; none is the default", what=what),
            said("Cards in a PC/SC reader cannot be read (沒有預設 PCSC 讀卡機)."),
            said("Choose one: cshis-bridge console use-reader NAME, or plug the default in."),
        )


def check_plugged_in(used: str, seen: Sequence[str]) -> Iterator[Finding]:
    """Whether the reader that a session works with is still there. In: its name, "" for none; the PC/SC
    readers that are plugged in. Of a reader on a COM port nobody here can say.
    """
    if not used or used in seen or COM_PORT.fullmatch(used):
        return
    yield broken(
        "console.reader.plugged",
        said(
            "the console works with the reader (讀卡機) {used}, which is not plugged in any more (已拔除)",
            used=used,
        ),
        said("No card can be read, and the console may stay in trouble when the reader is there again (Q4)."),
        said(
            "Plug it in again, then: cshis-bridge console release; the next call begins anew. "
            "If calls still fail: cshis-bridge console start --again. Next time release it "
            "before it is unplugged."
        ),
    )


def _no_pcsc_reader(may_have_ports: bool) -> Finding:
    what = said("the console sees no PC/SC reader (讀卡機)")
    if may_have_ports:
        return unknown(
            "console.readers", what, said("Right where a reader on a COM port (健保讀卡機) is used.")
        )
    return warning(
        "console.readers",
        said("{what}, and no COM port", what=what),
        said("Only virtual health cards (虛擬健保卡) can be read."),
        said("Plug a card reader in and look at its driver."),
    )


# --- the hospital -------------------------------------------------------------------------------------------


def hospital(found: Inventory, table: Table) -> Iterator[Finding]:
    """Whether the data centre has refused the hospital since its SAM was last verified. The console's record
    of its own answers tells; where that holds neither, nothing is known and nothing said.
    """
    if isinstance(found.calls, BridgeError):
        return
    protocol = table.console
    verified = protocol.requests.verify_sam.path.lower()
    for call in found.calls:
        if call.status in protocol.statuses.no_contract:
            yield _refused(call, table)
            return
        if call.path.lower() == verified and call.status == 0:
            yield ok(
                "console.hospital",
                said("the data centre verified the SAM last at {moment}", moment=_moment(call)),
            )
            return


def _refused(call: AnsweredCall, table: Table) -> Finding:
    status = str(call.status)
    meaning = table.statuses.sources["console"][status].meaning
    english = table.texts.status_english("console", status) if table.texts is not None else ""
    return broken(
        "console.hospital",
        said(
            "the data centre refused the hospital at {moment}: {status} {meaning} ({english})",
            moment=_moment(call),
            status=status,
            meaning=meaning,
            english=english,
        ),
        SIGNS_NOTHING,
        said("Ask the insurer (健保署) about contract and SAM; then have it verified once more."),
    )


def _moment(call: AnsweredCall) -> str:
    return moment_of(call.at)
