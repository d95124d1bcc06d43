"""Statuses and the legacy codes that they become."""

from __future__ import annotations

from pydantic import Field

from bridge.table.model.spec import Provenance, Spec


class Status(Spec):
    """What a status of an upstream (or of the bridge itself) becomes.

    A legacy code, other ones by context.
    """

    meaning: str
    legacy: int
    contexts: dict[str, int] = Field(default_factory=dict)
    provenance: Provenance
    note: str = ""


class StatusMap(Spec):
    """All statuses by source and key, the code for an unlisted one by source, and the legacy codes with their
    meaning.
    """

    legacy_codes: dict[int, str]
    vhc_codes: dict[int, str]
    unlisted: dict[str, int]
    unlisted_contexts: dict[str, int] = Field(default_factory=dict)
    sources: dict[str, dict[str, Status]]

    def legacy(self, source: str, status: str, contexts: tuple[str, ...] = ()) -> int:
        """The legacy return code of a status. The first context that the entry knows decides.

        In: source ("console", "cloud", "vpn", "transport", "bridge"), the status as text, the contexts of row
        and door in order.
        Out: a code of legacy_codes or vhc_codes; an unlisted status gives its source's fallback, never 0.
        """
        entry = self.sources.get(source, {}).get(status)
        if entry is None:
            by_context = (self.unlisted_contexts[c] for c in contexts if c in self.unlisted_contexts)
            return next(by_context, self.unlisted[source])
        for context in contexts:
            if context in entry.contexts:
                return entry.contexts[context]
        return entry.legacy

    def meaning(self, code: int) -> str:
        """The official Chinese meaning of a legacy or VHC code, or an empty string."""
        return self.legacy_codes.get(code) or self.vhc_codes.get(code, "")
