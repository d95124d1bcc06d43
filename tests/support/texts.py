"""The texts for people that stand in the code, as the catalogue must have them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
from click import core

from bridge import errors
from bridge.cli.lazy_group import Group, LazyGroup, help_blocks
from bridge.cli.main import main
from bridge.config.page import descriptions, head_blocks

ROOT = Path(__file__).parents[2]
MARKS = frozenset({"tr", "said"})


def marked_texts(folder: Path = ROOT / "bridge") -> Iterator[tuple[str, str]]:
    """Where each text stands that is written in a call of ``tr`` or ``said``, and the text."""
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        marks = MARKS & _imported(tree)
        for node in ast.walk(tree) if marks else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in marks:
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", text.value


def _imported(tree: ast.Module) -> set[str]:
    """What a module has from the room of words."""
    found = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "bridge.words"]
    return {each.name for node in found for each in node.names}


def help_texts(group: click.Group = main, path: str = "cshis-bridge") -> Iterator[tuple[str, str]]:
    """The help of every command and of every option, and the sentences of the lists of commands."""
    yield from _of(group, path)
    context = click.Context(group)
    if isinstance(group, LazyGroup):
        yield from ((path, sentence) for sentence in group.sentences.values())
    for name in group.list_commands(context):
        command = group.found(context, name) if isinstance(group, Group) else group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from help_texts(command, f"{path} {name}")
        elif command is not None:
            yield from _of(command, f"{path} {name}")


def settings_texts() -> Iterator[tuple[str, str]]:
    """What the page of settings says."""
    yield from (("bridge/config/page.py", block) for block in head_blocks() if not block.startswith("```"))
    yield from (("bridge/config", text) for text in descriptions())


def _of(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    for _, block in help_blocks(command.help or ""):
        yield path, block
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            yield path, parameter.help


def texts_of_click() -> Iterator[tuple[str, str]]:
    """The texts that click itself shows to a user: one and, where there is another, several."""
    for file in sorted(Path(core.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("_", "ngettext") and isinstance(node.args[0], ast.Constant):
                more = node.args[1] if node.func.id == "ngettext" else None
                yield str(node.args[0].value), str(more.value) if isinstance(more, ast.Constant) else ""


# What carries a text to people when it is called, and the place of that text among what it is given.
RAISED = frozenset({"ConfigError", "PlacingRefused", "TraceError", "ClickException", "UsageError", "echo"})
# Why a call failed is read on the page of the desk. Its text is what such an error is given last.
FAILED = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.CallError)
)
FOUND = frozenset({"ok", "warning", "broken", "unknown"})  # by the doctor
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")


def unmarked_texts(folder: Path = ROOT / "bridge") -> Iterator[tuple[str, str]]:
    """Where a sentence goes to people as it stands in the code, and the sentence. Not the simulators'."""
    for file in sorted(folder.rglob("*.py")):
        if file.is_relative_to(folder / "sim"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = node.args[:1] if name in RAISED else []
            if name in FAILED and "bhyt" not in file.parts:  # the slice of Viet Nam has no Chinese
                given = node.args[-1:]
            if name in FOUND and "doctor" in file.parts:
                given = node.args[1:]
            for text in map(_literal, given):
                if SENTENCE.search(text):
                    yield f"{file.relative_to(folder)}:{node.lineno}", text


def _literal(node: ast.expr) -> str:
    """What stands between the quotes, with an empty place where a value goes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def wrong_terms() -> list[tuple[str, str]]:
    """Of the glossary: how a thing is not called, and how it is."""
    page = (ROOT / "docs" / "reference" / "terms.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    return [(wrong, term) for term, wrongs in rows for wrong in re.findall(r"「([^」]+)」", wrongs)]
