"""Replies that lack a name or hold something else in it: every function, every name of every reply it reads.

The exact codes of the most important ones stand in a table by hand; for all others the laws hold: a reply
that cannot be used is 9001 with nothing returned, one that lacks what the function does not need leaves the
records as long as they are, and a change that was carried out is never reported as a clean failure.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from bridge.calls.call import LegacyResult
from bridge.table.codegen.abi import slots
from bridge.table.loader import default_table
from tests.faults.false_replies import Answer, mistyped, without
from tests.faults.laws import carried_out, changes
from tests.faults.oracle import CHANGING, FUNCTIONS, GOOD_CODE, SOME_FUNCTIONS
from tests.faults.proxy import Seen, Trouble
from tests.faults.rig import Made, Stage, assert_nothing, open_stage, quick_worlds, shared_out

pytestmark = pytest.mark.asyncio(loop_scope="module")

STAGES = 8
TABLE = default_table()
BAD_JSON = 9001
NO_TREATMENT_NUMBER = 5174  # a visit number was taken and is returned, without its treatment number
# What a false identity or state may also lead to: another card, no verification, nobody there.
OTHERWISE = {
    "hcId": {4033}, "cardId": {4033}, "idNo": {5020}, "birthday": {5020}, "hasPin": {4000, 5105, 5111},
    "status": {4000, 4014, 4042, 4050, 4051}, "type": {0}, "treatmentNumber": {NO_TREATMENT_NUMBER},
}  # fmt: skip
WRONG: dict[str, object] = {
    "text": ["seven"],
    "number": "seven",
    "list": {"a": 1},
    "object": [],
    "truth": "yes",
    "null": [1],
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Stage]]:
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_worlds())
        folder = tmp_path_factory.mktemp("stages")
        yield [await stack.enter_async_context(open_stage(folder / str(number))) for number in range(STAGES)]


# Function, upstream, path, name, code without it. All else in the reply is as usual.
BY_HAND = [
    ("hisGetBasicData", "console", "/api/hc/v1/Signature/Hc", "signature", 9001),
    ("hisGetBasicData", "console", "/api/hc/v1/Signature/Hc", "clientRandom", 9001),
    ("hisGetBasicData", "console", "/api/hc/v1/Signature/Hc", "samId", 9001),
    ("hisGetBasicData", "console", "/api/hc/v1/Signature/Hc", "hospitalId", 9001),
    ("hisGetBasicData", "console", "/api/hc/v1/Signature/Hc", "hcId", 9001),
    ("hisGetBasicData", "cloud", "/api/v1/BasicData/Query", "statusCode", 9001),
    ("hisWriteTreatmentCode", "console", "/api/hc/v1/Basic", "idNo", 9001),
    ("hisWriteTreatmentCode", "console", "/api/hc/v1/Basic", "birthday", 9001),
    ("hisWriteTreatmentCode", "console", "/api/hc/v1/Basic", "cardId", 9001),
    ("hisGetSeqNumber256N1", "cloud", "/api/v1/SequelNumber/Next", "statusCode", 9001),
    ("csGetHospID", "console", "/api/sam/v1/Basic", "hospitalId", 9001),
    ("csGetCardNo", "console", "/api/hc/v1/Basic", "cardId", 9001),
    ("csGetDateTime", "console", "/api/common/v1/ServerDateTime", "serverDateTime", 9001),
]


@pytest.mark.parametrize(("function", "service", "path", "name", "code"), BY_HAND)
async def test_a_needed_name(
    function: str, service: str, path: str, name: str, code: int, stages: list[Stage]
) -> None:
    stage = stages[0]
    await stage.fresh()
    stage.proxies[service].trouble = Trouble("reply", "answer", without(name), path=path)
    made = await stage.make(function, **stage.good(function))
    assert [seen.path for seen in (*made.console, *made.cloud) if seen.path == path], "it was never asked"
    assert made.result == LegacyResult(code)


async def test_every_name_of_every_reply(stages: list[Stage], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    assert_nothing(await shared_out(stages, FUNCTIONS, _all_of))
    assert "fault of the bridge" not in caplog.text


async def _all_of(stage: Stage, function: str) -> list[str]:
    found = []
    await stage.fresh()
    healthy = await stage.make(function, **stage.good(function))
    for service, path, name, kind in sorted(_names(healthy)):
        if "/Signature" in path and function not in SOME_FUNCTIONS:
            continue  # read by the same few lines for all
        for what, answer in (("without", without(name)), ("mistyped", mistyped(name, WRONG[kind]))):
            complaints = await _one(stage, function, healthy, service, path, name, answer)
            found += [f"{service} {path} {what} {name}: {complaint}" for complaint in complaints]
    return found


def _names(made: Made) -> set[tuple[str, str, str, str]]:
    """Upstream, path, name and kind of value of everything that stood in a reply, but for the statusCode."""
    both = (("console", made.console), ("cloud", made.cloud))
    return {
        (service, seen.path, name, kind)
        for service, requests in both
        for seen in requests
        for name, kind in seen.names
        if name != "statusCode"
    }


async def _one(
    stage: Stage, function: str, healthy: Made, service: str, path: str, name: str, answer: Answer
) -> list[str]:
    await stage.fresh(anew=function in changes())
    arguments = stage.good(function)
    stage.proxies[service].trouble = Trouble("reply", "answer", answer, path=path)
    made = await stage.make(function, **arguments)
    code, pending = made.result.code, stage.pending()
    found = []
    if code in (GOOD_CODE[function], NO_TREATMENT_NUMBER):
        if _lengths(function, made) != _lengths(function, healthy):
            found.append("records of another length than usual")
    elif made.result.outputs:
        found.append("outputs of a call that failed")
    elif code not in {BAD_JSON, -1 if function == "csOpenCom" else BAD_JSON, *OTHERWISE.get(name, ())}:
        found.append(f"code {code}")
    if function in CHANGING:
        found += _law(function, made.cloud, code, [each.advice for each in pending])
    return found


def _law(function: str, cloud: list[Seen], code: int, advice: list[str]) -> list[str]:
    done = carried_out(cloud)
    if max(done.values(), default=0) > 1 or len(done) > 1:
        return ["carried out more than once"]
    if code in (GOOD_CODE[function], NO_TREATMENT_NUMBER):
        return [] if done else ["success without the cloud's doing"]
    if done and not all([*advice, advice]):
        return ["carried out, failed, and not in the journal"]
    return []


def _lengths(function: str, made: Made) -> dict[str, int]:
    """Of the records that were returned; texts are as long as they are."""
    kinds = {slot.name: slot.kind for slot in slots(TABLE, TABLE.functions[function])}
    return {
        name: len(value)
        for name, value in made.result.outputs.items()
        if kinds[name] == "record" and isinstance(value, bytes)
    }
