"""What dies in the load: a bridge that is killed and started again, programs that are killed and replaced."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.messages import Message
from tests.faults.proxy import FaultProxy, Seen
from tests.load.bridge_alone import Alone, alone_arguments, start

ORDER = re.compile(rb'"([NW]\d{9})"')
NEXT = "/SequelNumber/Next"
SERVING_SECONDS = 1.0
PORTS = {"facade": "--facade-port", "legacy_http": "--legacy-http-port", "channel": "--channel-port"}


class NotingProxy(FaultProxy):
    """Passes on, and notes what each signature has changed at the cloud. ``changed``: an order's code or a
    visit's number, by the random of the signature. ``slowest``: how long an answer takes at most.
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.changed: dict[str, str] = {}
        self.slowest = 0.0
        self._random = random.Random(1)

    async def _pass_on(self, request: Message, upstream: object, seen: Seen) -> Message:
        reply = await super()._pass_on(request, upstream, seen)  # type: ignore[arg-type]
        self.seen.clear()  # ten minutes of them would fill the memory
        if seen.status == 0:
            order = ORDER.search(request.body)
            mark = (
                str(reply.field("treatmentNumber"))
                if seen.path.endswith(NEXT)
                else order and order[1].decode()
            )
            if mark:
                self.changed[seen.random] = mark
        await asyncio.sleep(self._random.random() * self.slowest)
        return reply


class MortalBridge:
    """A bridge that can be killed; the next one has its ports and its data."""

    def __init__(self, config: Path, folder: Path) -> None:
        self._folder = folder
        self._arguments = alone_arguments(config, folder)
        self.alone: Alone = start(self._arguments, folder)
        for name, option in PORTS.items():
            port = str(self.alone.ready[name]).rpartition(":")[2]
            self._arguments.append(f"{option}={port}")
        self._since = time.monotonic()

    @property
    def data_dir(self) -> Path:
        return Path(self.alone.ready["config"]).parent

    def die(self) -> None:
        """It is killed (SIGKILL) and started again, once it has served for a moment: on a busy machine starts
        would else follow each other, and nobody would be served at all.
        """
        time.sleep(max(0.0, self._since + SERVING_SECONDS - time.monotonic()))
        self._reap(self.alone.process.kill)
        self.alone = start(self._arguments, self._folder)
        self._since = time.monotonic()

    def stop(self) -> None:
        """It ends as it should."""
        self._reap(self.alone.process.terminate)

    def _reap(self, end: Callable[[], None]) -> None:
        end()
        self.alone.process.wait(30)
        assert self.alone.process.stdout is not None
        self.alone.process.stdout.close()


class Programs:
    """Old programs, each in a process; one that is killed is replaced. ``begin`` starts the one of a number,
    after so many others of it.
    """

    def __init__(self, count: int, begin: Callable[[int, int], subprocess.Popen[bytes]], seed: int) -> None:
        self._begin = begin
        self._generations = [0] * count
        self._running = [begin(number, 0) for number in range(count)]
        self._random = random.Random(seed)

    def kill_one(self) -> None:
        number = self._random.randrange(len(self._running))
        self._running[number].kill()
        self._running[number].wait()
        self._generations[number] += 1
        self._running[number] = self._begin(number, self._generations[number])

    def wait(self, seconds: float) -> list[int]:
        """Their exit codes."""
        return [each.wait(seconds) for each in self._running]

    def end(self) -> None:
        for each in self._running:
            each.kill()
            each.wait()


class Repeated(threading.Thread):
    """Does something so many times within so many seconds, at times that nobody can foresee."""

    def __init__(self, name: str, act: Callable[[], None], times: int, seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self._act = act
        chosen = random.Random(name)
        self._due = sorted(chosen.random() * seconds for _ in range(times))
        self._ended = threading.Event()
        self.done = 0

    def run(self) -> None:
        began = time.monotonic()
        for due in self._due:
            if self._ended.wait(max(0.0, began + due - time.monotonic())):
                return
            self._act()
            self.done += 1

    def end(self) -> int:
        """Stop. Out: how often it was done."""
        self._ended.set()
        self.join(60)
        return self.done
