"""Makes the MSI from its description (wixl), and puts right what wixl cannot say (msibuild)."""

import hashlib
import os
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from native.installer.actions import complete_actions
from native.installer.properties import PASSWORD, all_properties, started
from native.installer.tree import STAMP
from native.installer.wxs import GIVEN, LOG_ON, SERVICE_COMPONENT, SETTING, identity

HEAD = 3  # rows of an exported table before its first
PERMANENT = 16  # msidbComponentAttributesPermanent
SECURE = "SecureCustomProperties"
HIDDEN = "MsiHiddenProperties"
ACTIONS, SEQUENCE = "CustomAction", "InstallExecuteSequence"
MINUTES = 10


class CannotPack(Exception):
    """A tool is missing, or refused its work."""


def make_msi(description: str, tree: Path, target: Path, work: Path) -> None:
    """In: what wxs.py wrote; the folder it describes; the MSI to make; a folder for what lies between.

    The same folder gives the same bytes. Raises CannotPack.
    """
    source = work / "installer.wxs"
    source.write_text(description, encoding="utf-8")
    made = work / target.name
    made.unlink(missing_ok=True)
    _run("wixl", "--arch", "x64", "--output", str(made.absolute()), str(source.absolute()), cwd=tree)
    _complete(made, work)
    said = hashlib.sha256(description.encode()).hexdigest()
    code = identity(f"package {content_digest(tree)} {said}")
    _run("msibuild", str(made), "-s", "cshis-bridge", "cshis-bridge", "x64;1033", f"{{{code}}}")
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)


def content_digest(tree: Path) -> str:
    """One sha256 for all paths and contents of a folder."""
    total = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        if path.is_file():
            total.update(f"{path.relative_to(tree).as_posix()}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def _complete(msi: Path, work: Path) -> None:
    """Rewrite four tables. A setting is written only where its property is given, and stays when the product
    goes or is replaced. Windows hands the named properties on to the part that has the rights to install.
    """
    components = _table(msi, "Component")
    for row in components[HEAD:]:
        name, attributes = row[0], int(row[3])
        if name.startswith((SETTING, GIVEN)):
            row[3], row[4] = str(attributes | PERMANENT), name.removeprefix(SETTING).removeprefix(GIVEN)
        elif name == LOG_ON:
            row[4] = started("logon")
        elif name == SERVICE_COMPONENT:
            row[4] = f'{started("service")} OR REMOVE = "ALL"'  # Wine asks again when it removes it
    properties = _table(msi, "Property")
    _add_names(properties, SECURE, all_properties())
    _add_names(properties, HIDDEN, [PASSWORD])
    actions, sequence = _table(msi, ACTIONS), _table(msi, SEQUENCE)
    actions[HEAD:], sequence[HEAD:] = complete_actions(actions[HEAD:], sequence[HEAD:])
    changed = {"Component": components, "Property": properties, ACTIONS: actions, SEQUENCE: sequence}
    for name, rows in changed.items():
        file = work / f"{name}.idt"
        file.write_bytes("".join("\t".join(row) + "\r\n" for row in rows).encode())
        _run("msibuild", str(msi), "-i", str(file))


def _add_names(properties: list[list[str]], name: str, further: Iterable[str]) -> None:
    """Lengthen a property that is a list of names."""
    row = next((row for row in properties[HEAD:] if row[0] == name), None)
    if row is None:
        properties.append(row := [name, ""])
    row[1] = ";".join(filter(None, (row[1], *further)))


def _table(msi: Path, name: str) -> list[list[str]]:
    """The rows of a table, three of a head first: names, types, name of the table with its keys."""
    text = _run("msiinfo", "export", str(msi), name)
    return [line.split("\t") for line in text.splitlines()]


def _run(*command: str, cwd: Path | None = None) -> str:
    """Out: what the tool printed."""
    # both write the time of their work into the package
    fixed = ["faketime", "-f", f"{datetime.fromtimestamp(STAMP, UTC):%Y-%m-%d %H:%M:%S}", *command]
    environment = {**os.environ, "TZ": "UTC"}
    try:
        done = subprocess.run(  # noqa: S603 - tools of the build machine
            fixed, cwd=cwd, check=True, capture_output=True, text=True, env=environment, timeout=MINUTES * 60
        )
    except OSError as error:
        raise CannotPack(
            f"{command[0]} is needed (Debian: apt-get install faketime msitools wixl): {error}"
        ) from error
    except subprocess.CalledProcessError as error:
        raise CannotPack(f"{command[0]}: {(error.stdout + error.stderr).strip()}") from error
    except subprocess.TimeoutExpired as error:
        raise CannotPack(f"{command[0]} did not end in {MINUTES} minutes") from error
    return done.stdout
