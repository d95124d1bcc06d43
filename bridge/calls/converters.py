"""Named converters: what a caller wrote into what the cloud wants, and what the cloud says into the text of a
field.

A value converter takes the trimmed text of an argument or field and raises ValueError when it cannot be used
(the caller gets 6018). A reply converter takes a JSON value and what is known about the call, and raises
ValueError when the reply cannot be used (9001).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from bridge.calls.call import LegacyCall
from bridge.calls.conditions import squeezed
from bridge.calls.context import CallContext
from bridge.calls.telemedicine import telemedicine_person
from bridge.codec.dates import roc_date, roc_datetime
from bridge.codec.fixed import FieldType
from bridge.codec.numbers import plain_number, plain_quantity
from bridge.errors import CardChanged
from bridge.table.model.console import ConsoleProtocol
from bridge.words import said

# --- caller to cloud ----------------------------------------------------------------------------------------


def _needed_datetime(text: str) -> str:
    value = roc_datetime(text)
    if not value:
        raise ValueError(said("a date and time is needed"))
    return value


_CODE = re.compile(r"[A-Za-z0-9.]*").fullmatch


def diagnosis_code(text: str) -> str:
    """A diagnosis code as typed: letters, digits and a point, or one squeezed into 5 bytes, or blank.

    A row that takes codes has a step which asks the cloud to decode squeezed ones, and looks its answers up.
    Raises ValueError for anything else.
    """
    if _CODE(text) or squeezed(text):
        return text
    raise ValueError(said("not a diagnosis code"))


def _needed_date(text: str) -> str:
    value = roc_date(text)
    if not value:
        raise ValueError(said("a date is needed"))
    return value


def digits_text(text: str) -> str:
    """A scalar as the text of its digits, for a cloud that wants text."""
    return text


def base_name(text: str) -> str:
    """The last part of a file name with a path, Windows or other."""
    return re.split(r"[\\/]", text)[-1]


def at_most_3_digits(text: str) -> str:
    """A count for a field of 3 characters of the upload. Raises ValueError for a larger one, which does not
    fit.
    """
    if not re.fullmatch(r"\d+", text, re.ASCII):
        raise ValueError(said("a count of at most 3 digits is wanted there"))
    if len(text) > 3:
        raise ValueError(
            said(
                "{text} are too many: format 2.0 takes at most 999 records and 999 orders in a file. Nothing "
                "was sent; make several files, each is sent by itself "
                "(上傳格式 2.0 每檔最多 999 筆就醫資料及 999 筆醫令，請分成數個檔案上傳)",
                text=text,
            )
        )
    return text


VALUE_CONVERTERS: Mapping[str, Callable[[str], str]] = {
    "roc_date": _needed_date,
    "roc_datetime": _needed_datetime,
    "plain_number": plain_number,
    "plain_quantity": plain_quantity,
    "diagnosis_code": diagnosis_code,
    "digits_text": digits_text,
    "base_name": base_name,
    "at_most_3_digits": at_most_3_digits,
}

# Those that need a second argument of the call (the value's key), and what is known beside the call.
KEYED_CONVERTERS: Mapping[str, Callable[[str, str, CallContext], str]] = {
    "telemedicine_person": telemedicine_person,
}

# --- cloud to caller ----------------------------------------------------------------------------------------


class ReplyContext(NamedTuple):
    """What a reply converter may look at: the call, how the console words its replies, and the ids that
    signed the request (sam_id, hospital_id, hc_id, hc_id_no ...).
    """

    call: LegacyCall
    console: ConsoleProtocol
    signer: Mapping[str, str] = MappingProxyType({})


ReplyConverter = Callable[[Any, ReplyContext], str]


def plain_text(value: Any, context: ReplyContext) -> str:
    """Text as it is; a whole number as digits; null as "". Raises ValueError for anything else."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(said("text or number expected, not {kind}", kind=type(value).__name__))


def number_text(value: Any, context: ReplyContext) -> str:
    """A number, as JSON number or text.

    Raises ValueError for a negative or fractional one when it is packed.
    """
    return str(value) if isinstance(value, float) else plain_text(value, context)


_INTEGER = re.compile(r"-?\d{1,5}").fullmatch


def integer(value: Any, context: ReplyContext) -> str:
    """A whole number for a return value ("6000")."""
    text = plain_text(value, context).strip()
    if not _INTEGER(text):
        raise ValueError(said("a whole number of at most 5 digits expected"))
    return text


