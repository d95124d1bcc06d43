"""The portal's tokens: one an account, until it expires or is refused. No account gets another one's."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from weakref import WeakValueDictionary

MOST_TOKENS = 4096  # a gateway serves the hospitals of a province


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the portal: user name, and md5 of the password in hexadecimal digits."""

    username: str
    password_md5: str = field(repr=False)

    @classmethod
    def of(cls, username: str, password: str) -> Account:
        """The account of a plain password."""
        return cls(username, hashlib.md5(password.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True)
class Token:
    """What the portal gives for an account. ``expires``: None where it does not say (clients' own tokens).
    ``taken``: when this process took it, by its monotonic clock; 0 for what others took.
    """

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires: datetime | None = field(default=None, compare=False)
    taken: float = field(default=0.0, compare=False)


Good = Callable[[Token], bool]


class TokenStore(Protocol):
    """Where tokens are kept. It never fails: without a token the portal is asked for one. ``fault``: why
    tokens are not shared as they should be; "" for nothing.
    """

    fault: str

    async def get(self, account: Account, good: Good, latest: bool = False) -> Token | None:
        """The account's token, if there is one that is ``good``. ``latest``: the one that all processes know
        of now, even if this one keeps another.
        """
        ...

    async def put(self, account: Account, token: Token) -> None:
        """Keep a token in place of the account's last."""
        ...

    async def forget(self, account: Account, token: Token) -> None:
        """The token is worth nothing any more. A newer one stays."""
        ...

    def taking(self, account: Account) -> AbstractAsyncContextManager[None]:
        """Inside, nobody else takes a token for the account."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...


class MemoryTokens:
    """Tokens in the memory of this process."""

    fault = ""

    def __init__(self) -> None:
        self._tokens: OrderedDict[Account, Token] = OrderedDict()
        self._locks: WeakValueDictionary[Account, asyncio.Lock] = WeakValueDictionary()

    async def get(self, account: Account, good: Good, latest: bool = False) -> Token | None:
        """The account's token, if there is one that is ``good``; here it is always the latest."""
        kept = self._tokens.get(account)
        if kept is None or not good(kept):
            return None
        self._tokens.move_to_end(account)
        return kept

    async def put(self, account: Account, token: Token) -> None:
        """Keep a token in place of the account's last; the one not used for longest goes for it."""
        self._tokens[account] = token
        self._tokens.move_to_end(account)
        while len(self._tokens) > MOST_TOKENS:
            self._tokens.popitem(last=False)

    async def forget(self, account: Account, token: Token) -> None:
        """The token is worth nothing any more. A newer one stays."""
        if self._tokens.get(account) == token:
            del self._tokens[account]

    @asynccontextmanager
    async def taking(self, account: Account) -> AsyncIterator[None]:
        """Inside, nobody else in this process takes a token for the account."""
        lock = self._locks.get(account)
        if lock is None:
            lock = self._locks[account] = asyncio.Lock()
        async with lock:
            yield

    async def aclose(self) -> None:
        """Nothing is open."""
