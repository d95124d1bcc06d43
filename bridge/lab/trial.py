"""Carries out what a scenario says to try: legacy calls, and changes of the world between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.calls.call import Argument, LegacyCall, LegacyResult, OutBuffer
from bridge.codec.code_page import WINDOWS
from bridge.sim.scenario.model import Scenario, Step
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextInOutArgument,
    TextSizedArgument,
)
from bridge.table.model.rows import Table
from bridge.trace.format import Answer, Number
from bridge.trace.records import records_out

LARGEST = 32_767
Change = Callable[[Step], Awaitable[None]]
MakeCall = Callable[[LegacyCall], Awaitable[LegacyResult]]


@dataclass(frozen=True, slots=True)
class Tried:
    """A step that was carried out. ``code``: of a call. ``wrong``: what is not as the scenario says."""

    step: Step
    code: int | None = None
    wrong: tuple[str, ...] = ()


@dataclass
class Trial:
    """Carries out steps in order. ``call`` makes a legacy call, ``change`` brings about any other step."""

    table: Table
    call: MakeCall
    change: Change
    kept: dict[str, str] = field(default_factory=dict)

    async def run(self, scenario: Scenario) -> list[Tried]:
        """All steps of a scenario; what one shows may be passed on by the next."""
        return [await self.take(step) for step in scenario.steps]

    async def take(self, step: Step) -> Tried:
        if step.call is None:
            await self.change(step)
            return Tried(step)
        if step.call not in self.table.functions:
            return Tried(step, wrong=(f"there is no function {step.call}",))
        try:
            call = LegacyCall(step.call, arguments_of(self.table, step, self.kept))
        except (ValueError, KeyError, IndexError, AttributeError) as error:
            return Tried(step, wrong=(f"the arguments cannot be used: {error}",))
        result = await self.call(call)
        shown = fields_shown(self.table, call, result)
        wrong = [] if result.code == step.code else [f"the code is {result.code}, not {step.code}"]
        for path, text in step.shows.items():
            wanted = text.format_map(self.kept)
            if shown.get(path) != wanted and result.code == step.code:
                wrong.append(f"{path} is {shown.get(path, 'not there')!r}, not {wanted!r}")
        self.kept |= {name: shown[path] for name, path in step.keep.items() if path in shown}
        return Tried(step, result.code, tuple(wrong))


def arguments_of(table: Table, step: Step, kept: Mapping[str, str]) -> dict[str, Argument]:
    """The arguments of a step's call, with room for whatever comes back.

    Raises ValueError for an argument that the function does not have or that is no number, KeyError for a
    name that no step has kept.
    """
    given = {name: str(value).format_map(kept) for name, value in step.with_.items()}
    values: dict[str, Argument] = {}
    for argument in table.functions[step.call or ""].arguments:
        match argument:
            case RecordArgument() | TextSizedArgument():
                values[argument.name] = OutBuffer(LARGEST)
            case TextArgument() | BlockArgument() | TextInOutArgument():
                values[argument.name] = WINDOWS.encode(given.pop(argument.name, ""))
            case ScalarArgument() | CountArgument():
                values[argument.name] = int(given.pop(argument.name, ""))
            case _:
                pass
    if given:
        raise ValueError(f"there is no in-argument {', '.join(given)}")
    return values


def fields_shown(table: Table, call: LegacyCall, result: LegacyResult) -> dict[str, str]:
    """Every field of the records that came back by its path, other out-arguments by their name."""
    function = table.functions[call.name]
    given = {name: Number(value) for name, value in call.arguments.items() if isinstance(value, int)}
    after: dict[str, Any] = {}
    shown = {}
    for name, value in result.outputs.items():
        if isinstance(value, bytes):
            after |= {name: value, getattr(function.argument(name), "length", ""): Number(len(value))}
            shown[name] = WINDOWS.decode(value.rstrip(b" \0"), errors="replace")
        else:
            shown[name] = str(value)
    for view in records_out(table, function, given, Answer(result.code, 0.0, after)):
        for span in view.spans:
            shown[span.path] = WINDOWS.decode(span.of(view.data), errors="replace").rstrip()
    return shown
