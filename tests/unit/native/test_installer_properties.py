"""The properties of the installer, and the commands that it runs."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.installing.given import Given
from native.installer.actions import complete_actions, own_actions
from native.installer.properties import NOTED, all_properties, started
from native.installer.wxs import describe

PAGE = Path(__file__).parents[3] / "docs" / "install" / "windows-installer.md"
WANTED = (
    "CONSOLE_URL", "CONSOLE_CA_FILE", "CLOUD_URL", "CLOUD_CA_FILE", "READER_DEFAULT_DEVICE", "READER_DEVICES",
    "PIN_PROVIDER", "CHANNEL_PORT", "FACADE_PORT", "FACADE_LEGACY_HTTP_PORT", "FACADE_TRUST", "HIS_FOLDERS",
    "NHI_LIB", "START", "REMOVE_DATA",
)  # fmt: skip


@pytest.mark.parametrize("name", WANTED)
def test_what_a_roll_out_sets_is_a_property(name: str) -> None:
    assert name in all_properties()
    assert f"`{name}" in PAGE.read_text(encoding="utf-8").replace("`、`", "` `").replace("`, `", "` `")


def test_every_property_of_the_page_is_there() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", PAGE.read_text(encoding="utf-8")))
    assert named - set(all_properties()) == set()


def test_secrets_are_none() -> None:
    assert not [name for name in all_properties() if "PASSWORD" in name and "SERVICE" not in name]


def test_what_is_noted_is_what_the_bridge_reads() -> None:
    assert set(NOTED.values()) - {"start"} == set(Given.__dataclass_fields__)


@pytest.mark.parametrize("action", list(own_actions()), ids=lambda action: action.name)
def test_the_installer_runs_commands_that_there_are(action: object) -> None:
    words = action.words.split()  # type: ignore[attr-defined]
    options = [word for word in words if word.startswith("--")]
    shown = CliRunner().invoke(main, [words[0], "--help"]).output
    assert all(option in shown for option in options), shown


def test_each_action_has_its_place_whatever_order_it_was_in() -> None:
    names = [action.name for action in own_actions()]
    actions = [[name, "0", "file", "words", ""] for name in reversed(names)]
    sequence = [["InstallFinalize", "", "6600"], *([name, "", "1"] for name in reversed(names))]
    actions, sequence = complete_actions(actions, sequence)
    assert [row[0] for row in sequence] == [*names, "InstallFinalize"]
    kinds = {row[0]: int(row[1]) for row in actions}
    assert all(kind & (18 | 1024 | 2048) == 18 | 1024 | 2048 for kind in kinds.values())
    assert [name for name, kind in kinds.items() if kind & 256] == ["set_up_machine_back"]


@pytest.mark.parametrize(
    ("said", "before", "how"),
    [
        ("", "", "logon"), ("none", "", "none"), ("", "none", "none"), ("logon", "none", "logon"),
        ("", "logon", "logon"), ("service", "logon", "service"), ("", "service", "service"),
    ],
)  # fmt: skip
def test_how_it_starts_is_remembered(said: str, before: str, how: str) -> None:
    """The condition as Windows Installer reads it."""

    def holds(condition: str) -> bool:
        text = condition.replace("START_BEFORE", "before").replace("START", "said")
        text = text.replace(" = ", " == ").replace("AND", "and").replace("OR", "or").replace("NOT", "not")
        return bool(eval(text, {"said": said, "before": before}))

    assert [each for each in ("logon", "service", "none") if holds(started(each))] == [how]


def test_the_description_looks_for_what_was_noted(tmp_path: Path) -> None:
    (tmp_path / "cshis-bridge.exe").write_bytes(b"MZ")
    text = describe(tmp_path, "0.1.0")
    searched = {
        element.attrib["Name"]
        for element in ElementTree.fromstring(text).iter()
        if element.tag.endswith("RegistrySearch")
    }
    assert searched == set(NOTED.values())
