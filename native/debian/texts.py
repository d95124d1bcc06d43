"""Texts of the package that are made and not written: changelog, manual page, licences of its parts."""

import email
import email.utils
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from string import Template

from bridge.cli.main import SENTENCES
from native.debian.control import Package

HEAD = """cshis-bridge is distributed under the Apache License 2.0; on Debian systems its text is in
/usr/share/common-licenses/Apache-2.0.

Copyright (C) 2026 the authors of cshis-bridge

It carries these parts, unmodified, as their makers published them on the Python Package Index. The licence of
each is what the part itself says; texts lie in /usr/share/doc/cshis-bridge/licences, the list of parts with
the hashes of what was taken in /usr/share/doc/cshis-bridge/sbom.cdx.json.
"""


def changelog(package: Package) -> str:
    """One entry: what has changed stands elsewhere."""
    date = email.utils.format_datetime(datetime.fromtimestamp(package.stamp, UTC))
    return (
        f"cshis-bridge ({package.version}) unstable; urgency=medium\n\n"
        "  * What is new stands in CHANGELOG.md of the source.\n\n"
        f" -- {package.maintainer}  {date}\n"
    )


def man_page(package: Package, source: Path) -> str:
    """In: the folder with what is written by hand. Out: the page, with a paragraph for each command."""
    date = f"{datetime.fromtimestamp(package.stamp, UTC):%Y-%m-%d}"
    head, tail = (
        Template((source / f"man.{part}").read_text(encoding="utf-8")).safe_substitute(
            date=date, version=package.version
        )
        for part in ("head", "tail")
    )
    return (
        head + "".join(f".TP\n.B {_roff(name)}\n{_roff(text)}\n" for name, text in SENTENCES.items()) + tail
    )


def _roff(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-")


def copyright_text(wheels: Iterable[Path]) -> str:
    """The licences of all parts, as the wheels say them."""
    return HEAD + "".join(map(_of_part, sorted(wheels)))


def _of_part(wheel: Path) -> str:
    said = _metadata(wheel)
    licence = said.get("License-Expression") or _short(said.get("License")) or _classified(said)
    author = said.get("Author") or said.get("Author-email") or said.get("Maintainer-email") or ""
    homepage = said.get("Home-page") or ", ".join(said.get_all("Project-URL", [])[:1])
    lines = [f"\n{said['Name']} {said['Version']}", f"  licence: {licence}"]
    lines += [f"  authors: {author}"] if author else []
    lines += [f"  from: {homepage}"] if homepage else []
    return "\n".join(lines) + "\n"


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_string(archive.read(name).decode())


def _short(licence: str | None) -> str:
    """Some write the whole text there, which lies among the licences."""
    return licence if licence is not None and "\n" not in licence else ""


def _classified(said: Message) -> str:
    found = [name.split(" :: ")[-1] for name in said.get_all("Classifier", []) if name.startswith("License")]
    return ", ".join(found) or "see its text"
