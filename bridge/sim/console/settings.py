"""The console's own settings: cloud SAMs, the default card reader, host names allowed to call (seed 001,
chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.sim.cards import Sam

READERS = ("CASTLES EZ100PU 0", "Generic EMV Smartcard Reader 0")


@dataclass
class ConsoleSettings:
    """Known SAMs in order of age, the readers of this machine, and the allowed hosts."""

    sams: list[Sam]
    readers: tuple[str, ...] = READERS
    default_reader: str | None = READERS[0]
    cors: list[str] = field(default_factory=lambda: ["localhost", "*.nhi.gov.tw"])
    last_device: str | None = None

    def device(self, name: str) -> Sam | None:
        """Find a SAM by id or COM port; for an empty name the last one used, else the first. Remembers
        what it found.
        """
        wanted = name or self.last_device
        found = next((sam for sam in self.sams if wanted is None or wanted in (sam.id, sam.comport)), None)
        if found is not None:
            self.last_device = found.id
        elif not name:
            # The device used last was removed from the list since.
            self.last_device = None
            found = self.sams[0] if self.sams else None
        return found

    def names(self) -> list[str]:
        """Device names: SAM ids, then COM ports."""
        return [sam.id for sam in self.sams] + [sam.comport for sam in self.sams]

    def free_comport(self) -> str:
        """The first COM port that no SAM has."""
        taken = {sam.comport for sam in self.sams}
        return next(port for number in range(1, len(taken) + 2) if (port := f"COM{number}") not in taken)
