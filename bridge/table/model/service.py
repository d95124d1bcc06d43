"""The part of the table about services of the upload centre (醫療資訊傳輸服務) and of the cloud query system
(健保醫療資訊雲端查詢系統) that pass through the bridge (mappings/vpn.yaml), as frozen objects.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.table.model.console import SignatureKind
from bridge.table.model.spec import Identifier, Provenance, Spec

Path = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_/]+$")]


class ServiceField(Spec):
    """A field of a request: its name in the specification (clients write any letter case), the most
    characters it takes, its official Chinese name.

    ``holds`` tells what the bridge looks at: the random and the signature of a pair, a file in base64, a
    ``list`` (``width`` is then the most entries), the id number of the ``patient`` whose card signed.
    ``sent_as``: its name in the request that goes on, where that is another one; "" where it is left out.
    """

    name: Identifier
    width: int = Field(gt=0)
    term: str
    optional: bool = False
    holds: Literal["random", "signature", "content", "list", "patient"] | None = None
    sent_as: str | None = Field(default=None, pattern=r"^\w*$")
    provenance: Provenance


class Verified(Spec):
    """How a pair of old becomes one object with every field of its signature, under the console's names.

    ``name``: that of the object. ``kind``: the cards that must have signed.
    """

    name: Identifier
    kind: SignatureKind
    provenance: Provenance


class ServiceReply(Spec):
    """A name in the centre's reply: the return code, or what is given for the request."""

    name: Identifier
    term: str
    holds: Literal["code", "result"]
    provenance: Provenance


class Service(Spec):
    """A service: its path below the centre's address, and the paths at which the bridge serves it.

    ``signed`` are the fields of the signature, ``fields`` the others. ``effect`` ``write``: the request
    leaves something at the centre, so it is journalled and never repeated. ``to``: whose service it is.
    ``verified``: the signature goes on as one object in place of its fields.
    """

    name: Identifier
    title: str
    summary: str
    effect: Literal["read", "write"]
    to: Literal["centre", "medicloud"] = "centre"
    path: Path
    served_at: tuple[Path, ...] = Field(min_length=1)
    provenance: Provenance
    signed: tuple[ServiceField, ...]
    fields: tuple[ServiceField, ...]
    verified: Verified | None = None
    reply: tuple[ServiceReply, ...]

    @model_validator(mode="after")
    def _whole(self) -> Service:
        names = [field.name.lower() for field in self.all_fields]
        if len(set(names)) != len(names):
            raise ValueError("a field stands twice (letter case does not count)")
        held = [field.holds for field in self.signed]
        if held.count("random") != 1 or held.count("signature") != 1:
            raise ValueError("signed: needs one field that holds the random and one that holds the signature")
        if sorted(part.holds for part in self.reply) != ["code", "result"]:
            raise ValueError("reply: needs one name that holds the code and one that holds the result")
        return self

    @property
    def all_fields(self) -> tuple[ServiceField, ...]:
        """Every field of a request, in order."""
        return (*self.signed, *self.fields)

    def field_with(self, holds: str) -> ServiceField | None:
        """The field that holds something, if there is one."""
        return next((field for field in self.all_fields if field.holds == holds), None)

    def reply_name(self, holds: Literal["code", "result"]) -> str:
        """What a reply calls its return code, or its result."""
        return next(part.name for part in self.reply if part.holds == holds)
