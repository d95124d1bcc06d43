"""Pages for people: HTML in one file, which needs nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """The templates of this folder; whatever stands in their values is shown as text, never as markup."""
    return Environment(
        loader=PackageLoader("bridge.trace", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def render(page: str, **values: Any) -> str:
    """A page of this folder with its values."""
    return environment().get_template(page).render(**values)


def read(name: str) -> str:
    """Another file of this folder, such as a style."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
