"""Signatures, and the check that the card in the reader is that of the person a write is meant for."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.errors import StatusError, WrongPerson
from bridge.reader.console_client import ConsoleClient
from bridge.reader.proof import Proof
from bridge.reader.use import Use
from bridge.table.model.console import SignatureKind
from bridge.words import said

OF_TWO_CARDS: SignatureKind = "hpchc"


@dataclass(frozen=True, slots=True)
class Person:
    """The person that a write is meant for: id number (10 characters) and birthday (7 ROC digits), as the
    caller gave them, trimmed.
    """

    id_no: str
    birthday: str


async def sign_for(
    console: ConsoleClient,
    proof: Proof,
    use: Use,
    kind: SignatureKind,
    service_type: str,
    person: Person | None,
) -> dict[str, str]:
    """A fresh signature by the JSON names of its fields.

    With ``person`` the card in the reader is compared first. Raises WrongPerson (nothing was signed) when it
    is another one's; where another card signs than the one that is meant, what :meth:`Proof.check_ids` does.
    """
    if person is not None:
        await check_person(console, proof, use, person)
    try:
        signature = await console.sign(kind, service_type)
    except StatusError as error:
        if await _lacks_practitioner(console, kind, error):
            error.contexts = ("hpc",)  # of the two cards it is the practitioner's that is missing
        raise
    proof.check_ids(use, console.protocol.signatures.of(kind).ids(signature))
    return signature


async def check_person(console: ConsoleClient, proof: Proof, use: Use, person: Person) -> None:
    """Compare the card in the reader with a person. Raises WrongPerson, BadReply, and what
    :meth:`Proof.check_card` does.
    """
    card = await console.read_health_card()
    number = card.card_id
    if card.holder != (person.id_no, person.birthday):
        raise WrongPerson(said("the id or birthday given is not that of the card in the reader"))
    proof.check_card(use, number)


async def _lacks_practitioner(console: ConsoleClient, kind: SignatureKind, error: StatusError) -> bool:
    """Whether two cards should have signed and the practitioner's is not there. It counts as there where the
    console says nothing of it.
    """
    if kind != OF_TWO_CARDS or error.number not in console.protocol.statuses.no_card:
        return False
    return (await console.status()).practitioner_state == console.protocol.states.card_absent
