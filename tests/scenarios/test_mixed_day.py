"""The day of forty patients, some of whom put their card in and some of whom show a QR code.

The programs know of no virtual cards. The model is that of the ordinary day; beside it, a card is read before
anything is changed, as the page docs/operate/virtual-cards.md asks, and what is changed without is refused.
"""

from __future__ import annotations

import pytest

from bridge.calls.call import OutBuffer
from bridge.config import ReaderSettings
from bridge.sim.simulator import Simulator
from tests.scenarios.clinic_model import ModelPatient
from tests.scenarios.test_clinic_day import STEPS, Clinic
from tests.support.stage import open_stage, verify_practitioner

SHARE_OF_CODES, SHARE_UNREAD = 0.5, 0.2
EITHER = ReaderSettings(cards="either", presented_sure=0)


class MixedClinic(Clinic):
    """``shown``: whether the card of now is a virtual one. ``ways``: how often a card came which way."""

    shown = False
    codes_shown = unread = 0

    async def step(self) -> None:
        self.world.shift_clock(self.chance.randint(20, 70))
        wanted = self.chance.choice(self.patients)
        await self.comes(wanted)
        await self.seen(wanted)
        if self.chance.random() < 0.15:
            await self.comes(self.chance.choice(self.patients))
            if self.chance.random() < SHARE_UNREAD and self.in_reader is not wanted:
                await self.changes_unread(wanted)
            await self.seen(self.in_reader)
        await self.chance.choice(self.actions())(wanted)

    async def comes(self, patient: ModelPatient) -> None:
        """The patient before goes, the next one comes with a card or a code."""
        if self.shown and self.chance.random() < 0.5:
            assert (await self.bench.call("csSoftwareReset", Device=3)).code == 0
        elif self.shown:
            assert (await self.bench.engine.withdraw()).code == 0
        self.shown = self.chance.random() < SHARE_OF_CODES
        if self.shown:
            code = self.world.qr(patient.card, uses=100)
            assert (await self.bench.engine.present(code)).code == 0
            self.in_reader = patient
            self.codes_shown += 1
        else:
            self.swap_to(patient)

    async def seen(self, patient: ModelPatient) -> None:
        """The program waits for the card, as it ever did, and reads it."""
        states = [(await self.call("hisGetCardStatus", CardType=2)).code for _ in range(2)]
        assert states[1] in (2, 3)
        await self.read_basic(patient)

    async def changes_unread(self, wanted: ModelPatient) -> None:
        """The program still shows the patient before."""
        self.unread += 1
        before = self.world.stored(self.in_reader.card)
        for result in (
            await self.call(
                "hisGetSeqNumber256", cTreatItem=b"01", cBabyTreat=b" ", cTreatAfterCheck=b"1",
                pBuffer=OutBuffer(296),
            ),
            await self.call("hisWriteEmergentTel", **self.names(wanted), pEmergentTel=b"0999999999"),
            await self.call("hisWriteEmergentTel", **self.names(self.in_reader), pEmergentTel=b"0999999999"),
        ):  # fmt: skip
            assert (result.code, result.outputs) == (5020, {})
        assert self.world.stored(self.in_reader.card) == before


@pytest.mark.parametrize("seed", [20231105, 6])
async def test_a_day_of_cards_and_codes(seed: int, simulator: Simulator) -> None:
    simulator.world.change_switches({"one_visit_per_qr": False})
    async with open_stage(simulator, reader_settings=EITHER) as stage:
        clinic = MixedClinic(stage, seed)
        clinic.open_doors()
        await verify_practitioner(stage)
        for _ in range(STEPS // 2):
            await clinic.step()
        await clinic.noon()
        for _ in range(STEPS - STEPS // 2):
            await clinic.step()
        await clinic.upload()
        clinic.stored_as_the_model_says()
        assert {0, 3, 5010, 5020, 5151, 9071} <= set(clinic.codes)
        assert clinic.wrong_person > 10
        assert clinic.unread > 5
        assert STEPS / 3 < clinic.codes_shown < STEPS
