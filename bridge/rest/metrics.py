"""``/metrics`` for Prometheus: counts that the bridge keeps anyway, read when somebody asks.

No label holds anything about people: doors, functions of the table, return codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from fastapi import FastAPI, Request, Response
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
from bridge.engine.call_log import BUCKETS_MS, Total
from bridge.engine.engine import Engine
from bridge.rest.health import Health

Key = tuple[str, str, int]
MS_PER_SECOND = 1000.0
BOUNDS = (*(str(bound / MS_PER_SECOND) for bound in BUCKETS_MS), "+Inf")


@dataclass
class _Function:
    """What the calls of one function through one door add up to, whatever their codes."""

    counts: list[int]
    milliseconds: float = 0.0
    upstream_milliseconds: float = 0.0


class BridgeCollector(Collector):
    """Reads the engine's counts, its journal and the doors at each scrape."""

    def __init__(self, engine: Engine, health: Health) -> None:
        self._engine = engine
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Every metric of the bridge's own."""
        yield from _calls(self._engine.calls.totals())
        yield _gauge("calls_in_flight", "Calls that have begun and not ended.", self._engine.calls.running)
        yield _gauge(
            "console_session_open",
            "Whether a session of the console (主控台) is open.",
            self._engine.session_open,
        )
        yield from self._journal()
        yield from self._about()

    def _journal(self) -> Iterator[Metric]:
        journal = self._engine.journal
        yield CounterMetricFamily(
            "cshis_bridge_journal_faults", "Failed accesses to the journal.", value=journal.faults
        )
        yield _gauge("journal_ok", "Whether the journal's last access succeeded.", not journal.fault)
        yield _gauge(
            "journal_pending_changes",
            "Changes without a clear end, those under way included; see: cshis-bridge journal pending.",
            len(journal.pending()),
        )

    def _about(self) -> Iterator[Metric]:
        listening = GaugeMetricFamily(
            "cshis_bridge_listening", "Whether the bridge listens there.", labels=["door"]
        )
        for name, door in self._health.doors.items():
            listening.add_metric([name], float(door.is_open()))
        yield listening
        yield _gauge(
            "start_time_seconds",
            "When the bridge began, in seconds since 1970.",
            self._health.since.timestamp(),
        )
        yield InfoMetricFamily(
            "cshis_bridge",
            "The bridge's version and the digest of its table.",
            value={"version": __version__, "table": self._engine.table.digest},
        )


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


def make_registry(collectors: Iterable[Collector]) -> CollectorRegistry:
    """A registry of our own with these collectors and what the library knows of the process."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def add_metrics(app: FastAPI, engine: Engine, health: Health) -> None:
    """Add ``/metrics``, in the text format or as OpenMetrics, as the asker likes."""
    registry = make_registry([BridgeCollector(engine, health)])

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), media_type=content_type)
