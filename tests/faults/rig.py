"""A whole bridge in this process, over real TCP and TLS: engine, reader, journal, proxies, simulators."""

from __future__ import annotations

import asyncio
import copy
import pickle
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import yaml

from bridge.calls.call import NATIVE, Argument, Door, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.caller import UNKNOWN_CALLER, Caller
from bridge.config import CentreSettings, CloudSettings, ConsoleSettings, ReaderSettings, UploadSettings
from bridge.engine.engine import Engine
from bridge.engine.given import row_settings
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.pin_operations import PinOperations
from bridge.reader.reader import Reader
from bridge.records.journal import Journal, Pending
from bridge.serving.certificate_making import fresh_certificate
from bridge.serving.listener import Listener
from bridge.sim.portal import books as portal_books
from bridge.sim.signatures import Keys
from bridge.sim.simulator import Simulator
from bridge.sim.world import World
from bridge.table.loader import default_table
from bridge.upstream.centre import UploadCentre
from bridge.upstream.client import HttpUpstream
from tests.faults.proxy import LOOPBACK, FaultProxy, Seen
from tests.support.good_calls import GOOD
from tests.support.stage import DEMO, PinPad
from tests.support.table_watch import SEEN

CONNECT_SECONDS, READ_SECONDS = 2.5, 2.5
PATIENT_SECONDS = 20.0  # for a healthy answer, also on a busy machine
SERVICES = ("console", "cloud", "centre")
REQUEST_SECONDS = CONNECT_SECONDS + READ_SECONDS  # the documented bound of one request


class Impatient:
    """An upstream that can be made to wait for a short time only: while a test expects no answer."""

    def __init__(self, upstream: HttpUpstream) -> None:
        self.name = upstream.name
        self.upstream = upstream
        self.hurried = False

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> dict[str, Any]:
        SEEN.note(self.name, method, path)
        return await self.upstream.request(method, path, body, READ_SECONDS if self.hurried else patience)


@dataclass
class Made:
    """A call that was made: what came back, after how long, and what each upstream saw meanwhile."""

    result: LegacyResult
    seconds: float
    cloud: list[Seen]
    console: list[Seen]

    @property
    def flooded(self) -> int:
        """How many bytes of false replies went to the bridge or its machine's buffers."""
        return sum(seen.flooded for seen in (*self.cloud, *self.console))


@dataclass
class Stage:
    """One bridge and everything behind it. The person at the PIN pad knows the simulator's PINs."""

    world: World
    engine: Engine
    reader: Reader
    journal: Journal
    proxies: dict[str, FaultProxy]
    upstreams: list[Impatient]
    intents_seen: int = 0
    changed: bool = True  # whether the world is another than at the start

    async def call(
        self, name: str, door: Door = NATIVE, caller: Caller = UNKNOWN_CALLER, **arguments: Argument
    ) -> LegacyResult:
        return await self.engine.call(LegacyCall(name, arguments, door, caller))

    async def make(
        self,
        name: str,
        door: Door = NATIVE,
        *,
        hurried: str = "",
        caller: Caller = UNKNOWN_CALLER,
        **arguments: Argument,
    ) -> Made:
        """Make a call and look at what it sent. ``hurried``: the upstream that is not waited for long."""
        before = {service: len(proxy.seen) for service, proxy in self.proxies.items()}
        started = time.monotonic()
        for upstream in self.upstreams:
            upstream.hurried = upstream.name == hurried
        try:
            result = await self.call(name, door, caller, **arguments)
        finally:
            for upstream in self.upstreams:
                upstream.hurried = False
        seconds = time.monotonic() - started
        seen = {service: proxy.seen[before[service] :] for service, proxy in self.proxies.items()}
        return Made(result, seconds, seen["cloud"] + seen["centre"], seen["console"])

    def good(self, name: str) -> dict[str, Argument]:
        """Arguments of a good call."""
        return GOOD[name](self.world)

    async def fresh(self, anew: bool = True) -> None:
        """No fault anywhere, the world's start state, and the doctor's PIN verified: a healthy call, which
        must work. ``anew``: the coming call changes something (where neither this nor the last one does, the
        state is still there).
        """
        for proxy in self.proxies.values():
            await proxy.clear()
        if not self.changed and not anew:
            return
        self.changed = anew
        self.world.reset()
        self.reader.pins = PinOperations(self.reader.turn, PinPolicy(PinPad()))
        code = (await self.call("hpcVerifyHPCPIN")).code
        assert code == 0, f"a healthy call answered {code}"

    async def works(self) -> bool:
        """Whether the demo card can be read: a call of console and cloud."""
        result = await self.call("hisGetBasicData", pBuffer=OutBuffer(72))
        record = result.outputs.get("pBuffer")
        return result.code == 0 and isinstance(record, bytes) and record[:12] == DEMO.encode()

    def stored(self) -> object:
        """Everything the cloud and the cards hold that a call can change."""
        pins = [card.pin for card in (*self.world.cards.values(), *self.world.practitioners.values())]
        return (
            pins,
            pickle.dumps(self.world.records),
            list(self.world.uploads),
            list(self.world.centre_uploads),
        )

    def pending(self) -> list[Pending]:
        """What the journal has listed since this was asked last."""
        found = [each for each in self.journal.pending() if each.id > self.intents_seen]
        self.intents_seen = max((each.id for each in self.journal.pending()), default=self.intents_seen)
        return found


