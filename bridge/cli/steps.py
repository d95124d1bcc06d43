"""How the steps of a cut-over are shown."""

from __future__ import annotations

from bridge.records.stages import Step
from bridge.words import tr
from bridge.words.moments import moment


def stage_name(stage: str) -> str:
    """The name, or words for having none."""
    return stage or tr("no stage")


def step_line(step: Step) -> str:
    """When, what, where, from which stage to which."""
    change = f"{stage_name(step.before)} -> {stage_name(step.after)}"
    return f"{moment(step.at)}  {step.action:<5}  {step.folder}: {change}"
