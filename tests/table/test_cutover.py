"""mappings/cutover.yaml: what it must say of every export, and the faults that its check finds."""

from __future__ import annotations

import pytest

from bridge.cutover.routing_file import Routing, read_routing, written
from bridge.table.check.cutover import check_cutover
from bridge.table.default import default_table
from bridge.table.model.cutover import Cutover

TABLE = default_table()
# By hand, from the manual: what needs no patient's card, and what is carried out on both sides.
FREE = {
    "hisGetICD10EnC",
    "hisGetICD10DeC",
    "csGetHospID",
    "csGetHospName",
    "csGetHospAbbName",
    "csGetDateTime",
}
FREE |= {"csGetVersion", "csGetVersionEx"}
SESSION = {"csOpenCom", "csCloseCom", "csVerifySAMDC", "csSoftwareReset"}


def cutover() -> Cutover:
    assert TABLE.cutover is not None
    return TABLE.cutover


def names(kind: str) -> set[str]:
    rows = (row for row in TABLE.exported() if row.status != "unsupported")
    return {row.name for row in rows if cutover().groups[cutover().group_of(row.name)].kind == kind}


def test_what_touches_a_card_goes_with_the_visit() -> None:
    assert names("free") == FREE
    assert names("session") == SESSION
    assert names("together") == {"csUploadData", "csUploadDataPrec", "VPNGetRandom", "VPNH_Sign"}
    assert len(names("card")) > 50
    assert names("dropped") == set()


@pytest.mark.parametrize("name", cutover().stages)
def test_every_stage_is_a_sound_file(name: str) -> None:
    stage = cutover().stages[name]
    routing = Routing(name, stage.routes, stage.moved)
    assert read_routing(written(routing), TABLE) == routing


def changed(group: str, *functions: str) -> list[str]:
    """The faults of the file with other functions in a group."""
    groups = {**cutover().groups}
    groups[group] = groups[group].model_copy(update={"functions": functions})
    table = TABLE.model_copy(update={"cutover": cutover().model_copy(update={"groups": groups})})
    return [*check_cutover(table)]


@pytest.mark.parametrize(
    ("group", "function", "fault"),
    [
        ("icd", "hisGetBasicData", "hisGetBasicData: it touches the health card, and icd does not"),
        ("vpn", "hisWriteNewBorn", "hisWriteNewBorn: it touches the health card, and vpn does not"),
        ("icd", "csGetHospID", "csGetHospID stands 2 times"),
        ("icd", "csGetEverything", "csGetEverything is no export"),
        ("icd", "hisGetTreatNumNoICCard", "hisGetTreatNumNoICCard: it is no read, and only reads are free"),
        ("dropped", "hisGetBasicData", "hisGetBasicData: 6.0 has it, and dropped is of what 6.0 dropped"),
    ],
)
def test_faults(group: str, function: str, fault: str) -> None:
    assert fault in changed(group, function)


def test_what_6_0_dropped_needs_a_group_of_its_own() -> None:
    assert "hisWriteOrganDonate: 6.0 has dropped it, and card is a group of what 6.0 has" in changed(
        "dropped"
    )
