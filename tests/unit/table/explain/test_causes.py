"""What leads to a code is worked out of the rows: it must be what a call really gets."""

from __future__ import annotations

import pytest

from bridge.calls.call import NATIVE, VHC, Door
from bridge.calls.outcome import failure_code
from bridge.errors import StatusError
from bridge.table.explain.causes import VHC as VHC_DOOR
from bridge.table.explain.causes import Cause, causes
from bridge.table.explain.wording import cause_texts, functions_text
from bridge.table.loader import default_table

TABLE = default_table()
NATIVE_CAUSES = causes(TABLE)


def _of(code: int, source: str, status: str) -> Cause:
    (found,) = [c for c in NATIVE_CAUSES[code] if (c.source, c.status) == (source, status)]
    return found


@pytest.mark.parametrize(("door", "door_name"), [(NATIVE, ""), (VHC, VHC_DOOR)], ids=["native", "vhc"])
def test_every_cause_is_what_a_call_gets_in_one_of_its_steps(door: Door, door_name: str) -> None:
    seen = 0
    for code, given in causes(TABLE, door_name).items():
        for cause in given:
            if cause.source not in ("console", "cloud"):
                continue
            for name in cause.functions:
                row = TABLE.functions[name]
                got = set()
                for step in row.steps:
                    signs = TABLE.console.signatures
                    asked = signs.of(step.signature.kind).contexts if step.signature is not None else ()
                    for first in ((), asked):
                        contexts = (*first, *step.contexts, *door.contexts)
                        got.add(
                            failure_code(
                                TABLE, row, contexts, StatusError(cause.source, cause.status or "99999")
                            )
                        )
                assert code in got, (code, cause.source, cause.status, name)
                seen += 1
    assert seen > 1000


@pytest.mark.parametrize(
    ("code", "source", "status", "functions"),
    [
        (5150, "cloud", "3208", ("csUnGetSeqNumber",)),
        (9082, "cloud", "3203", ("csUpdateHCContents", "csUpdateHCNoReset")),
        (5015, "cloud", "", ("hisReadPrescription", "hisReadPrescriptMain")),
        (5005, "console", "", ("csGetDateTime",)),
        (-1, "console", "1202", ("csOpenCom",)),
        (-1, "transport", "tls-failure", ("csOpenCom",)),
        (5010, "notice", "isSameDay", ("hisGetSeqNumber", "hisGetSeqNumber256", "hisGetSeqNumber256N1")),
        (6017, "bridge", "file-unreadable", ("csUploadData", "csUploadDataPrec")),
    ],
)
def test_who_gets_a_code(code: int, source: str, status: str, functions: tuple[str, ...]) -> None:
    assert _of(code, source, status).functions == functions


def test_who_meets_a_status_and_gets_another_code_is_said() -> None:
    assert _of(5022, "cloud", "3208").others == ("csUnGetSeqNumber",)
    assert _of(4000, "console", "1202").others == ("csOpenCom",)


def test_a_certificate_on_either_way_has_the_code_of_that_way() -> None:
    assert "hisGetBasicData" in _of(4000, "transport", "tls-failure").functions
    assert "hisGetBasicData" in _of(4061, "transport", "tls-failure").functions
    assert "csGetHospID" not in _of(4061, "transport", "tls-failure").functions


def test_what_no_row_leads_to_is_missing() -> None:
    assert not {5081, 5163, 6005, 9086, 9128} & set(NATIVE_CAUSES)


def test_a_cause_in_words() -> None:
    assert list(cause_texts(TABLE, NATIVE_CAUSES[5150])) == [
        "cloud 3208 找不到就醫資料登錄中的該組資料: csUnGetSeqNumber"
    ]
    assert "console, a status that is not listed: csGetDateTime" in cause_texts(TABLE, NATIVE_CAUSES[5005])


@pytest.mark.parametrize(
    ("functions", "others", "text"),
    [
        (["a"], ["b"], "a"),
        (list("abcdefg"), ["x"], "all but x"),
        (list("abcdefgh"), [], "a, b, c, d, e, f and 2 more"),
        (list("abcdefghijklmnopqrstuvwxyz"), [], ""),
        (list("abcdefgh"), list("stuvw"), "a, b, c, d, e, f and 2 more"),
    ],
)
def test_functions_in_words(functions: list[str], others: list[str], text: str) -> None:
    assert functions_text(functions, others) == text
