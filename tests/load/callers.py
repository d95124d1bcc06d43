"""Callers of one bridge in threads: through the library, in processes of their own, and by HTTP."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from tests.load.bridge_alone import Alone
from tests.support.bridge_process import Bridge, clean_environment
from tests.support.legacy_routes import HttpRoute, NativeRoute, Result, Route

DRIVERS = Path("drivers")


def patience() -> float:
    """By how much longer than on a quiet machine a thing may take now: how many want each processor."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@contextmanager
def native_callers(alone: Alone, library: Path, folder: Path, count: int) -> Iterator[list[NativeRoute]]:
    """So many programs, each connected already."""
    env = clean_environment(CSHIS_BRIDGE=alone.ready["channel"])
    with ExitStack() as stack:
        routes = [
            stack.enter_context(NativeRoute("client", library, folder / DRIVERS, env)) for _ in range(count)
        ]
        for route in routes:
            assert route.call("csCloseCom")[0] == 0
        yield routes


@contextmanager
def http_callers(alone: Alone, count: int) -> Iterator[list[HttpRoute]]:
    """So many clients on HTTPS, each connected already."""
    with ExitStack() as stack:
        routes = [
            stack.enter_context(HttpRoute("5067", alone.ready["facade"], alone.ready["ca_file"]))
            for _ in range(count)
        ]
        for route in routes:
            assert route.client.get("/healthz").status_code == 200
        yield routes


def all_at_once(
    pool: ThreadPoolExecutor, routes: Sequence[Route], function: str, **arguments: int
) -> list[Future[Result]]:
    """The same call by every one of them."""
    return [pool.submit(route.call, function, **arguments) for route in routes]


def wait_for_requests(far: Bridge, path: str, count: int, seconds: float = 15.0) -> None:
    """Until so many requests to a path are under way or done."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if sum(entry["path"].endswith(path) for entry in far.sim.requests()) >= count:
            return
        time.sleep(0.02)
    raise AssertionError(f"fewer than {count} requests came to {path} within {seconds:g} s")


def seconds_of(call: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.monotonic()
    call()
    return time.monotonic() - began


def p50(calls: Sequence[Callable[[], object]], rounds: int) -> float:
    """The median of so many rounds of these calls, one after the other."""
    return median(seconds_of(call) for _ in range(rounds) for call in calls)
