"""Signatures, and the check that the card in the reader is that of the person a write is meant for."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.errors import CardChanged, StatusError, WrongPerson
from bridge.reader.console_client import ConsoleClient
from bridge.table.model.console import SignatureKind

OF_TWO_CARDS: SignatureKind = "hpchc"


@dataclass(frozen=True, slots=True)
class Person:
    """The person that a write is meant for: id number (10 characters) and birthday (7 ROC digits), as the
    caller gave them, trimmed.
    """

    id_no: str
    birthday: str


async def sign_for(
    console: ConsoleClient, kind: SignatureKind, service_type: str, person: Person | None
) -> dict[str, str]:
    """A fresh signature by the JSON names of its fields.

    With ``person`` the card in the reader is compared first. Raises WrongPerson (nothing was signed) when it
    is another one's, CardChanged when the card was exchanged between the two.
    """
    card_id = await check_person(console, person) if person is not None else None
    try:
        signature = await console.sign(kind, service_type)
    except StatusError as error:
        if await _lacks_practitioner(console, kind, error):
            error.contexts = ("hpc",)  # of the two cards it is the practitioner's that is missing
        raise
    if card_id is not None and signature[console.protocol.signatures.of(kind).json_name("hc_id")] != card_id:
        raise CardChanged("the health card was exchanged while the call ran")
    return signature


async def check_person(console: ConsoleClient, person: Person) -> str:
    """Compare the card in the reader with a person. Out: the card's number. Raises WrongPerson, BadReply."""
    card = await console.read_health_card()
    if card.holder != (person.id_no, person.birthday):
        raise WrongPerson("the id or birthday given is not that of the card in the reader")
    return card.card_id


async def _lacks_practitioner(console: ConsoleClient, kind: SignatureKind, error: StatusError) -> bool:
    """Whether two cards should have signed and the practitioner's is not there. It counts as there where the
    console says nothing of it.
    """
    if kind != OF_TWO_CARDS or error.number not in console.protocol.statuses.no_card:
        return False
    return (await console.status()).practitioner_state == console.protocol.states.card_absent
