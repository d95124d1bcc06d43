"""Where httpx begins and its exceptions end.

Each becomes one of ours, which says whether the request may have arrived.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

import httpx

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, ConfigError, Dropped, TimedOut, TlsFailure, Unreachable, UpstreamError
from bridge.upstream.pool import PooledTransport, ReplyTooLong, Translating

SLOWEST_BYTES_PER_SECOND = 131_072  # a line that takes a body more slowly is not waited for


def make_transport(settings: UpstreamSettings) -> httpx.AsyncBaseTransport:
    """Kept connections to one upstream; its certificate is always verified, against ``ca_file`` where one is
    set. Proxies of the environment are not used: one meant for browsers must not see patients' data.

    Raises ConfigError when the CA file cannot be read.
    """
    return PooledTransport(tls_context(settings.ca_file))


@lru_cache
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """What verifies the other side, from TLS 1.2 on. Made once a file: reading the system's authorities takes
    longer than many calls. Raises ConfigError when the file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"ca_file {ca_file} cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def timeouts(settings: UpstreamSettings, patience: float | None = None) -> dict[str, float]:
    """Seconds for the phases of a request, in httpx's terms. ``patience``: instead of the settings' read
    timeout, where a person types meanwhile.
    """
    read = settings.read_timeout if patience is None else patience
    return {
        "connect": settings.connect_timeout,
        "pool": settings.connect_timeout,
        "read": read,
        "write": read,
    }


def most_seconds(times: dict[str, float], length: int) -> float:
    """How long a request with a body of ``length`` bytes may take from its first to its last byte, so that an
    answer that drips in does not hold a call for ever.
    """
    return times["pool"] + times["read"] + length // SLOWEST_BYTES_PER_SECOND


class border(Translating):
    """Turn what httpx raises into our own exceptions, most specific first.

    A test fails when httpx gains one that is missing here.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream

    def translated(self, error: BaseException) -> BaseException | None:
        """Our exception for one of httpx."""
        return _ours(self._upstream, error)


def _ours(upstream: str, error: BaseException) -> UpstreamError | None:
    match error:
        case httpx.ConnectTimeout():
            return Unreachable(upstream, "no connection in time")
        case httpx.PoolTimeout():
            return Unreachable(upstream, "all connections are in use")
        case httpx.TimeoutException():
            return TimedOut(upstream, "no answer in time")
        case httpx.ConnectError():
            return _refused(upstream, error)
        case httpx.UnsupportedProtocol() | httpx.ProxyError():
            return Unreachable(upstream, str(error))
        case ReplyTooLong():
            return BadReply(upstream, str(error))
        case httpx.TransportError() | httpx.DecodingError() | httpx.TooManyRedirects():
            return Dropped(upstream, f"{type(error).__name__}: the connection broke")
        case httpx.InvalidURL():
            return Unreachable(upstream, "its configured URL is not valid")
    return None


def _refused(upstream: str, error: httpx.ConnectError) -> UpstreamError:
    """A failed connection: untrusted certificate or nobody there.

    The TLS error is kept only as a cause.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "reason", None) or "TLS failed"  # only OpenSSL's own errors carry one
            return TlsFailure(upstream, f"its certificate is not trusted: {reason}")
        cause = cause.__cause__ or cause.__context__
    return Unreachable(upstream, "nobody answers there")
