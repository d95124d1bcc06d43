"""The HTTP clients, each with a connection of its own, in one process: ``python web_clients.py TASK.json``.

They write one line for each call, as load_host.c does: PATH START END CODE NUMBER FOUND. One more client is
the phone at the desk: in the virtual card's season it uploads one QR code after the other.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import aiohttp

from bridge.sim.control.remote import Remote

LEAST_PAUSE, PAUSE_SPREAD = 0.2, 0.4
PATIENCE, LONGEST_WAIT = 120.0, 0.15  # of a client that stays, and of one that leaves, at most
NO_ANSWER = -9999
PHONE_PAUSE = 0.3
UPLOAD = "/QRCodeReader/uploadqrcode"
LOOKUP = "/api/egw/KQNhanLichSuKCB2018"
NUMBER = "/VHC/VHChisGetSeqNumber256N1"
WRITE = "/VHC/VHChisWritePrescriptionSign"
WHO = ("maThe", "hoTen", "ngaySinh")


@dataclass
class Task:
    """What the test wants: addresses, times in microseconds of the monotonic clock, people, records."""

    urls: list[str]
    ca_file: str
    data_dir: str
    log: str
    clients: int
    seed: int
    epoch: int
    end: int
    season: int
    cards: list[str]
    records: dict[str, dict[str, str]]  # path -> card -> hexadecimal digits
    labels: dict[str, str]
    people: list[dict[str, str]]  # for whom client n writes (n modulo their number)
    portal: list[dict[str, str]]
    leaving: float = 0.0  # which part of the calls is given up


def now() -> int:
    """Microseconds of the monotonic clock, which all processes share."""
    return time.monotonic_ns() // 1000


@dataclass
class Client:
    """One program with its connection."""

    task: Task
    number: int
    session: aiohttp.ClientSession
    log: TextIO
    random: random.Random
    calls: int = 0
    choices: dict[str, list[str]] = field(default_factory=dict)

    async def live(self) -> None:
        """Call until the end."""
        await asyncio.sleep(max(0, self.task.epoch - now()) / 1e6 + self.random.random() * PAUSE_SPREAD)
        while now() < self.task.end:
            await self.call_something()
            await asyncio.sleep(LEAST_PAUSE + self.random.random() * PAUSE_SPREAD)

    def season(self) -> str:
        """p: that of the physical card; v: that of the virtual one."""
        return "v" if (now() - self.task.epoch) // self.task.season % 2 else "p"

    async def call_something(self) -> None:
        """One call, as the season wants it."""
        free = [
            LOOKUP,
            LOOKUP,
            "/utility/getSDKVersion",
            "/VHC/VHCcsGetDateTime",
            "/Offline/getNetworkStatus",
        ]
        virtual = [*self.task.records, *self.task.records, WRITE, WRITE, NUMBER, LOOKUP]
        path = self.random.choice(virtual if self.season() == "v" or self.random.random() < 0.05 else free)
        self.calls += 1
        await self.call(path, self.body(path))

    def body(self, path: str) -> dict[str, Any]:
        """The request of this client's own."""
        if path == LOOKUP:
            card = self.task.portal[self.number % len(self.task.portal)]
            return {"maThe": card["number"], "hoTen": card["name"], "ngaySinh": card["born"]}
        if path == WRITE:
            person = self.task.people[self.number % len(self.task.people)]
            order = person["order"].replace("CLIENT", f"{self.number:03d}")
            return {
                "pDateTime": person["visit"],
                "pPatientID": person["id_no"],
                "pPatientBirthDate": person["birthday"],
                "pDataWrite": order.replace("NUMBER", f"{self.calls:06d}"),
            }
        if path == NUMBER:
            return {"cTreatItem": "AC", "cBabyTreat": " ", "cTreatAfterCheck": "1"}
        return {}

    async def call(self, path: str, body: dict[str, Any]) -> int:
        """One request and its line in the log. Out: the code (NO_ANSWER for what is none)."""
        leaves = self.random.random() < self.task.leaving
        patience = self.random.random() * LONGEST_WAIT if leaves else PATIENCE
        start = now()
        try:
            async with asyncio.timeout(patience), self.session.post(path, json=body) as reply:
                http, answer = reply.status, await reply.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            http, answer = 0, {"fault": repr(error)}
        end = now()
        code = int(answer.get("ERRORCODE", answer.get("maKetQua", NO_ANSWER))) if http == 200 else NO_ANSWER
        print(path, start, end, code, self.calls, self.found(path, answer), file=self.log)
        return code

    def found(self, path: str, answer: dict[str, Any]) -> str:
        """As load_host.c says it: a label, -, or ? and the bytes."""
        if path == LOOKUP:
            return self.found_by_portal(answer)
        text = answer.get("pBuffer") or answer.get("SDKVersion") or (answer.get("fault") and repr(answer))
        if not text:
            return "-"
        record = str(text).encode("cp950", "replace")
        labels = [
            self.task.labels[card]
            for card, digits in self.task.records.get(path, {}).items()
            if bytes.fromhex(digits) == record
        ]
        return "/".join(labels) or f"?{record.hex()}"

    def found_by_portal(self, answer: dict[str, Any]) -> str:
        """Whether the portal's answer speaks of the card asked for, or of nobody."""
        card = self.task.portal[self.number % len(self.task.portal)]
        told = [answer.get(name) for name in WHO]
        own = [card["number"], card["name"], card["born"]]
        text = json.dumps(answer, ensure_ascii=False)
        others = any(each["name"] in text for each in self.task.portal if each is not card)
        if answer.get("maKetQua") == card["result"] and not others and (told == own or told == [None] * 3):
            return "own"
        return "?" + text.encode().hex()


class Phone(Client):
    """Shows another card's QR code again and again; its line names the card."""

    async def live(self) -> None:
        remote = Remote(Path(self.task.data_dir))
        await asyncio.sleep(max(0, self.task.epoch - now()) / 1e6)
        while now() < self.task.end:
            if self.season() == "v":
                card = self.task.cards[self.calls % len(self.task.cards)]
                token = await asyncio.to_thread(remote.qr, card)
                self.calls += 1
                await self.call(UPLOAD, {"QRCodeString": token})
            await asyncio.sleep(PHONE_PAUSE)

    def found(self, path: str, answer: dict[str, Any]) -> str:
        return self.task.cards[(self.calls - 1) % len(self.task.cards)]


def open_log(task: Task, name: str) -> TextIO:
    """A file of the log folder."""
    return Path(task.log, name).open("w", encoding="ascii")


def open_session(task: Task, number: int, trusted: ssl.SSLContext) -> aiohttp.ClientSession:
    """One connection, by TLS or plain in turn."""
    return aiohttp.ClientSession(
        task.urls[number % len(task.urls)],
        connector=aiohttp.TCPConnector(limit=1, ssl=trusted, keepalive_timeout=60),
        timeout=aiohttp.ClientTimeout(total=120),
    )


async def main(task: Task) -> None:
    """All clients at once."""
    trusted = ssl.create_default_context(cafile=task.ca_file)
    sessions, clients, logs = [], [], []
    for number in range(task.clients + 1):
        kind = Client if number < task.clients else Phone
        session = open_session(task, number, trusted)
        log = open_log(task, f"{'web' if kind is Client else 'phone'}-{number:03d}.calls")
        sessions.append(session)
        logs.append(log)
        clients.append(kind(task, number, session, log, random.Random(task.seed + number)))
    await asyncio.gather(*(client.live() for client in clients))
    for session, log in zip(sessions, logs, strict=True):
        await session.close()
        log.close()


if __name__ == "__main__":
    asyncio.run(main(Task(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
