"""Two bridges (the second one is a command's session) and two readers at one console, in one event loop."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.calls.call import NATIVE, VHC, Argument, Door, LegacyCall, LegacyResult
from bridge.calls.caller import Caller
from bridge.config import CloudSettings, ConsoleSettings, ReaderSettings
from bridge.engine.engine import Engine
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.reader import Reader
from bridge.records.journal import Journal
from bridge.sim.simulator import Simulator
from bridge.table.default import default_table
from bridge.upstream.client import HttpUpstream
from tests.model.neighbour import Deed, Neighbour
from tests.model.way import Way
from tests.support.stage import PinPad

__all__ = ["NATIVE", "VHC", "Clinic", "Site"]

IMPORT, EXPORT = "/api/hc/v1/VirtualHc/Import", "/api/hc/v1/VirtualHc/Export"
BASIC, INITIAL, STATUS = "/api/hc/v1/Basic", "/api/common/v1/Initial", "/api/common/v1/Status"
# The races that SECURITY.md names: two requests in a row between which nobody else may come.
ONE_AFTER_THE_OTHER = {(IMPORT, BASIC), (BASIC, EXPORT), (INITIAL, STATUS)}


@dataclass
class Burst:
    """What the neighbour does in the middle of calls: before the request that makes ``left`` 0."""

    deed: Deed
    left: int
    done: bool = False


@dataclass
class Site:
    """A bridge: its engine, and the request to the console that it made last."""

    engine: Engine
    reader: Reader
    journal: Journal
    last: str = ""

    async def call(self, name: str, program: str, door: Door = NATIVE, **arguments: Argument) -> LegacyResult:
        """Make one legacy call."""
        return await self.engine.call(LegacyCall(name, arguments, door, Caller(program)))


@dataclass
class Clinic:
    """The sites over one simulator, the neighbour, and a clock that stands still until it is moved."""

    simulator: Simulator
    settings: ReaderSettings
    now: float = 1000.0
    burst: Burst | None = None
    requests: int = 0
    sites: list[Site] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = self.simulator.world
        self.neighbour = Neighbour(self.world)
        self.sites = [self._site(), self._site()]

    def _site(self) -> Site:
        console = HttpUpstream(
            "console", ConsoleSettings(), Way(self.simulator.console_app, lambda _, p: self._border(site, p))
        )
        cloud_way = Way(self.simulator.cloud_app, lambda *_: self._border(None, ""))
        cloud = HttpUpstream("cloud", CloudSettings(), cloud_way)
        table, journal = default_table(), Journal(None)
        reader = Reader(console, table.console, self.settings, PinPolicy(PinPad()), lambda: self.now)
        site = Site(Engine(table, reader, cloud, journal), reader, journal)
        return site

    def _border(self, site: Site | None, path: str) -> None:
        self.requests += 1
        before = site.last if site is not None else ""
        if site is not None:
            site.last = path
        if self.burst is None or self.burst.done:
            return
        self.burst.left -= 1
        if self.burst.left <= 0 and (before, path) not in ONE_AFTER_THE_OTHER:
            self.burst.done = True
            self.neighbour.do(self.burst.deed)

    def pass_time(self, seconds: float) -> None:
        """Both clocks go on."""
        self.now += seconds
        self.world.shift_clock(seconds)

    async def close(self) -> None:
        for site in self.sites:
            await site.reader.stop()
            site.journal.close()
