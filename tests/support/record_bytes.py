"""The legacy records as the manual prints them, computed from the simulator's people and stored records.

An oracle: widths and order are written here by hand (bytes, code page 950), nothing comes from the bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from bridge.sim.control.remote import Remote
from tests.support.windows_950 import written

PLACEHOLDER = "□"  # for a character outside the code page
FEES_8 = ("outpatientFee", "costFee", "inpatientFee")
FEES_7 = ("inpatient30Fee", "inpatient180Fee")
CODES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
SQUEEZED = {"H401324": "#:5BK"}  # the only long code in these tests


@dataclass(frozen=True)
class Person:
    """A card of the simulator: what is printed on it, and what the cloud stores for it."""

    card: str
    name: str
    id_no: str
    birthday: str
    sex: str
    issued: str
    cancel_mark: str
    stored: Mapping[str, Any]

    @property
    def visits(self) -> list[dict[str, Any]]:
        """The visits that were not given back, newest first."""
        return [visit for visit in self.stored["visits"] if not visit["rolled_back"]]


@cache
def cards() -> Mapping[str, Mapping[str, Any]]:
    """The cards of the simulator's cast by number, as its data file describes them."""
    text = resources.files("bridge.sim.scenario").joinpath("people.yaml").read_text(encoding="utf-8")
    return {card["number"]: card for card in yaml.safe_load(text)["cards"]}


def person(sim: Remote, card: str) -> Person:
    """The person with this card, with the records of now."""
    given = cards()[card]
    printed = {key: given[key] for key in ("name", "id_no", "birthday", "sex", "issued")}
    return Person(card, cancel_mark=given.get("cancel_mark", "1"), stored=sim.stored(card), **printed)


# --- fields -------------------------------------------------------------------------------------------------


def text(value: str, width: int) -> bytes:
    """Left-aligned, cut between characters, blank-padded."""
    packed = b""
    for character in value:
        encoded = written(character) or PLACEHOLDER.encode("cp950")
        if len(packed) + len(encoded) > width:
            break
        packed += encoded
    return packed + b" " * (width - len(packed))


def number(value: str, width: int) -> bytes:
    """Digits, zero-padded; nothing is zeros."""
    return b"%0*d" % (width, int(value or 0))


def quantity(value: str) -> bytes:
    """Seven digits with two implied decimals."""
    whole, _, decimals = (value or "0.00").partition(".")
    return b"%05d" % int(whole) + decimals.ljust(2, "0").encode()


def group(rows: Iterable[Any], repeat: int, pack: Callable[[Any], bytes], absent: bytes) -> bytes:
    """A group of a fixed number of repetitions; ``absent`` stands for each that is not there."""
    packed = [pack(row) for row in rows][:repeat]
    return b"".join(packed + [absent] * (repeat - len(packed)))


# --- records ------------------------------------------------------------------------------------------------


def _who(who: Person) -> bytes:
    return (
        text(who.card, 12)
        + text(who.name, 20)
        + text(who.id_no, 10)
        + text(who.birthday, 7)
        + text(who.sex, 1)
        + text(who.issued, 7)
        + text(who.cancel_mark, 1)
    )


def basic_data(who: Person) -> bytes:
    """1.1, 72 bytes."""
    return _who(who) + text(who.stored["emergency_tel"], 14)


def register_basic(who: Person) -> bytes:
    """1.2, 78 bytes."""
    stored = who.stored
    return (
        _who(who)
        + text(stored["insurer_code"], 2)
        + text(stored["insurer_id"], 1)
        + register_basic_2(who)
        + text(stored["newborn_birthday"], 7)
        + text(stored["newborn_baby"], 1)
    )


def register_basic_2(who: Person) -> bytes:
    """1.38, 9 bytes: validity and visits left."""
    return text(who.stored["valid_until"], 7) + number(str(who.stored["counter"]), 2)


def preventive_care(who: Person) -> bytes:
    """1.3, 126 bytes."""

    def pack(row: Any) -> bytes:
        return (
            text(row["serviceItem"], 2)
            + text(row["date"], 7)
            + text(row["hospitalId"], 10)
            + text(row["itemCode"], 2)
        )

    return group(who.stored["preventive_care"], 6, pack, b" " * 21)


def prenatal_checkups(who: Person) -> bytes:
    """1.4, 209 bytes."""

    def pack(row: Any) -> bytes:
        return text(row["date"], 7) + text(row["hospitalId"], 10) + text(row["itemCode"], 2)

    return group(who.stored["prenatal_checkups"], 11, pack, b" " * 19)


def treatment_no_need_hpc(who: Person) -> bytes:
    """1.5, 498 bytes."""

    def illness(row: Any) -> bytes:
        return text(row["validityStart"], 7) + text(row["validityEnd"], 7)

    def visit(row: Any) -> bytes:
        fees = row["fees"]
        return (
            text(row["item"], 2)
            + text(row["baby"], 1)
            + text(row["at"], 13)
            + text(row["after_check"], 1)
            + text(row["sequence"], 4)
            + text(row["hospital_id"], 10)
            + b"".join(number(fees[name], 8) for name in FEES_8)
            + b"".join(number(fees[name], 7) for name in FEES_7)
        )

    return group(who.stored["critical_illnesses"], 6, illness, b" " * 14) + group(
        who.visits, 6, visit, b" " * 31 + b"0" * 38
    )


def treatment_need_hpc(who: Person) -> bytes:
    """1.8, 372 bytes: codes in five bytes."""

    def visit(row: Any) -> bytes:
        return text(row["at"], 13) + b"".join(_in_five(row["codes"][name]) for name in CODES)

    return critical_illness(who) + group(who.visits, 6, visit, b" " * 43)


