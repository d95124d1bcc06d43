"""With the settings' own times: an upstream that stalls for half a minute. (Other tests wait for less.)"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bridge.config import CloudSettings, ConsoleSettings
from tests.faults.laws import carried_out
from tests.faults.proxy import Trouble
from tests.faults.rig import Made, Stage, open_stage, quick_worlds

CONSOLE, CLOUD = ConsoleSettings(), CloudSettings()
SLACK = 8.0
NO_CONNECTION, CONSOLE_GONE, CLOUD_TIMEOUT, SIGNATURE_USED = -1, 4000, 9003, 5007


async def stalled(stage: Stage, service: str, name: str) -> Made:
    """The first request's reply does not come; the work is done."""
    await stage.fresh()
    arguments = stage.good(name)
    stage.proxies[service].trouble = Trouble("reply", "silence", times=1)
    made = await stage.make(name, **arguments)
    assert await stage.works()
    return made


async def test_a_stall_of_half_a_minute(tmp_path: Path) -> None:
    wanted = [
        ("console", "csOpenCom", NO_CONNECTION, CONSOLE.read_timeout),
        ("console", "hisGetBasicData", CONSOLE_GONE, CONSOLE.read_timeout),
        ("cloud", "hisGetBasicData", CLOUD_TIMEOUT, CLOUD.read_timeout),
        ("cloud", "hisGetSeqNumber256N1", SIGNATURE_USED, CLOUD.read_timeout),
        ("cloud", "csUploadData", CLOUD_TIMEOUT, CLOUD.read_timeout),
    ]
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_worlds())
        stages = [
            await stack.enter_async_context(
                open_stage(
                    tmp_path / str(number),
                    connect_seconds=CONSOLE.connect_timeout,
                    read_seconds=(CONSOLE if service == "console" else CLOUD).read_timeout,
                )
            )
            for number, (service, *_) in enumerate(wanted)
        ]
        made = await asyncio.gather(
            *(stalled(stage, row[0], row[1]) for stage, row in zip(stages, wanted, strict=True))
        )
    for (service, name, code, seconds), each in zip(wanted, made, strict=True):
        assert each.result.code == code, (service, name)
        assert seconds - 1 < each.seconds < seconds + SLACK, (service, name)
        assert max(carried_out(each.cloud).values(), default=0) <= 1
    assert CONSOLE.connect_timeout == CLOUD.connect_timeout
