"""Another program at the same console: a native 6.0 program, or a command in a session of its own.

Whose data comes back, and whose record is changed, is that of the person who was meant, or nobody's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from bridge.calls.call import NATIVE, VHC, Door, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.caller import Caller
from bridge.config import ReaderSettings
from bridge.sim.simulator import Simulator
from tests.support.simulated import Bench, open_bench
from tests.support.stage import CHILD, DEMO, MOTHER, open_stage
from tests.support.two_readers import AT_COM1, AT_COM2, two_readers

NO_QR, EXPORTED, BUSY, OPEN_FAILED, IN_USE = 1019, 1023, 4000, -1, 4029
SIGN, STATUS = "/api/hc/v1/Signature/Hc", "/api/common/v1/Status"
NEXT = "/api/v1/SequelNumber/Next"
TAKEN = (0, 5010)


async def read(bench: Bench, door: Door = NATIVE, program: str = "") -> tuple[int, str]:
    """Code and card number of a read of the basic data; no number where nothing came back."""
    call = LegacyCall("hisGetBasicData", {"pBuffer": OutBuffer(72)}, door, Caller(program))
    result = await bench.engine.call(call)
    return result.code, bytes(result.outputs.get("pBuffer", b""))[:12].decode()  # type: ignore[arg-type]


async def take_number(bench: Bench, door: Door = NATIVE, program: str = "") -> LegacyResult:
    arguments = {
        "cTreatItem": b"01", "cBabyTreat": b"", "cTreatAfterCheck": b"1", "pBuffer": OutBuffer(316),
    }  # fmt: skip
    return await bench.engine.call(LegacyCall("hisGetSeqNumber256N1", arguments, door, Caller(program)))


async def upload(bench: Bench, card: str) -> int:
    token = bench.simulator.world.qr(card).encode()
    return (await bench.call("uploadqrcode", VHC, QRCodeString=token)).code


async def open_port(bench: Bench, program: str, port: int) -> int:
    call = LegacyCall("csOpenCom", {"pComNum": port}, NATIVE, Caller(program))
    return (await bench.engine.call(call)).code


def visits(bench: Bench) -> dict[str, int]:
    world = bench.simulator.world
    return {card: len(world.stored(card)["visits"]) for card in world.cards}  # type: ignore[arg-type]


def present(bench: Bench, card: str) -> None:
    """What the native program does: it logs the card out and presents a virtual one."""
    session = bench.simulator.world.session
    session.log_out_hc()
    session.start_virtual_hc(bench.simulator.world.cards[card], "the native program's code")


@asynccontextmanager
async def command(bench: Bench) -> AsyncIterator[Bench]:
    """A command that works at the console by itself, beside the bridge."""
    async with open_bench(bench.simulator) as made:
        yield made


def before(bench: Bench, path: str, act: Callable[[], None]) -> None:
    """Act once, just before the console gets this request."""

    def look(request: httpx.Request) -> None:
        if request.url.path == path:
            bench.console.before = None
            act()

    bench.console.before = look


# --- a native program ---------------------------------------------------------------------------------------


async def test_a_native_programs_virtual_card_is_not_read_for_the_one_in_the_slot(bench: Bench) -> None:
    assert await read(bench) == (0, DEMO)
    present(bench, CHILD)
    assert await read(bench) == (0, DEMO)


@pytest.mark.parametrize("path", [SIGN, STATUS])
async def test_nor_where_it_steps_in_within_the_call(bench: Bench, path: str) -> None:
    assert await read(bench) == (0, DEMO)
    before(bench, path, lambda: present(bench, CHILD))
    assert await read(bench) == (0, DEMO)


@pytest.mark.parametrize("path", [SIGN, STATUS])
async def test_no_visit_number_is_stored_for_a_native_programs_patient(bench: Bench, path: str) -> None:
    assert await read(bench) == (0, DEMO)
    known = visits(bench)
    before(bench, path, lambda: present(bench, CHILD))
    assert (await take_number(bench)).code in TAKEN
    assert visits(bench) == {**known, DEMO: known[DEMO] + 1}
    assert bench.cloud.sent.count(f"POST {NEXT}") == 1  # nothing was sent for the wrong one
    assert bench.journal.pending() == []


async def test_who_steps_in_again_and_again_gets_nothing_through(bench: Bench) -> None:
    known = visits(bench)

    def look(request: httpx.Request) -> None:
        if request.url.path == SIGN:
            present(bench, CHILD)

    bench.console.before = look
    assert await read(bench) == (4033, "")
    assert (await take_number(bench)).code == 4033
    assert visits(bench) == known


async def test_a_card_number_is_that_of_the_card_in_the_slot(bench: Bench) -> None:
    await read(bench)
    before(bench, "/api/hc/v1/Basic", lambda: present(bench, CHILD))
    result = await bench.call("csGetCardNo", CardType=2, pBuffer=OutBuffer(12))
    assert (result.code, result.outputs["pBuffer"]) == (0, DEMO.encode())


@pytest.mark.parametrize("kind", [None, "1", True])
async def test_a_console_that_does_not_tell_the_kind_of_card_proves_nothing(
    bench: Bench, kind: object
) -> None:
    await read(bench)
    known = visits(bench)
    reply = {"statusCode": 0, "status": {"hc": {"status": 2, "type": kind}}}

    def look(request: httpx.Request) -> None:
        bench.console.instead = reply if request.url.path == STATUS else None

    bench.console.before = look
    assert await read(bench) == (9001, "")
    assert (await take_number(bench)).code == 9001
    assert visits(bench) == known


async def test_a_console_for_itself_saves_the_question(simulator: Simulator) -> None:
    async with open_bench(simulator, reader_settings=ReaderSettings(shared=False)) as alone:
        await read(alone)
        assert f"GET {STATUS}" not in alone.console.sent


PRESENT, IMPORT = "/api/hc/v1/Verification/VirtualHc", "/api/hc/v1/VirtualHc/Import"


def use_the_card(bench: Bench) -> None:
    """What the native program does: it reads the card in the slot."""
    bench.simulator.world.session.require_hc()


async def test_a_card_that_it_uses_after_the_log_out_does_not_keep_a_qr_code_out(bench: Bench) -> None:
    before(bench, PRESENT, lambda: use_the_card(bench))
    assert await upload(bench, CHILD) == 0
    assert bench.console.sent.count(f"POST {PRESENT}") == 2
    assert await read(bench, VHC) == (0, CHILD)
    assert await read(bench) == (0, DEMO)


async def test_nor_one_that_it_presents(bench: Bench) -> None:
    await read(bench)
    before(bench, PRESENT, lambda: present(bench, MOTHER))
    assert await upload(bench, CHILD) == 0
    assert await read(bench, VHC) == (0, CHILD)


async def test_nor_a_transfer_code(bench: Bench) -> None:
    assert await upload(bench, CHILD) == 0
    moved = await bench.call("GetVHCQRCodeCloudToken", VHC)
    assert moved.code == 0
    (token,) = moved.outputs.values()
    before(bench, IMPORT, lambda: use_the_card(bench))
    taken = await bench.call("UploadVHCQRCodeCloudToken", VHC, transferToken=token)  # type: ignore[arg-type]
    assert taken.code == 0
    assert await read(bench, VHC) == (0, CHILD)


async def test_who_uses_a_card_again_and_again_keeps_a_qr_code_out(bench: Bench) -> None:
    def look(request: httpx.Request) -> None:
        if request.url.path == PRESENT:
            use_the_card(bench)

    await read(bench)
    bench.console.before = look
    assert await upload(bench, CHILD) == IN_USE
    assert bench.console.sent.count(f"POST {PRESENT}") == 2
    bench.console.before = None
    assert await read(bench, VHC) == (NO_QR, "")
    assert await read(bench) == (0, DEMO)


async def test_one_question_for_a_read_and_none_for_a_virtual_card(bench: Bench) -> None:
    await read(bench)
    bench.console.requests.clear()
    await read(bench)
    assert bench.console.sent.count(f"GET {STATUS}") == 1
    assert await upload(bench, CHILD) == 0
    bench.console.requests.clear()
    assert await read(bench, VHC) == (0, CHILD)
    assert bench.console.sent == [f"POST {SIGN}"]


# --- what the bridge tells of it ----------------------------------------------------------------------------


def told(bench: Bench) -> tuple[object, object]:
    """How many signs of another program, and the last."""
    others = bench.engine.other_programs
    return others["signs"], others["last_sign"]


async def test_signs_of_another_program_are_counted(bench: Bench) -> None:
    await read(bench)
    present(bench, CHILD)
    await read(bench)
    assert told(bench) == (0, ""), "it was logged out before the call, as any card is"
    before(bench, SIGN, lambda: present(bench, CHILD))
    await read(bench)
    assert told(bench) == (1, "it presented a virtual card")
    before(bench, PRESENT, lambda: use_the_card(bench))
    await upload(bench, CHILD)
    assert told(bench) == (2, "it used a card before a QR code was presented")
    present(bench, MOTHER)
    assert await read(bench, VHC) == (NO_QR, "")
    assert told(bench) == (3, "it took the place of the virtual card that was presented")
    assert bench.engine.other_programs["last"] is not None


async def test_what_has_other_reasons_is_no_sign(bench: Bench) -> None:
    """A console that was restarted, a SAM that has to be verified again, cards that people exchange."""
    session = bench.simulator.world.session
    await read(bench)
    session.finalise()
    assert await read(bench) == (0, DEMO)
    session.log_out_sam()
    assert await read(bench) == (0, DEMO)
    bench.simulator.world.insert("hc", MOTHER)
    assert await read(bench) == (0, MOTHER)
    assert told(bench) == (0, "")


async def test_a_session_that_a_killed_bridge_left_is_no_sign(simulator: Simulator) -> None:
    async with two_ports(simulator) as bench:
        simulator.world.session.initialise("COM2")
        simulator.world.session.verify_sam()
        simulator.world.session.require_hc()
        assert await open_port(bench, "HIS1", 0) == OPEN_FAILED
        assert told(bench) == (0, "")


async def test_another_device_in_the_middle_of_a_session_is_one(simulator: Simulator) -> None:
    async with two_ports(simulator) as bench:
        assert await open_port(bench, "HIS1", 0) == 0
        assert await read(bench, program="HIS1") == (0, AT_COM1)
        session = simulator.world.session
        session.finalise()
        session.initialise("COM2")
        session.verify_sam()
        assert await read(bench, program="HIS1") == (BUSY, "")
        assert told(bench) == (1, "it opened another device in the session")


# --- a command's session ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["a card in the slot", "another QR code", "the same person in the slot"])
async def test_a_command_never_makes_a_client_read_another_than_its_own_patient(
    bench: Bench, how: str
) -> None:
    bench.simulator.world.insert("hc", CHILD if how == "the same person in the slot" else DEMO)
    assert await upload(bench, CHILD) == 0
    known = visits(bench)
    async with command(bench) as other:
        if how == "another QR code":
            assert await upload(other, MOTHER) == 0
        else:
            assert (await read(other))[0] == 0
        code, card = await read(bench, VHC)
        assert (code, card) in ((NO_QR, ""), (0, CHILD))
        assert code == NO_QR or how == "the same person in the slot"
        number = await take_number(bench, VHC)
    assert visits(bench) == {**known, CHILD: known[CHILD] + (number.code in TAKEN)}


async def test_a_command_never_makes_the_library_read_a_virtual_card(bench: Bench) -> None:
    assert await read(bench) == (0, DEMO)
    known = visits(bench)
    async with command(bench) as other:
        assert await upload(other, CHILD) == 0
        assert await read(bench) == (0, DEMO)
        assert await upload(other, CHILD) == 0
        assert (await take_number(bench)).code in TAKEN
    assert visits(bench) == {**known, DEMO: known[DEMO] + 1}


async def test_a_card_that_took_the_place_of_the_own_one_is_not_given_away(bench: Bench) -> None:
    assert await upload(bench, CHILD) == 0
    async with command(bench) as other:
        assert await upload(other, MOTHER) == 0
        result = await bench.call("GetVHCQRCodeCloudToken", VHC)
        assert (result.code, result.outputs) == (NO_QR, {})
        assert await read(other, VHC) == (0, MOTHER)


async def test_a_code_that_cannot_be_read_after_it_was_presented_is_known_by_the_card(bench: Bench) -> None:
    def used_up(request: httpx.Request) -> None:
        bench.console.instead = {"statusCode": 1525} if request.url.path.endswith("ReadBasic") else None

    bench.console.before = used_up
    assert await upload(bench, CHILD) == 0
    assert await read(bench, VHC) == (0, CHILD)


# --- two programs, two readers ------------------------------------------------------------------------------


@asynccontextmanager
async def two_ports(simulator: Simulator, **settings: object) -> AsyncIterator[Bench]:
    simulator.world.load(two_readers())
    chosen = ReaderSettings.model_validate({"hold": 0, **settings})
    async with open_stage(simulator, reader_settings=chosen) as bench:
        yield bench


async def test_each_program_reads_its_own_reader(simulator: Simulator) -> None:
    async with two_ports(simulator) as bench:
        assert await open_port(bench, "HIS1", 0) == 0
        assert await read(bench, program="HIS1") == (0, AT_COM1)
        assert await open_port(bench, "HIS2", 1) == 0
        assert await read(bench, program="HIS1") == (0, AT_COM1)
        assert await read(bench, program="HIS2") == (0, AT_COM2)


async def test_a_refused_open_of_another_program_leaves_everything(simulator: Simulator) -> None:
    async with two_ports(simulator) as bench:
        assert await open_port(bench, "HIS1", 1) == 0
        assert await read(bench, program="HIS1") == (0, AT_COM2)
        assert await open_port(bench, "HIS2", 7) == OPEN_FAILED
        assert await read(bench, program="HIS1") == (0, AT_COM2)
        assert await read(bench, program="HIS2") == (BUSY, "")


async def test_a_visit_keeps_the_other_program_out_with_a_line_that_names_both_ports(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_ports(simulator) as bench:
        assert await open_port(bench, "HIS1", 0) == 0
        assert (await take_number(bench, program="HIS1")).code in TAKEN
        assert await open_port(bench, "HIS2", 1) == OPEN_FAILED
        assert "port COM1, and a visit is open there: port COM2 of another program" in caplog.text
        assert await read(bench, program="HIS2") == (BUSY, "")
        assert await read(bench, program="HIS1") == (0, AT_COM1)


async def test_a_number_without_a_card_opens_no_visit(simulator: Simulator) -> None:
    async with two_ports(simulator) as bench:
        assert await open_port(bench, "HIS1", 0) == 0
        arguments = {"pPatientID": b"Z299999929", "pHospID": b"3501200000", "pBuffer": OutBuffer(43)}
        call = LegacyCall("hisGetTreatNumNoICCard", arguments, NATIVE, Caller("HIS1"))
        assert (await bench.engine.call(call)).code == 0
        assert await open_port(bench, "HIS2", 1) == 0


async def test_programs_that_nobody_can_tell_apart_share_a_port(simulator: Simulator) -> None:
    async with two_ports(simulator) as bench:
        assert await open_port(bench, "", 0) == 0
        assert await open_port(bench, "", 1) == 0
        assert await read(bench) == (0, AT_COM2)
