"""Where the native library of the same user, in the same session, finds this bridge without being told.

At a terminal server several people have a bridge each, at ports of their own. Read by
native/shim/session_posix.c and session_win32.c.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_runtime_path

from bridge.errors import ConfigError
from bridge.private_files import private_directory, write_private

if sys.platform == "win32":
    from bridge.windows.section import published_section

log = logging.getLogger(__name__)

SECTION = r"Local\cshis-bridge-endpoint"  # "Local": Windows keeps one for each session
FILE_NAME = "endpoint"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - told, not bound


def endpoint_text(host: str, port: int, token_file: Path | None) -> str:
    """Lines as in cshis-bridge.ini. In: where the channel listens."""
    host = EVERYWHERE.get(host, host)
    lines = [f"bridge={f'[{host}]' if ':' in host else host}:{port}"]
    if token_file is not None:
        lines.append(f"token_file={token_file.absolute()}")
    return "\n".join(lines) + "\n"


@contextmanager
def published(text: str) -> Iterator[None]:
    """Until the end of the with statement libraries of this user and session find it. Where that cannot be,
    the log says so, and they use the usual port.
    """
    if sys.platform == "win32":
        with published_section(SECTION, text.encode("mbcs", errors="replace")) as there:
            if not there:
                log.warning("another bridge of this session is the one that programs find without an address")
            yield
        return
    file = _write(text)
    try:
        yield
    finally:
        if file is not None:
            with suppress(OSError):
                if file.read_text(encoding="utf-8") == text:  # a later bridge may have written its own
                    file.unlink()


def _write(text: str) -> Path | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where the system has no such folder, one in /tmp is this user's
            folder = user_runtime_path("cshis-bridge", appauthor=False)
        private_directory(folder)
        write_private(folder / FILE_NAME, text)
    except (ConfigError, OSError) as error:
        log.warning("programs do not find this bridge without its address: %s", error)
        return None
    return folder / FILE_NAME
