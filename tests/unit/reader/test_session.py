"""The console session against the simulated console: opening, lingering, mending, cards and persons."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from bridge.config import ConsoleSettings, ReaderSettings
from bridge.errors import (
    BadReply,
    CallError,
    CardChanged,
    Dropped,
    NoVirtualCard,
    PortNotOpen,
    StatusError,
    TimedOut,
    Unreachable,
    WrongPerson,
)
from bridge.reader.reader import Person, Reader, StrangersCard, Use
from bridge.sim.cards import Sam
from bridge.sim.faults import Fault
from bridge.sim.simulator import Simulator
from bridge.sim.world import World
from bridge.table.loader import default_table
from bridge.table.model.console import SIGNATURE_KINDS
from bridge.upstream.client import HttpUpstream, Json
from tests.support.simulated import SimulatedNetwork
from tests.support.two_readers import two_readers

PROTOCOL = default_table().console
SAM, OTHER_SAM = "001000000103", "001000000202"
FIRST, FIRST_PERSON = "000073898381", Person("Z299999929", "0920315")
OTHER, OTHER_PERSON = "000099990001", Person("Z199999016", "1080506")
INITIAL, FINALIZE = "POST /api/common/v1/Initial", "POST /api/common/v1/Finalize"
STATUS, VERIFY_SAM = "GET /api/common/v1/Status", "POST /api/sam/v1/Verification"
NAMES = "GET /api/common/v1/Name"
LOGOUT, BASIC, SIGN = "DELETE /api/hc/v1/Logout", "GET /api/hc/v1/Basic", "POST /api/hc/v1/Signature/Hc"
BEGUN = [INITIAL, STATUS]  # what the beginning of a session takes
PROVED = [LOGOUT, SIGN, STATUS]  # what a signature of the physical card takes
PRESENT = "POST /api/hc/v1/Verification/VirtualHc"


@dataclass
class Desk:
    """A reader, the network between it and the simulated console, and the world behind."""

    reader: Reader
    network: SimulatedNetwork
    world: World
    console: HttpUpstream
    now: float = 1000.0

    async def sign(self, card: str = "physical", person: Person | None = None) -> Json:
        signature = await self.reader.sign(Use(card=card), "hc", "01", person)  # type: ignore[arg-type]
        await signature.proved()
        return dict(signature.fields)

    async def basic(self, card: str = "physical") -> Json:
        return await self.reader.request(
            Use(card=card),  # type: ignore[arg-type]
            ("console", "sam", "hc"),
            "GET",
            "/api/hc/v1/Basic",
            None,
        )

    def fault(self, kind: str, path: str = "", value: float | None = None, times: int | None = None) -> None:
        self.world.faults.arm(Fault("console", kind, value, path, times))

    async def asked_for(self, action: Callable[[], object]) -> list[str]:
        """The requests that an action leads to."""
        before = len(self.network.sent)
        result = action()
        assert asyncio.iscoroutine(result)
        await result
        return self.network.sent[before:]


@asynccontextmanager
async def pin_policy(simulator: Simulator, **settings: object) -> AsyncIterator[Desk]:
    """A desk whose settings say that port 0 is the cloud SAM, unless the test says otherwise."""
    settings = {"devices": {"0": SAM}, **settings}
    network = SimulatedNetwork(simulator.console_app)
    console = HttpUpstream("console", ConsoleSettings(), network.way("console", ConsoleSettings()))
    desk: Desk | None = None
    chosen = ReaderSettings.model_validate(settings)

    def clock() -> float:
        return time.monotonic() + (desk.now if desk is not None else 0.0)

    reader = Reader(console, PROTOCOL, chosen, clock=clock)
    desk = Desk(reader, network, simulator.world, console)
    try:
        yield desk
    finally:
        await reader.stop()
        await console.aclose()


def add_sam(simulator: Simulator) -> dict[str, str]:
    """Give the console a second cloud SAM. Out: the settings by which the ports 0 and 1 mean the two."""
    clinic = ("3501200000", "臺北虛擬診所", "臺北虛擬診")
    simulator.world.settings.sams.append(Sam(OTHER_SAM, *clinic, "COM5"))
    return {"0": SAM, "1": OTHER_SAM}


@pytest.fixture
async def desk(simulator: Simulator) -> AsyncIterator[Desk]:
    async with pin_policy(simulator) as made:
        yield made


async def _let(seconds: float) -> None:
    await asyncio.sleep(seconds)


# --- ports --------------------------------------------------------------------------------------------------


async def test_opening_initialises_the_console_with_the_ports_device(desk: Desk) -> None:
    await desk.reader.open(Use(), 0)
    assert desk.network.sent == BEGUN
    assert desk.network.requests[0].content == b'{"name":"001000000103"}'
    assert desk.world.session.initialised


@pytest.mark.parametrize(
    ("port", "settings", "body"),
    [
        (-1, {}, b"{}"),
        (-1, {"default_device": "001000000103"}, b'{"name":"001000000103"}'),
        (3, {"devices": {"3": "001000000103"}}, b'{"name":"001000000103"}'),
        (4, {"devices": {}}, b'{"name":"COM5"}'),
    ],
)
async def test_ports_map_to_devices(
    simulator: Simulator, port: int, settings: dict[str, object], body: bytes
) -> None:
    async with pin_policy(simulator, **settings) as desk:
        await desk.reader.open(Use(), port)
        assert desk.network.requests[0].content == body


async def test_an_unknown_port_is_refused_and_leaves_nothing_open(simulator: Simulator) -> None:
    async with pin_policy(simulator, devices={"0": SAM, "7": "COM8"}) as desk:
        with pytest.raises(StatusError) as caught:
            await desk.reader.open(Use(), 7)
        assert (caught.value.source, caught.value.number) == ("console", 1002)
        assert not desk.world.session.initialised
        await desk.reader.open(Use(), 0)
        assert desk.world.session.initialised


async def test_a_console_that_answers_at_once_is_asked_before_the_signature_is_given(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose card signed is known then; a stranger's is refused, and the next one has its turn."""
    async with pin_policy(simulator) as desk:
        reader = Reader(desk.console, PROTOCOL, ReaderSettings(devices={"0": SAM}), beside=False)
        signature = await reader.sign(Use(), "hc", "01")
        assert signature.proof is None
        assert desk.network.sent[-1] == STATUS
        with monkeypatch.context() as patch:
            patch.setattr(desk.world.session, "hc_state", lambda: (2, 2))  # another program's virtual card
            with pytest.raises(StrangersCard):
                await reader.sign(Use(), "hc", "01")
        assert (await reader.sign(Use(), "hc", "01")).fields["hcId"] == FIRST
        await reader.stop()


