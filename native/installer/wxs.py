"""The description of the MSI that wixl reads (WiX 3): one component a file, one a setting."""

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from bridge.config.machine import KEY
from bridge.installing.given import INSTALLED_KEY
from bridge.installing.service import SERVICE
from native.installer.actions import SERVICE_DATA, add_actions
from native.installer.properties import BEFORE, NOTED, PASSWORD, STARTS, known_start, properties

NAMESPACE = "http://schemas.microsoft.com/wix/2006/wi"
UPGRADE_CODE = (
    "3B0C7B5E-7E5C-4C39-9C55-0C0B8B2F6A51"  # never changes: an upgrade finds the former version by it
)
SETTING = "setting_"  # before the property: components that outlive an uninstallation (msi.py)
GIVEN = "given_"  # likewise, what is no setting of the bridge
LOG_ON = "log_on"
RUN = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
FOLDER = "cshis-bridge"
WINDOWED, COMMAND = "cshis-bridgew.exe", "cshis-bridge.exe"
SERVICE_PROGRAM = "cshis-bridge-service.exe"
SERVICE_COMPONENT = "service"
IDENTITIES = uuid.UUID("b8b57a0e-7f5e-4a52-a1d0-a0f8c6b1f5d2")
COMMENTS = "Removing keeps settings and journal; with REMOVE_DATA=1 on the command line they go, too."


def describe(tree: Path, version: str) -> str:
    """In: the folder to be installed; the version, three numbers. Out: the XML text."""
    wix = Element("Wix", xmlns=NAMESPACE)
    product = SubElement(
        wix, "Product", Name="cshis-bridge", Manufacturer="cshis-bridge", Version=version, Language="1033",
        Codepage="1252", UpgradeCode=UPGRADE_CODE, Id=identity(f"product {version}"),
    )  # fmt: skip
    SubElement(
        product, "Package", InstallerVersion="405", Compressed="yes", InstallScope="perMachine",
        Comments="Runs programs written for cshis.dll on control software 6.0",
    )  # fmt: skip
    SubElement(
        product, "MajorUpgrade",
        DowngradeErrorMessage="A newer version of cshis-bridge is installed. Remove it first.",
    )  # fmt: skip
    known = SubElement(product, "Condition", Message=f"START is one of {', '.join(STARTS)}.")
    known.text = known_start()
    SubElement(product, "Media", Id="1", Cabinet="files.cab", EmbedCab="yes")
    _properties(product)
    _directories(product, tree)
    add_actions(product, file_id(COMMAND))
    feature = SubElement(product, "Feature", Id="Main", Level="1")
    for component in product.iter("Component"):
        SubElement(feature, "ComponentRef", Id=component.attrib["Id"])
    ElementTree.indent(wix)
    return ElementTree.tostring(wix, encoding="unicode", xml_declaration=True) + "\n"


def file_id(place: str | PurePosixPath) -> str:
    """What an installed file is called inside the description. In: its path below the folder."""
    return _id("f", PurePosixPath(place))


def identity(name: str) -> str:
    """A GUID that depends on the name alone."""
    return str(uuid.uuid5(IDENTITIES, name)).upper()


def _properties(product: Element) -> None:
    SubElement(product, "Property", Id="ARPCOMMENTS", Value=COMMENTS)
    for name, value in NOTED.items():
        known = SubElement(product, "Property", Id=f"{name}{BEFORE}")
        SubElement(
            known, "RegistrySearch", Id=f"search_{value}", Root="HKLM", Key=INSTALLED_KEY, Name=value,
            Type="raw", Win64="yes",
        )  # fmt: skip


def _directories(product: Element, tree: Path) -> None:
    target = SubElement(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    programs = SubElement(target, "Directory", Id="ProgramFiles64Folder")
    folder = SubElement(programs, "Directory", Id="INSTALLDIR", Name=FOLDER)
    places = {PurePosixPath(): folder}
    for path in sorted(tree.rglob("*")):
        place = PurePosixPath(path.relative_to(tree).as_posix())
        parent = places[place.parent]
        if path.is_dir():
            places[place] = SubElement(parent, "Directory", Id=_id("d", place), Name=path.name)
        else:
            _file(parent, place, path)
    for component in _values():
        folder.append(component)
    menu = SubElement(target, "Directory", Id="ProgramMenuFolder")
    menu.append(_shortcut())


def _file(parent: Element, place: PurePosixPath, path: Path) -> None:
    service = str(place) == SERVICE_PROGRAM
    name = SERVICE_COMPONENT if service else _id("c", place)
    component = SubElement(parent, "Component", Id=name, Guid=identity(f"file {place}"), Win64="yes")
    SubElement(component, "File", Id=_id("f", place), Source=str(place), Name=path.name, KeyPath="yes")
    if service:
        _service(component)


def _service(component: Element) -> None:
    """The service, where START says so (msi.py). That it cannot start yet, such as for a setting, is no
    reason to install nothing: its log says why.
    """
    SubElement(
        component, "ServiceInstall", Id="service_install", Name=SERVICE, DisplayName=SERVICE,
        Description="Runs programs written for cshis.dll on control software 6.0", Type="ownProcess",
        Start="auto", ErrorControl="normal", Vital="yes", Arguments=f"service {SERVICE_DATA}",
        Account="[SERVICE_ACCOUNT]", Password=f"[{PASSWORD}]",
    )  # fmt: skip
    SubElement(component, "ServiceControl", Id="service_start", Name=SERVICE, Start="install", Wait="no")
    SubElement(
        component, "ServiceControl", Id="service_stop", Name=SERVICE, Stop="both", Remove="uninstall",
        Wait="yes",
    )  # fmt: skip


def _values() -> Iterator[Element]:
    """What goes to the registry: the settings that were given, and the start at log-on."""
    for name, setting in properties():
        yield _value(f"{SETTING}{name}", KEY, setting, f"[{name}]")
    for name, value in NOTED.items():
        yield _value(f"{GIVEN}{name}", INSTALLED_KEY, value, f"[{name}]")
    yield _value(LOG_ON, RUN, FOLDER, f'"[INSTALLDIR]{WINDOWED}" serve')


def _value(name: str, key: str, value: str, data: str) -> Element:
    component = Element("Component", Id=name, Guid=identity(f"value {name}"), Win64="yes")
    _key_path(component, key, value, data)
    return component


def _key_path(component: Element, key: str, name: str, data: str) -> None:
    value = {"Root": "HKLM", "Key": key, "Name": name, "Type": "string", "Value": data, "KeyPath": "yes"}
    SubElement(component, "RegistryValue", value)


def _shortcut() -> Element:
    """In the start menu: starts the bridge where it was ended."""
    component = Element("Component", Id="menu", Guid=identity("menu"), Win64="yes")
    SubElement(
        component, "Shortcut", Id="menu_start", Name="cshis-bridge", Target=f"[INSTALLDIR]{WINDOWED}",
        Arguments="serve", WorkingDirectory="INSTALLDIR",
    )  # fmt: skip
    _key_path(component, rf"{KEY}\installed", "menu", "1")
    return component


def _id(kind: str, place: PurePosixPath) -> str:
    return kind + hashlib.sha256(str(place).encode()).hexdigest()[:30]
