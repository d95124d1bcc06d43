"""The package: what it is made of, and that nothing else gets in."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import bridge
from native.installer.bom import NAME as SBOM
from native.installer.parts import PartRefused, pinned_python, python_files
from native.installer.signatures import check_signer
from tests.installer.conftest import ROOT, Package

MOST_BYTES = 32 * 1024 * 1024
MOST_INSTALLED = 85 * 1024 * 1024
FOLDER = "cshis-bridge/"


@pytest.fixture(scope="module")
def files(package: Package) -> dict[str, bytes]:
    """The portable folder, which is what the MSI installs."""
    with zipfile.ZipFile(package.portable) as archive:
        return {name.removeprefix(FOLDER): archive.read(name) for name in archive.namelist()}


def test_it_is_small(package: Package, files: dict[str, bytes]) -> None:
    assert package.msi.stat().st_size <= MOST_BYTES
    assert sum(map(len, files.values())) <= MOST_INSTALLED


def test_the_same_parts_make_the_same_bytes(package: Package, again: Package) -> None:
    assert package.msi.read_bytes() == again.msi.read_bytes()
    assert package.portable.read_bytes() == again.portable.read_bytes()


def test_it_carries_all_that_a_clinic_needs(files: dict[str, bytes]) -> None:
    libraries = "Lib/site-packages/bridge/native_libraries"
    for folder in ("win32", "win64"):
        for name in ("cshis.dll", "CsHisX.dll", "recorder/cshis.dll"):
            assert f"{libraries}/{folder}/{name}" in files
    assert {"cshis-bridge.exe", "cshis-bridgew.exe", "python.exe", SBOM} <= files.keys()


def test_modules_are_compiled(files: dict[str, bytes]) -> None:
    """Nobody who starts the bridge may write to Program Files."""
    modules = [
        name for name in files if name.startswith("Lib/site-packages/bridge/") and name.endswith(".py")
    ]
    for name in modules:
        folder, _, module = name.rpartition("/")
        assert f"{folder}/__pycache__/{module.removesuffix('.py')}.cpython-313.pyc" in files


def test_nothing_tells_where_it_was_built(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        assert str(ROOT).encode() not in content, name


def test_the_list_of_parts_is_whole(files: dict[str, bytes]) -> None:
    text = files[SBOM].decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    said = json.loads(text)
    assert said["metadata"]["component"]["version"] == bridge.__version__
    installed = {
        name.split("/")[2].removesuffix(".dist-info").rpartition("-")[0].replace("_", "-").lower()
        for name in files
        if name.endswith(".dist-info/METADATA")
    }
    assert {part["name"] for part in said["components"]} == (installed - {"cshis-bridge"}) | {"python"}


def test_every_part_brings_its_licence(files: dict[str, bytes]) -> None:
    parts = {name.split("/")[2] for name in files if name.endswith(".dist-info/METADATA")}
    without = [
        part
        for part in sorted(parts)
        if not any(name.startswith(f"licences/{part.split('-')[0]}/") for name in files)
        and b"\nLicense" not in files[f"Lib/site-packages/{part}/METADATA"]
    ]
    assert without == []
    assert "licences/Python/LICENSE.txt" in files


def test_a_file_that_is_not_pinned_is_refused(tmp_path: Path) -> None:
    python = pinned_python(ROOT / "packaging/windows/parts.toml")
    for name in ("python.exe", "python313.dll"):
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr(name, b"something else")
        only = replace(python, files={name: hashlib.sha256(b"the right one").hexdigest()})
        with pytest.raises(PartRefused, match=f"{name} is not the pinned one"):
            python_files(only, other, tmp_path)
    with pytest.raises(PartRefused, match=r"python313\.dll: not pinned"):
        python_files(replace(python, files={}), other, tmp_path)


def test_a_file_changed_after_it_was_signed_is_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    signed = tmp_path / "python.exe"
    signed.write_bytes(files["python.exe"])
    check_signer(signed, "Python Software Foundation", None)
    with pytest.raises(PartRefused, match="not signed by Somebody Else"):
        check_signer(signed, "Somebody Else", None)
    content = bytearray(files["python.exe"])
    content[0x500] ^= 1
    signed.write_bytes(content)
    with pytest.raises(PartRefused, match="was changed after it was signed"):
        check_signer(signed, "Python Software Foundation", None)


def test_a_signers_chain_must_lead_to_the_given_root(files: dict[str, bytes], tmp_path: Path) -> None:
    signed, root = tmp_path / "python.exe", tmp_path / "root.pem"
    signed.write_bytes(files["python.exe"])
    _make_certificate(root, tmp_path / "root.key")
    with pytest.raises(PartRefused, match="does not lead to"):
        check_signer(signed, "Python Software Foundation", root)


def test_a_site_can_sign_it(package: Package, tmp_path: Path) -> None:
    """As docs/install/windows-installer.md says."""
    certificate, key, signed = tmp_path / "site.pem", tmp_path / "site.key", tmp_path / "signed.msi"
    _make_certificate(certificate, key)
    sign = ["osslsigncode", "sign", "-certs", certificate, "-key", key, "-h", "sha256", "-in", package.msi]
    subprocess.run([*sign, "-out", signed], check=True, capture_output=True)
    check = ["osslsigncode", "verify", "-CAfile", certificate, "-in", signed]
    done = subprocess.run(check, capture_output=True, text=True)
    assert "Signature verification: ok" in done.stdout, done.stdout


def _make_certificate(certificate: Path, key: Path) -> None:
    subject = ["-subj", "/O=Example Hospital/CN=Example Hospital"]
    usage = ["-addext", "extendedKeyUsage=codeSigning"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", key, "-out"]
    subprocess.run([*made, certificate, *subject, *usage], check=True, capture_output=True)
