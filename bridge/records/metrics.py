"""Counts that the bridge keeps anyway, as Prometheus reads them (text format or OpenMetrics).

No label holds anything about people: doors, functions of the table, return codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bridge import __version__
from bridge.records.call_log import BUCKETS_MS, CallLog, Total
from bridge.records.journal import Journal

Key = tuple[str, str, int]
MS_PER_SECOND = 1000.0
BOUNDS = (*(str(bound / MS_PER_SECOND) for bound in BUCKETS_MS), "+Inf")


@dataclass
class _Function:
    """What the calls of one function through one door add up to, whatever their codes."""

    counts: list[int]
    milliseconds: float = 0.0
    upstream_milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that is reported, as it was at one moment."""

    totals: Mapping[Key, Total]
    in_flight: int
    session_open: bool | None  # None: there is no console
    journal_faults: int
    journal_ok: bool
    journal_pending: int | None  # None: nothing is changed that could end unclearly
    listening: Mapping[str, bool]
    rooms: Mapping[str, tuple[int, int, int]]
    started: float
    table: str

    @classmethod
    def of(
        cls, calls: CallLog, journal: Journal, *, pending: int | None,
        session_open: bool | None, listening: Mapping[str, bool], started: float, table: str,
        rooms: Mapping[str, tuple[int, int, int]],
    ) -> Counts:  # fmt: skip
        """What has been counted so far. A copy: calls go on while it is written out.

        In: how many changes have no clear end; whether a console session is open; the doors by name and
        whether they listen; of those that make room, how many connections are open, may be, and had to go;
        when the bridge began, in seconds since 1970; the table's digest.
        """
        return cls(
            totals={key: replace(total, buckets=total.buckets[:]) for key, total in calls.totals().items()},
            in_flight=calls.running,
            session_open=session_open,
            journal_faults=journal.faults,
            journal_ok=not journal.fault,
            journal_pending=pending,
            listening=listening,
            rooms=rooms,
            started=started,
            table=table,
        )


class Scrape(Collector):
    """One scrape: the bridge's counts, and what the library knows of the process, if it is one alone."""

    def __init__(self, counts: Counts, process: Collector | None) -> None:
        self._counts = counts
        self._process = process

    def collect(self) -> Iterator[Metric]:
        counts = self._counts
        yield from _calls(counts.totals)
        yield _gauge("calls_in_flight", "Calls that have begun and not ended.", counts.in_flight)
        if counts.session_open is not None:
            yield _gauge(
                "console_session_open",
                "Whether a session of the console (主控台) is open.",
                counts.session_open,
            )
        yield from _journal(counts)
        yield from _about(counts)
        if self._process is not None:
            yield from self._process.collect()


def _journal(counts: Counts) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "cshis_bridge_journal_faults", "Failed accesses to the journal.", value=counts.journal_faults
    )
    yield _gauge("journal_ok", "Whether the journal's last access succeeded.", counts.journal_ok)
    if counts.journal_pending is None:
        return
    yield _gauge(
        "journal_pending_changes",
        "Changes without a clear end, those under way included; see: cshis-bridge journal pending.",
        counts.journal_pending,
    )


def _about(counts: Counts) -> Iterator[Metric]:
    listening = GaugeMetricFamily(
        "cshis_bridge_listening", "Whether the bridge listens there.", labels=["door"]
    )
    for name, is_open in counts.listening.items():
        listening.add_metric([name], float(is_open))
    yield listening
    yield from _rooms(counts.rooms)
    yield _gauge("start_time_seconds", "When the bridge began, in seconds since 1970.", counts.started)
    yield InfoMetricFamily(
        "cshis_bridge",
        "The bridge's version and the digest of its table.",
        value={"version": __version__, "table": counts.table},
    )


def _rooms(rooms: Mapping[str, tuple[int, int, int]]) -> Iterator[Metric]:
    """How full the doors are that make room."""
    connections = GaugeMetricFamily("cshis_bridge_connections", "Open connections.", labels=["door"])
    most = GaugeMetricFamily("cshis_bridge_connections_most", "How many there may be.", labels=["door"])
    evictions = CounterMetricFamily(
        "cshis_bridge_evictions", "Connections that had to go because another came.", labels=["door"]
    )
    for name, (open_now, may_be, gone) in rooms.items():
        connections.add_metric([name], open_now)
        most.add_metric([name], may_be)
        evictions.add_metric([name], gone)
    yield from (connections, most, evictions)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"cshis_bridge_{name}", help_text, value=float(value))


def _calls(totals: Mapping[Key, Total]) -> Iterator[Metric]:
    counts = CounterMetricFamily(
        "cshis_bridge_calls", "Finished calls by door, function and return code.",
        labels=["door", "function", "code"],
    )  # fmt: skip
    functions: dict[tuple[str, str], _Function] = defaultdict(lambda: _Function([0] * len(BOUNDS)))
    for (door, function, code), total in totals.items():
        counts.add_metric([door, function, str(code)], total.count)
        _add(functions[door, function], total)
    yield counts
    duration = HistogramMetricFamily(
        "cshis_bridge_call_duration_seconds", "How long calls took.", labels=["door", "function"]
    )
    upstream = CounterMetricFamily(
        "cshis_bridge_upstream_seconds", "How long calls waited for console, cloud and upload centre.",
        labels=["door", "function"],
    )  # fmt: skip
    for labels, sums in functions.items():
        buckets = [(bound, float(count)) for bound, count in zip(BOUNDS, sums.counts, strict=True)]
        duration.add_metric(labels, buckets, sums.milliseconds / MS_PER_SECOND)
        upstream.add_metric(labels, sums.upstream_milliseconds / MS_PER_SECOND)
    yield duration
    yield upstream


def _add(sums: _Function, total: Total) -> None:
    for index, count in enumerate(accumulate(total.buckets)):
        sums.counts[index] += count
    sums.milliseconds += total.milliseconds
    sums.upstream_milliseconds += total.upstream_milliseconds


@cache
def _process_metrics() -> Collector:
    """What the library knows of the process, in a registry of our own."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def written(counts: Counts, accept: str, alone: bool = True) -> tuple[bytes, str]:
    """The counts as ``accept``, a header of HTTP, wants them. Out: the bytes and their content type.
    ``alone`` False: they are those of several processes, so that nothing is said of this one.
    """
    encode, content_type = choose_encoder(accept)
    return encode(Scrape(counts, _process_metrics() if alone else None)), content_type
