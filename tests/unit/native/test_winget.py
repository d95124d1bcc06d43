"""The files for winget and Chocolatey: whole, of one version, and of the MSI that they name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from native.installer.winget import main, write_manifests
from native.installer.wxs import describe

URL = "https://download.example/cshis-bridge-0.1.0.msi"
PACKAGE = "cshis-bridge.cshis-bridge"
NUSPEC = "{http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd}"


@pytest.fixture
def msi(tmp_path: Path) -> Path:
    file = tmp_path / "cshis-bridge-0.1.0.msi"
    file.write_bytes(b"an installer")
    return file


@pytest.fixture
def manifests(msi: Path, tmp_path: Path) -> dict[str, Any]:
    """Content by name."""
    files = (file for file in write_manifests(msi, URL, tmp_path / "out") if file.suffix == ".yaml")
    return {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


@pytest.fixture
def chocolatey(msi: Path, tmp_path: Path) -> Path:
    """The folder that `choco pack` packs."""
    for file in write_manifests(msi, URL, tmp_path / "out"):
        assert "${" not in file.read_text(encoding="utf-8")
    return tmp_path / "out" / "chocolatey"


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


def test_chocolateys_package_is_described(chocolatey: Path) -> None:
    found = {file.relative_to(chocolatey).as_posix() for file in chocolatey.rglob("*.*")}
    scripts = {"tools/chocolateyInstall.ps1", "tools/chocolateyUninstall.ps1"}
    assert found == {"cshis-bridge.nuspec", *scripts}
    described = ElementTree.parse(chocolatey / "cshis-bridge.nuspec").getroot()
    said = {part.tag.removeprefix(NUSPEC): part.text for part in described[0]}
    assert (described[0].tag, said["id"], said["version"]) == (f"{NUSPEC}metadata", "cshis-bridge", "0.1.0")
    assert said["licenseUrl"] == "http://www.apache.org/licenses/LICENSE-2.0"
    assert 100 < len(said["description"] or "") < 4000
    (packed,) = described.iter(f"{NUSPEC}file")
    assert packed.attrib == {"src": "tools/**", "target": "tools"}


def test_chocolatey_installs_and_removes_the_msi_that_winget_does(
    chocolatey: Path, manifests: dict[str, Any]
) -> None:
    (installer,) = manifests[f"{PACKAGE}.installer.yaml"]["Installers"]
    install = _arguments(chocolatey / "tools" / "chocolateyInstall.ps1", "Install-ChocolateyPackage")
    assert install["url64bit"] == f"'{installer['InstallerUrl']}'"
    assert install["checksum64"] == f"'{installer['InstallerSha256']}'"
    assert (install["checksumType64"], install["fileType"]) == ("'sha256'", "'msi'")
    remove = _arguments(chocolatey / "tools" / "chocolateyUninstall.ps1", "Uninstall-ChocolateyPackage")
    assert remove["silentArgs"] == f"'{installer['ProductCode']} /qn /norestart'"
    assert (remove["file"], remove["fileType"]) == ("''", "'msi'")


def _arguments(script: Path, command: str) -> dict[str, str]:
    """What a script hands to Chocolatey, as it writes it."""
    text = script.read_text(encoding="utf-8")
    assert text.endswith(f"}}\n{command} @arguments\n")
    assert "Filled in" not in text
    return dict(re.findall(r"(?m)^  (\w+) += (.+)$", text))


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
    given = ["--msi", str(msi.with_name(name)), "--url", url, "--output", str(tmp_path / "out")]
    assert main(given) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
