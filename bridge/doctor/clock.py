"""The clock of this machine, compared with the Date headers of console, cloud and portal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bridge.doctor.finding import Finding, ok, unknown, warning
from bridge.doctor.upstreams import Probe
from bridge.errors import NAMES
from bridge.words import said

MOST = timedelta(minutes=2)
TAIWAN, VIET_NAM = timedelta(hours=8), timedelta(hours=7)


def check_clock(
    probes: Mapping[str, Probe], lookups: bool, now: datetime | None = None, *, portal_only: bool = False
) -> Iterator[Finding]:
    """In: the probes by the servers' names; whether insurance cards of Viet Nam are looked up, and whether
    nothing else is done here; the local time (aware), for its zone.
    """
    offset = (now or datetime.now().astimezone()).utcoffset() or timedelta()
    yield _zone_of_viet_nam(offset) if portal_only else _zone(offset, lookups)
    compared = False
    for name, probe in probes.items():
        if probe.answer is None or probe.answer.date is None or probe.asked is None:
            continue
        compared = True
        yield _difference(name, probe.answer.date - probe.asked)
    if not compared:
        yield unknown("clock", said("nobody could be asked for the time"))


def _shown(offset: timedelta) -> str:
    sign, minutes = ("-" if offset < timedelta() else "+"), abs(offset) // timedelta(minutes=1)
    return f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _zone_of_viet_nam(offset: timedelta) -> Finding:
    if offset == VIET_NAM:
        return ok("clock.zone", said("the time zone of this machine is {shown}", shown=_shown(offset)))
    return warning(
        "clock.zone",
        said("the time zone of this machine is {shown}, Viet Nam's is UTC+07:00", shown=_shown(offset)),
        said("The log is written in the time of this machine."),
        said("Set the time zone to Ha Noi (Giờ Đông Dương), or bear it in mind."),
    )


def _zone(offset: timedelta, lookups: bool) -> Finding:
    shown = _shown(offset)
    if offset == TAIWAN or (lookups and offset == VIET_NAM):
        return ok("clock.zone", said("the time zone of this machine is {shown}", shown=shown))
    return warning(
        "clock.zone",
        said("the time zone of this machine is {shown}, Taiwan's is UTC+08:00", shown=shown),
        said(
            "The bridge itself reckons in Taiwan's time, but programs and the log here do not: "
            "dates of visits (就醫日期) differ."
        ),
        said("Set the time zone to Taipei (臺北)."),
    )


def _difference(name: str, off: timedelta) -> Finding:
    server = NAMES.get(name, name)
    if abs(off) <= MOST:
        return ok(f"clock.{name}", said("the clock agrees with that of the {name}", name=server))
    seconds = abs(off).total_seconds()
    amount = (
        said("{count:.0f} minutes", count=seconds / 60)
        if seconds < 7200
        else said("{count:.1f} hours", count=seconds / 3600)
    )
    direction = said("slow") if off > timedelta() else said("fast")
    return warning(
        f"clock.{name}",
        said(
            "the clock of this machine is {amount} {direction} against the {name}",
            amount=amount,
            direction=direction,
            name=server,
        ),
        said("Signatures and certificates are judged by the time; visits (就醫) get wrong times."),
        said("Set date and time, and let Windows or NTP keep it (校時)."),
    )
