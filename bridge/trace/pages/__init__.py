"""Pages for people: HTML in one file, which needs nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(page: str, **values: Any) -> str:
    """A page of this folder with its values; whatever stands in them is shown as text, never as markup."""
    return _environment().get_template(page).render(**values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bridge.trace", "pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