def treatment_need_hpc_icd10(who: Person) -> bytes:
    """1.8, 540 bytes: codes in seven bytes between blanks."""

    def visit(row: Any) -> bytes:
        return text(row["at"], 13) + b"".join(_between_blanks(row["codes"][name]) for name in CODES)

    return critical_illness_icd10(who) + group(who.visits, 6, visit, b" " * 67)


def critical_illness(who: Person) -> bytes:
    """1.33, 114 bytes: a code that is too long comes squeezed."""

    def pack(row: Any) -> bytes:
        return _in_five(row["ciCode"]) + text(row["validityStart"], 7) + text(row["validityEnd"], 7)

    return group(who.stored["critical_illnesses"], 6, pack, b" " * 19)


def _in_five(code: str) -> bytes:
    return text(SQUEEZED.get(code, code), 5)


def critical_illness_icd10(who: Person) -> bytes:
    """1.33, 138 bytes."""

    def pack(row: Any) -> bytes:
        dates = text(row["validityStart"], 7) + text(row["validityEnd"], 7)
        return _between_blanks(row["ciCode"]) + dates

    return group(who.stored["critical_illnesses"], 6, pack, b" " * 23)


def _between_blanks(code: str) -> bytes:
    return b" " + text(code, 7) + b" "


def cumulative_data(who: Person) -> bytes:
    """1.6, 134 bytes: the two newest years with a visit."""
    years = sorted({visit["at"][:3] for visit in who.visits}, reverse=True)
    return group(years, 2, lambda year: _year(who, year), b"0" * 67)


def _year(who: Person, year: str) -> bytes:
    visits = [visit for visit in who.visits if visit["at"].startswith(year)]
    fees = {name: sum(int(visit["fees"][name]) for visit in visits) for name in (*FEES_8, *FEES_7)}
    up_to_30 = fees["costFee"] + fees["inpatient30Fee"]
    counted = sum(visit["item"].isdigit() for visit in visits)
    return (
        number(year, 3)
        + number(str(counted), 4)
        + number(str(fees["outpatientFee"]), 10)
        + number(str(fees["inpatientFee"]), 10)
        + number(str(fees["costFee"]), 8)
        + number(str(fees["inpatient30Fee"]), 8)
        + number(str(fees["inpatient180Fee"]), 8)
        + number(str(up_to_30 + fees["inpatient180Fee"]), 8)
        + number(str(up_to_30), 8)
    )


def cumulative_fee(who: Person) -> bytes:
    """1.7, 20 bytes."""
    names = ("outpatientFee", "inpatientFee")
    return b"".join(number(str(sum(int(v["fees"][name]) for v in who.visits)), 10) for name in names)


def vaccinations(who: Person) -> bytes:
    """1.11, 1400 bytes."""

    def pack(row: Any) -> bytes:
        return (
            text(row["item"], 6)
            + text(row["date"], 7)
            + text(row["hospitalId"], 10)
            + text(row["packageNumber"], 12)
        )

    return group(who.stored["vaccinations"], 40, pack, b" " * 35)


def organ_donation(who: Person) -> bytes:
    """1.12, 1 byte."""
    return text(who.stored["organ_donation"], 1)


def emergency_tel(who: Person) -> bytes:
    """1.13, 14 bytes."""
    return text(who.stored["emergency_tel"], 14)


def last_visit_sequence(who: Person) -> bytes:
    """1.14, 7 bytes: year 3, sequence 4."""
    if not who.visits:
        return b"000    "
    return text(who.visits[0]["at"][:3], 3) + text(who.visits[0]["sequence"], 4)


def prescription(row: Any) -> bytes:
    """One outpatient prescription, 61 bytes."""
    return (
        text(row["treatmentDateTime"], 13)
        + text(row["treatmentItem"], 1)
        + text(row["treatmentItemCode"], 12)
        + text(row["treatmentPosition"], 6)
        + text(row["usage"], 18)
        + number(row["days"], 2)
        + quantity(row["totalQuantity"])
        + text(row["deliveryNotes"], 2)
    )


def outpatient_prescriptions(who: Person, first: int = 1, last: int = 60) -> bytes:
    """1.10 and 1.41: 61 bytes for each position asked for."""
    rows = who.stored["prescriptions"][first - 1 : last]
    return group(rows, last - first + 1, prescription, b" " * 50 + b"0" * 9 + b" " * 2)


def long_term_prescriptions(who: Person, first: int = 1, last: int = 30) -> bytes:
    """1.10 and 1.42: 44 bytes for each position."""

    def pack(row: Any) -> bytes:
        return (
            text(row["date"], 7)
            + text(row["drugCode"], 10)
            + text(row["usage"], 18)
            + number(row["days"], 2)
            + quantity(row["totalQuantity"])
        )

    rows = who.stored["long_term_prescriptions"][first - 1 : last]
    return group(rows, last - first + 1, pack, b" " * 35 + b"0" * 9)


def important_orders(who: Person, first: int = 1, last: int = 10) -> bytes:
    """1.10 and 1.43: 36 bytes for each position."""

    def pack(row: Any) -> bytes:
        return (
            text(row["date"], 7)
            + text(row["hospitalId"], 10)
            + text(row["itemCode"], 6)
            + text(row["position"], 6)
            + quantity(row["totalQuantity"])
        )

    rows = who.stored["important_treatments"][first - 1 : last]
    return group(rows, last - first + 1, pack, b" " * 29 + b"0" * 7)


def allergic_drugs(who: Person, first: int = 1, last: int = 3) -> bytes:
    """1.10 and 1.44: 40 bytes for each position."""
    names = [name for name in who.stored["allergic_medicines"] if name][first - 1 : last]
    return group(names, last - first + 1, lambda name: text(name, 40), b" " * 40)
