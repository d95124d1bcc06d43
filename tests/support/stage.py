"""What scenarios share: the invented people by name, a PIN pad, a bench, records taken apart by offsets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bridge.calls.call import LegacyResult, OutBuffer
from bridge.config import ReaderSettings
from bridge.errors import PinCancelled
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.pin.questions import PinQuestion
from bridge.reader.pin_operations import PinOperations
from bridge.sim.simulator import Simulator
from bridge.sim.world import World
from bridge.table.model.rows import Table
from tests.support.simulated import Bench, open_bench

DEMO, CHILD, MOTHER, PREGNANT, ELDER = (
    "000073898381", "000099990001", "000099990002", "000099990003", "000099990004",
)  # fmt: skip
PLAIN_NAME_LOST, EXPIRED, USED_UP, CANCELLED, WITH_PIN, UNINSURED = (
    "000099990006", "000099990007", "000099990008", "000099990009", "000099990010", "000099990011",
)  # fmt: skip
DOCTOR, PHARMACIST, NURSE = "000000329470", "000000329488", "000000329496"
HERE = "3501200000"


@dataclass
class PinPad:
    """A person who answers questions about PINs; None: presses cancel."""

    hc: str | None = "246810"
    hpc: str | None = "123456"
    puk: str | None = "12345678"
    new_hc: list[str] = field(default_factory=lambda: ["1357", "1357"])
    new_hpc: list[str] = field(default_factory=lambda: ["7531", "7531"])
    types_on_reader: bool = False
    asked: list[str] = field(default_factory=list)

    async def ask(self, question: PinQuestion) -> str:
        self.asked.append(question.key)
        answer = getattr(self, question.key)
        if isinstance(answer, list):
            answer = answer.pop(0)
        if answer is None:
            raise PinCancelled("cancel was pressed")
        return str(answer)


@asynccontextmanager
async def open_stage(
    simulator: Simulator,
    pad: PinPad | None = None,
    *,
    reader_settings: ReaderSettings | None = None,
    table: Table | None = None,
    deadline: float = 30.0,
) -> AsyncIterator[Bench]:
    """A bench whose reader asks ``pad`` for PINs."""
    async with open_bench(
        simulator, reader_settings=reader_settings, table=table, deadline=deadline
    ) as bench:
        bench.reader.pins = PinOperations(bench.reader.turn, PinPolicy(pad or PinPad()))
        yield bench


async def verify_practitioner(bench: Bench) -> None:
    """The practitioner whose card lies in the slot types the PIN."""
    assert (await bench.call("hpcVerifyHPCPIN")).code == 0


def person(world: World, card: str) -> dict[str, bytes]:
    """The arguments by which a write names its patient."""
    holder = world.cards[card]
    return {"pPatientID": holder.id_no.encode(), "pPatientBirthDate": holder.birthday.encode()}


async def read(bench: Bench, name: str, width: int, holds: bytes = b"") -> bytes:
    """Make a read with one buffer that has to succeed. Out: its bytes, exactly ``width`` of them."""
    result = await bench.call(name, pBuffer=OutBuffer(width, holds))
    assert result.code == 0
    return data(result, "pBuffer", width)


def data(result: LegacyResult, name: str, width: int) -> bytes:
    """The bytes of an out-buffer, which must be exactly ``width``."""
    value = result.outputs[name]
    assert isinstance(value, bytes)
    assert len(value) == width
    return value


def split(record: bytes, widths: Sequence[int]) -> list[bytes]:
    """Cut a record at hand-written widths, over and over until its end."""
    assert len(record) % sum(widths) == 0
    parts, at = [], 0
    while at < len(record):
        for width in widths:
            parts.append(record[at : at + width])
            at += width
    return parts


def rows(record: bytes, widths: Sequence[int]) -> list[tuple[bytes, ...]]:
    """Cut a repeated group: one tuple per repetition."""
    parts = split(record, widths)
    return [tuple(parts[at : at + len(widths)]) for at in range(0, len(parts), len(widths))]
