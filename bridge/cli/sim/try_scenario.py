"""``cshis-bridge sim try``: what a scenario says to try, through the bridge that runs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import NoReturn

import click

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.channel.frame import FrameError
from bridge.cli.running_bridge import Finding, channel_of, find
from bridge.config import Settings
from bridge.errors import BridgeError, TraceError
from bridge.lab.trial import Trial, Tried
from bridge.sim.control.remote import Remote
from bridge.sim.scenario.file import document_of
from bridge.sim.scenario.model import Scenario, Step
from bridge.sim.scenario.texts import checked, plain, slot_of, step_lines
from bridge.words import reason, said, tr


def try_scenario(remote: Remote, name_or_file: str, config: Path | None) -> NoReturn:
    """Load a scenario, carry out its steps, print what came of each. Ends the process: 0 where everything
    came as the scenario says, else 1. Raises ControlError.
    """
    document = document_of(name_or_file)
    scenario = checked(document, name_or_file)
    remote.load(plain(document))
    try:
        tried = asyncio.run(_tried(remote, scenario, _settings(remote, config)))
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
    for each in tried:
        click.echo(f"{tr('WRONG') if each.wrong else 'ok':<6}{next(step_lines(scenario, each.step))}")
        for fault in each.wrong:
            click.echo(f"      {fault}")
    wrong = sum(1 for each in tried if each.wrong)
    click.echo(
        tr(
            "{title}: {steps} steps, {wrong} not as they should be",
            title=f"{scenario.title.en} ({scenario.title.zh})",
            steps=len(tried),
            wrong=wrong,
        )
    )
    sys.exit(1 if wrong else 0)


def _settings(remote: Remote, config: Path | None) -> Settings:
    """Those of the bridge that makes the calls: the one of the simulators, unless another one is named. Never
    one at a real console because no other is found.
    """
    where = find(Finding(config, remote.data_dir))
    own = where.running is not None and where.settings.data_dir.resolve() == remote.data_dir.resolve()
    if config is None and not own:
        raise TraceError(
            said(
                "no bridge runs with {directory}; name the settings of one with --config",
                directory=remote.data_dir,
            )
        )
    return where.settings


async def _tried(remote: Remote, scenario: Scenario, settings: Settings) -> list[Tried]:
    """Carry the steps out in one connection, as one program would. Raises BridgeError, ControlError."""
    from bridge.lab.replay_target import running_bridge
    from bridge.table.default import default_table

    async def change(step: Step) -> None:
        await asyncio.to_thread(_bring_about, remote, scenario, step)

    async with running_bridge(*channel_of(settings), settings.channel.token_file) as bridge:

        async def call(made: LegacyCall) -> LegacyResult:
            try:
                return await bridge.target.call("try", made)
            except (OSError, FrameError) as error:
                raise TraceError(
                    said("{name}: no answer from the bridge: {error}", name=made.name, error=error)
                ) from error

        return await Trial(default_table(), call, change).run(scenario)


def _bring_about(remote: Remote, scenario: Scenario, step: Step) -> None:
    if step.insert is not None:
        remote.insert(slot_of(scenario, step.insert), step.insert)
    elif step.remove is not None:
        remote.remove(step.remove)
    elif step.clear is not None:
        remote.clear_faults(step.clear)
    elif step.shift is not None:
        remote.shift_clock(step.shift)
