"""Export, import and forgetting of a virtual health card: nobody is ever taken for somebody else."""

from __future__ import annotations

import httpx
import pytest

from bridge.errors import CallError, NoVirtualCard, StatusError, TimedOut, VirtualCardMoved
from bridge.reader.use import Use
from bridge.sim.faults import Fault
from tests.support.simulated import Bench

FIRST, OTHER = "000073898381", "000099990001"  # FIRST lies in the slot
EXPORT, IMPORT = "/api/hc/v1/VirtualHc/Export", "/api/hc/v1/VirtualHc/Import"
LOGOUT = "DELETE /api/hc/v1/Logout"


async def sign(bench: Bench, card: str) -> str:
    """The number of the card that signs."""
    signature = await bench.reader.sign(Use(card=card), "hc", "01")  # type: ignore[arg-type]
    await signature.proved()
    return signature.fields["hcId"]


async def show(bench: Bench, card: str = OTHER) -> None:
    await bench.reader.virtual.upload(Use(), bench.simulator.world.qr(card))


async def export(bench: Bench) -> str:
    return str((await bench.reader.virtual.export(Use()))["transferToken"])


async def test_an_exported_card_is_gone_here_until_it_comes_back(bench: Bench) -> None:
    await show(bench)
    token = await export(bench)
    for _ in range(2):
        with pytest.raises(VirtualCardMoved):
            await sign(bench, "virtual")
    with pytest.raises(VirtualCardMoved):
        await export(bench)
    assert await sign(bench, "physical") == FIRST
    with pytest.raises(VirtualCardMoved):
        await sign(bench, "virtual")
    await bench.reader.virtual.take_over(Use(), token)
    assert await sign(bench, "virtual") == OTHER


async def test_a_transfer_code_serves_once(bench: Bench) -> None:
    await show(bench)
    token = await export(bench)
    await bench.reader.virtual.take_over(Use(), token)
    with pytest.raises(StatusError, match="1529"):
        await bench.reader.virtual.take_over(Use(), token)
    with pytest.raises(NoVirtualCard):
        await sign(bench, "virtual")


async def test_an_import_takes_the_place_of_another_virtual_card(bench: Bench) -> None:
    await show(bench)
    token = await export(bench)
    await show(bench, FIRST)
    await bench.reader.virtual.take_over(Use(), token)
    assert await sign(bench, "virtual") == OTHER


async def test_there_is_nothing_to_export(bench: Bench) -> None:
    with pytest.raises(NoVirtualCard):
        await export(bench)
    assert bench.console.sent == []


async def test_a_refused_export_leaves_the_card(bench: Bench) -> None:
    await show(bench)
    bench.simulator.world.faults.arm(Fault("console", "status", 1799, EXPORT, 1))
    with pytest.raises(StatusError, match="1799"):
        await export(bench)
    assert await sign(bench, "virtual") == OTHER


async def test_an_export_that_ended_with_the_session_leaves_none(bench: Bench) -> None:
    await show(bench)
    bench.simulator.world.shift_clock(31 * 60)
    with pytest.raises(StatusError, match="1521"):
        await export(bench)
    with pytest.raises(NoVirtualCard):
        await sign(bench, "virtual")


async def test_a_lost_answer_to_an_export_leaves_nobody_and_not_the_card_in_the_slot(bench: Bench) -> None:
    await show(bench)

    def lose(request: httpx.Request) -> None:
        if request.url.path == EXPORT:
            raise httpx.ReadTimeout("lost", request=request)

    bench.console.after = lose
    with pytest.raises(TimedOut):
        await export(bench)
    bench.console.after = None
    with pytest.raises(NoVirtualCard):
        await sign(bench, "virtual")
    assert await sign(bench, "physical") == FIRST


async def test_a_console_that_was_restarted_has_nothing_to_export(bench: Bench) -> None:
    await show(bench)
    bench.simulator.world.session.finalise()
    with pytest.raises(NoVirtualCard):
        await export(bench)


@pytest.mark.parametrize("exported", [False, True])
async def test_a_forgotten_card_is_gone(bench: Bench, exported: bool) -> None:
    await show(bench)
    if exported:
        await export(bench)
    await bench.reader.virtual.log_out(Use())
    with pytest.raises(NoVirtualCard):
        await sign(bench, "virtual")
    assert await sign(bench, "physical") == FIRST


async def test_forgetting_leaves_a_physical_card_as_it_is(bench: Bench) -> None:
    assert await sign(bench, "physical") == FIRST
    before = bench.console.sent.count(LOGOUT)
    await bench.reader.virtual.log_out(Use())
    assert bench.console.sent.count(LOGOUT) == before
    assert bench.simulator.world.session.hc is not None


async def test_forgetting_asks_nothing_where_nothing_was_opened(bench: Bench) -> None:
    await bench.reader.virtual.log_out(Use())
    assert bench.console.sent == []


async def test_another_programs_virtual_card_is_forgotten_too(bench: Bench) -> None:
    session = bench.simulator.world.session
    session.initialise("")
    session.verify_sam()
    session.start_virtual_hc(bench.simulator.world.cards[OTHER], "somebody's code")
    await bench.reader.open(Use(), 0)  # the console is found begun
    await bench.reader.virtual.log_out(Use())
    assert session.hc is None


async def test_a_card_that_cannot_be_forgotten_is_not_read_either(bench: Bench) -> None:
    await show(bench)
    bench.simulator.world.faults.arm(Fault("console", "http", 500, "/api/hc/v1/Logout", 1))
    with pytest.raises(CallError):
        await bench.reader.virtual.log_out(Use())
    with pytest.raises(NoVirtualCard):
        await sign(bench, "virtual")


async def test_opening_any_device_leaves_the_session_of_a_named_port(bench: Bench) -> None:
    """Clients of the virtual card open no certain port; a program that has opened COM1 keeps its session."""
    await bench.reader.open(Use(), 0)
    await show(bench)
    await bench.reader.open(Use(), -1)
    await bench.reader.open(Use(), 0)
    assert not any(path.endswith("/Finalize") for path in bench.console.sent)
    assert await sign(bench, "virtual") == OTHER
