"""Settings of what is told to the systems that a hospital watches with."""

from __future__ import annotations

from pydantic import Field, field_validator

from bridge.config.base import Section
from bridge.config.upstreams import encrypted


class TelemetrySettings(Section):
    """Finished calls as spans of OpenTelemetry."""

    otlp_url: str = Field(
        default="",
        description="Where they are sent: the whole address of a collector's OTLP over HTTP, such as "
        "`http://127.0.0.1:4318/v1/traces`; http for this machine only. Empty: nothing is sent.",
    )
    place: str = Field(
        default="", max_length=100, description="Name of the work place in each span (`cshis.place`)."
    )

    @field_validator("otlp_url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        return encrypted(url) if url else url
