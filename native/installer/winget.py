"""``python -m native.installer.winget --msi FILE --url URL``: files by which winget and Chocolatey find it.

The texts are templates in packaging/windows/winget and chocolatey. Installations by either were never tried.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

from native.installer.wxs import UPGRADE_CODE, identity

TEMPLATES = Path(__file__).parents[2] / "packaging" / "windows"
PACKAGE = "cshis-bridge.cshis-bridge"
OUTPUT = Path("build/installer")
NAME = re.compile(r"cshis-bridge-(\d+\.\d+\.\d+)\.msi")


def write_manifests(msi: Path, url: str, output: Path) -> list[Path]:
    """In: the MSI under the name that the build gave it, signed or not; where it can be downloaded (https);
    the folder to write to. Out: the files, in a folder for each program, as it names them. Raises ValueError
    where name or address is another, and OSError.
    """
    values = _values(msi, url)
    winget = [
        _fill(template, output / "winget" / _name_for_winget(template), values)
        for template in sorted((TEMPLATES / "winget").glob("*.yaml"))
    ]
    folder = TEMPLATES / "chocolatey"
    chocolatey = [
        _fill(template, output / "chocolatey" / template.relative_to(folder), values)
        for template in sorted(folder.rglob("*.*"))
    ]
    return [*winget, *chocolatey]


def _values(msi: Path, url: str) -> dict[str, str]:
    named = NAME.fullmatch(msi.name)
    if named is None:
        raise ValueError(f"{msi.name} is not called cshis-bridge-VERSION.msi")
    if not re.fullmatch(r"https://[^\s\"'#]+", url):
        raise ValueError(f"{url} is no address that begins with https://")
    return {
        "version": named[1],
        "product_code": identity(f"product {named[1]}"),
        "upgrade_code": UPGRADE_CODE,
        "url": url,
        "sha256": hashlib.sha256(msi.read_bytes()).hexdigest().upper(),
    }


def _name_for_winget(template: Path) -> str:
    return f"{PACKAGE}.yaml" if template.stem == "version" else f"{PACKAGE}.{template.stem}.yaml"


def _fill(template: Path, target: Path, values: dict[str, str]) -> Path:
    """Without the line that says by what it is filled in. Names that are none of ours stay as they are:
    PowerShell has such ones, too.
    """
    lines = template.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if "Filled in by: python" not in line)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(Template(text).safe_substitute(values), encoding="utf-8")
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Out: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m native.installer.winget",
        description="write the files by which winget and Chocolatey find an MSI",
    )
    parser.add_argument("--msi", type=Path, required=True)
    parser.add_argument("--url", required=True, help="where it can be downloaded (https)")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args(arguments)
    try:
        for file in write_manifests(chosen.msi, chosen.url, chosen.output):
            print(file)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
