"""One look at an upstream over HTTP: what it answers, and what time it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from bridge.config import UpstreamSettings
from bridge.upstream.client import Json
from bridge.upstream.httpx_transport import border
from bridge.upstream.tls import tls_context


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: HTTP status, the Date header where there is one, the JSON object where it is one."""

    http_status: int
    date: datetime | None
    content: Json | None


async def look(name: str, settings: UpstreamSettings, method: str, path: str) -> Answer:
    """Send one request without a body. In: the upstream's name and settings, an absolute path on its host.

    Raises Unreachable, TlsFailure, TimedOut, Dropped; ConfigError when its ca_file cannot be read.
    """
    timeout = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout)
    context = tls_context(settings.ca_file)
    async with httpx.AsyncClient(verify=context, trust_env=False, timeout=timeout) as client:
        with border(name):
            response = await client.request(method, httpx.URL(settings.url).join(path))
        try:
            content = response.json()
        except (ValueError, RecursionError):
            content = None
        return Answer(
            response.status_code,
            _date(response.headers.get("date")),
            content if isinstance(content, dict) else None,
        )


def _date(header: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return date if date is not None and date.tzinfo is not None else None
