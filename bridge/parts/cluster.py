"""Workers that are those of a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

import distributed
from distributed.scheduler import KilledWorker

from bridge import __version__
from bridge.errors import PartsError, WorkersLost
from bridge.parts.part import Died, Outcome, Part, Work, do
from bridge.words import said, spoken, tr

CONNECT_SECONDS = 10
LOST_SECONDS = 10  # without the scheduler, after which nobody waits any more
# Their loggers: what a person needs, PartsError says.
_NO_MESSAGES = ("distributed.client", "distributed.comm", "distributed.core", "tornado.application")


class DaskCluster:
    """The workers of a scheduler at ``address`` (``tcp://HOST:8786``). They read the files under the same
    paths as this machine, and have this version of this program. Raises PartsError where nobody answers
    there, there is no worker, or one has another version.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        for name in _NO_MESSAGES:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._client: Any = _Client(address, CONNECT_SECONDS)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            raise PartsError(
                said(
                    "{address}: no Dask scheduler answers there: {reason}",
                    address=address,
                    reason=_why(error),
                )
            ) from error
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """For people."""
        return tr("Dask cluster {address}", address=self.address)

    def _check(self) -> None:
        try:
            versions: dict[str, str] = self._client.run(version)
        except Exception as error:  # a worker that lacks this program fails in many ways
            raise PartsError(
                said(
                    "{address}: a worker cannot run cshis-bridge ({reason}); install it there, in the same "
                    "version, with the extra cluster",
                    address=self.address,
                    reason=type(error).__name__,
                )
            ) from error
        if not versions:
            raise PartsError(said("{address}: this Dask cluster has no worker", address=self.address))
        others = {worker: found for worker, found in versions.items() if found != version()}
        for worker, found in others.items():
            raise PartsError(
                said(
                    "{worker}: runs cshis-bridge {found}, and here is {own}; both must be the same",
                    worker=worker,
                    found=found,
                    own=version(),
                )
            )

    def outcomes(self, work: Work, parts: Sequence[Part]) -> Iterator[tuple[Part, Outcome]]:
        """See :class:`bridge.parts.workers.Workers`. A worker that is lost costs nothing here: the scheduler
        gives its part to another one.
        """
        largest_first = sorted(parts, key=lambda part: -part.size)
        futures = {
            self._client.submit(do, work, part, spoken(), pure=False, key=f"cshis-{number}-{id(parts)}"): part
            for number, part in enumerate(largest_first)
        }
        done: SimpleQueue[Any] = SimpleQueue()
        for future in futures:
            future.add_done_callback(done.put)
        for _ in range(len(futures)):
            future = self._next(done)
            yield futures[future], self._outcome(future)

    def _next(self, done: SimpleQueue[Any]) -> Any:
        """The next that is done. Raises WorkersLost when the scheduler is gone."""
        lost = 0
        while lost < LOST_SECONDS:
            with suppress(Empty):
                return done.get(timeout=1)
            lost = 0 if self._client.status == "running" else lost + 1
        raise self._gone()

    def _outcome(self, future: Any) -> Outcome:
        try:
            outcome: Outcome = future.result()
        except KilledWorker:
            return Died(tr("its workers of the cluster ended"))
        except (CancelledError, asyncio.CancelledError, TimeoutError, OSError) as error:
            raise self._gone() from error
        return outcome

    def _gone(self) -> WorkersLost:
        return WorkersLost(
            said(
                "{address}: the Dask scheduler does not answer any more; what is finished is kept, and the "
                "same command goes on from there",
                address=self.address,
            )
        )

    def close(self) -> None:
        """Take back what is not done, and leave the cluster."""
        self._client.end(2)


class _Client(distributed.Client):
    """Ends when it is told to, or when nobody answers, and at no other time. The library (seen with 2026.8.0)
    leaves one whom nobody answered to the garbage collector. That closes it in any thread at any moment: the
    thread waits for seconds, or for ever where it just begins or ends another client.
    """

    def __init__(self, address: str, seconds: float) -> None:
        try:
            super().__init__(address, timeout=seconds, set_as_default=False)  # type: ignore[no-untyped-call]
        except BaseException:
            self.end(seconds)
            raise

    def end(self, seconds: float) -> None:
        """Take so long at most to say good-bye."""
        with suppress(TimeoutError):
            super().close(timeout=seconds)  # type: ignore[no-untyped-call]
        self._loop_runner.stop()  # type: ignore[no-untyped-call]

    def __del__(self) -> None:
        """Nothing is left to do, see above."""


def version() -> str:
    """Run by every worker: what must be the same everywhere."""
    return f"{__version__} (Python {platform.python_version_tuple()[0]})"


def _why(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
