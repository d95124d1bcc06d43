"""What must hold for every change of state, whatever happens on the way.

The cloud carries it out at most once. A call that answered success is there. What failed cleanly is not
there. Whatever is neither stands in the journal, with advice.
"""

from __future__ import annotations

from collections import Counter

from tests.faults.oracle import ASKS_CLOUD, CHANGING, GOOD_CODE, PIN_CHANGES, Fault, Service, expected_state
from tests.faults.proxy import Seen
from tests.faults.rig import Made, Stage

READING = ("/Icd/Decode", "/Icd/Encode")  # looked up within a change


def changes() -> frozenset[str]:
    """The functions that change something, at the cloud or on a card."""
    return frozenset((*CHANGING, *PIN_CHANGES))


def carried_out(seen: list[Seen]) -> Counter[str]:
    """How often the cloud said that it did what it was asked, by the signature's random."""
    return Counter(
        each.random for each in seen if each.status in (0, "0000") and not each.path.endswith(READING)
    )


def complaints_about_changes(
    stage: Stage, fault: Fault, service: Service, name: str, made: Made, before: object
) -> list[str]:
    """What is wrong with the change that a call has made or not made."""
    pending = stage.pending()
    if name not in CHANGING:
        return []
    done = carried_out(made.cloud)
    found = []
    if max(done.values(), default=0) > 1:
        found.append("carried out more than once with one signature")
    if len(done) > 1:
        found.append("carried out with more than one signature")
    if not done and stage.stored() != before:
        found.append("nothing was carried out, yet the cloud holds something else than before")
    if made.result.code == GOOD_CODE[name] and not done:
        found.append("success without the cloud's doing")
    clear = not pending
    if made.result.code != GOOD_CODE[name] and clear and done:
        found.append("failed as if cleanly, and it was carried out")
    if any(not each.advice for each in pending):
        found.append("pending without advice")
    if service == "cloud" and name in ASKS_CLOUD:
        wanted = expected_state(fault, name)
        if clear == (wanted == "ambiguous"):
            found.append(f"{len(pending)} pending, expected {wanted}")
    elif pending:
        found.append("pending, though nothing had left")
    return found
