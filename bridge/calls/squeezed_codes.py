"""Steps that run for each of several texts: which texts, and what was found for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.calls.conditions import TEXT_CONDITIONS
from bridge.calls.plan import Lookups, Plan
from bridge.calls.reply import StepReply
from bridge.table.model.rows import ForEach


def texts_of(plan: Plan, wanted: ForEach, replies: Mapping[str, StepReply]) -> list[str]:
    """The distinct texts, in order of appearance, for which the condition holds."""
    holds = TEXT_CONDITIONS[wanted.condition]
    if wanted.step is not None:
        content = replies[wanted.step].content
        texts = [text for name in wanted.json_names for text in _of_reply(content, name)]
    else:
        texts = [text for name in wanted.fields for text in _of_block(plan, name)]
    return [text for text in dict.fromkeys(texts) if holds(text)]


def lookups_of(plan: Plan, replies: Mapping[str, StepReply]) -> Lookups:
    """What such steps have found so far, by step id."""
    ids = {step.id for step in plan.function.steps if step.for_each is not None}
    return {
        name: {text: str(value) for text, value in reply.content.items()}
        for name, reply in replies.items()
        if name in ids
    }


def _of_reply(content: Mapping[str, Any], name: str) -> Iterator[str]:
    """Texts of a JSON name: ``name``, or ``list.name`` for each item of a list.

    What is no text is left for the outcome to refuse.
    """
    outer, _, inner = name.partition(".")
    values = [content.get(outer)]
    if inner:
        items = content.get(outer)
        values = (
            [item.get(inner) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        )
    for value in values:
        if isinstance(value, str) and value.strip():
            yield value.strip()


def _of_block(plan: Plan, name: str) -> Iterator[str]:
    block, _, field = name.partition(".")
    value = plan.blocks[block][field]
    if isinstance(value, str) and value.strip():
        yield value.strip()
