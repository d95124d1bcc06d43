"""The console's own settings: cloud SAMs, the default card reader, host names allowed to call (seed 001,
chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.sim.cards import Sam

READERS = ("CASTLES EZ100PU 0", "Generic EMV Smartcard Reader 0")


@dataclass
class ConsoleSettings:
    """Known SAMs in order of age, the readers of this machine, and the allowed hosts. ``cors_in_force``:
    those that the console heeds, which are the ones that it was started with.
    """

    sams: list[Sam]
    readers: tuple[str, ...] = READERS
    default_reader: str | None = READERS[0]
    cors: list[str] = field(default_factory=lambda: ["localhost", "*.nhi.gov.tw"])
    last_device: str | None = None
    cors_in_force: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.cors_in_force = tuple(self.cors)

    def device(self, name: str, virtual_ports: bool = False) -> Sam | None:
        """Find a SAM by the id of a cloud SAM or the port of a physical one; for an empty name the last one
        used, else the first cloud SAM, else the first physical one. Remembers what it found.

        ``virtual_ports``: also by the port of a cloud SAM, which seed 001 does not say.
        """
        found = next((sam for sam in self.sams if name in _openers(sam, virtual_ports)), None)
        if not name:
            found = next((sam for sam in self.sams if sam.device == self.last_device), None)
            found = found or next((sam for sam in sorted(self.sams, key=lambda sam: sam.physical)), None)
        if found is not None:
            self.last_device = found.device
        return found

    @property
    def cloud_sams(self) -> list[Sam]:
        """Those that are not in a reader."""
        return [sam for sam in self.sams if not sam.physical]

    def names(self) -> list[str]:
        """Device names: ids of cloud SAMs, then the COM ports of this machine."""
        return [sam.id for sam in self.cloud_sams] + [sam.comport for sam in self.sams if sam.physical]

    def free_comport(self) -> str:
        """The first COM port that no SAM has."""
        taken = {sam.comport for sam in self.sams}
        return next(port for number in range(1, len(taken) + 2) if (port := f"COM{number}") not in taken)


def _openers(sam: Sam, virtual_ports: bool) -> tuple[str, ...]:
    return (sam.device, sam.comport) if virtual_ports else (sam.device,)
