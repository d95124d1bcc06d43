"""Commands ``cshis-bridge sim ...``: steer the simulator that runs with a data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bridge.cli.lazy_group import Group
from bridge.cli.sim.from_trace import from_trace
from bridge.cli.sim.names import card_names
from bridge.cli.sim.scenarios import load, scenarios, try_
from bridge.cli.sim.steering import DATA_DIR, steering
from bridge.cli.streams import json_text
from bridge.sim.control.remote import Remote
from bridge.sim.faults import KINDS, SERVICES
from bridge.words import tr

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
SWITCH_WORDS = {"on": True, "true": True, "off": False, "false": False}


@click.group(cls=Group)
@DATA_DIR
@click.pass_context
def sim(context: click.Context, data_dir: Path | None) -> None:
    """Steers the simulator of console, cloud and upload centre.

    Start one with "cshis-bridge serve --simulate". Everybody in it is invented, unless you load a world made
    of an unmasked trace.
    """
    context.obj = data_dir


for _command in (load, scenarios, try_, from_trace):
    sim.add_command(_command)


@sim.command()
@steering
@AS_JSON
def show(remote: Remote, as_json: bool) -> None:
    """Show clock, cards, console session, settings and faults."""
    state = remote.state()
    if as_json:
        _print_json(state)
        return
    console = state["console"]
    click.echo(f"scenario    {state['scenario']['en']} ({state['scenario']['zh']})")
    shifted = tr("(shifted by {seconds:g} s)", seconds=state["shiftSeconds"])
    click.echo(f"time        {state['now']} {shifted}")
    for slot, card in state["slots"].items():
        click.echo(f"slot {slot:<6} {card or tr('empty')}")
    click.echo(f"console     {_session_text(console)}")
    for kind in ("hc", "hpc"):
        card = console[kind]["card"]
        click.echo(
            f"{kind:<11} status {console[kind]['status']}"
            + (tr(", in use: {card}", card=card) if card else "")
        )
    for name, value in state["settings"].items():
        click.echo(f"setting     {name} = {_setting_text(value)}")
    for fault in state["faults"]:
        click.echo(f"fault       {_fault_text(fault)}")


@sim.command()
@steering
@AS_JSON
def people(remote: Remote, as_json: bool) -> None:
    """List the invented people and their cards."""
    everybody = remote.people()
    if as_json:
        _print_json(everybody)
        return
    for card in everybody["cards"]:
        notes = [note for note in ("cancelled", "hasPin", "locked") if card[note]]
        person = f"{card['idNo']}  {card['birthday']}  {card['sex']}  {card['name']}"
        left = tr("valid until {date}, visits left {count}", date=card["validUntil"], count=card["counter"])
        click.echo(f"hc   {card['number']}  {person}  ({', '.join([left, *notes])})")
    for card in everybody["practitioners"]:
        click.echo(f"hpc  {card['number']}  {card['idNo']}  {card['name']}  ({card['role']})")
    for card in everybody["portal"]:
        click.echo(f"bhyt {card['number']}  {card['born']:<10}  {card['name']}  (result {card['result']})")


@sim.group()
def card() -> None:
    """Put cards into the reader and take them out."""


port = click.option("--port", help="The port of a reader of its own (COM2), where the scenario has such.")


def _slot_commands(slot: str, title: str, help_text: str) -> None:
    @card.group(name=slot, help=help_text)
    def group() -> None:
        pass

    @group.command(help=f"Put {title} into its slot, in place of the one there.")
    @steering
    @click.argument("card_no", shell_complete=card_names)
    @port
    def insert(remote: Remote, card_no: str, port: str | None) -> None:
        remote.insert(f"{slot}@{port}" if port else slot, card_no)

    @group.command(help=f"Take {title} out of its slot.")
    @steering
    @port
    def remove(remote: Remote, port: str | None) -> None:
        remote.remove(f"{slot}@{port}" if port else slot)


_slot_commands("hc", "the health card", "The health card (健保卡).")
_slot_commands("hpc", "the practitioner's card", "The practitioner's card (醫事人員卡).")


@sim.command()
@steering
@click.argument("card_no", shell_complete=card_names)
@click.option("--minutes", type=float, default=10.0, show_default=True, help="How long the code lives.")
@click.option("--uses", type=int, default=3, show_default=True, help="How often it can be verified.")
@click.option("--pin-refused", is_flag=True, help="Its holder has a PIN and does not type it in the app.")
def qr(remote: Remote, card_no: str, minutes: float, uses: int, pin_refused: bool) -> None:
    """Print a fresh QR code (虛擬健保卡 QRCode) of a health card.

    Its text, and nothing else.
    """
    click.echo(remote.qr(card_no, minutes, uses, pin_refused=pin_refused))


@sim.command("mobile-login")
@steering
@click.argument("card_no", shell_complete=card_names)
def mobile_login(remote: Remote, card_no: str) -> None:
    """Print the JSON of a practitioner's mobile credential (行動憑證).

    With it the practitioner logs in: cshis-bridge hpc login-mobile
    """
    _print_json(remote.mobile_login(card_no))


@sim.group()
def fault() -> None:
    """Make a server answer late, wrongly or not at all.

    Console, cloud, upload centre or portal.
    """


# \b keeps click from filling the list into one paragraph.
KINDS_LINES = [f"{kind:<10} {meaning}" for kind, meaning in KINDS.items()]
KINDS_HELP = "\n".join(["Arm a fault.", "", "\b", *KINDS_LINES])


@fault.command(help=KINDS_HELP)
@steering
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("value", type=float, required=False)
@click.option("--path", default="", help="Only requests whose path ends so, such as SequelNumber/Next.")
@click.option("--times", type=int, default=None, help="Only so many requests; default: until cleared.")
@click.option("--field", default="", help="JSON name in the reply, for missing and wrong_type.")
def arm(
    remote: Remote, service: str, kind: str, value: float | None, path: str, times: int | None, field: str
) -> None:
    """Arm a fault."""
    remote.arm(service, kind, value, path=path, times=times, field=field)


@fault.command(name="list")
@steering
@AS_JSON
def list_faults(remote: Remote, as_json: bool) -> None:
    """List the armed faults."""
    faults = remote.faults()
    if as_json:
        _print_json(faults)
        return
    for armed in faults:
        click.echo(_fault_text(armed))


@fault.command()
@steering
@click.argument("service", type=click.Choice(SERVICES), required=False)
def clear(remote: Remote, service: str | None) -> None:
    """Disarm the faults of one service, or all of them."""
    remote.clear_faults(service)


@sim.command()
@steering
@click.option("--shift", type=float, default=0.0, help="Move the clock by so many seconds; negative: back.")
def clock(remote: Remote, shift: float) -> None:
    """Print the simulated time, after moving it if asked to."""
    click.echo(remote.shift_clock(shift))


@sim.command("set")
@steering
@click.argument("name")
@click.argument("value")
def set_(remote: Remote, name: str, value: str) -> None:
    """Change a setting that "show" lists: on or off, or a word."""
    remote.change_settings({name: SWITCH_WORDS.get(value.lower(), value)})


@sim.command()
@steering
def reset(remote: Remote) -> None:
    """Go back to what the simulator was started with.

    The usual people, or those of its --scenario; first cards in place, console closed, no faults, real time.
    """
    remote.reset()


@sim.command()
@steering
@click.argument("card_no", shell_complete=card_names)
def stored(remote: Remote, card_no: str) -> None:
    """Print as JSON everything the cloud has stored for a health card."""
    _print_json(remote.stored(card_no))


@sim.command()
@steering
@AS_JSON
def uploads(remote: Remote, as_json: bool) -> None:
    """List the files that the upload centre got, oldest first."""
    entries = remote.uploads()
    if as_json:
        _print_json(entries)
        return
    for entry in entries:
        counts = tr(
            "{bytes} bytes, {records} records, {orders} orders",
            bytes=entry["bytes"],
            records=entry["records"] or "-",
            orders=entry["orders"] or "-",
        )
        click.echo(f"{entry['opcode']}  {entry['type']}  {counts}")


@sim.command()
@steering
@click.option("--clear", "forget", is_flag=True, help="Forget the requests after printing them.")
@AS_JSON
def requests(remote: Remote, forget: bool, as_json: bool) -> None:
    """List the requests that the servers got, oldest first.

    Console, cloud, upload centre and portal.
    """
    entries = remote.requests()
    if as_json:
        _print_json(entries)
    else:
        for entry in entries:
            click.echo(_entry_text(entry))
    if forget:
        remote.clear_requests()


def _print_json(value: object) -> None:
    click.echo(json_text(value, indent=2))


def _session_text(console: dict[str, Any]) -> str:
    if not console["initialized"]:
        return tr("not initialised")
    verified = tr("verified") if console["samVerified"] else tr("not verified")
    return tr("device {device}, SAM {verified}", device=console["device"], verified=verified)


def _setting_text(value: object) -> str:
    return str(value) if isinstance(value, str) else "on" if value else "off"


def _fault_text(armed: dict[str, Any]) -> str:
    value = "" if armed["value"] is None else f" {armed['value']:g}"
    where = f" on {armed['path']}" if armed["path"] else ""
    left = tr("until cleared") if armed["times"] is None else tr("{count} more times", count=armed["times"])
    field = f" {armed['field']}" if armed["field"] else ""
    return f"{armed['service']} {armed['kind']}{value}{field}{where}, {left}"


def _entry_text(entry: dict[str, Any]) -> str:
    status = "-" if entry["status"] is None else entry["status"]
    notes = "" if entry["known"] else "  " + tr("unknown endpoint")
    notes += "  " + tr("fault: {fault}", fault=entry["fault"]) if entry["fault"] else ""
    where = f"{entry['service']:<7} {entry['method']:<6} {entry['path']}"
    return f"{entry['time']}  {where}  {entry['http']} {status}{notes}"
