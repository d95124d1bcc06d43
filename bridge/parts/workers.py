"""Who does parts: an interface so small that processes of this machine and a cluster both fit it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from bridge.parts.part import Outcome, Part, Work


class Workers(Protocol):
    """Does parts side by side. ``name``: who they are, for people."""

    @property
    def name(self) -> str: ...

    def outcomes(self, work: Work, parts: Sequence[Part]) -> Iterator[tuple[Part, Outcome]]:
        """Each part with what came of it, as they are done. Raises WorkersLost when nothing more can come:
        what was not told until then is not done.
        """

    def close(self) -> None:
        """End them, also in the middle of a part."""
