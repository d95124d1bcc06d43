"""The part of bhyt.yaml about requests that pass through to the portal, as frozen objects."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from bridge.table.model.spec import Identifier, Provenance, Spec

Prefix = Annotated[str, Field(pattern=r"^/[a-z/]*/$")]
HttpStatus = Annotated[int, Field(ge=400, le=599)]
NEEDED_FAULTS = frozenset({"no-such-path", "no-such-method", "body-too-long", "body-too-slow"})
NEEDED_REFUSALS = frozenset({400, 403, 405, 408, 413, 503})
BAD_GATEWAY = 502
PASSED = "pass:"  # before the name of a request that passed through, in log and metrics


class PassFault(Spec):
    """What a program gets where the bridge does not pass its request on: result code, HTTP status, and a note
    for people in their language.
    """

    result: Annotated[str, Field(pattern=r"^\d{3}$")]
    http: HttpStatus
    note: str = Field(min_length=1)
    provenance: Provenance


class PassRefusal(Spec):
    """What a program gets where its request is refused before anybody has looked at it: result code, and a
    note for people in their language.
    """

    result: Annotated[str, Field(pattern=r"^\d{3}$")]
    note: str = Field(min_length=1)
    provenance: Provenance


class PassThroughRow(Spec):
    """Requests that the bridge does not answer itself.

    ``prefix``: where their paths begin, in small letters. ``tokens_under``: where the portal wants account
    and token in the query, so that the bridge adds them for a program that brings no token. ``names``: last
    steps of known paths, as log and metrics name them. ``unclear``: added to the note where nobody knows
    whether the portal has carried a request out. ``faults``: those that only such requests have. ``http``:
    the HTTP status of the others, where it is not 502. ``refusals``: by HTTP status, those that come before
    anything else, also on the paths of lookups.
    """

    prefix: Prefix
    tokens_under: Prefix
    names: tuple[Identifier, ...]
    unclear: str = Field(min_length=1)
    faults: dict[str, PassFault]
    refusals: dict[HttpStatus, PassRefusal]
    http: dict[str, HttpStatus] = Field(default_factory=dict)
    provenance: Provenance

    @model_validator(mode="after")
    def _whole(self) -> PassThroughRow:
        if set(self.faults) != NEEDED_FAULTS:
            raise ValueError(f"faults: exactly {', '.join(sorted(NEEDED_FAULTS))} are needed")
        if set(self.refusals) != NEEDED_REFUSALS:
            raise ValueError(f"refusals: exactly {', '.join(map(str, sorted(NEEDED_REFUSALS)))} are needed")
        if not self.tokens_under.startswith(self.prefix):
            raise ValueError("tokens_under is not below the prefix")
        return self

    def http_status(self, fault: str) -> int:
        """The HTTP status of an answer of the bridge's own."""
        own = self.faults.get(fault)
        return own.http if own is not None else self.http.get(fault, BAD_GATEWAY)
