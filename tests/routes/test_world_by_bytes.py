"""Every record of every person of the simulator, byte by byte, by each route: they all agree.

What is expected is computed from the simulator's data by record_bytes.py, without codec and table.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.table.loader import default_table
from tests.support import record_bytes as expected
from tests.support.bridge_process import Bridge
from tests.support.hosts.driver import room, short
from tests.support.legacy_routes import HttpRoute, NativeRoute, Outputs, Route, record_of
from tests.support.record_bytes import Person, cards

MALE = 5079
PIN_CARD = "000099990010"
MOST = 32767
Pack = Callable[[Person], bytes]

# Function -> documented width in bytes and the record.
READS: dict[str, tuple[int, Pack]] = {
    "hisGetBasicData": (72, expected.basic_data),
    "hisGetRegisterBasic": (78, expected.register_basic),
    "hisGetRegisterBasic2": (9, expected.register_basic_2),
    "hisGetEmergentTel": (14, expected.emergency_tel),
    "hisGetTreatmentNoNeedHPC": (498, expected.treatment_no_need_hpc),
    "hisGetRegisterPrevent": (126, expected.preventive_care),
    "hisGetRegisterPregnant": (209, expected.prenatal_checkups),
    "hisGetCumulativeData": (134, expected.cumulative_data),
    "hisGetCumulativeFee": (20, expected.cumulative_fee),
    "hisGetInoculateData": (1400, expected.vaccinations),
    "hisGetOrganDonate": (1, expected.organ_donation),
    "hisGetLastSeqNum": (7, expected.last_visit_sequence),
    "hisGetTreatmentNeedHPC": (372, expected.treatment_need_hpc),
    "hisGetCriticalIllness": (114, expected.critical_illness),
}
# What must be reached by HTTP; further paths are compared as soon as the table offers them.
HTTP_READS = {"hisGetBasicData", "hisGetRegisterBasic"}
ALL_CARDS = sorted(cards())


def _offered_by_http() -> set[str]:
    paths = {route.path: route.function for route in default_table().routes}
    return {function for path, function in paths.items() if path == f"/VHC/VHC{function}"}


def _expected(who: Person, function: str) -> tuple[int, Outputs]:
    width, pack = READS[function]
    if function == "hisGetRegisterPregnant" and who.sex == "M":
        return MALE, {}
    record = pack(who)
    assert len(record) == width, f"the oracle itself is wrong: {function}"
    return 0, {"pBuffer": record}


def _prepare(bridge: Bridge, route: Route, card: str) -> None:
    """The card and the doctor's lie in the reader, every PIN is verified."""
    bridge.sim.insert("hc", card)
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert route.call("csVerifySAMDC") == (0, {})
    bridge.verify_doctor()
    if card == PIN_CARD:
        assert bridge.ask_console("POST", "/api/hc/v1/Pin", {"pin": cards()[card]["pin"]}) == 0


def test_the_cast_has_the_people_that_matter() -> None:
    names = {card["name"] for card in cards().values()}
    assert len(names) >= 8
    assert any(len(name.encode("cp950", "replace")) > 20 for name in names)
    assert any(name != name.encode("cp950", "ignore").decode("cp950") for name in names)
    assert _offered_by_http() >= HTTP_READS


@pytest.mark.parametrize("card", ALL_CARDS)
def test_physical_card(bridge: Bridge, native_route: NativeRoute, card: str) -> None:
    _prepare(bridge, native_route, card)
    who = expected.person(bridge.sim, card)
    got = {name: native_route.call(name, pBuffer=READS[name][0]) for name in READS}
    assert got == {name: _expected(who, name) for name in READS}


@pytest.mark.parametrize("card", ALL_CARDS)
def test_virtual_card(bridge: Bridge, vhc_route: HttpRoute, card: str) -> None:
    assert vhc_route.upload(bridge.sim.qr(card)) == 0
    bridge.verify_doctor()
    who = expected.person(bridge.sim, card)
    offered = sorted(_offered_by_http() & set(READS))
    got = {name: vhc_route.call(name) for name in offered}
    assert got == {name: _expected(who, name) for name in offered}


