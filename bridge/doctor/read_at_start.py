"""Files that the bridge reads once, at its start: a change afterwards counts from the next start on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bridge.config import Settings
from bridge.doctor.finding import Finding, warning
from bridge.doctor.the_bridge import Health
from bridge.words import said
from bridge.words.moments import iso_moment, moment_of

MARGIN = 10.0  # seconds: the start takes some, and is told in whole ones


def check_read_at_start(settings: Settings, health: Health | None) -> Iterator[Finding]:
    """Those that were changed since a running bridge started. One that is missing is told elsewhere."""
    try:
        started = datetime.fromisoformat(str((health or {}).get("since"))).timestamp()
    except (ValueError, OverflowError):
        return
    for name, file in _named(settings):
        try:
            changed = file.stat().st_mtime
        except OSError:
            continue
        if changed > started + MARGIN:
            yield warning(
                f"{name}.changed",
                said(
                    "{file} ({name}) was changed at {moment}, after the bridge had started",
                    file=file,
                    name=name,
                    moment=moment_of(iso_moment(changed)),
                ),
                said("The bridge reads it at its start: it still works with what stood there before."),
                said("Restart the bridge, at a time when nobody's card is in use."),
            )


def _named(settings: Settings) -> Iterator[tuple[str, Path]]:
    facade = settings.facade
    files = {
        "text.eudc": settings.text.eudc,
        "facade.certificate_file": facade.certificate_file,
        "facade.key_file": facade.key_file,
        "console.ca_file": settings.console.ca_file,
        "cloud.ca_file": settings.cloud.ca_file,
        "upload.centre.ca_file": settings.upload.centre.ca_file,
        "medicloud.ca_file": settings.medicloud.ca_file,
        "bhyt.ca_file": settings.bhyt.ca_file,
    }
    yield from ((name, file) for name, file in files.items() if file is not None)
