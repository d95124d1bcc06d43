"""64 programs at two readers and 64 HTTP clients at once. Programs and the bridge are killed, clients hang
up, and another program works at the console. Nobody gets data of others or of another reader, no change is
lost or doubled, unclear ones are pending.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import tomli_w

from bridge.serving.certificate_making import fresh_certificate
from native.compiler import compile_program
from tests.faults.rig import server_tls
from tests.load.calls import Call, Presence, Stay, read_calls
from tests.load.field_day import (
    BEGIN_AFTER,
    END_AFTER,
    HERE,
    SEASON,
    people_of,
    prepare,
    start_host,
    start_web,
)
from tests.load.load_script import FIXED, write_scripts
from tests.load.mortal import MortalBridge, NotingProxy, Programs, Repeated
from tests.load.two_ports import DECKS, ON_PHONES, Desk, Neighbour, swappers, two_ports
from tests.load.verdict import FAILURES, Judge
from tests.load.web_clients import NO_ANSWER, UPLOAD
from tests.support.bridge_process import Bridge

SECONDS = float(os.environ.get("LOAD_SECONDS", "60"))
CALLER_KILLS = int(os.environ.get("LOAD_CALLER_KILLS", "50"))
BRIDGE_KILLS = int(os.environ.get("LOAD_BRIDGE_KILLS", "20"))
PROGRAMS = CLIENTS = 64
LEAVING = 0.1  # of the calls by HTTP are given up
NEIGHBOUR_SECONDS = 3.0
PIN_SECONDS = 0.5
HOLD = 0.3  # of a reader's turn at least; a bridge lives for a few seconds only
PORTS = len(DECKS)
TURN = "the reader's turn: from"
CLOUD_SECONDS = 0.3  # that an answer takes at most, half of that on average
CALLS_OF_A_LIFE = 10_000
REPORT = Path(__file__).parents[2] / "build" / "load-kills.json"
BRIDGE_GONE = {4000: "the bridge was killed, or its caller had gone", -1: "the same, for csOpenCom"}
CARD_READS = (*FIXED, "csGetCardNo")
ELSEWHERE = ("writes lost, doubled or astray", "orders written", "visit numbers taken")  # see Account
LEFT = {NO_ANSWER: "the client hung up, or the bridge was killed"}
# What a call answers whose first answer was lost, or between whose requests another program came.
UNCLEAR = {5007: "done already", 9003: "no answer"}
IN_USE = 4029
WHY = {
    "native": {**FAILURES["native"], **BRIDGE_GONE, **UNCLEAR, 4042: "the other program ended the session"},
    "web": {
        **FAILURES["web"],
        **BRIDGE_GONE,
        **LEFT,
        **UNCLEAR,
        IN_USE: "the other program used a card, twice, before the QR code was presented",
    },
}


@dataclass
class Account:
    """What became of the changes that the cloud has: answered, pending, or done and never heard of."""

    answered: int
    pending: int
    unheard: int
    lost: list[str]


class Auditor(Judge):
    """Compares callers, cloud and journal. ``readers``: which cards lay in each of them; ``neighbour``: when
    the other program did something.
    """

    readers: list[Presence]
    neighbour: Presence

    def _is_explained(self, call: Call, known: Mapping[int, str]) -> bool:
        """A card in use keeps a QR code out only where the other program steps in again during the call."""
        if call.code == IN_USE and (call.name != UPLOAD or not self.neighbour.during(call)):
            return False
        return super()._is_explained(call, known)

    def _there(self, call: Call, kind: str) -> set[str]:
        """A program meets the cards of its own reader alone."""
        return self.readers[port_of(call)].during(call) if kind == "native" else super()._there(call, kind)

    def account(self, changed: Mapping[str, str], states: Mapping[str, str]) -> Account:
        """In: the marks of changes at the cloud by their randoms; what the journal says of a random."""
        stored = {**self._stored_orders(), **self._stored_numbers()}
        given = {**self._written, **dict.fromkeys(self._numbers, "")}
        randoms = {mark: random for random, mark in changed.items()}
        found = Account(0, 0, 0, [])
        for mark, cards in stored.items():
            state = states.get(randoms.get(mark, ""), "missing")
            wanted = self._written.get(mark, cards[0])
            if cards != [wanted]:
                found.lost.append(f"{mark}: stored for {cards}, wanted for {wanted}")
            elif state in ("failed", "missing"):
                found.lost.append(f"{mark}: the cloud has it, the journal says {state}")
            elif mark in given:
                found.answered += 1
            elif state == "done":
                found.unheard += 1
            else:
                found.pending += 1
        found.lost += [f"{mark}: answered, and the cloud has it not" for mark in given if mark not in stored]
        found.lost += [
            f"{random}: the journal says done, and the cloud did nothing"
            for random, state in states.items()
            if state == "done" and random not in changed
        ]
        return found

    def _compare_orders(self) -> None:
        """See :meth:`account`."""

    def _compare_numbers(self) -> None:
        for number, cards in self._stored_numbers().items():
            if number in self._numbers and not set(cards) & self._numbers[number]:
                self.verdict.mixed.append(f"visit number of {cards}, whose card was not there")


@contextmanager
def noted(far: Bridge, folder: Path) -> Iterator[tuple[NotingProxy, Path]]:
    """Proxies before console and cloud, in a thread of their own. Out: the cloud's; settings to get there."""
    certificate, key, ca_file = fresh_certificate(folder / "proxies")
    shown = server_tls(certificate, key)
    settings = tomllib.loads(far.config.read_text(encoding="utf-8"))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxies = {}
    for name in ("console", "cloud"):
        port = int(str(settings[name]["url"]).rpartition(":")[2])
        proxies[name] = NotingProxy(port, shown, far.console_ca)
        proxies[name].slowest = CLOUD_SECONDS if name == "cloud" else 0.0
        asyncio.run_coroutine_threadsafe(proxies[name].start(), loop).result(10)
        settings[name] |= {"url": proxies[name].url, "ca_file": str(ca_file)}
    settings.setdefault("reader", {})["hold"] = HOLD
    file = folder / "noted.toml"
    file.write_text(tomli_w.dumps(settings), encoding="utf-8")
    try:
        yield proxies["cloud"], file
    finally:
        for proxy in proxies.values():
            asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def port_of(call: Call) -> int:
    """The port that a program works at."""
    return int(call.client.rpartition("-")[2]) % PORTS