def card_status(value: Any, context: ReplyContext) -> str:
    """The console's status object as the legacy state of the card that the argument CardType asks for (1 SAM,
    2 health, 3 practitioner).

    Health card: 0 none, 1 not verified with the SAM, 2 with SAM, 3 with practitioner card, 4 PIN verified
    (manual 3.3 §1.15). A card of the other kind - virtual where the caller means the physical one - counts as
    none.
    """
    card = {1: "sam", 2: "health_card", 3: "practitioner"}[_card_type(context)]
    state = _number_in_status(value, f"{card}_state", context)
    if card != "health_card":
        return str(state)
    known = context.console.states
    wanted = {"physical": known.physical_card, "virtual": known.virtual_card}[context.call.door.card]
    if state and _in_status(value, "health_card_kind", context)[1] not in (wanted, None):
        return "0"
    has_pin_verified = _in_status(value, "pin_verified", context)[1] is True
    return "4" if state >= known.card_verified and has_pin_verified else str(state)


def _in_status(value: Any, name: str, context: ReplyContext) -> tuple[str, Any]:
    """A value in the console's status object, by our name for it. Out: its JSON name from the reply inwards,
    and the value; None where it is missing.
    """
    field = context.console.requests.status.reply[name]
    return field.json_name, field.of({field.path[0]: value})


def _number_in_status(value: Any, name: str, context: ReplyContext) -> int:
    """A number in the console's status object. Raises ValueError where there is none."""
    json_name, number = _in_status(value, name, context)
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError(said("{name} is missing", name=json_name))
    return number


def _card_type(context: ReplyContext) -> int:
    value = context.call.arguments.get("CardType")
    if not isinstance(value, int):
        raise ValueError(said("CardType is missing"))
    return value


def own_card_no(value: Any, context: ReplyContext) -> str:
    """The card number, which must be that of the card that signed. Raises CardChanged.

    Never another card's data.
    """
    return _own(plain_text(value, context), context.signer.get("hc_id"))


def own_id_no(value: Any, context: ReplyContext) -> str:
    """The id number, which must be that of the card that signed. Raises CardChanged."""
    return _own(plain_text(value, context), context.signer.get("hc_id_no"))


def _own(value: str, expected: str | None) -> str:
    if value.strip() != expected:
        raise CardChanged(said("the reply belongs to another card than the one that signed the request"))
    return value


def visit_signature(value: Any, context: ReplyContext) -> str:
    """The security signature of a visit as 256 characters.

    In (which of them the cloud sends is unconfirmed): 256 characters are taken as they are; base64 of 256
    printable bytes is decoded; base64 of 128 bytes becomes hexadecimal text. Raises ValueError for anything
    else.
    """
    text = plain_text(value, context).strip()
    if len(text) == 256:
        return text
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(said("a signature of {count} characters", count=len(text))) from error
    if len(raw) == 256 and raw.isascii() and raw.decode("ascii").isprintable():
        return raw.decode("ascii")
    if len(raw) == 128:
        return raw.hex().upper()
    raise ValueError(said("a signature of {count} bytes", count=len(raw)))


def yes_no(value: Any, context: ReplyContext) -> str:
    """true as "Y", false as "N"; the letters themselves pass. Raises ValueError for anything else."""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if value in ("Y", "N"):
        return str(value)
    raise ValueError(said("true or false expected"))


def visit_signature_raw(value: Any, context: ReplyContext) -> str:
    """The security signature of a visit as 256 hexadecimal characters, for the record that holds its 128
    bytes (1.9).

    Raises ValueError where the cloud's signature has another form, which does not fit into 128 bytes.
    """
    text = visit_signature(value, context)
    if not re.fullmatch(r"[0-9A-Fa-f]{256}", text):
        raise ValueError(said("a signature that is not the hexadecimal text of 128 bytes"))
    return text


def practitioner_present(value: Any, context: ReplyContext) -> str:
    """The console's status object as 1 (a practitioner card is there) or 0 (manual 3.3 §4.1)."""
    return "1" if _number_in_status(value, "practitioner_state", context) else "0"


def practitioner_type(value: Any, context: ReplyContext) -> str:
    """The kind of practitioner card.

    0 none, 1 doctor, 2 other practitioner, 3 mobile certificate (seed 001).
    """
    return str(_number_in_status(value, "practitioner_kind", context))


def count_in_range(value: Any, context: ReplyContext) -> str:
    """How many items of a list lie within the positions iStartPos to iEndPos that the caller asked for."""
    start, end = (context.call.arguments.get(name) for name in ("iStartPos", "iEndPos"))
    if not isinstance(value, list) or not isinstance(start, int) or not isinstance(end, int):
        raise ValueError(said("a list expected"))
    return str(len(value[start - 1 : end]))


def pin_is_set(value: Any, context: ReplyContext) -> str:
    """true (the card has a PIN) as 1, false as 0 (manual 3.3 §1.36). Of a virtual card nothing is told: its
    PIN is the app's matter.
    """
    if value is None and context.call.door.card == "virtual":
        return "0"
    if not isinstance(value, bool):
        raise ValueError(said("true or false expected"))
    return "1" if value else "0"


