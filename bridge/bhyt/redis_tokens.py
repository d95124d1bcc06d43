"""The portal's tokens in Redis or Valkey, for workers on several machines.

What this process has taken itself is used first. The store is asked where that is missing or refused, and
where the latest is wanted; one that does not answer makes nothing fail: the process goes on alone, and looks
again after a while.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import LockError, RedisError

from bridge.bhyt.tokens import Account, Good, MemoryTokens, Token
from bridge.config import TokenStoreSettings
from bridge.upstream.tls import check_trust

log = logging.getLogger(__name__)
PREFIX = "cshis-bridge:bhyt:"
MOST_CONNECTIONS = 8  # of one process
LOOK_AGAIN_SECONDS = 5.0  # after the store has not answered
LONGEST_SECONDS = 86_400  # for a token that does not say when it expires
TAKING_SECONDS = 30.0  # after which another process may take a token, if the first one has been lost
LOOK_SECONDS = 0.05
NO_ANSWER = object()  # of the store; None is one
# Deletes a token only where it is still that one.
FORGET = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

ResultT = TypeVar("ResultT")


class RedisTokens:
    """A TokenStore. In: the store's settings; the portal's address, which is part of every key. Raises
    ConfigError where ``ca_file`` cannot be used.

    No key and no value names an account or its password: keys are digests.
    """

    def __init__(self, settings: TokenStoreSettings, portal: str) -> None:
        self.fault = ""
        self._own = MemoryTokens()
        self._portal = portal
        self._seconds = settings.timeout
        self._not_before = 0.0
        password = settings.password
        tls: dict[str, Any] = {}
        if settings.url.startswith("rediss://") and settings.ca_file is not None:
            check_trust(settings.ca_file)  # now, and not with the first token
            tls["ssl_ca_certs"] = str(settings.ca_file)
        pool = BlockingConnectionPool.from_url(
            settings.url,
            max_connections=MOST_CONNECTIONS,
            timeout=settings.timeout,
            username=settings.username or None,
            password=None if password is None else password.get_secret_value(),
            socket_timeout=settings.timeout,
            socket_connect_timeout=settings.timeout,
            decode_responses=True,
            retry=Retry(NoBackoff(), 1),  # a kept connection may have been closed meanwhile
            retry_on_error=[RedisConnectionError],
            **tls,
        )
        self._redis: Redis = Redis.from_pool(pool)

    async def get(self, account: Account, good: Good, latest: bool = False) -> Token | None:
        """The account's token, if there is one that is ``good``. ``latest``: the store's, as long as it
        answers.
        """
        kept = await self._own.get(account, good)
        if kept is not None and not latest:
            return kept
        text = await self._asked(lambda: self._redis.get(self._key(account)), NO_ANSWER)
        if text is NO_ANSWER:
            return kept
        shared = _token(text)
        if shared is None or not good(shared):
            return None
        if shared == kept:
            return kept
        await self._own.put(account, shared)
        return shared

    async def put(self, account: Account, token: Token) -> None:
        """Keep a token in place of the account's last."""
        await self._own.put(account, token)
        left = LONGEST_SECONDS
        if token.expires is not None:
            left = int((token.expires - datetime.now(UTC)).total_seconds())
        if left > 0:
            await self._asked(lambda: self._redis.set(self._key(account), _text(token), ex=left), None)

    async def forget(self, account: Account, token: Token) -> None:
        """The token is worth nothing any more. A newer one stays."""
        await self._own.forget(account, token)
        shared = await self._asked(lambda: self._redis.get(self._key(account)), None)
        if shared is not None and _token(shared) == token:
            await self._asked(lambda: self._redis.eval(FORGET, 1, self._key(account), shared), None)

    @asynccontextmanager
    async def taking(self, account: Account) -> AsyncIterator[None]:
        """Inside, no process takes a token for the account, as long as the store answers."""
        async with self._own.taking(account):
            lock = self._redis.lock(
                f"{self._key(account)}:taking",
                timeout=TAKING_SECONDS,
                blocking_timeout=TAKING_SECONDS,
                sleep=LOOK_SECONDS,
            )
            held = await self._asked(lock.acquire, False, TAKING_SECONDS + self._seconds)
            try:
                yield
            finally:
                if held:
                    await self._asked(lambda: _released(lock), None)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _asked(
        self, ask: Callable[[], Awaitable[ResultT]], otherwise: ResultT, seconds: float | None = None
    ) -> ResultT:
        """What the store says; ``otherwise`` where it does not."""
        if time.monotonic() < self._not_before:
            return otherwise
        try:
            async with asyncio.timeout(seconds or 2 * self._seconds):
                answer = await ask()
        except (RedisError, OSError, TimeoutError) as error:
            self._not_before = time.monotonic() + LOOK_AGAIN_SECONDS
            if not self.fault:
                log.error("the token store does not answer (%s): tokens are not shared", type(error).__name__)
            self.fault = type(error).__name__
            return otherwise
        if self.fault:
            log.warning("the token store answers again")
            self.fault = ""
        return answer

    def _key(self, account: Account) -> str:
        whole = "\0".join((self._portal, account.username, account.password_md5.lower()))
        return PREFIX + hashlib.sha256(whole.encode()).hexdigest()


async def _released(lock: Lock) -> None:
    try:
        await lock.release()
    except LockError:
        log.warning("taking a token took longer than %g s", TAKING_SECONDS)


def _text(token: Token) -> str:
    expires = None if token.expires is None else token.expires.isoformat()
    return json.dumps([token.access_token, token.id_token, expires])


def _token(text: object) -> Token | None:
    """What stands in the store; None for what is no token of ours."""
    if not isinstance(text, str):
        return None
    try:
        access_token, id_token, expires = json.loads(text)
        moment = None if expires is None else datetime.fromisoformat(expires)
    except (ValueError, TypeError):
        return None
    if not isinstance(access_token, str) or not isinstance(id_token, str):
        return None
    return Token(access_token, id_token, moment)
