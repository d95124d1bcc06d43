"""The reader operations that a row may name: most take the call's use of the reader and the step's body;
those that change a card take, in place of a body, somebody to ask, right before they do it, whether they are
still wanted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.reader.pin_operations import Wanted
from bridge.reader.reader import Reader, Use
from bridge.reader.vpn import VpnSignatures
from bridge.upstream.client import Json

Operation = Callable[[Use, Mapping[str, Any]], Awaitable[Json]]
CardChange = Callable[[Wanted], Awaitable[Json]]


def reader_operations(reader: Reader, vpn: VpnSignatures) -> dict[str, Operation]:
    """The operations by name."""
    return {
        "open": lambda use, body: reader.open(use, int(body["port"])),
        "close": lambda use, body: reader.close(use),
        "verify_sam": lambda use, body: reader.verify_sam(use),
        "look_at_health_card": lambda use, body: reader.look_at_health_card(use),
        "log_out_sam": lambda use, body: reader.log_out_sam(use),
        "log_out_practitioner": lambda use, body: reader.log_out_practitioner(use),
        "log_out_health_card": lambda use, body: reader.log_out_health_card(use),
        "present_virtual_card": lambda use, body: reader.virtual.upload(use, str(body["token"])),
        "export_virtual_card": lambda use, body: reader.virtual.export(use),
        "import_virtual_card": lambda use, body: reader.virtual.take_over(use, str(body["transfer_code"])),
        "log_out_virtual_card": lambda use, body: reader.virtual.log_out(use),
        "present": lambda use, body: reader.virtual.present(
            use, str(body["token"]), str(body["reader"]).strip()
        ),
        "withdraw": lambda use, body: reader.virtual.withdraw(str(body["reader"]).strip()),
        "tell_presented": lambda use, body: _told(reader),
        "verify_hc_pin": lambda use, body: reader.pins.verify_hc(use),
        "verify_hpc_pin": lambda use, body: reader.pins.verify_hpc(use),
        "take_random": lambda use, body: vpn.take_random(use, body["kind"], body["service_type"]),
        "sign_random": lambda use, body: vpn.sign_random(
            use, body["random"], body["kind"], body["service_type"]
        ),
    }


async def _told(reader: Reader) -> Json:
    """What is presented, as the reply that the console would give if it knew."""
    return {"presented": reader.virtual.presented()}


def card_changes(reader: Reader) -> dict[str, Callable[[Use, Wanted], Awaitable[Json]]]:
    """The operations that change a card, by name."""
    return {
        "change_hc_pin": lambda use, wanted: reader.pins.change_hc(use, wanted),
        "disable_hc_pin": lambda use, wanted: reader.pins.disable_hc(use, wanted),
        "change_hpc_pin": lambda use, wanted: reader.pins.change_hpc(use, wanted),
        "unlock_hpc": lambda use, wanted: reader.pins.unlock_hpc(use, wanted),
    }