def western_time(value: Any, context: ReplyContext) -> str:
    """The western time, 14 digits yyyyMMddHHmmss, that a text begins with.

    In: such a time, also in ISO form or with milliseconds, or an execution number (執行編號), which begins
    with one. Raises ValueError for anything else.
    """
    digits = re.sub(r"[-:T ]", "", plain_text(value, context)[:19])[:14]
    if not re.fullmatch(r"\d{14}", digits, re.ASCII):
        raise ValueError(said("a western date and time expected"))
    datetime.strptime(digits, "%Y%m%d%H%M%S")
    return digits


def own_execution_number(value: Any, context: ReplyContext) -> str:
    """The execution number (執行編號) of an upload, at most 256 characters: the 14 digits of its time, 6 more
    characters, then the hospital (21-30) and the SAM (31-42), which must be those that signed.

    Known from real clients. Raises ValueError for another form, another hospital or another SAM.
    """
    text = plain_text(value, context)
    found = re.fullmatch(r"\d{14}[!-~]{6}([!-~]{10})([!-~]{12})[!-~]{0,214}", text, re.ASCII)
    if found is None:
        raise ValueError(said("an execution number expected"))
    if found.groups() != (context.signer.get("hospital_id"), context.signer.get("sam_id")):
        raise ValueError(said("the execution number is another hospital's or another SAM's"))
    western_time(text, context)
    return text


def token(value: Any, context: ReplyContext) -> str:
    """A code that stands for a card: QR code, transfer code, access token. 1 to 4096 visible characters.

    Raises ValueError for anything else: cut or changed it would stand for nothing.
    """
    text = plain_text(value, context)
    if not re.fullmatch(r"[!-~]{1,4096}", text, re.ASCII):
        raise ValueError(said("1 to 4096 visible ASCII characters expected"))
    return text


def json_text(value: Any, context: ReplyContext) -> str:
    """Whatever it is, as JSON text in ASCII."""
    return json.dumps(value)


def sam_card_info(value: Any, context: ReplyContext) -> str:
    """The SAM's ids as the JSON text of the old component (VPN認卡元件), known from real clients.

    In: the console's reply about its SAM. Raises ValueError where one of the two is missing.
    """
    asked = context.console.requests.read_sam.reply
    fields = [asked[name] for name in ("sam_id", "hospital_id")]
    card_id, hospital = (str(each.of(value) or "").strip() for each in fields)
    if not card_id or not hospital:
        raise ValueError(said("{value} expected", value=" and ".join(each.json_name for each in fields)))
    return json.dumps({"SAMCardInfoInCS": {"SAM": [{"CARD_ID": card_id, "HOSP": hospital}]}})


def file_name(value: Any, context: ReplyContext) -> str:
    """The last part of a path."""
    return base_name(plain_text(value, context))


# What stands for no day at all: zeros, and the first moment of .NET, which an ASP.NET server sends for a date
# that was never set; and .NET's last day, for one that does not come.
_NO_DAY = re.compile(
    r"0{7,8}|0{13,14}|0001-?01-?01(?:[T ]?00:?00:?00(?:\.0+)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_FOR_EVER = re.compile(r"9999-?12-?31(?:[T ]?[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_LAST_DAY = "9991231"


def _date(value: Any, context: ReplyContext) -> str:
    text = value if type(value) is str else plain_text(value, context)
    if text[:1] == "9" and _FOR_EVER.fullmatch(text.strip()):
        return _LAST_DAY
    return _converted(roc_date, text)


def _converted(convert: Callable[[str], str], text: str) -> str:
    """A date, or "" for what stands for none. Raises ValueError."""
    try:
        return convert(text)
    except ValueError:
        if _NO_DAY.fullmatch(text.strip()):
            return ""
        raise


def physical_date(value: Any, context: ReplyContext) -> str:
    """A date that only a physical card has, as its day of issue. A program that knows of no virtual cards
    gets a blank of one, whatever comes; a client of the virtual card gets what comes.
    """
    door = context.call.door
    return "" if door.follows and door.card == "virtual" else _date(value, context)


def _datetime(value: Any, context: ReplyContext) -> str:
    return _converted(roc_datetime, plain_text(value, context))


REPLY_CONVERTERS: Mapping[str, ReplyConverter] = {
    "token": token,
    "json_text": json_text,
    "integer": integer,
    "card_status": card_status,
    "own_card_no": own_card_no,
    "own_id_no": own_id_no,
    "physical_date": physical_date,
    "practitioner_present": practitioner_present,
    "practitioner_type": practitioner_type,
    "count_in_range": count_in_range,
    "pin_is_set": pin_is_set,
    "visit_signature": visit_signature,
    "visit_signature_raw": visit_signature_raw,
    "yes_no": yes_no,
    "western_time": western_time,
    "own_execution_number": own_execution_number,
    "sam_card_info": sam_card_info,
    "file_name": file_name,
}

BY_FIELD_TYPE: Mapping[FieldType, ReplyConverter] = {
    "text": plain_text,
    "code": plain_text,
    "date": _date,
    "datetime": _datetime,
    "number": number_text,
    "quantity": number_text,
    "hex": plain_text,
}
