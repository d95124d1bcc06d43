"""The files for winget: whole, of one version, and of the MSI that they name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from native.installer.winget import main, write_manifests
from native.installer.wxs import describe

URL = "https://download.example/cshis-bridge-0.1.0.msi"
PACKAGE = "cshis-bridge.cshis-bridge"


@pytest.fixture
def msi(tmp_path: Path) -> Path:
    file = tmp_path / "cshis-bridge-0.1.0.msi"
    file.write_bytes(b"an installer")
    return file


@pytest.fixture
def manifests(msi: Path, tmp_path: Path) -> dict[str, Any]:
    """Content by name."""
    files = write_manifests(msi, URL, tmp_path / "winget")
    return {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


def test_there_is_one_file_of_each_kind(manifests: dict[str, Any]) -> None:
    kinds = {name: content["ManifestType"] for name, content in manifests.items()}
    assert kinds == {
        f"{PACKAGE}.yaml": "version",
        f"{PACKAGE}.installer.yaml": "installer",
        f"{PACKAGE}.locale.zh-TW.yaml": "defaultLocale",
        f"{PACKAGE}.locale.en-US.yaml": "locale",
    }
    for name, content in manifests.items():
        assert (content["PackageIdentifier"], content["PackageVersion"]) == (PACKAGE, "0.1.0")
        assert content["ManifestVersion"] == manifests[f"{PACKAGE}.yaml"]["ManifestVersion"]
        assert ".locale." not in name or content["PackageLocale"] == name.split(".")[-2]
    assert manifests[f"{PACKAGE}.yaml"]["DefaultLocale"] == "zh-TW"


def test_they_name_the_installer_by_its_bytes(manifests: dict[str, Any]) -> None:
    (found,) = manifests[f"{PACKAGE}.installer.yaml"]["Installers"]
    assert found["InstallerSha256"] == hashlib.sha256(b"an installer").hexdigest().upper()
    assert (found["InstallerUrl"], found["Architecture"]) == (URL, "x64")


def test_the_codes_are_those_of_the_msi(manifests: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    description = describe(tmp_path / "tree", "0.1.0")
    content = manifests[f"{PACKAGE}.installer.yaml"]
    (entry,) = content["AppsAndFeaturesEntries"]
    (installer,) = content["Installers"]
    for name, code in (("Id", entry["ProductCode"]), ("UpgradeCode", entry["UpgradeCode"])):
        assert f'{name}="{code.strip("{}")}"' in description
    assert installer["ProductCode"] == entry["ProductCode"]


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("signed.msi", URL, "signed.msi is not called"),
        ("cshis-bridge-0.1.0.msi", "http://download.example/a.msi", "no address that begins with https"),
        ("cshis-bridge-0.1.0.msi", "https://a.example/a b", "no address that begins with https"),
        ("cshis-bridge-0.1.1.msi", URL, "No such file"),
    ],
)
def test_what_cannot_be_is_told(
    name: str, url: str, said: str, msi: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--msi", str(msi.with_name(name)), "--url", url, "--output", str(tmp_path / "winget")]
    assert main(given) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "winget").exists()
