"""The properties of the installer, and the commands that it runs."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.installing.given import Given
from bridge.installing.service import ACCOUNT
from bridge.windows.rights import INTERACTIVE
from native.installer.actions import complete_actions, own_actions
from native.installer.properties import (
    NOTED,
    STARTS,
    all_properties,
    known_start,
    remembered,
    started,
)
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
    assert set(NOTED.values()) - {"start", "service_account"} == set(Given.__dataclass_fields__)


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
    assert [row[0] for row in sequence][-len(names) - 1 :] == [*names, "InstallFinalize"]
    kinds = {row[0]: int(row[1]) for row in actions if row[0] in names}
    assert all(kind & (18 | 1024 | 2048) == 18 | 1024 | 2048 for kind in kinds.values())
    assert [name for name, kind in kinds.items() if kind & 256] == ["set_up_machine_back"]


def holds(condition: str, given: dict[str, str]) -> bool:
    """A condition as Windows Installer reads it, of the parts that ours have."""
    part = r'(\w+) (~=|~<<|>>) ("[^"]*")|\b[A-Z_]+\b'
    text = re.sub(part, _as_python, condition)

    def compare(name: str, how: str, value: str) -> bool:
        found = given.get(name, "")
        if how == "~=":
            return found.lower() == value.lower()
        return found.endswith(value) if how == ">>" else found.lower().startswith(value.lower())

    return bool(eval(text, {"given": given, "compare": compare}))


def _as_python(part: re.Match[str]) -> str:
    if part[1]:
        return f'compare("{part[1]}", "{part[2]}", {part[3]})'
    return part[0].lower() if part[0] in ("AND", "OR", "NOT") else f'given.get("{part[0]}")'


@pytest.mark.parametrize(
    ("said", "before", "how"),
    [
        ("", "", "logon"), ("none", "", "none"), ("", "none", "none"), ("logon", "none", "logon"),
        ("", "logon", "logon"), ("service", "logon", "service"), ("", "service", "service"),
        ("None", "", "none"), ("SERVICE", "none", "service"), ("", "Service", "service"),
        ("", "misspelt", "logon"),
    ],
)  # fmt: skip
def test_how_it_starts_is_remembered(said: str, before: str, how: str) -> None:
    given = {"START": said, "START_BEFORE": before}
    assert [each for each in STARTS if holds(started(each), given)] == [how]


@pytest.mark.parametrize(("said", "well"), [("", True), ("None", True), ("login", False), ("0", False)])
def test_a_misspelt_start_is_refused(said: str, well: bool) -> None:
    assert holds(known_start().removeprefix("Installed OR "), {"START": said}) is well


@pytest.mark.parametrize(
    ("given", "account", "readers"),
    [
        ({}, ACCOUNT, INTERACTIVE),
        ({"SERVICE_READERS_BEFORE": "Nurses"}, ACCOUNT, "[SERVICE_READERS_BEFORE]"),
        ({"SERVICE_READERS": "Doctors", "SERVICE_READERS_BEFORE": "Nurses"}, ACCOUNT, "Doctors"),
        ({"SERVICE_ACCOUNT_BEFORE": r"HOSPITAL\bridge$"}, "[SERVICE_ACCOUNT_BEFORE]", INTERACTIVE),
        ({"SERVICE_ACCOUNT_BEFORE": r"NT AUTHORITY\LocalService"}, "[SERVICE_ACCOUNT_BEFORE]", INTERACTIVE),
        ({"SERVICE_ACCOUNT_BEFORE": r"HOSPITAL\person"}, ACCOUNT, INTERACTIVE),  # has a password
    ],
)
def test_what_a_service_was_given_is_remembered(given: dict[str, str], account: str, readers: str) -> None:
    """An upgrade must not let others use the cards than those who were named once."""
    found = {"START_BEFORE": "service", **given}
    for name, value, condition in remembered():
        if holds(condition, found):
            found[name] = value
    assert (found["SERVICE_ACCOUNT"], found["SERVICE_READERS"]) == (account, readers)


def test_the_description_looks_for_what_was_noted(tmp_path: Path) -> None:
    (tmp_path / "cshis-bridge.exe").write_bytes(b"MZ")
    text = describe(tmp_path, "0.1.0")
    searched = {
        element.attrib["Name"]
        for element in ElementTree.fromstring(text).iter()
        if element.tag.endswith("RegistrySearch")
    }
    assert searched == set(NOTED.values())
