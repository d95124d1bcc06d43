"""What the doctor says of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bridge.config import UpstreamSettings
from bridge.doctor.clock import check_clock
from bridge.doctor.finding import Finding
from bridge.doctor.upstreams import CLOUD, Probe, probe
from bridge.upstream.probe import Answer
from tests.unit.doctor.servers import Authority, http_server

NOW = datetime(2026, 11, 25, 7, 50, tzinfo=timezone(timedelta(hours=8)))


def ahead(seconds: float | None) -> Probe:
    """A probe of a server whose clock is so far ahead of ours."""
    date = None if seconds is None else NOW + timedelta(seconds=seconds)
    return Probe((), Answer(200, date, None), NOW)


def clock(probes: dict[str, Probe], now: datetime = NOW, lookups: bool = False) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_clock(probes, lookups, now)}


@pytest.mark.parametrize("seconds", [0, 1, -1, 119, -119])
def test_a_clock_that_is_right(seconds: float) -> None:
    found = clock({"console": ahead(seconds), "cloud": ahead(0)})
    assert {finding.status for finding in found.values()} == {"ok"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (200, "3 minutes slow"),
        (-200, "3 minutes fast"),
        (86400, "24.0 hours slow"),
        (-7300, "2.0 hours fast"),
    ],
)
def test_a_clock_that_is_off(seconds: float, words: str) -> None:
    finding = clock({"cloud": ahead(seconds)})["clock.cloud"]
    assert (finding.status, words in finding.what) == ("warning", True)
    assert "校時" in finding.advice


def test_nobody_to_compare_with() -> None:
    for probes in ({}, {"console": Probe(())}, {"console": ahead(None)}):
        assert clock(probes)["clock"].status == "unknown"


@pytest.mark.parametrize(
    ("hours", "lookups", "status", "shown"),
    [
        (8, False, "ok", "UTC+08:00"),
        (0, False, "warning", "UTC+00:00"),
        (-5, False, "warning", "UTC-05:00"),
        (5.5, False, "warning", "UTC+05:30"),
        (7, False, "warning", "UTC+07:00"),
        (7, True, "ok", "UTC+07:00"),
    ],
)
def test_the_time_zone(hours: float, lookups: bool, status: str, shown: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=hours)))
    finding = clock({}, moment, lookups)["clock.zone"]
    assert (finding.status, shown in finding.what) == (status, True)


@pytest.mark.parametrize(("slow", "status"), [(timedelta(0), "ok"), (timedelta(minutes=5), "warning")])
def test_the_date_header_of_a_real_server(authority: Authority, slow: timedelta, status: str) -> None:
    with http_server(authority.context("127.0.0.1"), slow=slow) as port:
        settings = UpstreamSettings(url=f"https://127.0.0.1:{port}", ca_file=authority.file)
        found = probe(CLOUD, settings, "HEAD", "/")
    assert clock({"cloud": found}, datetime.now(UTC))["clock.cloud"].status == status


@pytest.mark.parametrize(("hours", "status"), [(7, "ok"), (8, "warning"), (0, "warning")])
def test_a_gateway_for_viet_nam_has_its_time(hours: int, status: str) -> None:
    now = datetime(2026, 11, 5, tzinfo=timezone(timedelta(hours=hours)))
    (zone, *_) = check_clock({}, True, now, portal_only=True)
    assert (zone.status, "Taiwan" in zone.what) == (status, False)
