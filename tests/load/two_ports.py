"""The world of the load with two readers, and the program of its own at the same console.

No card is ever at two places: those of one reader never lie in the other one, and those whose QR codes the
program shows lie in none and are on no phone. So a record tells where it was read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.load.calls import Swapper
from tests.support.bridge_process import DOCTOR_PIN, Bridge
from tests.support.two_readers import DOCUMENT, SLOT_2

SLOTS = ("hc", SLOT_2)
# Of each reader: the person for whom its programs write, and others who are only read.
DECKS = (
    ("000073898381", "000099990002", "000073898381", "000099990003"),
    ("000099990001", "000099990004", "000099990001", "000099990005"),
)
OF_THE_NEIGHBOUR = ("000099990006", "000099990008")
ON_PHONES = [card for pair in zip(*DECKS, strict=True) for card in pair]
APART = 0.5  # seconds between what the neighbour does; see "What is not protected" in SECURITY.md

Request = tuple[str, str, Mapping[str, str] | None]


def two_ports(far: Bridge) -> None:
    """Begin with two readers; a doctor's card lies in each."""
    readers: list[dict[str, Any]] = DOCUMENT["readers"]  # type: ignore[assignment]
    start: dict[str, str] = DOCUMENT["start"]  # type: ignore[assignment]
    far.sim.load({**DOCUMENT, "readers": [{**readers[0], "hpc": start["hpc"]}]})


def swappers(far: Bridge) -> list[Swapper]:
    """Who changes the cards, one hand a reader."""
    return [
        Swapper(far.sim, deck, slot, seed)
        for seed, (deck, slot) in enumerate(zip(DECKS, SLOTS, strict=True), start=1)
    ]


@dataclass
class Neighbour:
    """A program of control software 6.0: it reads, signs, logs cards out, presents virtual cards, and takes
    the console over for either device. ``acts``: what it did, from when to when (microseconds of the
    monotonic clock); ``presented``: how many virtual cards.
    """

    far: Bridge
    acts: list[tuple[str, int, int]] = field(default_factory=list)
    presented: int = 0
    _turn: int = 0

    ORDER = (
        "read", "present", "log out", "sign", "present twice", "log out SAM", "present", "finalise",
        "present and sign", "take over", "read",
    )  # fmt: skip

    def step_in(self) -> None:
        """Do what comes next; the console may refuse any of it."""
        act = self.ORDER[self._turn % len(self.ORDER)]
        began = time.monotonic_ns() // 1000
        with (
            suppress(httpx.HTTPError, KeyError, ValueError),
            httpx.Client(
                verify=self.far.console_ca, trust_env=False, base_url=self.far.ready["console"]
            ) as console,
        ):
            for method, path, body in self._requests(act):
                code = console.request(method, path, json=body).json()["statusCode"]
                self.presented += path.endswith("VirtualHc") and code == 0
        self.acts.append((act, began, time.monotonic_ns() // 1000))
        self._turn += 1
        time.sleep(APART)

    def _requests(self, act: str) -> list[Request]:
        log_out: Request = ("DELETE", "/api/hc/v1/Logout", None)
        sign: Request = ("POST", "/api/hc/v1/Signature/Hc", {"serviceType": "01"})
        finalise: Request = ("POST", "/api/common/v1/Finalize", None)
        verify: Request = ("POST", "/api/sam/v1/Verification", None)
        return {
            "read": [("GET", "/api/hc/v1/Basic", None)],
            "log out": [log_out],
            "sign": [sign],
            "log out SAM": [("DELETE", "/api/sam/v1/Logout", None)],
            "finalise": [finalise],
            "take over": [finalise, self._initial(), verify],
            "present": [self._initial(), verify, log_out, self._present(0)],
            "present twice": [log_out, self._present(0), log_out, self._present(1)],
            "present and sign": [log_out, self._present(1), sign],
        }[act]

    def _initial(self) -> Request:
        return "POST", "/api/common/v1/Initial", {"name": f"COM{1 + self._turn % 2}"}

    def _present(self, number: int) -> Request:
        card = OF_THE_NEIGHBOUR[(self._turn + number) % len(OF_THE_NEIGHBOUR)]
        return "POST", "/api/hc/v1/Verification/VirtualHc", {"token": self.far.sim.qr(card)}


@dataclass(frozen=True)
class Desk:
    """The doctor, who types the PIN again wherever it was forgotten."""

    far: Bridge

    def type_pin(self) -> None:
        """In the console's own window."""
        with suppress(httpx.HTTPError, KeyError, ValueError):
            self.far.ask_console("POST", "/api/hpc/v1/Verification/Hpc", {"pin": DOCTOR_PIN})
