"""The reader operations that a row may name, each taking the step's body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.reader.reader import Reader
from bridge.reader.vpn import VpnSignatures
from bridge.upstream.client import Json

Operation = Callable[[Mapping[str, Any]], Awaitable[Json]]


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
        "change_hc_pin": lambda body: reader.pins.change_hc(),
        "disable_hc_pin": lambda body: reader.pins.disable_hc(),
        "verify_hpc_pin": lambda body: reader.pins.verify_hpc(),
        "change_hpc_pin": lambda body: reader.pins.change_hpc(),
        "unlock_hpc": lambda body: reader.pins.unlock_hpc(),
        "take_random": lambda body: vpn.take_random(body["kind"], body["service_type"]),
        "sign_random": lambda body: vpn.sign_random(body["random"], body["kind"], body["service_type"]),
    }