def possible_stays(uploads: list[Call]) -> list[Stay]:
    """Which virtual cards may have been there when. One whose upload was not answered may be there from its
    begin; any stays until another one's upload has succeeded.
    """
    found = []
    for number, call in enumerate(uploads):
        if call.code == 0 or call.code in {**BRIDGE_GONE, **LEFT}:
            end = next((later.end for later in uploads[number + 1 :] if later.code == 0), call.end + 10**9)
            found.append(Stay(call.found, call.start, end))
    return found


def states_of(data_dir: Path) -> dict[str, str]:
    """What the journal says of each change, by the random of its signature."""
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as journal:
        return dict(journal.execute("SELECT client_random, state FROM intents"))


@pytest.mark.timeout(600 + SECONDS)
def test_kills(far: Bridge, library: Path, tmp_path: Path) -> None:
    two_ports(far)
    with noted(far, tmp_path) as (cloud, config):
        bridge = MortalBridge(config, tmp_path)
        prepare(far, bridge.alone, library, tmp_path)
        before = people_of(far)
        host = compile_program(HERE / "load_host.c", tmp_path / "load_host", "-ldl")
        scripts = write_scripts(tmp_path, PROGRAMS, before, PORTS)
        epoch = time.monotonic_ns() // 1000 + int(BEGIN_AFTER * 1e6)
        times = (epoch, epoch + int(SECONDS * 1e6), int(SEASON * 1e6))
        channel = bridge.alone.ready["channel"]
        web = start_web(far, bridge.alone, tmp_path, before, CLIENTS, times, LEAVING, ON_PHONES)

        def begin(number: int, life: int) -> subprocess.Popen[bytes]:
            log = f"native-{life}-{number:03d}.calls"
            seed = number + life * PROGRAMS
            return start_host(
                host, library, scripts[number], seed, times, channel, log, life * CALLS_OF_A_LIFE
            )

        programs = Programs(PROGRAMS, begin, seed=1)
        neighbour = Neighbour(far)
        hands = swappers(far)
        for hand, deck in zip(hands, DECKS, strict=True):
            hand.begin(deck[0])
        time.sleep(BEGIN_AFTER)
        acts = [
            Repeated("callers", programs.kill_one, CALLER_KILLS, SECONDS),
            Repeated("bridges", bridge.die, BRIDGE_KILLS, SECONDS),
            Repeated("neighbour", neighbour.step_in, int(SECONDS / NEIGHBOUR_SECONDS), SECONDS),
            Repeated("desk", Desk(far).type_pin, int(SECONDS / PIN_SECONDS), SECONDS),
        ]
        try:
            for act in acts:
                act.start()
            time.sleep(SECONDS)
            counts = [act.end() for act in acts]
            codes = [*programs.wait(END_AFTER), web.wait(END_AFTER)]
        finally:
            physical = [hand.end() for hand in hands]
            programs.end()
            web.kill()
            web.wait()
        bridge.stop()
        after = people_of(far)
        states = states_of(bridge.data_dir)
    assert codes == [0] * len(codes)
    uploads = list(read_calls(tmp_path, "phone"))
    auditor = Auditor(
        before,
        after,
        Presence([]),
        Presence(possible_stays(uploads)),
        time.time() - time.monotonic(),
        WHY,
    )
    auditor.readers = [Presence(stays) for stays in physical]
    auditor.neighbour = Presence(Stay(*act) for act in neighbour.acts)
    verdict = auditor.judge(
        call for kind in ("native", "web", "phone") for call in read_calls(tmp_path, kind)
    )
    reads = Counter(
        f"COM{port_of(call) + 1}"
        for call in read_calls(tmp_path, "native")
        if call.code == 0 and call.name in CARD_READS
    )
    turns = bridge.alone.log.read_text(encoding="utf-8").count(TURN)
    account = auditor.account(cloud.changed, states)
    report = {
        "seconds": SECONDS,
        "killed": dict(zip(("callers", "bridges"), counts, strict=False)),
        "the neighbour's acts": dict(Counter(name for name, _, _ in neighbour.acts)),
        "... virtual cards presented": neighbour.presented,
        "turns of the readers": turns,
        "cards read at each": reads,
        **{name: value for name, value in verdict.summary().items() if name not in ELSEWHERE},
        "changes at the cloud": account.answered + account.pending + account.unheard,
        "... lost, doubled or astray": len(account.lost),
        "... answered": account.answered,
        "... unheard and pending": account.pending,
        "... unheard and done": account.unheard,
        "journal": dict(Counter(states.values())),
    }
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))

    assert verdict.wrong == []
    assert verdict.mixed == [], uploads
    assert account.lost == []
    assert verdict.unexpected == []
    assert account.unheard <= 3 + sum(counts[:2]) // 50, "few die in the moment between answer and reading"
    assert account.pending > 0, "nothing was in doubt: nothing was tried"
    assert counts[0] >= CALLER_KILLS * 0.9
    assert counts[1] >= BRIDGE_KILLS * 0.7
    assert account.answered > SECONDS / 4
    assert turns > SECONDS / 30
    assert min(reads.values()) > SECONDS / 10, "one of the readers had no turn"
    assert neighbour.presented > SECONDS / 20
