"""Commands ``cshis-bridge sim load``, ``scenarios`` and ``from-trace``: whole worlds for the simulators."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from bridge.cli.sim.names import scenario_names
from bridge.cli.sim.steering import steering
from bridge.cli.streams import json_text
from bridge.errors import BridgeError, TraceError
from bridge.sim.control.remote import Remote
from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.file import document_of, ready_names, ready_scenario, scenario_of
from bridge.sim.scenario.model import DEFAULT, Scenario
from bridge.sim.scenario.texts import checked, plain, scenario_text, step_lines
from bridge.words import reason, said, tr

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


@click.command("from-trace")
@steering
@click.argument("trace", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the scenario into this file.  [default: standard output, or nowhere with --load]",
)
@click.option("--load", "at_once", is_flag=True, help="Begin anew in it at once.")
@click.option(
    "--allow-unmasked", is_flag=True, help="Also of an unmasked trace: the file then holds patients' data."
)
def from_trace(remote: Remote, trace: Path, output: Path | None, at_once: bool, allow_unmasked: bool) -> None:
    """Make a scenario of a trace.

    It is the world in which the calls of TRACE (a file, a folder of parts, or of folders of many work places)
    were made. What the trace does not tell is named in its remarks. The file is readable by its owner only.
    Exit code 3: some of TRACE was left out.
    """
    from bridge.cli.in_parts import UNFINISHED, tell_left_out
    from bridge.serving.memory import settle_memory
    from bridge.trace.reporting.written import write_private_text

    settle_memory()  # a trace is long, and makes nothing that only the collector could free
    try:
        document, left_out = trace_world(trace, allow_unmasked)
        if output is not None:
            write_private_text(output, scenario_text(document))
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
    if at_once:
        remote.load(document)
    if output is None and not at_once:
        click.echo(scenario_text(document), nl=False)
    _tell_remarks(document)
    tell_left_out(left_out)
    if left_out:
        sys.exit(UNFINISHED)


def trace_world(place: Path, allow_unmasked: bool = False) -> tuple[dict[str, Any], list[str]]:
    """The scenario of a trace, or of the traces of many work places together; and what of them was left out,
    for the screen. Raises TraceError: it cannot be read, or is not masked and that is not allowed.
    """
    from bridge.table.loader import default_table  # most commands that steer a simulator read no trace
    from bridge.trace.format import Header
    from bridge.trace.many.calls import calls_of_places, unmasked
    from bridge.trace.places import places_of
    from bridge.trace.stream import calls_by_time
    from bridge.trace.worlds.world import world_of_calls

    found = places_of(place)
    if not allow_unmasked and (names := unmasked(found.places)):
        raise TraceError(
            said(
                "{place}: not masked: its world would hold patients' data. Mask it first (cshis-bridge trace "
                "mask), or give --allow-unmasked",
                place=", ".join(names) if len(found.places) > 1 else place,
            )
        )
    headers: list[Header] = []
    left_out: dict[str, str] = {}
    if len(found.places) == 1:
        files = found.places[0].files
        document = world_of_calls(lambda: calls_by_time(*files, headers=headers), default_table())
    else:
        calls = partial(calls_of_places, found.places, headers, left_out)
        document = world_of_calls(calls, default_table())
    if not allow_unmasked and not all(header.masked for header in headers):
        raise TraceError(said("{place}: some of it is not masked", place=place))
    try:
        scenario_of(document)
    except ScenarioError as error:
        raise TraceError(
            said("{place}: no scenario can be made of it: {error}", place=place, error=error)
        ) from error
    return document, [*found.refused, *(f"{name}: {why}" for name, why in left_out.items())]


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
    _tell_remarks({"remarks": scenario.remarks})


def _tell_remarks(document: dict[str, Any]) -> None:
    remarks = list(document.get("remarks", ()))
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
