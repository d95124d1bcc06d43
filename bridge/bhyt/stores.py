"""Which token store the settings ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.bhyt.tokens import MemoryTokens, TokenStore
from bridge.config import BhytSettings
from bridge.errors import ConfigError
from bridge.words import said


@asynccontextmanager
async def open_tokens(settings: BhytSettings) -> AsyncIterator[TokenStore]:
    """The store of ``bhyt.gateway.store``, in memory where it names none; closed at the end. Raises
    ConfigError where what it needs is not installed or its files cannot be used.
    """
    store: TokenStore
    if settings.gateway.store.url:
        try:
            from bridge.bhyt.redis_tokens import RedisTokens  # an extra of the package
        except ModuleNotFoundError as error:
            raise ConfigError(
                said("bhyt.gateway.store needs more: pip install 'cshis-bridge[gateway]'")
            ) from error
        store = RedisTokens(settings.gateway.store, settings.url)
    else:
        store = MemoryTokens()
    try:
        yield store
    finally:
        await store.aclose()
