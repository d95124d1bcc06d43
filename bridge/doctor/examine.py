"""Every check, in the order in which people read them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bridge.config import CentreSettings, Settings
from bridge.doctor.ansi_page import ansi_page, check_ansi_page
from bridge.doctor.browsers import check_browsers
from bridge.doctor.clock import check_clock
from bridge.doctor.console import probe_console
from bridge.doctor.copies import check_copies, check_failed, placed_folders
from bridge.doctor.facade_certificate import check_facade_certificate
from bridge.doctor.finding import Finding, Section
from bridge.doctor.libraries import check_linux, check_program
from bridge.doctor.pins import check_pins
from bridge.doctor.portal import check_officers, check_portal, check_refused_officers, check_store
from bridge.doctor.ports import check_ports
from bridge.doctor.settings_file import read_settings
from bridge.doctor.site_characters import check_site_characters
from bridge.doctor.smart_cards import check_smart_cards
from bridge.doctor.storage import check_data_dir, check_journal
from bridge.doctor.upstreams import CENTRE, CLOUD, PORTAL, Probe, probe
from bridge.installing.searching import search
from bridge.records.journal import JOURNAL_NAME
from bridge.table.default import default_table
from bridge.table.model.rows import Table
from bridge.words import said

PORTAL_TITLE = said("Portal (thẻ BHYT)")
SEARCH_SECONDS = 10.0
CLOCKS = ("console", "cloud", "portal")


def examine(
    config: Path | None, data_dir: Path | None, programs: Iterable[Path], portal_only: bool = False
) -> list[Section]:
    """Every check, in the order in which people read them. ``portal_only``: those of a bridge that serves
    Viet Nam's portal and nothing else.
    """
    settings, about = read_settings(config, data_dir)
    sections = [Section(said("Settings"), tuple(about))]
    if settings is None:
        return sections
    table = default_table()
    probes = _probes(settings, table, portal_only)
    sections += [
        Section(said("Data directory"), tuple(check_data_dir(settings))),
        *([] if portal_only else _characters(settings)),
        *_journals(settings, table),
        *(
            Section(said("{title}  {url}", title=title, url=url), found.findings)
            for (title, url), found in probes.items()
        ),
        *_portal(settings, probes),
        *([] if portal_only else _readers()),
        Section(
            said("Clock (時間)"),
            tuple(check_clock(_by_name(probes), settings.bhyt.enabled, portal_only=portal_only)),
        ),
    ]
    if portal_only:
        return sections
    return [
        *sections,
        Section(said("Certificate of the HTTPS door (憑證)"), tuple(check_facade_certificate(settings))),
        Section(said("Web pages (網頁)"), tuple(check_browsers(settings.facade))),
        Section(said("PINs (密碼)"), tuple(check_pins(settings.pin))),
        Section(said("Bridge and ports"), tuple(check_ports(settings, table))),
        *_libraries(settings, table, programs),
    ]


def _portal(settings: Settings, probes: Mapping[tuple[str, str], Probe]) -> list[Section]:
    """What only one who is answered can be asked: the portal, where it is used."""
    found = probes.get((PORTAL_TITLE, settings.bhyt.url))
    if found is None:
        return []
    findings = [*(check_portal(settings.bhyt) if found.answer is not None else check_officers(settings.bhyt))]
    findings += check_store(settings.bhyt)
    findings += check_refused_officers(place / JOURNAL_NAME for place in _places(settings))
    return [Section(said("Accounts and officers (tài khoản, cán bộ)"), tuple(findings))]


def _places(settings: Settings) -> list[Path]:
    """Where journals are: in the data directory, and in the places of a gateway's workers."""
    workers = sorted(settings.data_dir.glob(f"worker-*/{JOURNAL_NAME}"))
    one = settings.data_dir / JOURNAL_NAME
    return [file.parent for file in (*([one] if one.exists() else ()), *workers)] or [settings.data_dir]


def _journals(settings: Settings, table: Table) -> Iterator[Section]:
    for place in _places(settings):
        title = said("Journal (紀錄)")
        if place != settings.data_dir:
            title = said("{title}  {url}", title=title, url=place.name)
        yield Section(title, tuple(check_journal(place, table)))


def _characters(settings: Settings) -> list[Section]:
    found = (*check_site_characters(settings.text), *check_ansi_page(ansi_page()))
    return [Section(said("Characters (字元)"), found)]


def _probes(settings: Settings, table: Table, portal_only: bool) -> dict[tuple[str, str], Probe]:
    """The servers, all at once: each may take some seconds to say nothing. By title and address."""
    console, cloud, centre = settings.console, settings.cloud, settings.upload.centre
    with ThreadPoolExecutor() as pool:
        begun = {}
        if not portal_only:
            begun[said("Console (主控台)"), console.url] = pool.submit(
                probe_console, console, settings.reader, table
            )
            begun[said("Cloud (業務邏輯端)"), cloud.url] = pool.submit(probe, CLOUD, cloud, "HEAD", "/")
        if not portal_only and (settings.upload.format == "2.0" or centre != CentreSettings()):
            begun[said("Upload centre (醫療資訊傳輸服務)"), centre.url] = pool.submit(
                probe, CENTRE, centre, "HEAD", "/"
            )
        if settings.bhyt.enabled or portal_only:
            begun[PORTAL_TITLE, settings.bhyt.url] = pool.submit(probe, PORTAL, settings.bhyt, "HEAD", "/")
        return {key: future.result() for key, future in begun.items()}


def _readers() -> Iterator[Section]:
    """None where the system has no PC/SC."""
    if found := tuple(check_smart_cards()):
        yield Section(said("Card readers of this machine (讀卡機, PC/SC)"), found)


def _by_name(probes: Mapping[tuple[str, str], Probe]) -> dict[str, Probe]:
    """The probes of console, cloud and portal, which have the time that counts."""
    named = {title.split(" (")[0].lower(): found for (title, _), found in probes.items()}
    return {name: found for name, found in named.items() if name in CLOCKS}


def _libraries(settings: Settings, table: Table, programs: Iterable[Path]) -> list[Section]:
    folders = dict.fromkeys((*(folder.absolute() for folder in programs), *placed_folders()))
    found: dict[str, tuple[Finding, ...]] = {
        said("DLL in {folder}", folder=folder): tuple(check_program(folder, settings.channel, table))
        for folder in folders
    }
    if failed := tuple(check_failed()):
        found[said("Folders without their DLL")] = failed
    if sys.platform == "win32":
        found[said("All cshis.dll of this machine")] = tuple(check_copies(search(seconds=SEARCH_SECONDS)))
    if not found and sys.platform.startswith("linux"):
        found[said("Native library")] = tuple(check_linux(settings.channel, table))
    return [Section(title, findings) for title, findings in found.items()]
