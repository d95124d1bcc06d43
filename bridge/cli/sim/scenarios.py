"""Commands ``cshis-bridge sim load``, ``scenarios`` and ``from-trace``: whole worlds for the simulators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from bridge.cli.sim.names import scenario_names
from bridge.cli.sim.steering import steering
from bridge.cli.streams import json_text
from bridge.sim.control.remote import Remote
from bridge.sim.scenario.file import document_of, ready_names, ready_scenario
from bridge.sim.scenario.model import DEFAULT, Scenario
from bridge.sim.scenario.texts import checked, plain, step_lines
from bridge.words import tr

MOST_REMARKS = 20


@click.command()
@steering
@click.argument("name_or_file", shell_complete=scenario_names)
def load(remote: Remote, name_or_file: str) -> None:
    """Begin anew in a scenario.

    NAME_OR_FILE is a ready one ("sim scenarios" lists them) or a YAML file. Nothing is loaded when the file
    has a fault; each is printed with its place. "sim reset" goes back to what the simulator was started with.
    """
    document = document_of(name_or_file)
    scenario = checked(document, name_or_file)
    remote.load(plain(document))
    _tell(scenario)


@click.command("try")
@steering
@click.argument("name_or_file", shell_complete=scenario_names)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settings of the bridge that makes the calls.  [default: the one that runs with the data directory]",
)
def try_(remote: Remote, name_or_file: str, config: Path | None) -> None:
    """Begin anew in a scenario and do what it says to try.

    Through the bridge that runs. Exit code 0 when everything comes as the scenario says, else 1.
    """
    from bridge.cli.sim.try_scenario import try_scenario  # most commands that steer a simulator make no calls

    try_scenario(remote, name_or_file, config)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def scenarios(as_json: bool) -> None:
    """List the ready scenarios."""
    titles = {name: ready_scenario(name).title for name in ready_names()}
    if as_json:
        click.echo(json_text({name: title.model_dump() for name, title in titles.items()}, indent=2))
        return
    for name, title in titles.items():
        click.echo(f"{name:<22} {title.en} ({title.zh})")


# --- for people ---------------------------------------------------------------------------------------------


def _tell(scenario: Scenario) -> None:
    click.echo(f"{scenario.title.en} ({scenario.title.zh})")
    for line in scenario.about.splitlines():
        click.echo(line)
    for line in _pin_lines(scenario):
        click.echo(line)
    if scenario.steps:
        click.echo(tr("To try in one program; sim try does, through the bridge that runs:"))
    for step in scenario.steps:
        for line in step_lines(scenario, step):
            click.echo(f"  {line}")
    tell_remarks(scenario.remarks)


def tell_remarks(remarks: Sequence[str]) -> None:
    """What a scenario lacks, as far as it fits on a screen."""
    for remark in remarks[:MOST_REMARKS]:
        click.echo(tr("remark: {remark}", remark=remark), err=True)
    if len(remarks) > MOST_REMARKS:
        click.echo(
            tr("remark: ... and {count} more, in the scenario", count=len(remarks) - MOST_REMARKS), err=True
        )


def _pin_lines(scenario: Scenario) -> Iterator[str]:
    """A simulated bridge types the PINs of the people that it was started with."""
    usual = ready_scenario(DEFAULT)
    for kind in ("cards", "practitioners"):
        known = {card.pin for card in getattr(usual, kind)}
        others = [card for card in getattr(scenario, kind) if card.pin is not None and card.pin not in known]
        for card in others:
            yield tr(
                "The PIN of {card} is {pin}: a bridge started otherwise types another.",
                card=card.number,
                pin=card.pin,
            )
