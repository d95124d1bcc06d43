"""Names of the simulators that a shell completes: scenarios and cards."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from bridge.sim.control.remote import Remote
from bridge.sim.errors import ControlError
from bridge.sim.scenario.file import ready_names, ready_scenario


def scenario_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The ready scenarios; a file may be meant, too."""
    names = [name for name in ready_names() if name.startswith(incomplete)]
    found = [CompletionItem(name, help=ready_scenario(name).title.zh) for name in names]
    return found or [CompletionItem(incomplete, type="file")]


def card_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The cards of the simulators that run; none where none do."""
    from bridge.config import chosen_data_dir  # long to load, and only a shell asks

    directory = context.params.get("data_dir") or context.obj or chosen_data_dir()
    try:
        everybody = Remote(directory).people()
    except ControlError:
        return []
    return [
        CompletionItem(card["number"], help=card["name"])
        for card in (*everybody["cards"], *everybody["practitioners"])
        if card["number"].startswith(incomplete)
    ]
