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
    """All statuses by source and key, the code for an unlisted one by source (``unlisted_contexts``: by
    source and context), and the legacy codes with their meaning.
    """

    legacy_codes: dict[int, str]
    vhc_codes: dict[int, str]
    unlisted: dict[str, int]
    unlisted_contexts: dict[str, dict[str, int]] = Field(default_factory=dict)
    sources: dict[str, dict[str, Status]]

    def legacy(
        self, source: str, status: str, contexts: tuple[str, ...] = (), unclear: bool = False
    ) -> int:  # fmt: skip
        """The legacy return code of a status. The first context that the entry knows decides.

        In: source ("console", "cloud", "vpn", "transport", "bridge"), the status as text, the contexts of row
        and door in order; ``unclear``: a change may have been carried out all the same.
        Out: a code of legacy_codes or vhc_codes. An unlisted status gives its source's fallback, never 0:
        that of the context, unless the change is unclear, because it would say that there was none.
        """
        entry = self.sources.get(source, {}).get(status)
        if entry is not None:
            by_context, otherwise = entry.contexts, entry.legacy
        else:
            by_context = {} if unclear else self.unlisted_contexts.get(source, {})
            otherwise = self.unlisted[source]
        for context in contexts:
            if context in by_context:
                return by_context[context]
        return otherwise

    def context_names(self) -> set[str]:
        """Every context in which some status, listed or not, becomes another code."""
        listed = (entry.contexts for entries in self.sources.values() for entry in entries.values())
        return {name for names in (*listed, *self.unlisted_contexts.values()) for name in names}

    def meaning(self, code: int) -> str:
        """The official Chinese meaning of a legacy or VHC code, or an empty string."""
        return self.legacy_codes.get(code) or self.vhc_codes.get(code, "")
