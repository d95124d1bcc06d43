"""What each of the C programs calls, and which bytes it may get: scripts for load_host.c."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support import record_bytes as oracle
from tests.support.record_bytes import Person
from tests.support.visit_steps import prescription

# Cards that are only read, and cards whose holders the programs write for.
READ_CARDS = ("000099990002", "000099990003", "000099990004", "000099990005", "000099990006", "000099990008")
WRITE_CARDS = ("000073898381", "000099990001")
CARDS = (*WRITE_CARDS, *READ_CARDS)
HOSPITAL = "3501200000"
ITEM = "AC"  # 就醫類別 that uses up no visit of the card
NUMBER_BYTES = 316

# Functions whose record nobody changes while the programs run: width and record.
FIXED: Mapping[str, tuple[int, Callable[[Person], bytes]]] = {
    "hisGetBasicData": (72, oracle.basic_data),
    "hisGetRegisterBasic": (78, oracle.register_basic),
    "hisGetRegisterPrevent": (126, oracle.preventive_care),
    "hisGetInoculateData": (1400, oracle.vaccinations),
    "hisGetCumulativeFee": (20, oracle.cumulative_fee),
}
VISITS, VISITS_BYTES = "hisGetTreatmentNoNeedHPC", 498
ORDERS = "hisReadPrescription"
ORDERS_BYTES = (3660, 1320, 360, 120)

# From the insurer's own test cases: nothing of it was asked from the bridge.
ICD_10 = {
    "G44201": '"M7WK', "G44209": '"M830', "G44211": '"M86W', "G44219": '"M8FC', "G44221": '"M8JG',
    "G44229": '"M8YG', "H401324": "#:5BK", "O320xx0": "%}3RK", "O320xx1": "%}3RO", "O320xx5": "%}3S4",
}  # fmt: skip


def orders_record(who: Person) -> bytes:
    """1.10: its four buffers one behind the other."""
    return (
        oracle.outpatient_prescriptions(who)
        + oracle.long_term_prescriptions(who)
        + oracle.important_orders(who)
        + oracle.allergic_drugs(who)
    )


def expected_of(people: Mapping[str, Person]) -> dict[str, dict[str, bytes]]:
    """Function -> card -> record, as it is before anybody writes."""
    packed = {name: pack for name, (_, pack) in FIXED.items()}
    packed |= {VISITS: oracle.treatment_no_need_hpc, ORDERS: orders_record}
    return {name: {card: pack(who) for card, who in people.items()} for name, pack in packed.items()}


def own_card(client: int) -> str:
    """The card of the person that a client writes for."""
    return WRITE_CARDS[client % len(WRITE_CARDS)]


def own_visit(who: Person) -> str:
    """Time of the person's oldest visit in this hospital."""
    return str([visit["at"] for visit in who.visits if visit["hospital_id"] == HOSPITAL][-1])


def own_order(who: Person, mark: str, client: int) -> tuple[bytes, int, int]:
    """An order of 61 bytes that only this client writes; place and width of the number that tells its
    writes apart.
    """
    block = prescription(
        own_visit(who).encode(), f"{mark}{client:03d}000000", f"USE{mark}{client:03d}", 3, 100
    )
    return block, 13 + 1 + 1 + 3, 6


def _hex(data: bytes) -> str:
    return data.hex()


def script_for(client: int, people: Mapping[str, Person], port: int = 0) -> str:
    """The script of one program, which works at a port (0 is COM1)."""
    who = people[own_card(client)]
    code, squeezed = list(ICD_10.items())[client % len(ICD_10)]
    block, offset, width = own_order(who, "N", client)
    read = expected_of(people)
    lines = [
        "op csGetVersionEx a 6 b:128",
        "op csGetDateTime a 2 b:13 l:13",
        "op csGetHospID a 2 b:10 l:10",
        f"expect own {_hex(HOSPITAL.encode())}",
        f"op hisGetICD10EnC a 2 s:{_hex(code.encode())} b:6",
        f"expect own {_hex(squeezed.encode() + bytes(1))}",
        f"op csOpenCom o 1 i:{port}",
        "op csCloseCom a 1",
        "op csSoftwareReset p 2 i:3",  # the visit is over
        f"op hisWritePrescription p 5 s:{_hex(own_visit(who).encode())} s:{_hex(who.id_no.encode())}"
        f" s:{_hex(who.birthday.encode())} c:{offset}:{width}:{_hex(block)}",
        f"op hisGetSeqNumber256N1 p 1 s:{_hex(ITEM.encode())} s:20 s:31 b:{NUMBER_BYTES} l:{NUMBER_BYTES}",
        "op csGetCardNo p 2 i:2 b:12 l:12",
        *_expected({card: card.encode() for card in people}),
    ]
    for name, (width, _) in FIXED.items():
        lines += [f"op {name} p 3 b:{width} l:{width}", *_expected(read[name])]
    lines += [f"op {VISITS} p 2 b:{VISITS_BYTES} l:{VISITS_BYTES}", *_expected(read[VISITS])]
    buffers = " ".join(f"b:{size} l:{size}" for size in ORDERS_BYTES)
    lines += [f"op {ORDERS} p 1 {buffers}", *_expected(read[ORDERS])]
    return "\n".join(lines) + "\n"


def _expected(records: Mapping[str, bytes]) -> list[str]:
    """One line a card; records that two people share (nothing stored for either) say both."""
    cards: dict[bytes, list[str]] = {}
    for card, record in records.items():
        cards.setdefault(record, []).append(card)
    return [f"expect {label_of(shared)} {_hex(record)}" for record, shared in cards.items()]


def label_of(cards: list[str]) -> str:
    """How a program names what fits these cards: the ends of their numbers."""
    return "/".join(card[-3:] for card in cards)


def write_scripts(folder: Path, clients: int, people: Mapping[str, Person], ports: int = 1) -> list[Path]:
    """One file for each program; they work at so many ports in turn."""
    files = []
    for client in range(clients):
        file = folder / f"native-{client:03d}.script"
        file.write_text(script_for(client, people, client % ports), encoding="ascii")
        files.append(file)
    return files
