"""The return codes and their official Chinese meaning, for the head of the OpenAPI page."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.table.model.statuses import StatusMap


def describe_codes(statuses: StatusMap) -> str:
    """Two tables in Markdown: the codes of the virtual-card SDK's own, and the legacy ones."""
    own = _table("Codes of the virtual-card SDK", statuses.vhc_codes)
    return f"\n\n{own}\n\n{_table('Legacy return codes', statuses.legacy_codes)}"


def _table(title: str, codes: Mapping[int, str]) -> str:
    rows = [f"| {code} | {meaning} |" for code, meaning in sorted(codes.items())]
    head = ["| code | meaning |", "|---|---|"]
    return "\n".join([f"<details><summary>{title}</summary>", "", *head, *rows, "", "</details>"])
