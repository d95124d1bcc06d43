"""Reads scenarios from YAML files: the ready ones by their name, others by their path.

What YAML can do beyond plain data is refused: references, types of its own, keys written twice, depth.
A number that begins with 0 is text, as are dates and words such as "no".
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.model import DEFAULT, Scenario, parse_scenario

MOST_BYTES = 32 * 1024 * 1024  # some 10,000 people of a trace
DEEPEST = 12
MOST_NODES = 5_000_000
# The C loader is several times faster, but not in every build of PyYAML.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(LOADER):  # type: ignore[misc]
    """Reads text, whole and decimal numbers, true, false and null; a key written twice is a fault."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - of PyYAML's own kind

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"-?(?:0|[1-9][0-9]{0,17})", "-0123456789"),
    ("float", r"-?[0-9]{1,15}\.[0-9]{1,15}", "-0123456789"),
):
    _PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$", re.ASCII), list(_first)
    )


def read_document(text: str) -> object:
    """The plain values of a YAML text. Raises ScenarioError with the line of the fault."""
    if len(text) > MOST_BYTES:
        raise ScenarioError([f"larger than {MOST_BYTES // 1024 // 1024} MB"])
    try:
        _refuse_tricks(text)
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise ScenarioError([f"{where}{error.problem or error.context}"]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ScenarioError([f"no YAML: {' '.join(str(error).split())}"]) from None


def _refuse_tricks(text: str) -> None:
    """Look through the text before anything is built of it."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=LOADER)):
        trick = ""
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            trick = "references (& and *) are not taken: write the value out"
        elif getattr(event, "tag", None) and not isinstance(event, yaml.DocumentStartEvent):
            trick = "types (!) are not taken: plain data only"
        elif depth > DEEPEST:
            trick = f"more than {DEEPEST} levels deep"
        elif number > MOST_NODES:
            trick = f"more than {MOST_NODES} values"
        if trick:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise ScenarioError([f"line {line}: {trick}"])


def ready_names() -> list[str]:
    """The names of the ready scenarios, "default" first."""
    folder = resources.files("bridge.sim.scenario").joinpath("scenarios")
    names = sorted(file.name[: -len(".yaml")] for file in folder.iterdir() if file.name.endswith(".yaml"))
    return [DEFAULT, *names]


@cache
def ready_scenario(name: str) -> Scenario:
    """A ready scenario by its name. Raises ScenarioError for an unknown one."""
    return parse_scenario(ready_document(name), ready_scenario)


def ready_document(name: str) -> object:
    """What stands in a ready scenario's file. Raises ScenarioError for an unknown name."""
    if name not in ready_names():
        raise ScenarioError([f"there is no scenario {name!r}; one of {', '.join(ready_names())}"])
    folder = resources.files("bridge.sim.scenario")
    file = folder / "people.yaml" if name == DEFAULT else folder / "scenarios" / f"{name}.yaml"
    return read_document(file.read_text(encoding="utf-8"))


def document_of(name_or_file: str) -> object:
    """The document of a ready scenario or of a file, not checked beyond its YAML.

    Raises ScenarioError: there is neither, or the file cannot be read.
    """
    if name_or_file in ready_names():
        return ready_document(name_or_file)
    file = Path(name_or_file)
    if not file.is_file():
        ready = ", ".join(ready_names())
        raise ScenarioError([f"{name_or_file}: neither a file nor a ready scenario; those are: {ready}"])
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        return read_document(data.decode("utf-8-sig"))
    except OSError as error:
        raise ScenarioError([f"cannot be read: {error.strerror}"], str(file)) from None
    except UnicodeDecodeError:
        raise ScenarioError(["is no UTF-8 text"], str(file)) from None
    except ScenarioError as error:
        raise ScenarioError(error.faults, str(file)) from None


def scenario_of(document: object) -> Scenario:
    """The checked scenario of a document. Raises ScenarioError with every fault."""
    return parse_scenario(document, ready_scenario)
