"""``cshis-bridge console start|release``: the console's program itself, and letting go of a reader."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import psutil

from bridge.cli.console.asking import at_console, device_of, finding_console, open_session
from bridge.cli.running_bridge import Finding, Where
from bridge.console_settings.client import SettingsClient
from bridge.serving.service import session_of
from bridge.words import said, shown, tr

if sys.platform == "win32":
    from bridge.windows.processes import image_of

ADDRESS = "cshis6://console"
"""Starts control software 6.0, as its manual says (執行主控台元件)."""
PROGRAM = "ciet6001s01.exe"
LONGEST = 10  # seconds
NOT_HERE = said(
    "control software 6.0 (讀卡機控制軟體) is a program for Windows 主控台只在 Windows 上執行; on its "
    "machine: start {address}",
    address=ADDRESS,
)


@click.command()
@click.option("--again", is_flag=True, help="End it by force before: for one that hangs (主控台沒有回應).")
def start(again: bool) -> None:
    """Starts the console (主控台) of this machine.

    As start cshis6://console does. --again ends the one of this session of Windows first, as the insurer
    advises where it does not answer (taskkill /IM ciet6001s01.exe /F). Calls under way then fail; programs
    and bridge go on by themselves.
    """
    if sys.platform == "win32":
        _start(again)
    else:
        raise click.ClickException(shown(NOT_HERE))


def end_program(
    session: int,
    processes: Iterable[psutil.Process],
    program_of: Callable[[int], Path | None],
    of: Callable[[int], int | None],
) -> str:
    """End the console of one session of Windows. In: all processes; the program's file and the session of one
    by its number.

    Out: what became of it, for people. Raises ClickException where Windows refuses.
    """
    consoles = (each for each in processes if _is_console(program_of(each.pid)))
    found = [each for each in consoles if of(each.pid) == session]
    try:
        for each in found:
            each.kill()
        psutil.wait_procs(found, timeout=LONGEST)
    except psutil.NoSuchProcess:
        pass  # it has just ended by itself
    except psutil.Error as error:
        raise click.ClickException(
            tr("the console cannot be ended 無法關閉主控台: {why}", why=error)
        ) from error
    return tr("The console was ended 已關閉主控台.") if found else tr("No console ran 主控台沒有在執行.")


def _is_console(file: Path | None) -> bool:
    return file is not None and file.name.lower() == PROGRAM


if sys.platform == "win32":

    def _start(again: bool) -> None:
        if again:
            session = session_of(os.getpid())  # others have consoles of their own
            if session is None:
                raise click.ClickException(tr("Windows does not say which session this is"))
            click.echo(end_program(session, psutil.process_iter(), image_of, session_of))
        try:
            os.startfile(ADDRESS)  # noqa: S606 - what Windows has for this kind of address
        except OSError as error:
            raise click.ClickException(
                tr(
                    "Windows does not start {address}: {why}. Is control software 6.0 installed "
                    "是否已安裝控制軟體 6.0?",
                    address=ADDRESS,
                    why=error.strerror or error,
                )
            ) from error
        click.echo(
            tr(
                "The console was asked to start 已要求啟動主控台 ({address}). See: cshis-bridge doctor",
                address=ADDRESS,
            )
        )


@click.command()
@finding_console
def release(finding: Finding) -> None:
    """Ends the console's session, to unplug a reader (釋放讀卡機).

    The insurer asks for that: a reader that is pulled while it is in use leaves the console in trouble. The
    next call of a program begins a new session; PINs are typed and QR codes scanned again then.
    """

    async def work(client: SettingsClient, where: Where) -> None:
        session = await open_session(client)
        if session is None:
            click.echo(tr("No session is open 沒有使用中的連線: the reader may be unplugged 可以拔除讀卡機."))
            return
        device = device_of(session)
        await client.console.finalise()
        if device:
            ended = tr("The session with device {device} was ended 已釋放", device=device)
        else:
            ended = tr("The session was ended 已釋放")
        click.echo(tr("{ended}: the reader may be unplugged now 可以拔除讀卡機.", ended=ended))
        if where.running is not None:
            click.echo(
                tr("A bridge works at this console: the next call of a program takes the reader again.")
            )

    at_console(finding, work)
