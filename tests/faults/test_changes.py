"""Changes that end unclearly in other ways than on the line to the cloud: on a card, after they were carried
out, at the call's deadline, at the upload centre.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults import false_replies as false
from tests.faults.laws import carried_out
from tests.faults.oracle import PIN_CHANGES
from tests.faults.proxy import Trouble
from tests.faults.rig import Stage, open_stage, quick_worlds
from tests.support.stage import WITH_PIN

CONSOLE_GONE, BAD_JSON, CLOUD_TIMEOUT, OUT_OF_ORDER, NOT_ACCEPTED = 4000, 9001, 9003, 9004, 9002


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    with quick_worlds():
        async with open_stage(tmp_path) as made:
            yield made


async def last_request_lost(stage: Stage, name: str, trouble: Trouble) -> int:
    """Make the call; its last request to the console, the one that changes the card, meets trouble."""
    await stage.fresh()
    stage.world.insert("hc", WITH_PIN)
    healthy = await stage.make(name, **stage.good(name))
    assert healthy.result.code == 0
    await stage.fresh()
    stage.world.insert("hc", WITH_PIN)
    count, console = len(healthy.console), stage.proxies["console"]

    def watch(_: object) -> None:
        nonlocal count
        count -= 1
        if count == 0:
            console.trouble = trouble

    console.watch = watch
    code = (await stage.make(name, **stage.good(name))).result.code
    assert count == 0
    await console.clear()
    return code


@pytest.mark.parametrize("name", PIN_CHANGES)
async def test_a_lost_answer_to_a_new_pin(name: str, stage: Stage) -> None:
    """The card may have the new PIN or not: a person is asked to try, with care."""
    assert await last_request_lost(stage, name, Trouble("reply", "reset")) == CONSOLE_GONE
    (pending,) = stage.pending()
    assert (pending.function, pending.state) == (name, "ambiguous")
    assert "locks itself" in pending.advice


@pytest.mark.parametrize("name", PIN_CHANGES)
async def test_a_new_pin_that_was_refused_or_never_sent(name: str, stage: Stage) -> None:
    refused = Trouble("request", "answer", false.http(404))
    assert await last_request_lost(stage, name, refused) == CONSOLE_GONE
    assert stage.pending() == []
    await stage.fresh()
    await stage.proxies["console"].go("refuse")
    assert (await stage.make(name, **stage.good(name))).result.code == CONSOLE_GONE
    assert stage.pending() == []


@pytest.mark.parametrize("name", PIN_CHANGES)
async def test_an_answer_lost_before_the_new_pin_was_sent(name: str, stage: Stage) -> None:
    """Nothing was to be changed yet."""
    await stage.fresh()
    stage.proxies["console"].trouble = Trouble("reply", "reset", times=1)
    assert (await stage.make(name, **stage.good(name))).result.code == CONSOLE_GONE
    assert stage.pending() == []


async def test_a_step_that_fails_after_the_change(stage: Stage) -> None:
    """The cloud has updated the card's contents; the console then cannot write them."""
    await stage.fresh()
    stage.proxies["console"].trouble = Trouble("request", "reset", path="/RealHc/Update")
    made = await stage.make("csUpdateHCContents")
    assert (made.result.code, sum(carried_out(made.cloud).values())) == (CONSOLE_GONE, 1)
    (pending,) = stage.pending()
    assert pending.state == "ambiguous"
    assert "was carried out" in pending.advice


async def test_an_answer_to_a_number_that_cannot_be_used(stage: Stage) -> None:
    """The number was taken; its record cannot be made."""
    await stage.fresh()
    answer = false.mistyped("treatmentDateTime", ["now"])
    stage.proxies["cloud"].trouble = Trouble("reply", "answer", answer, path="/SequelNumber/Next")
    made = await stage.make("hisGetSeqNumber256N1", **stage.good("hisGetSeqNumber256N1"))
    assert (made.result.code, sum(carried_out(made.cloud).values())) == (BAD_JSON, 1)
    (pending,) = stage.pending()
    assert "do not do it a second time" in pending.advice


@pytest.mark.parametrize("name", ["hisWriteEmergentTel", "hisGetSeqNumber256N1"])
async def test_a_line_that_goes_down_for_good(name: str, stage: Stage) -> None:
    """The first request was carried out, its repeat finds nobody: "nothing was sent" would be a lie."""
    await stage.fresh()
    cloud = stage.proxies["cloud"]
    cloud.trouble = Trouble("reply", "hold")
    call = asyncio.create_task(stage.make(name, **stage.good(name)))
    async with asyncio.timeout(20):
        await cloud.gate.everybody(1)
    await cloud.go("refuse")
    made = await call
    assert (made.result.code, sum(carried_out(made.cloud).values())) == (CLOUD_TIMEOUT, 1)
    (pending,) = stage.pending()
    assert (pending.function, pending.state) == (name, "ambiguous")


@pytest.mark.parametrize("point", ["request", "reply"])
async def test_a_change_at_the_deadline(point: str, tmp_path: Path) -> None:
    with quick_worlds():
        async with open_stage(tmp_path, deadline=2.0) as stage:
            await stage.fresh()
            arguments = stage.good("hisWriteEmergentTel")
            stage.proxies["cloud"].trouble = Trouble("request" if point == "request" else "reply", "silence")
            made = await stage.make("hisWriteEmergentTel", **arguments)
            assert made.result.code == CONSOLE_GONE
            assert made.seconds < 10
            (pending,) = stage.pending()
            assert "look in the cloud" in pending.advice
            await stage.proxies["cloud"].clear()
            assert await stage.works()


# --- the upload centre (format 2.0) -------------------------------------------------------------------------

CENTRE = [
    (Trouble("request", "reset"), CLOUD_TIMEOUT, 0, True),
    (Trouble("reply", "reset"), CLOUD_TIMEOUT, 1, True),
    (Trouble("reply", "half_close"), CLOUD_TIMEOUT, 1, True),
    (Trouble("request", "answer", false.http(500)), OUT_OF_ORDER, 0, True),
    (Trouble("reply", "answer", false.http(502)), OUT_OF_ORDER, 1, True),
    (Trouble("request", "answer", false.http(429)), NOT_ACCEPTED, 0, False),
    (Trouble("reply", "answer", false.body(false.PAGE)), BAD_JSON, 1, True),
    (Trouble("reply", "answer", false.without("RtnCode")), BAD_JSON, 1, True),
    (Trouble("reply", "answer", false.without("Opcode")), BAD_JSON, 1, True),
    (Trouble("request", "answer", false.flood), BAD_JSON, 0, True),
]


@pytest.mark.parametrize("name", ["csUploadData", "csUploadDataPrec"])
@pytest.mark.parametrize(("trouble", "code", "received", "unclear"), CENTRE)
async def test_an_upload_to_the_centre(
    trouble: Trouble, code: int, received: int, unclear: bool, name: str, tmp_path: Path
) -> None:
    """Sent once and never again; what may have arrived is in the journal."""
    with quick_worlds():
        async with open_stage(tmp_path, upload="2.0") as stage:
            await stage.fresh()
            stage.proxies["centre"].trouble = trouble
            made = await stage.make(name, **stage.good(name))
            assert made.result.code == code
            assert len(made.cloud) == 1
            assert len(stage.world.centre_uploads) == received
            assert bool(stage.pending()) == unclear
            await stage.proxies["centre"].clear()
            assert (await stage.make(name, **stage.good(name))).result.code == 0
