"""Situations of single functions, by name. Each prepares the stage and says what changes in the good call."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx
import pytest

from bridge.calls.call import NATIVE, VHC, Door, File, OutBuffer
from bridge.errors import PinTimedOut, PinUnavailable
from bridge.reader.pin.questions import PinQuestion
from bridge.sim.clock import roc_date
from bridge.sim.cloud import visits as cloud_visits
from bridge.sim.faults import Fault
from bridge.sim.records import CardRecord
from bridge.sim.world import World
from tests.support.good_calls import Arguments, new_visit, old_visit
from tests.support.simulated import Bench
from tests.support.stage import (
    CANCELLED,
    CHILD,
    DEMO,
    DOCTOR,
    ELDER,
    EXPIRED,
    MOTHER,
    UNINSURED,
    USED_UP,
    WITH_PIN,
    PinPad,
    person,
    verify_practitioner,
)

ELSEWHERE = "9999999901"


@dataclass
class Scene:
    """What a situation may touch."""

    bench: Bench
    pad: PinPad
    monkeypatch: pytest.MonkeyPatch

    @property
    def world(self) -> World:
        return self.bench.simulator.world

    def card(self, number: str) -> None:
        """Put a health card into the reader."""
        self.world.insert("hc", number)

    def record(self, number: str = DEMO) -> CardRecord:
        """What the cloud stores for a card."""
        return self.world.record(number)


@dataclass
class Changed:
    """How the call differs from the good one."""

    arguments: Arguments = field(default_factory=dict)
    door: Door = NATIVE


Special = Callable[[Scene], Awaitable[Changed | None]]
SPECIAL: dict[str, Special] = {}


def situation(name: str) -> Callable[[Special], Special]:
    """Give a situation its name."""

    def keep(special: Special) -> Special:
        assert name not in SPECIAL
        SPECIAL[name] = special
        return special

    return keep


def _inserted(name: str, number: str) -> None:
    @situation(name)
    async def bring_about(scene: Scene) -> None:
        await verify_practitioner(scene.bench)
        scene.card(number)


_inserted("a cancelled card", CANCELLED)
_inserted("an expired card", EXPIRED)
_inserted("a card without visits left", USED_UP)
_inserted("a person no longer insured", UNINSURED)


# --- visit numbers ------------------------------------------------------------------------------------------


@situation("no visits left, but an item that takes none")
async def _not_numeric(scene: Scene) -> Changed:
    scene.card(USED_UP)
    return Changed({"cTreatItem": b"AC"})


@situation("the second visit of the day")
async def _second_visit(scene: Scene) -> None:
    new_visit(scene.world)


@situation("the second visit of the day after the first was given back")
async def _after_roll_back(scene: Scene) -> None:
    new_visit(scene.world, rolled_back=True)


@situation("a newborn on its mother's card")
async def _newborn(scene: Scene) -> Changed:
    scene.card(MOTHER)
    return Changed({"cBabyTreat": b"A"})


@situation("a newborn without a birthday on the card")
async def _no_newborn(scene: Scene) -> Changed:
    return Changed({"cBabyTreat": b"A"})


@situation("a newborn of more than two months")
async def _old_newborn(scene: Scene) -> Changed:
    scene.card(MOTHER)
    scene.record(MOTHER).newborn_birthday = roc_date(scene.world.clock.now() - timedelta(days=61))
    return Changed({"cBabyTreat": b"A"})


@situation("a newborn of exactly two months")
async def _newborn_in_time(scene: Scene) -> Changed:
    scene.card(MOTHER)
    scene.record(MOTHER).newborn_birthday = roc_date(scene.world.clock.now() - timedelta(days=60))
    return Changed({"cBabyTreat": b"A"})


@situation("no treatment number could be made")
async def _no_treatment_number(scene: Scene) -> None:
    scene.monkeypatch.setattr(cloud_visits, "new_treatment_number", lambda: "")


@situation("a QR code that has its visit already")
async def _qr_used(scene: Scene) -> Changed:
    changed = await _virtual_card(scene)
    taken = await scene.bench.call(
        "hisGetSeqNumber256",
        VHC,
        cTreatItem=b"01",
        cBabyTreat=b" ",
        cTreatAfterCheck=b"1",
        pBuffer=OutBuffer(296),
    )
    assert taken.code == 0
    return changed


@situation("an unknown person")
async def _unknown_person(scene: Scene) -> Changed:
    return Changed({"pPatientID": b"A999999999"})


# --- giving a number back -----------------------------------------------------------------------------------


@situation("no visit at that time")
async def _no_visit(scene: Scene) -> Changed:
    return Changed({"pUnTreatDate": b"1100101120000"})


@situation("a visit that is not numeric")
async def _ac_visit(scene: Scene) -> Changed:
    return Changed({"pUnTreatDate": new_visit(scene.world, item="AC", at=_now(scene, seconds=90))})


@situation("a visit of another hospital")
async def _elsewhere(scene: Scene) -> Changed:
    at = new_visit(scene.world, hospital_id=ELSEWHERE, at=_now(scene, seconds=90))
    return Changed({"pUnTreatDate": at, "pDateTime": at})


@situation("a visit that was given back")
async def _given_back(scene: Scene) -> Changed:
    at = new_visit(scene.world, rolled_back=True, at=_now(scene, seconds=90))
    return Changed({"pUnTreatDate": at, "pDateTime": at})


@situation("a visit of yesterday, more than 24 hours ago")
async def _too_late(scene: Scene) -> Changed:
    return Changed({"pUnTreatDate": new_visit(scene.world, at=_now(scene, hours=24, seconds=5))})


@situation("a visit of yesterday, just within 24 hours")
async def _just_in_time(scene: Scene) -> Changed:
    return Changed({"pUnTreatDate": new_visit(scene.world, at=_now(scene, hours=23, minutes=59))})


@situation("a day that does not exist")
async def _no_such_day(scene: Scene) -> Changed:
    return Changed({"pUnTreatDate": b"1120231120000", "pDateTime": b"1120231120000"})


def _now(scene: Scene, **ago: int) -> datetime:
    return scene.world.clock.now().replace(microsecond=0) - timedelta(**ago)


# --- writes -------------------------------------------------------------------------------------------------


@situation("an unknown visit")
async def _unknown_visit(scene: Scene) -> Changed:
    return Changed({"pDateTime": b"1100101120000"})


@situation("the same write again")
async def _again(scene: Scene) -> None:
    visit = scene.record().find_visit(old_visit(scene.world).decode())
    assert visit is not None
    visit.after_check = "1"
    visit.codes.update(mainCode="J029", subCode1="K0253")
    visit.fees.update(outpatientFee="1250", costFee="50", inpatientFee="0")


@situation("another birthday than the card's")
async def _other_birthday(scene: Scene) -> Changed:
    return Changed({"pPatientBirthDate": b"0920316"})


@situation("another id than the card's")
async def _other_id(scene: Scene) -> Changed:
    return Changed({"pPatientID": b"Z299999928"})


@situation("a birthday that does not exist")
async def _no_birthday(scene: Scene) -> Changed:
    return Changed({"pPatientBirthDate": b"0920231"})


@situation("a mother without an AC visit")
async def _without_ac(scene: Scene) -> Changed:
    scene.card(MOTHER)
    return Changed(dict(person(scene.world, MOTHER)))


@situation("a man's card")
async def _man(scene: Scene) -> Changed:
    scene.card(ELDER)
    return Changed(dict(person(scene.world, ELDER)))


@situation("the card exchanged between identity and signature")
async def _exchanged(scene: Scene) -> None:
    await verify_practitioner(scene.bench)

    def exchange(request: httpx.Request) -> None:
        if request.url.path.endswith("/hc/v1/Basic"):
            scene.card(CHILD)

    scene.bench.console.after = exchange


@situation("an eighth code behind the block")
async def _tail(scene: Scene) -> Changed:
    return Changed({"pDataWrite": b"1J029 K0253" + b" " * 20 + b"I10  "})


@situation("a mark and two codes, no more")
async def _short(scene: Scene) -> Changed:
    return Changed({"pDataWrite": b"1J029 K0253"})


@situation("no orders")
async def _none(scene: Scene) -> Changed:
    return Changed({"iWriteCount": 0})


@situation("61 orders")
async def _too_many(scene: Scene) -> Changed:
    return Changed({"iWriteCount": 61})


@situation("a file that cannot be read")
async def _unreadable_file(scene: Scene) -> Changed:
    return Changed({"pUploadFileName": File(b"C:\\his\\none.xml", None)})


@situation("a file of another size than stated")
async def _other_size(scene: Scene) -> Changed:
    return Changed({"pUploadFileName": File(b"C:\\his\\a.xml", b"abcd")})


@situation("position 0")
async def _position_0(scene: Scene) -> Changed:
    return Changed({"iNum": 0})


@situation("position 4")
async def _position_4(scene: Scene) -> Changed:
    return Changed({"iNum": 4})


@situation("a code that needs no squeezing")
async def _no_squeezing(scene: Scene) -> Changed:
    return Changed({"pIN": b"I10"})


# --- PINs ---------------------------------------------------------------------------------------------------


@situation("a card with a PIN, the right one typed")
async def _right_pin(scene: Scene) -> Changed:
    await verify_practitioner(scene.bench)
    scene.card(WITH_PIN)
    return Changed(dict(person(scene.world, WITH_PIN)))


@situation("a card with a PIN, a wrong one typed")
async def _wrong_pin(scene: Scene) -> Changed:
    changed = await _right_pin(scene)
    scene.pad.hc = "000001"
    return changed


@situation("a card with a PIN, cancel pressed")
async def _cancel(scene: Scene) -> Changed:
    changed = await _right_pin(scene)
    scene.pad.hc = None
    return changed


def _pad_fails(name: str, error: type[Exception]) -> None:
    @situation(name)
    async def bring_about(scene: Scene) -> Changed:
        changed = await _right_pin(scene)

        async def fail(question: PinQuestion) -> str:
            raise error(question.key)

        scene.monkeypatch.setattr(scene.pad, "ask", fail)
        return changed


_pad_fails("a card with a PIN, nobody answers", PinTimedOut)
_pad_fails("a card with a PIN, nobody can be asked", PinUnavailable)


@situation("a card with a PIN that is verified already")
async def _pin_verified(scene: Scene) -> Changed:
    changed = await _right_pin(scene)
    assert (await scene.bench.call("csVerifyHCPIN")).code == 0
    scene.pad.hc = None
    return changed


@situation("a locked card, the right PIN typed")
async def _locked(scene: Scene) -> Changed:
    changed = await _right_pin(scene)
    scene.world.cards[WITH_PIN].wrong_pins = 3
    return changed


@situation("the card exchanged while its PIN was typed")
async def _exchanged_at_pin(scene: Scene) -> Changed:
    changed = await _right_pin(scene)

    async def exchange(question: PinQuestion) -> str:
        scene.card(CHILD)
        return "246810"

    scene.monkeypatch.setattr(scene.pad, "ask", exchange)
    return changed


@situation("two different new PINs")
async def _mismatch(scene: Scene) -> None:
    scene.pad.new_hc[:] = ["1357", "1358"]
    scene.pad.new_hpc[:] = ["7531", "7532"]


@situation("a wrong practitioner PIN")
async def _wrong_hpc(scene: Scene) -> None:
    scene.pad.hpc = "000000"


@situation("cancel at the practitioner PIN")
async def _cancel_hpc(scene: Scene) -> None:
    scene.pad.hpc = None


@situation("a locked practitioner card")
async def _locked_hpc(scene: Scene) -> None:
    scene.world.practitioners[DOCTOR].wrong_pins = 3


@situation("a wrong PUK")
async def _wrong_puk(scene: Scene) -> None:
    scene.pad.puk = "00000000"


@situation("a mobile certificate in place of the card")
async def _mobile(scene: Scene) -> None:
    assert (await scene.bench.call("csVerifySAMDC")).code == 0
    scene.world.session.start_mobile_hpc(scene.world.practitioners[DOCTOR])


# --- state of the reader ------------------------------------------------------------------------------------


def _argument(name: str, argument: str, value: int) -> None:
    @situation(name)
    async def bring_about(scene: Scene) -> Changed:
        await verify_practitioner(scene.bench)
        return Changed({argument: value})


_argument("asked for the SAM", "CardType", 1)
_argument("asked for the practitioner card", "CardType", 3)
_argument("asked for card 0", "CardType", 0)
_argument("asked for card 4", "CardType", 4)
_argument("asked for card 6", "CardType", 6)
_argument("only the SAM", "Device", 1)
_argument("only the practitioner card", "Device", 2)
_argument("only the health card", "Device", 3)
_argument("device 4", "Device", 4)
_argument("device -1", "Device", -1)
_argument("the default device", "pComNum", -1)
_argument("a port of nobody where there is one SAM", "pComNum", 1)


@situation("a port of nobody where there are two SAMs")
async def _two_sams(scene: Scene) -> Changed:
    first = scene.world.settings.sams[0]
    scene.world.settings.sams = [first, replace(first, id="001000000202", comport="COM5")]
    return Changed({"pComNum": 1})


@situation("asked for the practitioner card, none there")
async def _no_hpc(scene: Scene) -> Changed:
    scene.world.remove("hpc")
    return Changed({"CardType": 3})


@situation("asked for the practitioner card, PIN not verified")
async def _hpc_not_verified(scene: Scene) -> Changed:
    return Changed({"CardType": 3})


@situation("no card at all")
async def _no_card(scene: Scene) -> None:
    scene.world.remove("hc")
    scene.world.remove("hpc")


@situation("after a read")
async def _after_read(scene: Scene) -> None:
    assert (await scene.bench.call("csISSetPIN")).code == 0


@situation("after its PIN was verified")
async def _after_pin(scene: Scene) -> None:
    scene.card(WITH_PIN)
    assert (await scene.bench.call("csVerifyHCPIN")).code == 0


@situation("no card reader")
async def _no_reader(scene: Scene) -> None:
    scene.world.settings.default_reader = None


@situation("the console was restarted meanwhile")
async def _restarted(scene: Scene) -> None:
    assert (await scene.bench.call("csVerifySAMDC")).code == 0
    scene.world.session.finalise()


@situation("the SAM's session ended meanwhile")
async def _sam_session(scene: Scene) -> None:
    assert (await scene.bench.call("csVerifySAMDC")).code == 0
    scene.world.session.log_out_sam()


@situation("another program's virtual card is in use")
async def _foreign_virtual(scene: Scene) -> None:
    session = scene.world.session
    session.initialise("")
    session.verify_sam()
    session.start_virtual_hc(scene.world.cards[CHILD], "of another program")


# --- the virtual card's door --------------------------------------------------------------------------------


@situation("a virtual card")
async def _virtual_card(scene: Scene) -> Changed:
    token = scene.world.qr(DEMO).encode()
    assert (await scene.bench.call("uploadqrcode", VHC, QRCodeString=token)).code == 0
    return Changed(door=VHC)


@situation("VHC: nothing uploaded")
async def _nothing_uploaded(scene: Scene) -> Changed:
    return Changed(door=VHC)


@situation("VHC: the session has ended")
async def _virtual_ended(scene: Scene) -> Changed:
    changed = await _virtual_card(scene)
    scene.world.shift_clock(31 * 60)
    return changed


@situation("VHC: a physical card was used in between")
async def _physical_between(scene: Scene) -> Changed:
    changed = await _virtual_card(scene)
    assert (await scene.bench.call("csISSetPIN")).code == 0
    return changed


def _qr(name: str, token: Callable[[World], str]) -> None:
    @situation(name)
    async def bring_about(scene: Scene) -> Changed:
        return Changed({"QRCodeString": token(scene.world).encode()}, VHC)


def _expired_qr(world: World) -> str:
    token = world.qr(DEMO, minutes=1)
    world.shift_clock(61)
    return token


def _used_qr(world: World) -> str:
    token = world.qr(DEMO, uses=1)
    world.qr_codes.use(token)
    return token


_qr("VHC: a good QR code", lambda world: world.qr(DEMO))
_qr("VHC: an expired QR code", _expired_qr)
_qr("VHC: a QR code used up", _used_qr)
_qr("VHC: two parts", lambda world: "QUJD.QUJD")
_qr("VHC: a part that is no base64", lambda world: "QUJD.QUJD.=")
_qr("VHC: a false signature", lambda world: world.qr(DEMO)[:-8] + "AAAAAA==")
_qr("VHC: blank", lambda world: "   ")


# --- the way to the upstreams -------------------------------------------------------------------------------


def _http(name: str, service: str, kind: str, value: float | None = None) -> None:
    @situation(name)
    async def bring_about(scene: Scene) -> None:
        scene.world.faults.arm(Fault(service, kind, value))


_http("the console answers HTTP 500", "console", "http", 500)
_http("the console answers HTTP 404", "console", "http", 404)
_http("the console answers no JSON", "console", "garbage")
_http("the console breaks off", "console", "lost")
_http("the cloud breaks off for good", "cloud", "lost")
_http("the console is slow", "console", "slow", 0.3)
_http("the cloud is slow", "cloud", "slow", 0.3)


def _hook(name: str, upstream: str, problem: Callable[[httpx.Request], Exception]) -> None:
    @situation(name)
    async def bring_about(scene: Scene) -> None:
        def hook(request: httpx.Request) -> None:
            raise problem(request)

        network = scene.bench.console if upstream == "console" else scene.bench.cloud
        network.before = hook


def _untrusted(request: httpx.Request) -> Exception:
    error = httpx.ConnectError("certificate", request=request)
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    return error


_hook("the console's certificate is not trusted", "console", _untrusted)
_hook("the cloud's certificate is not trusted", "cloud", _untrusted)
_hook("a fault of the bridge on the way to the console", "console", lambda request: RuntimeError("invented"))
_hook("a fault of the bridge on the way to the cloud", "cloud", lambda request: RuntimeError("invented"))