@pytest.mark.parametrize("card", ["000073898381", "000099990004"])
def test_engine_and_channel_give_the_same(bridge: Bridge, route: Route, card: str) -> None:
    _prepare(bridge, route, card)
    who = expected.person(bridge.sim, card)
    got = {name: route.call(name, pBuffer=MOST) for name in READS}
    assert got == {name: _expected(who, name) for name in READS}


@pytest.mark.parametrize("card", ALL_CARDS)
def test_prescriptions_of_all_four_kinds(bridge: Bridge, native_route: NativeRoute, card: str) -> None:
    _prepare(bridge, native_route, card)
    who = expected.person(bridge.sim, card)
    code, outputs = native_route.call(
        "hisReadPrescription",
        pOutpatientPrescription=3660,
        pLongTermPrescription=1320,
        pImportantTreatmentCode=360,
        pIrritationDrug=120,
    )
    assert code == 0
    assert outputs == {
        "pOutpatientPrescription": expected.outpatient_prescriptions(who),
        "pLongTermPrescription": expected.long_term_prescriptions(who),
        "pImportantTreatmentCode": expected.important_orders(who),
        "pIrritationDrug": expected.allergic_drugs(who),
    }
    widths = [len(value) for value in outputs.values() if isinstance(value, bytes)]
    assert widths == [3660, 1320, 360, 120]


RANGES = [
    ("hisReadPrescriptMain", "pOutpatientPrescription", expected.outpatient_prescriptions,
     "prescriptions", 61),
    ("hisReadPrescriptLongTerm", "pLongTermPrescription", expected.long_term_prescriptions,
     "long_term_prescriptions", 44),
    ("hisReadPrescriptHVE", "pImportantTreatmentCode", expected.important_orders, "important_treatments", 36),
    ("hisReadPrescriptAllergic", "pIrritationDrug", expected.allergic_drugs, "allergic_medicines", 40),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "buffer", "pack", "stored", "width"), RANGES, ids=[r[0] for r in RANGES]
)
@pytest.mark.parametrize(("first", "last"), [(1, 1), (2, 3), (1, 3)])
def test_positions_of_the_elderly_patient(
    bridge: Bridge,
    route: Route,
    function: str,
    buffer: str,
    pack: Callable[[Person, int, int], bytes],
    stored: str,
    width: int,
    first: int,
    last: int,
) -> None:
    _prepare(bridge, route, "000099990004")
    who = expected.person(bridge.sim, "000099990004")
    groups = last - first + 1
    code, outputs = route.call(function, **{buffer: groups * width}, iStartPos=first, iEndPos=last)
    there = len([row for row in who.stored[stored] if row][first - 1 : last])
    assert (code, outputs) == (0, {buffer: pack(who, first, last), "iRecCount": there})


@pytest.mark.parametrize("card", ALL_CARDS)
@pytest.mark.parametrize(
    ("function", "width", "pack"),
    [
        ("hisGetTreatmentNeedHPC", 540, expected.treatment_need_hpc_icd10),
        ("hisGetCriticalIllness", 138, expected.critical_illness_icd10),
    ],
)
def test_icd_10_layout_by_the_pattern_in_the_buffer(
    bridge: Bridge, native_route: NativeRoute, card: str, function: str, width: int, pack: Pack
) -> None:
    _prepare(bridge, native_route, card)
    code, answers = native_route.raw(function, room(width, b"[XXXXXXX]"), short(width))
    record = pack(expected.person(bridge.sim, card))
    assert len(record) == width
    assert (code, answers[0].data, answers[1].number) == (0, record, width)


def test_a_name_outside_the_code_page_shows_the_placeholder(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990006")
    code, outputs = route.call("hisGetBasicData", pBuffer=72)
    record = record_of(outputs)
    assert code == 0
    assert record[12:32] == "測□□".encode("cp950") + b" " * 14
    assert record[32:42] == b"Z199999052"


def test_a_long_name_is_cut_between_characters(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990005")
    code, outputs = route.call("hisGetBasicData", pBuffer=72)
    record = record_of(outputs)
    assert code == 0
    assert record[12:32].decode("cp950") == "巴奈．虛構．庫穗．測"
    assert record[32:42] == b"Z299999063"