@cache
def _keys() -> Keys:
    return Keys()


_parsed = cache(yaml.load)


@contextmanager
def quick_worlds() -> Iterator[None]:
    """The file of the portal's people is parsed once, not at every reset."""

    def load(text: str, Loader: Any) -> Any:
        return copy.deepcopy(_parsed(text, Loader))

    with mock.patch.object(portal_books, "yaml", SimpleNamespace(load=load)):
        yield


def server_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """How a server shows itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@dataclass
class Upstreams:
    """The simulators, served in this event loop, each behind a proxy."""

    simulator: Simulator
    proxies: dict[str, FaultProxy]
    ca_file: Path

    @property
    def world(self) -> World:
        return self.simulator.world


@asynccontextmanager
async def open_upstreams(directory: Path) -> AsyncIterator[Upstreams]:
    """Console, cloud and upload centre."""
    simulator = Simulator(_keys())
    certificate, key, ca_file = fresh_certificate(directory)
    shown = server_tls(certificate, key)
    async with AsyncExitStack() as stack:
        proxies: dict[str, FaultProxy] = {}
        for service in SERVICES:
            listener = Listener(getattr(simulator, f"{service}_app"), LOOPBACK, 0)
            await listener.start()
            stack.push_async_callback(listener.stop)
            proxies[service] = FaultProxy(listener.port, shown)
            await proxies[service].start()
            stack.push_async_callback(proxies[service].stop)
        yield Upstreams(simulator, proxies, ca_file)


@asynccontextmanager
async def open_stage(
    directory: Path,
    *,
    read_seconds: float = PATIENT_SECONDS,
    connect_seconds: float = CONNECT_SECONDS,
    deadline: float = 90.0,
    journal: Journal | None = None,
    upload: str = "1.0",
    ca_file: Path | None = None,
    urls: Mapping[str, str] | None = None,
) -> AsyncIterator[Stage]:
    """Put everything together and take it apart again. ``ca_file``: whom the bridge trusts in place of the
    simulator's authority; ``urls``: where it looks for an upstream in place of its proxy.
    """
    async with open_upstreams(directory) as upstreams:
        proxies = upstreams.proxies
        where = {**{name: proxy.url for name, proxy in proxies.items()}, **(urls or {})}
        trusted = {
            "ca_file": ca_file or upstreams.ca_file,
            "connect_timeout": connect_seconds,
            "read_timeout": read_seconds,
        }
        console = HttpUpstream("console", ConsoleSettings(url=where["console"], **trusted))
        cloud = HttpUpstream("cloud", CloudSettings(url=where["cloud"], **trusted))
        centre = UploadCentre(CentreSettings(url=f"{where['centre']}/V2000/", **trusted))
        impatient = [Impatient(console), Impatient(cloud)]
        reader = Reader(impatient[0], default_table().console, ReaderSettings(), PinPolicy(PinPad()))
        kept = journal or Journal(None)
        settings = row_settings(UploadSettings(format=upload))
        engine = Engine(
            default_table(), reader, impatient[1], kept, deadline, centre=centre, settings=settings
        )
        try:
            yield Stage(upstreams.world, engine, reader, kept, proxies, impatient)
        finally:
            for proxy in proxies.values():
                await proxy.clear()
            await reader.stop()
            for upstream in (console, cloud, centre):
                await upstream.aclose()
            kept.close()


async def shared_out(stages: list[Stage], names: list[str], work: Any) -> list[str]:
    """Do ``work(stage, name)`` for every name, on as many stages at a time. Out: what it complained about."""
    waiting = list(reversed(names))
    found: list[str] = []

    async def one(stage: Stage) -> None:
        while waiting:
            name = waiting.pop()
            try:
                complaints = await work(stage, name)
            except AssertionError as error:
                complaints = [str(error)]
            found.extend(f"{name}: {complaint}" for complaint in complaints)

    await asyncio.gather(*(one(stage) for stage in stages))
    return found


def assert_nothing(complaints: list[str]) -> None:
    """Fail with all complaints, one a line."""
    assert not complaints, f"{len(complaints)} complaints:\n" + "\n".join(complaints)
