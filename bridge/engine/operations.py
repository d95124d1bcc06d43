"""The reader operations that a row may name: most take the step's body; those that change a card take none,
but somebody to ask, right before they do it, whether they are still wanted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.reader.pin_operations import Wanted
from bridge.reader.reader import Reader
from bridge.reader.vpn import VpnSignatures
from bridge.upstream.client import Json

Operation = Callable[[Mapping[str, Any]], Awaitable[Json]]
CardChange = Callable[[Wanted], Awaitable[Json]]


def reader_operations(reader: Reader, vpn: VpnSignatures) -> dict[str, Operation]:
    """The operations by name."""
    return {
        "open": lambda body: reader.open(int(body["port"])),
        "close": lambda body: reader.close(),
        "verify_sam": lambda body: reader.verify_sam(),
        "log_out_sam": lambda body: reader.log_out_sam(),
        "log_out_practitioner": lambda body: reader.log_out_practitioner(),
        "log_out_health_card": lambda body: reader.log_out_health_card(),
        "present_virtual_card": lambda body: reader.present_virtual_card(str(body["token"])),
        "export_virtual_card": lambda body: reader.export_virtual_card(),
        "import_virtual_card": lambda body: reader.import_virtual_card(str(body["transfer_code"])),
        "log_out_virtual_card": lambda body: reader.log_out_virtual_card(),
        "verify_hc_pin": lambda body: reader.pins.verify_hc(),
        "verify_hpc_pin": lambda body: reader.pins.verify_hpc(),
        "take_random": lambda body: vpn.take_random(body["kind"], body["service_type"]),
        "sign_random": lambda body: vpn.sign_random(body["random"], body["kind"], body["service_type"]),
    }


def card_changes(reader: Reader) -> dict[str, CardChange]:
    """The operations that change a card, by name."""
    return {
        "change_hc_pin": lambda wanted: reader.pins.change_hc(wanted),
        "disable_hc_pin": lambda wanted: reader.pins.disable_hc(wanted),
        "change_hpc_pin": lambda wanted: reader.pins.change_hpc(wanted),
        "unlock_hpc": lambda wanted: reader.pins.unlock_hpc(wanted),
    }
