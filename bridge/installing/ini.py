"""``cshis-bridge.ini``: tells the native library beside which it lies where the bridge is.

Read by native/shim/place.c: lines ``key=value`` with the keys ``bridge`` and ``token_file``. Behind them may
stand sections that send calls to the old software (bridge/cutover).
"""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from pathlib import Path

from bridge.codec.code_page import WINDOWS
from bridge.config import ChannelSettings
from bridge.errors import ConfigError
from bridge.words import said

INI = "cshis-bridge.ini"
SECTIONS = ("[routes]", "[moved]")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read here, not bound


def bridge_ini(channel: ChannelSettings) -> str:
    """The content of the file for a bridge that listens as the settings say.

    Raises ConfigError when the settings leave the port open.
    """
    if channel.port == 0:
        raise ConfigError(
            said("channel.port is 0 (any free one): the library needs a fixed one, such as 5068")
        )
    host = EVERYWHERE.get(channel.host, channel.host)
    lines = [f"bridge={f'[{host}]' if ':' in host else host}:{channel.port}"]
    if channel.token_file is not None:
        lines.append(f"token_file={channel.token_file.absolute()}")
    return "\n".join(lines) + "\n"


def bridge_ini_windows(channel: ChannelSettings) -> bytes:
    """The same as a Windows program reads it: in the ANSI code page, lines ended by CR LF.

    Raises ConfigError also when the token file's path has
    characters outside it.
    """
    text = bridge_ini(channel).replace("\n", "\r\n")
    try:
        return to_ansi(text)
    except UnicodeEncodeError as error:
        raise ConfigError(
            said(
                "channel.token_file: {value} in its path is not in the ANSI code page, so the DLL "
                "could not open it: choose another folder",
                value=error.object[error.start],
            )
        ) from error


def split_sections(data: bytes) -> tuple[bytes, bytes]:
    """What says where the bridge is, and the sections behind it. Notepad's mark before a section is no line
    of its own.
    """
    lines = data.splitlines(keepends=True)
    names = [name.encode("ascii") for name in SECTIONS]
    found = (at for at, line in enumerate(lines) if line.removeprefix(BOM_UTF8).strip() in names)
    first = next(found, len(lines))
    return b"".join(lines[:first]), b"".join(lines[first:])


def sections_of(file: Path) -> bytes:
    """The stage that a folder has been given, b"" for none: it stays when the rest is written anew. Raises
    OSError.
    """
    sections = split_sections(file.read_bytes())[1] if file.is_file() else b""
    return sections.removeprefix(BOM_UTF8)


def to_ansi(text: str) -> bytes:
    """Text in the code page of Windows' ANSI functions: this system's own; on another system, that of a
    Chinese Windows. Raises UnicodeEncodeError.
    """
    return text.encode("mbcs") if sys.platform == "win32" else WINDOWS.encode(text)


def from_ansi(data: bytes) -> str:
    """The same the other way; what is no text becomes U+FFFD."""
    if sys.platform == "win32":
        return data.decode("mbcs", errors="replace")
    return WINDOWS.decode(data, errors="replace")
