"""Finished calls as spans of OpenTelemetry, sent to a collector (OTLP over HTTP). No person stands in one.

A span has door, function, code and times, as the log has them, and nothing else. It is sent by a thread of
the SDK; calls never wait for the collector. Where it is away, spans are lost, and the log says so once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, Status, StatusCode

from bridge import __version__
from bridge.config import TelemetrySettings
from bridge.records.call_lines import CallRecord

log = logging.getLogger(__name__)

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000
SEND_SECONDS = 5.0  # for one batch, all attempts together
DELAY_MS = 1000.0  # a span waits so long for others
MOST_WAITING = 4096  # spans; what comes beyond them is lost
BATCH = 512
END_SECONDS = 2.0  # for what still waits when the bridge ends

Failed = Callable[[str, int], bool]


class Spans:
    """Makes spans of finished calls (:class:`bridge.records.call_log.CallExporter`). In: where they go;
    whether a function's code is known to be a failure; which of several processes this is, "" for the only
    one.
    """

    def __init__(self, settings: TelemetrySettings, failed: Failed, process: str = "") -> None:
        about = {"service.name": "cshis-bridge", "service.version": __version__}
        if settings.place:
            about["cshis.place"] = settings.place
        if process:
            about["service.instance.id"] = process
        # The SDK warns of each batch that it cannot send; ours says it once.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        exporter = OnceTold(OTLPSpanExporter(endpoint=settings.otlp_url, timeout=SEND_SECONDS))
        # Of the environment nothing: neither its attributes nor its sampler.
        self._provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource(about), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, MOST_WAITING, DELAY_MS, BATCH))
        self._tracer = self._provider.get_tracer("cshis-bridge", __version__)
        self._failed = failed

    def calls(self, records: Sequence[CallRecord]) -> None:
        """One span a call; they are sent later."""
        for record in records:
            ends = int(record.at * NS_PER_SECOND)
            span = self._tracer.start_span(
                record.function,
                context=Context(),
                kind=SpanKind.SERVER,
                attributes={
                    "cshis.door": record.door,
                    "cshis.code": record.code,
                    "cshis.upstream_ms": record.upstream_milliseconds,
                },
                start_time=ends - int(record.milliseconds * NS_PER_MS),
            )
            if self._failed(record.function, record.code):
                span.set_status(Status(StatusCode.ERROR, str(record.code)))
            span.end(ends)

    def close(self) -> None:
        """Send what waits, as far as that is possible within END_SECONDS."""
        ending = threading.Thread(target=self._provider.shutdown, name="spans-end", daemon=True)
        ending.start()
        ending.join(END_SECONDS)


class OnceTold(SpanExporter):
    """An exporter whose failures stand in the log once, until it succeeds again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._fails = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = self._exporter.export(spans)
        fails = result is not SpanExportResult.SUCCESS
        if fails and not self._fails:
            log.warning(
                "spans cannot be sent to telemetry.otlp_url: they are lost until it answers; calls go on"
            )
        elif self._fails and not fails:
            log.warning("spans can be sent to telemetry.otlp_url again")
        self._fails = fails
        return result

    def shutdown(self) -> None:
        """No more is sent."""
        self._exporter.shutdown()
