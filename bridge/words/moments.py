"""Moments as people read them: in Taiwan's time, whatever the zone of the machine is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from bridge.words import tr

TAIWAN = timezone(timedelta(hours=8))  # no summer time since 1980


def moment(seconds: float) -> str:
    """In: seconds since 1970. Out: such as ``2026-11-30 07:50:03``."""
    return f"{datetime.fromtimestamp(seconds, TAIWAN):%Y-%m-%d %H:%M:%S}"


def moment_of(iso: object) -> str:
    """In: ISO 8601; without an offset it is taken as this machine's time. Out: as :func:`moment`."""
    try:
        return f"{datetime.fromisoformat(str(iso)).astimezone(TAIWAN):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return tr("an unknown time")


def iso_moment(seconds: float) -> str:
    """In: seconds since 1970. Out: ISO 8601 with Taiwan's offset, for programs."""
    return datetime.fromtimestamp(seconds, TAIWAN).isoformat(timespec="seconds")
