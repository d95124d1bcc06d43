"""Where httpx begins and its exceptions end.

Each becomes one of ours, which says whether the request may have arrived.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from bridge.config import UpstreamSettings
from bridge.errors import ConfigError, Dropped, TimedOut, TlsFailure, Unreachable, UpstreamError

KEEP_ALIVE_SECONDS = (
    600.0  # a clinic may be quiet for minutes; a new TLS connection costs more than the call itself
)
MOST_CONNECTIONS = 64


def make_client(
    settings: UpstreamSettings, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """A keep-alive client for one upstream; its certificate is always verified, against ``ca_file`` where one
    is set.

    ``transport`` replaces the network (tests). Raises ConfigError when the CA file cannot be read.
    """
    limits = httpx.Limits(
        max_connections=MOST_CONNECTIONS,
        max_keepalive_connections=MOST_CONNECTIONS,
        keepalive_expiry=KEEP_ALIVE_SECONDS,
    )
    timeout = httpx.Timeout(
        connect=settings.connect_timeout,
        read=settings.read_timeout,
        write=settings.read_timeout,
        pool=settings.read_timeout,
    )
    return httpx.AsyncClient(
        base_url=settings.url,
        verify=_tls(settings),
        limits=limits,
        timeout=timeout,
        transport=transport,
        trust_env=False,  # a proxy meant for browsers must not see patients' data
        follow_redirects=False,
    )


def _tls(settings: UpstreamSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"ca_file {settings.ca_file} cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def border(upstream: str) -> Iterator[None]:
    """Turn what httpx raises into our own exceptions, most specific first.

    A test fails when httpx gains one that is missing here.
    """
    try:
        yield
    except httpx.ConnectTimeout as error:
        raise Unreachable(upstream, "no connection in time") from error
    except httpx.PoolTimeout as error:
        raise Unreachable(upstream, "all connections are in use") from error
    except httpx.TimeoutException as error:
        raise TimedOut(upstream, "no answer in time") from error
    except httpx.ConnectError as error:
        raise _refused(upstream, error) from error
    except (httpx.UnsupportedProtocol, httpx.ProxyError) as error:
        raise Unreachable(upstream, str(error)) from error
    except (httpx.TransportError, httpx.DecodingError, httpx.TooManyRedirects) as error:
        raise Dropped(upstream, f"{type(error).__name__}: the connection broke") from error
    except httpx.InvalidURL as error:
        raise Unreachable(upstream, "its configured URL is not valid") from error


def _refused(upstream: str, error: httpx.ConnectError) -> UpstreamError:
    """A failed connection: untrusted certificate or nobody there.

    httpx keeps the TLS error only as a cause or as text.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "reason", None) or "TLS failed"  # only OpenSSL's own errors carry one
            return TlsFailure(upstream, f"its certificate is not trusted: {reason}")
        cause = cause.__cause__ or cause.__context__
    return Unreachable(upstream, "nobody answers there")
