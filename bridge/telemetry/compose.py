"""Spans where the settings ask for them. Without that nothing of OpenTelemetry is even loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bridge.config import TelemetrySettings
from bridge.errors import ConfigError
from bridge.records.call_log import CallLog
from bridge.words import said


@contextmanager
def exporting(
    calls: CallLog, settings: TelemetrySettings, failed: Callable[[str, int], bool], process: str = ""
) -> Iterator[None]:
    """Inside, finished calls are exported, where settings say where to. ``failed``: whether a function's code
    is known to be a failure; ``process``: which of several that serve together. Raises ConfigError where the
    extra ``otel`` is not installed.
    """
    if not settings.otlp_url:
        yield
        return
    try:
        from bridge.telemetry.spans import Spans
    except ModuleNotFoundError as error:
        raise ConfigError(said("telemetry.otlp_url needs more: pip install 'cshis-bridge[otel]'")) from error
    spans = Spans(settings, failed, process)
    calls.exporter = spans
    try:
        yield
    finally:
        calls.flush()
        calls.exporter = None
        spans.close()
