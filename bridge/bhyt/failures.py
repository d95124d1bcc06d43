"""Which finished calls of the slice have failed, by the code under which they are counted. Pure."""

from __future__ import annotations

from bridge.bhyt.model import LookupFamily
from bridge.bhyt.passthrough_model import PASSED

FIRST_FAILURE = 400  # of HTTP


def failed(family: LookupFamily, function: str, code: int) -> bool:
    """Whether a code is known to be a failure: an HTTP status of what passed through, a result that is not
    about a card.
    """
    if function.startswith(PASSED):
        return code >= FIRST_FAILURE
    result = family.results.get(f"{code:03d}")
    return result is not None and result.about != "card"
