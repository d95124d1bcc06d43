"""What is done when a step ends with a status other than success: the policies, in their order."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from bridge.calls.reply import StepReply
from bridge.engine.step_run import StepRun
from bridge.errors import StatusError
from bridge.reader.reader import Use

log = logging.getLogger(__name__)


class Pins(Protocol):
    """Who has the health card's PIN verified."""

    async def verify_hc(self, use: Use) -> object:
        """Ask for the PIN and have it verified, for the call whose use it is. Raises CallError."""
        ...


class _Unchanged:
    """A policy has nothing to say about the status."""


UNCHANGED = _Unchanged()
# The reply that the step ends with; None: it is to be asked again as it is now; UNCHANGED: the next policy.
Verdict = StepReply | None | _Unchanged
Policy = Callable[[StepRun, StatusError, Pins], Awaitable[Verdict]]


async def take_as_reply(run: StepRun, error: StatusError, pins: Pins) -> Verdict:
    """The row tolerates the status, or what was asked for is already so: the reply is empty."""
    if error.number in run.step.tolerate or run.is_already_so(error):
        return StepReply({}, error.source)
    return UNCHANGED


async def verify_pin(run: StepRun, error: StatusError, pins: Pins) -> Verdict:
    """The card's PIN stands in the way: have it verified, then ask again. The person is asked once.

    The refusal did nothing, so the second run signs afresh; also a write.
    """
    missing = run.table.console.statuses.pin_not_verified.holds(error.source, error.number)
    if not missing or run.pin_asked or run.step.reader is not None or run.plan.call.door.card != "physical":
        return UNCHANGED
    log.info("function=%s: the card's PIN is asked for", run.plan.function.name)
    run.pin_asked = True
    await pins.verify_hc(run.use)
    return None


async def take_alternative(run: StepRun, error: StatusError, pins: Pins) -> Verdict:
    """The next alternative stands for this status: it runs in place of the step."""
    if not run.alternatives or error.number not in run.alternatives[0].after:
        return UNCHANGED
    run.replace_by(run.alternatives[0])
    return None


POLICIES: tuple[Policy, ...] = (take_as_reply, verify_pin, take_alternative)


async def after_refusal(run: StepRun, error: StatusError, pins: Pins) -> StepReply | None:
    """What follows a refusal. Out: the reply that the step ends with; None when ``run`` is to be asked again.

    Raises the refusal where no policy helps, or what came in its place (of a PIN that was refused).
    """
    for policy in POLICIES:
        try:
            verdict = await policy(run, error, pins)
        except StatusError as other:
            error = other
        else:
            if not isinstance(verdict, _Unchanged):
                return verdict
    raise error
