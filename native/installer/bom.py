"""The list of parts (SBOM, CycloneDX 1.6, JSON) that lies beside what is installed."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

import bridge
from native.installer.parts import Python
from native.installer.tree import STAMP

NAME = "sbom.cdx.json"
NAMESPACE = uuid.UUID("5f0fe5a6-58a1-4bd5-8f4e-6a1e9a0f7c11")


def bill_of_materials(wheels: Iterable[Path], python: Python | None = None) -> str:
    """In: all wheels but the bridge's own; the Python, where one comes along. Out: the JSON text, the same
    for the same parts.
    """
    product = _component("cshis-bridge", bridge.__version__, ComponentType.APPLICATION)
    found = [_wheel(wheel) for wheel in wheels]
    if python is not None:
        found.insert(0, _python(python))
    bom = Bom(
        components=found,
        serial_number=uuid.uuid5(NAMESPACE, " ".join(str(part.bom_ref) for part in (product, *found))),
    )
    bom.metadata.component = product
    bom.metadata.timestamp = datetime.fromtimestamp(STAMP, UTC)
    bom.register_dependency(product, found)
    for part in found:
        bom.register_dependency(part)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _python(python: Python) -> Component:
    purl = PackageURL("generic", None, "python", python.version)
    return _component("python", python.version, ComponentType.PLATFORM, python.package_sha256, purl)


def _wheel(wheel: Path) -> Component:
    name, version = wheel.name.split("-")[:2]
    purl = PackageURL("pypi", None, name.replace("_", "-").lower(), version)
    return _component(
        purl.name, version, ComponentType.LIBRARY, hashlib.sha256(wheel.read_bytes()).hexdigest(), purl
    )


def _component(
    name: str, version: str, kind: ComponentType, sha256: str = "", purl: PackageURL | None = None
) -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=sha256)] if sha256 else []
    return Component(
        name=name, version=version, type=kind, hashes=hashes, purl=purl, bom_ref=f"{name}@{version}"
    )
