"""A settings file to begin with: every setting as a comment, with its default and its meaning. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from bridge.config.page import default_text, described, section_of, values_text
from bridge.config.settings import Settings
from bridge.words import said, shown
from bridge.words.wrapping import wrapped

WIDTH = 100
_NONE = '""'
_HEAD = said(
    "Settings of cshis-bridge. Every setting stands here with its default, as a comment: remove the # before "
    "the one that shall differ. `cshis-bridge config check` says what is wrong in the file."
)


def settings_template(model: type[BaseModel] = Settings) -> str:
    """The whole file (TOML)."""
    return "\n".join([*_comment(shown(_HEAD)), "", *_lines(model, "")]).rstrip() + "\n"


def _lines(model: type[BaseModel], path: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if section_of(field) is not None:
            continue
        values = values_text(field)
        yield from _comment(f"{described(field)}{f' ({values})' if values else ''}")
        yield f"# {name} = {default_text(field) or _NONE}"
        yield ""
    for name, field in model.model_fields.items():
        section = section_of(field)
        if section is None:
            continue
        inner = f"{path}{name}"
        yield from ("", *_comment(described(field)), f"[{inner}]", "")
        yield from _lines(section, f"{inner}.")


def _comment(text: str) -> list[str]:
    return wrapped(text.replace("`", ""), WIDTH, "## ", "## ")
