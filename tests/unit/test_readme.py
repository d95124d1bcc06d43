"""What README.md lists must be what the program has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from bridge.cli.main import main
from bridge.config import Settings

ROOT = Path(__file__).parents[2]
FREE_KEYS = {("reader", "devices"), ("bhyt", "officers")}  # tables whose keys are the user's own
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The only block of a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


def sections(model: type[BaseModel], name: str = "") -> Iterator[tuple[str, list[str]]]:
    """(section, its keys) of the settings and of each section in them."""
    inner = {key: field.annotation for key, field in model.model_fields.items()}
    nested = {k: t for k, t in inner.items() if isinstance(t, type) and issubclass(t, BaseModel)}
    yield name, [key for key in inner if key not in nested and (name, key) not in FREE_KEYS]
    for key, section in nested.items():
        yield from sections(section, f"{name}.{key}" if name else key)


def test_the_values_shown_are_the_defaults() -> None:
    shown = tomllib.loads(block("toml"))
    assert Settings(**shown).model_dump() == Settings().model_dump()


@pytest.mark.parametrize(("section", "keys"), list(sections(Settings)), ids=lambda found: str(found)[:20])
def test_every_setting_is_shown(section: str, keys: list[str]) -> None:
    text = "\n" + block("toml")
    part = text if not section else text.partition(f"\n[{section}]")[2]
    assert part, f"[{section}] is not shown"
    part = part.partition("\n[")[0]
    shown = re.findall(r"^(?:# )?(\w+) = ", part, re.MULTILINE)
    assert sorted(shown) == sorted(keys)


def test_every_command_shown_exists() -> None:
    commands = re.findall(r"cshis-bridge ((?:[a-z][a-z-]*[ `])+)", README)
    assert len(commands) > 15
    for command in commands:
        group: click.Command = main
        for word in re.split(r"[ `]+", command.strip(" `")):
            if not isinstance(group, click.Group):
                break
            found = group.get_command(click.Context(group), word)
            assert found is not None, f"cshis-bridge {command}: there is no {word}"
            group = found


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
