"""The wheels of the installer are those that pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from native.installer.parts import LOCK
from tests.support.bridge_process import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "python_version": "3.13"}
WANTED = [
    Requirement(each) for each in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["migration"])
]
PINNED = dict(re.findall(r"(?m)^([a-z0-9-]+)==([^ ]+) \\$", (ROOT / LOCK).read_text(encoding="utf-8")))


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_each_dependency_is_pinned_within_its_range(wanted: Requirement) -> None:
    if wanted.marker is not None and not wanted.marker.evaluate(WINDOWS):
        assert wanted.name not in PINNED, "it is not for Windows"
        return
    assert wanted.specifier.contains(PINNED[wanted.name])


def test_each_pin_has_its_hashes() -> None:
    blocks = re.split(r"(?m)^(?=[a-z0-9-]+==)", (ROOT / LOCK).read_text(encoding="utf-8"))[1:]
    assert len(blocks) == len(PINNED) > 20
    assert all("--hash=sha256:" in block for block in blocks)
