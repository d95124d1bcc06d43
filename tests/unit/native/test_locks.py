"""The lock files of what is shipped: none lacks what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
LINUX, WINDOWS = "packaging/linux/wheels.lock", "packaging/windows/wheels.lock"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(lock: str) -> dict[str, str]:
    """Versions by name."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^([A-Za-z0-9][\w.-]*)==([^\s;]+)", text))


@pytest.mark.parametrize(
    ("lock", "extras", "system"),
    [
        (LINUX, ("simulate", "migration", "gateway"), "linux"),
        (WINDOWS, ("simulate", "migration"), "win32"),
    ],
)
def test_a_lock_has_all_that_is_asked_for(lock: str, extras: tuple[str, ...], system: str) -> None:
    project = PROJECT["project"]
    asked = [
        *project["dependencies"],
        *(text for e in extras for text in project["optional-dependencies"][e]),
    ]
    check(lock, asked, system)


def test_the_container_is_built_with_what_the_build_asks_for() -> None:
    check("packaging/linux/build.lock", PROJECT["build-system"]["requires"], "linux")


def check(lock: str, asked: list[str], system: str) -> None:
    found = pinned(lock)
    for requirement in map(Requirement, asked):
        if requirement.marker is None or requirement.marker.evaluate({"sys_platform": system}):
            assert requirement.specifier.contains(found.get(requirement.name, "0")), f"{lock}: {requirement}"


@pytest.mark.parametrize("lock", [LINUX, WINDOWS])
def test_its_head_says_how_it_is_made(lock: str) -> None:
    head = (ROOT / lock).read_text(encoding="utf-8").split("\n")[1:3]
    assert f"-o {lock}" in " ".join(head)