async def test_another_port_ends_the_session_of_the_first(simulator: Simulator) -> None:
    async with pin_policy(simulator, devices=add_sam(simulator), hold=0) as desk:
        await desk.reader.open(Use(), 0)
        await desk.reader.verify_sam(Use())
        asked = await desk.asked_for(lambda: desk.reader.open(Use(), 1))
        assert asked == [NAMES, FINALIZE, *BEGUN]
        assert not desk.world.session.sam_verified


async def test_an_open_session_of_the_same_port_goes_on(desk: Desk) -> None:
    await desk.reader.open(Use(), 0)
    await desk.reader.verify_sam(Use())
    await desk.reader.close(Use())
    await desk.reader.open(Use(), 0)
    assert desk.world.session.sam_verified
    assert FINALIZE not in desk.network.sent
    assert await desk.asked_for(desk.sign) == PROVED


async def test_a_session_begun_by_another_program_is_joined_and_left_alone(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    simulator.world.session.initialise(SAM)
    async with pin_policy(simulator) as desk:
        for _ in range(2):
            await desk.reader.open(Use(), 0)
        assert caplog.text.count("another program has begun the console's session") == 1
        await desk.sign()
        await desk.reader.close(Use())
        await desk.reader.stop()
        assert FINALIZE not in desk.network.sent
    assert simulator.world.session.initialised


async def test_the_idle_session_of_another_program_is_not_ended_either(simulator: Simulator) -> None:
    simulator.world.session.initialise(SAM)
    async with pin_policy(simulator, linger=0.01) as desk:
        await desk.reader.open(Use(), 0)
        await desk.reader.close(Use())
        await _let(0.05)
        assert simulator.world.session.initialised


async def test_closing_what_is_not_open_asks_nothing(desk: Desk) -> None:
    assert await desk.reader.close(Use()) == {}
    assert await desk.reader.close(Use()) == {}
    assert desk.network.sent == []


async def test_a_closed_port_lingers_and_then_ends(simulator: Simulator) -> None:
    async with pin_policy(simulator, linger=0.05) as desk:
        await desk.reader.open(Use(), 0)
        await desk.reader.close(Use())
        assert simulator.world.session.initialised
        await _let(0.12)
        assert not simulator.world.session.initialised
        assert desk.network.sent == [*BEGUN, FINALIZE]


async def test_opening_again_stops_the_linger(simulator: Simulator) -> None:
    async with pin_policy(simulator, linger=0.05) as desk:
        for _ in range(3):
            await desk.reader.open(Use(), 0)
            await desk.reader.close(Use())
        await desk.reader.open(Use(), 0)
        await _let(0.12)
        assert simulator.world.session.initialised
        assert FINALIZE not in desk.network.sent


async def test_an_idle_end_that_fails_breaks_nothing(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    async with pin_policy(simulator, linger=0.01) as desk:
        await desk.reader.open(Use(), 0)
        desk.fault("garbage", "Finalize", times=1)
        await desk.reader.close(Use())
        await _let(0.05)
        assert "could not end the idle console session" in caplog.text
        await desk.reader.open(Use(), 0)
        assert (await desk.sign())["hcId"] == FIRST


async def test_stop_ends_the_own_session_and_is_quiet_about_a_dead_console(desk: Desk) -> None:
    await desk.reader.open(Use(), 0)
    desk.fault("garbage")
    await desk.reader.stop()
    desk.world.faults.clear()
    await desk.reader.stop()
    assert not desk.world.session.initialised


async def test_a_card_call_without_an_open_port_uses_the_default_device(desk: Desk) -> None:
    assert (await desk.sign())["hcId"] == FIRST
    assert desk.network.sent[0] == INITIAL


async def test_a_card_call_without_an_open_port_can_be_refused(simulator: Simulator) -> None:
    async with pin_policy(simulator, unopened="refuse") as desk:
        with pytest.raises(PortNotOpen):
            await desk.sign()
        assert desk.network.sent == []
        await desk.reader.open(Use(), 0)
        assert (await desk.sign())["hcId"] == FIRST


async def test_a_console_that_cannot_be_reached_is_not_taken_as_initialised(desk: Desk) -> None:
    def refuse(request: httpx.Request) -> None:
        raise httpx.ConnectError("refused", request=request)

    desk.network.before = refuse
    with pytest.raises(Unreachable):
        await desk.reader.open(Use(), 0)
    desk.network.before = None
    assert (await desk.asked_for(desk.sign))[0] == INITIAL


# --- SAM ----------------------------------------------------------------------------------------------------


async def test_the_sam_is_verified_on_demand_and_once(desk: Desk) -> None:
    await desk.reader.open(Use(), 0)
    assert await desk.asked_for(desk.sign) == [VERIFY_SAM, *PROVED]
    assert await desk.asked_for(desk.sign) == PROVED


async def test_a_program_that_asks_has_the_sam_verified_but_not_all_the_time(desk: Desk) -> None:
    await desk.reader.open(Use(), 0)
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [VERIFY_SAM]
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [STATUS]
    desk.now += 59
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [STATUS]
    desk.now += 1
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [VERIFY_SAM]
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [STATUS]


async def test_a_verification_on_demand_is_a_real_one(desk: Desk) -> None:
    await desk.sign()
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [STATUS]


async def test_a_sam_that_another_program_had_verified_is_really_asked_about(desk: Desk) -> None:
    desk.world.session.initialise("")
    desk.world.session.verify_sam()
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [*BEGUN, VERIFY_SAM]


async def test_a_sam_that_the_console_has_lost_is_verified_however_lately_it_was(desk: Desk) -> None:
    await desk.sign()
    desk.world.session.sam_verified = False
    assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [STATUS, VERIFY_SAM]


async def test_every_time_where_the_settings_say_so(simulator: Simulator) -> None:
    async with pin_policy(simulator, sam_checked=0) as desk:
        await desk.sign()
        for _ in range(3):
            assert await desk.asked_for(lambda: desk.reader.verify_sam(Use())) == [VERIFY_SAM]


@pytest.mark.parametrize("number", [1300, 1301, 1302, 1303, 1700])
async def test_what_the_centre_says_against_a_verified_sam_is_told_each_time(desk: Desk, number: int) -> None:
    """The morning's check: it may not be answered from the console's memory, nor be asked twice in a call."""
    await desk.sign()
    desk.now += 61
    desk.fault("status", "Verification", number)
    for _ in range(2):
        before = len(desk.network.sent)
        with pytest.raises(StatusError) as caught:
            await desk.reader.verify_sam(Use())
        assert caught.value.number == number
        assert desk.network.sent[before:] == [VERIFY_SAM, STATUS]
    assert await desk.asked_for(desk.sign) == PROVED  # the console counts it as verified, so reads go on


async def test_a_sam_that_works_is_not_tried_until_it_locks_itself(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.sign()
    desk.now += 61
    desk.fault("status", "Verification", 1301)
    before = desk.network.sent.count(VERIFY_SAM)
    for _ in range(10):
        with pytest.raises(StatusError) as caught:
            await desk.reader.verify_sam(Use())
        assert caught.value.number == 1301
    assert desk.network.sent.count(VERIFY_SAM) == before + 3
    assert "failed 3 verifications in a row" in caplog.text
    assert (await desk.sign())["hcId"] == FIRST
    desk.world.faults.clear()
    await desk.reader.log_out_sam(Use())
    await desk.reader.verify_sam(Use())
    assert (await desk.sign())["hcId"] == FIRST


async def test_an_ended_sam_session_is_mended_once(desk: Desk) -> None:
    await desk.sign()
    desk.world.session.sam_verified = False
    assert await desk.asked_for(desk.sign) == [LOGOUT, SIGN, VERIFY_SAM, STATUS, SIGN, STATUS]


async def test_a_sam_session_that_ends_again_is_not_mended_twice(desk: Desk) -> None:
    await desk.sign()
    desk.fault("status", "Signature/Hc", 1301)
    with pytest.raises(StatusError) as caught:
        await desk.sign()
    assert caught.value.number == 1301
    assert desk.network.sent.count(SIGN) == 3  # the first call's one, and two of this call


async def test_a_restarted_console_is_initialised_and_asked_once_more(desk: Desk) -> None:
    await desk.reader.open(Use(), 0)
    await desk.sign()
    desk.world.session.finalise()
    asked = await desk.asked_for(desk.sign)
    assert asked == [LOGOUT, SIGN, *BEGUN, VERIFY_SAM, SIGN, STATUS]


async def test_a_console_that_stays_uninitialised_is_not_asked_for_ever(desk: Desk) -> None:
    await desk.reader.open(Use(), 0)
    await desk.sign()
    desk.fault("status", "Signature/Hc", 1000)
    with pytest.raises(StatusError) as caught:
        await desk.sign()
    assert caught.value.number == 1000
    assert desk.network.sent.count(SIGN) == 3


async def test_three_failed_verifications_stop_the_trying_until_a_program_asks(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.fault("status", "Verification", 1301)
    for _ in range(5):
        with pytest.raises(StatusError) as caught:
            await desk.sign()
        assert caught.value.number == 1301
    assert desk.network.sent.count(VERIFY_SAM) == 3
    assert "failed 3 verifications in a row" in caplog.text
    with pytest.raises(StatusError):
        await desk.reader.verify_sam(Use())
    assert desk.network.sent.count(VERIFY_SAM) == 4
    desk.world.faults.clear()
    await desk.reader.verify_sam(Use())
    assert (await desk.sign())["hcId"] == FIRST


MAY_COUNT = (1202, 1302, 1303, 1304, 1701, 1704, 1705, 1706, 1799)


async def tried(desk: Desk, number: int) -> int:
    """How often the SAM is verified for five calls, each of which is told this status."""
    desk.fault("status", "Verification", number)
    for _ in range(5):
        with pytest.raises(StatusError) as caught:
            await desk.sign()
        assert caught.value.number == number
    return desk.network.sent.count(VERIFY_SAM)


@pytest.mark.parametrize("number", [1300, 1301, 1703, *MAY_COUNT])
@pytest.mark.parametrize("shared", [True, False])
async def test_a_physical_sam_is_tried_three_times_whatever_it_failed_with(
    simulator: Simulator, number: int, shared: bool
) -> None:
    """It counts its failures, and nobody knows which. Not shared, the console is not asked for its kind."""
    simulator.world.load(two_readers())
    async with pin_policy(simulator, devices={"0": "COM1"}, shared=shared) as desk:
        await desk.reader.open(Use(), 0)
        assert await tried(desk, number) == 3


@pytest.mark.parametrize("number", [1700, 1702])
async def test_where_the_centre_did_not_answer_the_sam_has_not_failed(
    simulator: Simulator, number: int
) -> None:
    async with pin_policy(simulator, shared=False) as desk:
        assert await tried(desk, number) == 5


@pytest.mark.parametrize("number", [1700, *MAY_COUNT])
async def test_other_failures_of_a_cloud_sam_do_not_count(desk: Desk, number: int) -> None:
    assert await tried(desk, number) == 5


# --- signatures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(SIGNATURE_KINDS))
async def test_each_kind_of_signature_has_exactly_its_fields(desk: Desk, kind: str) -> None:
    await desk.reader.verify_sam(Use())
    desk.world.session.require_hpc().pin_verified = True
    signature = (await desk.reader.sign(Use(), kind, "02")).fields  # type: ignore[arg-type]
    assert tuple(signature) == PROTOCOL.signature_fields(kind)  # type: ignore[arg-type]
    assert all(isinstance(value, str) and value for value in signature.values())
    issued = desk.world.signatures.check(signature, kind, "02")
    assert issued.service_type == "02"


async def test_each_signature_is_a_fresh_one(desk: Desk) -> None:
    assert (await desk.sign())["clientRandom"] != (await desk.sign())["clientRandom"]


async def test_a_signature_without_a_field_is_no_signature(desk: Desk) -> None:
    await desk.sign()
    desk.network.instead = {"statusCode": 0, "signature": "x"}
    with pytest.raises(BadReply, match="clientRandom is missing"):
        await desk.sign()


async def test_the_right_person_gets_a_signature(desk: Desk) -> None:
    asked = await desk.asked_for(lambda: desk.sign(person=FIRST_PERSON))
    assert asked[-3:] == [BASIC, SIGN, STATUS]


@pytest.mark.parametrize(
    "person",
    [
        Person("Z199999016", "0920315"),
        Person("Z299999929", "0920316"),
        Person("", ""),
        Person("z299999929", "0920315"),
    ],
)
async def test_the_wrong_person_is_refused_before_anything_is_signed(desk: Desk, person: Person) -> None:
    with pytest.raises(WrongPerson):
        await desk.sign(person=person)
    assert SIGN not in desk.network.sent


def _swap_after(desk: Desk, path: str, card: str) -> None:
    def swap(request: httpx.Request) -> None:
        if request.url.path == path:
            desk.world.insert("hc", card)

    desk.network.after = swap


async def test_a_card_swapped_between_identity_and_signature_is_found(desk: Desk) -> None:
    _swap_after(desk, "/api/hc/v1/Basic", OTHER)
    with pytest.raises(CardChanged):
        await desk.sign(person=FIRST_PERSON)


async def test_a_card_swapped_before_the_identity_is_the_wrong_person(desk: Desk) -> None:
    _swap_after(desk, "/api/sam/v1/Verification", OTHER)
    with pytest.raises(WrongPerson):
        await desk.sign(person=FIRST_PERSON)
    assert SIGN not in desk.network.sent


async def test_a_swapped_card_is_seen_by_the_next_call(desk: Desk) -> None:
    assert (await desk.sign())["hcId"] == FIRST
    desk.world.insert("hc", OTHER)
    assert (await desk.sign(person=OTHER_PERSON))["hcId"] == OTHER
    desk.world.remove("hc")
    with pytest.raises(StatusError) as caught:
        await desk.sign()
    assert caught.value.number == 1102


@pytest.mark.parametrize("read", ["sign", "basic"])
@pytest.mark.parametrize("settings", [{}, {"logout_before_read": "always"}, {"logout_before_read": True}])
async def test_a_sloppy_reader_never_gives_the_card_that_lay_there_before(
    simulator: Simulator, read: str, settings: dict[str, object]
) -> None:
    simulator.world.change_switches({"sticky_card": True})
    async with pin_policy(simulator, **settings) as desk:
        await desk.sign()
        desk.world.insert("hc", OTHER)
        reply = await getattr(desk, read)()
        assert reply.get("hcId", reply.get("cardId")) == OTHER
        assert desk.network.sent[-3:] == [LOGOUT, BASIC if read == "basic" else SIGN, STATUS]


async def test_a_reader_that_notices_every_swap_need_not_be_logged_out(simulator: Simulator) -> None:
    async with pin_policy(simulator, logout_before_read="never", shared=False) as desk:
        await desk.sign()
        desk.world.insert("hc", OTHER)
        assert await desk.asked_for(desk.sign) == [SIGN]
        assert (await desk.sign())["hcId"] == OTHER


# --- virtual cards ------------------------------------------------------------------------------------------


async def test_a_virtual_card_takes_the_place_of_the_physical_one_and_back(desk: Desk) -> None:
    assert (await desk.sign())["hcId"] == FIRST
    await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    assert (await desk.sign("virtual"))["hcId"] == OTHER
    assert (await desk.basic("virtual"))["cardId"] == OTHER
    assert (await desk.sign())["hcId"] == FIRST
    with pytest.raises(NoVirtualCard):
        await desk.sign("virtual")


async def test_one_virtual_card_takes_the_place_of_another(desk: Desk) -> None:
    await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    await desk.reader.virtual.upload(Use(), desk.world.qr(FIRST))
    assert (await desk.sign("virtual"))["hcId"] == FIRST


async def test_a_virtual_call_without_a_virtual_card_asks_nothing(desk: Desk) -> None:
    with pytest.raises(NoVirtualCard):
        await desk.sign("virtual")
    assert desk.network.sent == []


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "YQ==.YQ==.YQ=="])
async def test_a_bad_qr_code_leaves_no_virtual_card(desk: Desk, token: str) -> None:
    await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    with pytest.raises(StatusError):
        await desk.reader.virtual.upload(Use(), token)
    with pytest.raises(NoVirtualCard):
        await desk.sign("virtual")
    assert (await desk.sign())["hcId"] == FIRST


async def test_an_expired_virtual_card_is_gone_and_the_physical_one_is_not_taken_for_it(desk: Desk) -> None:
    await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    desk.world.clock.shift(3600)
    with pytest.raises(StatusError) as caught:
        await desk.sign("virtual")
    assert caught.value.number == 1521
    with pytest.raises(NoVirtualCard):
        await desk.sign("virtual")


async def test_a_virtual_card_that_went_with_the_sam_session_is_not_replaced_by_the_physical_one(
    desk: Desk,
) -> None:
    await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    desk.world.session.log_out_sam()
    with pytest.raises(NoVirtualCard):
        await desk.sign("virtual")
    assert (await desk.sign())["hcId"] == FIRST


async def test_a_virtual_card_that_went_with_the_console_is_not_replaced_by_the_physical_one(
    desk: Desk,
) -> None:
    await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    desk.world.session.finalise()
    with pytest.raises(NoVirtualCard):
        await desk.sign("virtual")


async def test_a_virtual_card_left_by_another_program_is_not_taken_for_the_physical_one(
    simulator: Simulator,
) -> None:
    session = simulator.world.session
    session.initialise(SAM)
    session.verify_sam()
    session.start_virtual_hc(simulator.world.cards[OTHER], "somebody's code")
    async with pin_policy(simulator) as desk:
        with pytest.raises(NoVirtualCard):
            await desk.sign("virtual")
        assert (await desk.sign(person=FIRST_PERSON))["hcId"] == FIRST


@pytest.mark.parametrize("path", ["/api/hc/v1/Verification/VirtualHc", "/api/hc/v1/Logout"])
async def test_after_a_lost_answer_the_physical_card_is_still_the_physical_one(desk: Desk, path: str) -> None:
    await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    desk.fault("lost", path, times=1)
    with pytest.raises(Dropped):
        await desk.reader.virtual.upload(Use(), desk.world.qr(OTHER))
    assert (await desk.sign())["hcId"] == FIRST


# --- turns --------------------------------------------------------------------------------------------------


async def test_calls_take_turns(desk: Desk) -> None:
    running, most = 0, 0
    inner = desk.network._inner.app

    async def counting(scope: object, receive: object, send: object) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        await inner(scope, receive, send)
        running -= 1

    desk.network._inner.app = counting
    calls = [desk.sign() for _ in range(5)]
    ports = (desk.reader.open(Use(), 0), desk.reader.close(Use()), desk.reader.open(Use(), 0))
    signatures = await asyncio.gather(*ports[:1], *calls, *ports[1:])
    assert most == 1
    assert len({signature["clientRandom"] for signature in signatures if signature}) == 5


async def test_a_close_does_not_break_the_call_that_is_running(simulator: Simulator) -> None:
    async with pin_policy(simulator, linger=0.0) as desk:
        await desk.reader.open(Use(), 0)
        desk.fault("slow", "Signature/Hc", 0.05, times=1)
        signing = asyncio.create_task(desk.sign())
        await _let(0.01)
        await desk.reader.close(Use())
        assert (await signing)["hcId"] == FIRST


async def test_a_failure_frees_the_reader_for_the_next_call(desk: Desk) -> None:
    def too_slow(request: httpx.Request) -> None:
        raise httpx.ReadTimeout("slow", request=request)

    desk.network.before = too_slow
    with pytest.raises(TimedOut):
        await desk.sign()
    desk.network.before = None
    assert (await desk.sign())["hcId"] == FIRST


async def test_errors_of_the_reader_carry_no_personal_data(desk: Desk) -> None:
    failures: list[CallError] = []
    for person in (OTHER_PERSON, Person("Z299999929", "0920316")):
        with pytest.raises(WrongPerson) as caught:
            await desk.sign(person=person)
        failures.append(caught.value)
    text = " ".join(map(str, failures))
    assert not any(secret in text for secret in (FIRST, "Z299999929", "0920315", "0920316", "Z199999016"))


async def test_a_shared_console_is_asked_for_the_kind_of_card_before_each_call(simulator: Simulator) -> None:
    """Another program scans a QR code: its patient must not be read for the physical card that lies here."""
    async with pin_policy(simulator, shared=True) as desk, pin_policy(simulator) as neighbour:
        assert (await desk.sign())["hcId"] == FIRST
        await neighbour.reader.virtual.upload(Use(), desk.world.qr(OTHER))
        assert (await desk.sign())["hcId"] == FIRST
        assert LOGOUT in desk.network.sent
